"""Edits that wait before the response: from what a fix is to do to candidates in Python, best first.

A candidate is a good guess. Whether it mends the finding and starts no other is for `lint_lambda.fixes` to try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.source import Location
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits import (
    background,
    clients,
    endless,
    entry,
    giving_up,
    listeners,
    misuse,
    pools,
    promised,
    queues,
    shell,
)
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, reader, unsafe
from lint_lambda.frontends.python.edits.placing import before_exits, outermost_loop, placements
from lint_lambda.frontends.python.edits.running import in_a_loop_of_its_own, made_async
from lint_lambda.frontends.python.edits.shape import Shape, giver, hands_on_always, is_handed_on, keeper, shape
from lint_lambda.frontends.python.edits.waits import Wait, waits
from lint_lambda.knowledge.texts import say

_REFUSED = frozenset({"times-out", "partial-wait", "escaped", "import-time"})
"""Reasons for which a wait that is added by a tool would change what the code is meant to do."""


def candidates(intent: FixIntent, text: Callable[[str], str]) -> Iterator[Candidate]:
    """Every edit worth trying, best first. `text` gives the text of a file.

    Raises `NoFix` where it is known that none would do.
    """
    code_of = reader(text)
    if misuse.concerns(intent, code_of):
        yield from misuse.candidates(intent, code_of)
        return
    if listeners.concerns(intent):
        yield from listeners.candidates(intent, code_of)
        return
    of_library = clients.concerns(intent)
    yield from _of_another_kind(intent, code_of)
    if intent.reason in _REFUSED and not (intent.reason == "import-time" and of_library):
        raise NoFix(say(f"refused_reasons.{intent.reason}"))
    if of_library:
        yield from clients.candidates(intent, code_of)
        return
    if entry.concerns(intent):
        yield from entry.candidates(intent, code_of)
        return
    kind = intent.remedy.kind
    # A library's own threads, say, may run for ever.
    if not kind.handle[0] or (not kind.alike and not intent.remedy.of_language):
        raise NoFix(say("refusals.library"))
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if "interrupted" in intent.traits:
        raise NoFix(say("refusals.interrupted"))
    promised.refuse(intent, code_of)
    if launch is not None:
        if intent.reason == "some-path" and "limited" in intent.traits:
            raise NoFix(say("refused_reasons.times-out"))
        endless.refuse(intent, code, launch)
        for title, edits in pools.candidates(code, launch, intent):
            yield unsafe(intent.launch.path, title, edits)
    held = _held(intent, code, launch, is_hop=False)
    if launch is not None:
        _refuse(intent, code, launch, held)
    under_loop = any(_in_coroutine(hop, code_of) for hop in intent.hops)
    own = list(_waiting(intent, code, launch, is_hop=False, under_loop=under_loop))
    if launch is not None and intent.kind == "coroutine" and not code.is_async(launch):
        own += _running(intent, code, launch, under_loop)
    kept = keeper(code, launch, held) if launch is not None and intent.hops and intent.reason == "never-joined" else ""
    handed = launch is not None and bool(intent.hops) and is_handed_on(code, launch, held.handle if held else "")
    if kept and launch is not None:
        yield from _at_the_end_of_the_object(intent, code, launch, kept, held)
        yield from _at_the_holder(intent, code, code_of, launch, kept, held)
    if not (kept or handed):
        yield from own
    if launch is not None and handed and hands_on_always(code, launch, held.handle if held else ""):
        hop_code = code_of(intent.hops[-1].path)
        call = hop_code.at(intent.hops[-1].span, cst.Call)
        if call is not None and dotted(call.func):
            under_loop = any(_in_coroutine(hop, code_of) for hop in intent.hops[:-1])
            yield from _waiting(intent, hop_code, call, is_hop=True, under_loop=under_loop)
    if intent.reason == "never-joined" and "waits" not in intent.traits:
        # Nobody is known to wait later, so waiting at once costs the overlap and nothing else.
        yield from () if any(_repeats(hop, code_of) for hop in intent.hops) else own
    if kept:
        raise NoFix(say("refusals.kept", name=kept))
    if handed:
        raise NoFix(say("refusals.returned"))


def _of_another_kind(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """Edits that keep no handle of the launch."""
    yield from giving_up.candidates(intent, code_of)
    yield from queues.candidates(intent, code_of)
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if launch is not None and intent.remedy.background:
        yield from shell.candidates(intent, code, launch)
    if launch is not None and intent.kind == "hook":
        yield from background.candidates(intent, code, launch)


def _refuse(intent: FixIntent, code: Code, launch: cst.Call, held: Shape | None) -> None:
    """Raise `NoFix` where whoever wrote the code waits on purpose in another way, or elsewhere."""
    given = giver(code, launch, held) if intent.reason == "some-path" and intent.hops else ""
    if given:
        raise NoFix(say("refusals.callers-list", name=given))
    if "watched" in intent.traits:
        name = (held.handle or held.group) if held is not None else ""
        raise NoFix(say("refusals.watched", name=name or code.source(launch.func)))


def _in_coroutine(hop: Location, code_of: CodeOf) -> bool:
    """Whether a caller is a coroutine."""
    code = code_of(hop.path)
    call = code.at(hop.span, cst.Call)
    return call is not None and code.is_async(call)


def _repeats(hop: Location, code_of: CodeOf) -> bool:
    """Whether a loop, or a comprehension, repeats a call."""
    code = code_of(hop.path)
    call = code.at(hop.span, cst.Call)
    if call is None:
        return True
    comprehended = any(isinstance(above, (cst.CompFor, cst.BaseComp)) for above in code.ancestors(call))
    return comprehended or outermost_loop(code, call) is not None


def _waiting(
    intent: FixIntent, code: Code, launch: cst.Call | None, *, is_hop: bool, under_loop: bool
) -> Iterator[Candidate]:
    if launch is None:
        return
    path = intent.hops[-1].path if is_hop else intent.launch.path
    for wait in waits(intent, code, launch, under_loop=under_loop):
        kept = _kept(intent, code, launch, wait, is_hop)
        spots = list(_spots(code, launch, wait))
        in_display = isinstance(code.parent(launch), (cst.ListComp, cst.SetComp, cst.Element))
        found = [*spots, *kept] if wait.at_once and not in_display else [*kept, *spots]
        for said, edits in found:
            imported = _imported(code, wait, edits)
            if imported is not None:
                yield unsafe(path, say("fixes.wait", code=said), imported)


def _running(intent: FixIntent, code: Code, launch: cst.Call, under_loop: bool) -> Iterator[Candidate]:
    """What else a plain function can do with a coroutine: run it in a loop of its own, or be async itself."""
    if under_loop:
        found = made_async(code, launch)
    else:
        found = in_a_loop_of_its_own(code, launch)
    if found is not None:
        said, edits = found
        yield unsafe(intent.launch.path, say("fixes.wait", code=said), edits)


def _held(intent: FixIntent, code: Code, launch: cst.Call | None, *, is_hop: bool) -> Shape | None:
    if launch is None:
        return None
    starts = intent.remedy.kind.started and not is_hop and _is_start(launch)
    return shape(code, launch, starts=starts, names=intent.remedy.kind.handle)


def _kept(intent: FixIntent, code: Code, launch: cst.Call, wait: Wait, is_hop: bool) -> list[tuple[str, Edits]]:
    """Keep the handle, and wait for it on every path."""
    held = _held(intent, code, launch, is_hop=is_hop)
    if not wait.one or held is None or not (held.handle or held.group):
        return []
    join, said = _join(intent, code, launch, wait, held.handle, held.group)
    return [(said, [*held.edits, *edits]) for edits in placements(code, held.statement, launch, join) if edits]


def _join(intent: FixIntent, code: Code, near: cst.CSTNode, wait: Wait, handle: str, group: str) -> tuple[str, str]:
    """The lines that wait, and the last of them to be shown."""
    singular = intent.remedy.kind.handle[0]
    name = code.fresh(near, singular, f"each_{singular}") if group else handle
    join = (wait.each if group else wait.one).format(h=name, g=group, step=code.step())
    return join, join.split("\n")[-1].strip()


_ENDINGS = ("__exit__", "__aexit__", "close", "aclose", "stop", "shutdown", "finish", "join", "wait", "flush")


def _at_the_end_of_the_object(
    intent: FixIntent, code: Code, launch: cst.Call, kept: str, held: Shape | None
) -> Iterator[Candidate]:
    """Wait in the method that ends the work of the object which keeps the handle."""
    of_class = next((above for above in code.ancestors(launch) if isinstance(above, cst.ClassDef)), None)
    if of_class is None or held is None or held.edits or kept == "self":
        return
    for method in bindings.suite(of_class.body):
        if not isinstance(method, cst.FunctionDef) or method.name.value not in _ENDINGS:
            continue
        body = list(bindings.suite(method.body))
        if kept in code.source(method):
            continue  # it does something with the handles already: what is left of them afterwards is not known
        if not isinstance(method.body, cst.IndentedBlock) or code.is_async(launch) > (method.asynchronous is not None):
            continue
        for wait in waits(intent, code, launch, under_loop=False):
            join, said = _join(intent, code, launch, wait, kept, kept if held.handle != kept else "")
            edits = before_exits(code, body, body[0], method.name, join, (cst.Return,))
            if wait.one and edits:
                yield unsafe(intent.launch.path, say("fixes.wait-in", function=method.name.value, code=said), edits)


def _at_the_holder(
    intent: FixIntent, code: Code, code_of: CodeOf, launch: cst.Call, kept: str, held: Shape | None
) -> Iterator[Candidate]:
    """Wait in the function that calls the method which launches, by the name that the object has there."""
    if held is None or held.edits or not kept.startswith("self"):
        return
    for number, hop in enumerate(intent.hops):
        hop_code = code_of(hop.path)
        call = hop_code.at(hop.span, cst.Call)
        owner = _owner(hop_code, call) if call is not None else ""
        if call is None or not owner:
            continue
        name = owner + kept.removeprefix("self")
        several = kept not in ("self", held.handle)
        under_loop = any(_in_coroutine(each, code_of) for each in intent.hops[:number])
        for wait in waits(intent, hop_code, call, under_loop=under_loop):
            if wait.one:
                join, said = _join(intent, hop_code, call, wait, name, name if several else "")
                for edits in placements(hop_code, hop_code.statement(call), call, join):
                    if edits:
                        yield unsafe(hop.path, say("fixes.wait", code=said), edits)


def _owner(code: Code, call: cst.Call) -> str:
    """The name of the object whose method is called, or which the call makes; empty if that has none, or is the caller itself."""
    statement = code.statement(call)
    if isinstance(statement, cst.Assign) and statement.value is call and len(statement.targets) == 1:
        if dotted(call.func).rpartition(".")[2][:1].isupper():
            return dotted(statement.targets[0].target)
    name = dotted(call.func.value) if isinstance(call.func, cst.Attribute) else ""
    return "" if name in ("self", "cls") else name


def _is_start(launch: cst.Call) -> bool:
    return isinstance(launch.func, cst.Attribute) and launch.func.attr.value == "start"


def _is_dropped(code: Code, launch: cst.Call) -> bool:
    """Whether nothing uses the value of the launch, and no loop repeats it; a handler's own answer is used by none."""
    above = code.parent(launch)
    while isinstance(above, (cst.BooleanOperation, cst.IfExp)):
        above = code.parent(above)
    return isinstance(above, (cst.Expr, cst.Return)) and outermost_loop(code, launch) is None


def _spots(code: Code, launch: cst.Call, wait: Wait) -> Iterator[tuple[str, Edits]]:
    """Wait where it is launched."""
    if wait.around is None or isinstance(code.function(launch), cst.Module):
        return
    before, behind = wait.around
    above = code.parent(launch)
    outer = code.parent(above) if isinstance(above, cst.Arg) else None
    if wait.at_once and before == "await " and isinstance(outer, cst.Call) and isinstance(code.parent(outer), cst.Expr):
        # What takes the coroutine may be what has to be awaited: a shield.
        yield f"await {dotted(outer.func) or '…'}(…)", [code.insert(outer, before)]
    if not wait.at_once and not _is_dropped(code, launch):
        return  # whoever uses the handle would get the result instead
    if isinstance(above, cst.Await):
        return
    if before == "await ":
        if isinstance(code.function(launch), cst.Lambda):
            return
        if isinstance(above, (cst.Attribute, cst.Subscript)) or (isinstance(above, cst.Call) and above.func is launch):
            before, behind = "(await ", ")"
    short = dotted(launch.func) or "…"
    yield f"{before}{short}(…){behind}", [code.insert(launch, before), code.append(launch, behind)]


def _imported(code: Code, wait: Wait, edits: Edits) -> Edits | None:
    """The edits with the import they need; None where the name of the module is taken."""
    if not wait.needs or not any(f"{wait.needs}." in text for _, text in edits):
        return edits
    name, imports = code.importing(wait.needs)
    if not name:
        return None
    return [*imports, *((span, text.replace(f"{wait.needs}.", f"{name}.")) for span, text in edits)]
