"""Edits that wait before the response: from what a fix is to do to candidates in Python, best first.

A candidate is a good guess. Whether it mends the finding and starts no other is for `lint_lambda.fixes` to try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import REFUSED, Candidate, NoFix
from lint_lambda.core.source import Location
from lint_lambda.frontends.python.edits import (
    arguments,
    background,
    caught,
    clients,
    endless,
    entry,
    extension,
    giving_back,
    giving_up,
    holders,
    listeners,
    loops,
    misuse,
    pools,
    promised,
    queues,
    raw,
    shell,
    stalling,
    together,
)
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, in_coroutine, reader, unsafe, walk
from lint_lambda.frontends.python.edits.placing import outermost_loop, placements, stands_last
from lint_lambda.frontends.python.edits.running import in_a_loop_of_its_own, made_async
from lint_lambda.frontends.python.edits.shape import Shape, apart, giver, hands_on_always, is_handed_on, keeper, shape
from lint_lambda.frontends.python.edits.sight import binds
from lint_lambda.frontends.python.edits.unused import has_comment, names_in, unneeded
from lint_lambda.frontends.python.edits.waits import Wait, join_of, waits
from lint_lambda.knowledge.texts import say

_DISPLAYS = (cst.List, cst.Dict, cst.Set, cst.Call)
_SUSPENDED = frozenset({"suspends", "replays"})
"""Reasons for which the work has to be moved: where it is waited for first, it is done again with each replay."""


def candidates(intent: FixIntent, text: Callable[[str], str]) -> Iterator[Candidate]:
    """Every edit worth trying, best first. `text` gives the text of a file.

    Raises `NoFix` where it is known that none would do.
    """
    code_of = reader(text)
    refused: NoFix | None = None
    try:
        yield from stalling.sound(intent, code_of, _candidates(intent, code_of))
    except NoFix as why:
        refused = why
    yield from arguments.candidates(intent, code_of)
    if refused is not None:
        raise refused


def _candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    if misuse.concerns(intent, code_of):
        yield from misuse.candidates(intent, code_of)
        return
    if listeners.concerns(intent):
        yield from listeners.candidates(intent, code_of)
        return
    of_library = clients.concerns(intent)
    yield from _of_another_kind(intent, code_of)
    if intent.reason in REFUSED and not (intent.reason == "import-time" and of_library):
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
        raise NoFix(kind.no_join or say("refusals.library"))
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if "interrupted" in intent.traits:
        yield from together.candidates(intent, code_of, code, launch)
        raise NoFix(say("refusals.interrupted"))
    promised.refuse(intent, code_of)
    stalling.refuse(intent, code_of)
    if launch is not None:
        if intent.reason == "some-path" and "limited" in intent.traits:
            raise NoFix(say("refused_reasons.times-out"))
        endless.refuse(intent, code, launch)
        for title, edits in pools.candidates(code, launch, intent):
            yield unsafe(intent.launch.path, title, edits)
    held = _held(intent, code, launch, is_hop=False)
    if launch is not None:
        _refuse(intent, code, launch, held)
    under_loop = any(in_coroutine(hop, code_of) for hop in intent.hops)
    own = list(_waiting(intent, code, launch, is_hop=False, under_loop=under_loop))
    if launch is not None and intent.kind == "coroutine" and not code.is_async(launch):
        own += _running(intent, code, launch, under_loop)
    kept = keeper(code, launch, held) if launch is not None and intent.hops and intent.reason == "never-joined" else ""
    handed = launch is not None and bool(intent.hops) and is_handed_on(code, launch, held.handle if held else "")
    if launch is not None:
        yield from holders.candidates(intent, code_of, code, launch, kept, held)
    if not (kept or handed):
        given = giving_back.candidates(intent, code_of, code, launch, held)
        yield from (*given, *own) if _is_repeated(intent, code_of) else (*own, *given)
    if launch is not None and handed and hands_on_always(code, launch, held.handle if held else ""):
        hop_code = code_of(intent.hops[-1].path)
        call = hop_code.called_at(intent.hops[-1].span)
        if call is not None and dotted(call.func):
            under_loop = any(in_coroutine(hop, code_of) for hop in intent.hops[:-1])
            yield from _waiting(intent, hop_code, call, is_hop=True, under_loop=under_loop)
    if intent.reason == "never-joined" and "waits" not in intent.traits:
        # Nobody is known to wait later, so waiting at once costs the overlap and nothing else.
        yield from () if any(_repeats(hop, code_of) for hop in intent.hops) else own
    _end(intent, kept, handed)


def _end(intent: FixIntent, kept: str, handed: bool) -> None:
    """Raise `NoFix` with what is known to keep every edit from holding."""
    if kept:
        raise NoFix(say("refusals.kept", name=kept))
    if handed:
        raise NoFix(say("refusals.returned"))
    if intent.reason in _SUSPENDED:
        raise NoFix(say(f"refused_reasons.{intent.reason}"))


def _of_another_kind(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """Edits that keep no handle of the launch."""
    yield from giving_up.candidates(intent, code_of)
    if intent.reason == "times-out" or "limited" in intent.traits:
        yield from caught.candidates(intent, code_of)
    yield from queues.candidates(intent, code_of)
    yield from extension.candidates(intent, code_of)
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if launch is not None:
        yield from raw.candidates(intent, code, launch)
    if launch is not None and intent.remedy.background:
        yield from shell.candidates(intent, code, launch)
    if intent.kind == "loop-bound":
        yield from loops.candidates(intent, code_of)
    if launch is not None:
        yield from background.candidates(intent, code, launch)
        background.refuse(intent, code, launch)


def _refuse(intent: FixIntent, code: Code, launch: cst.Call, held: Shape | None) -> None:
    """Raise `NoFix` where whoever wrote the code waits on purpose in another way, or elsewhere."""
    given = giver(code, launch, held) if intent.reason == "some-path" and intent.hops else ""
    if given:
        raise NoFix(say("refusals.callers-list", name=given))
    if "watched" in intent.traits:
        name = (held.handle or held.group) if held is not None else ""
        raise NoFix(say("refusals.watched", name=name or code.source(launch.func)))
    if held is not None and held.handle and _is_deleted(code, launch, held.handle):
        raise NoFix(say("refusals.deleted", name=held.handle))
    if held is not None and not held.edits and held.group and _is_rebound(code, launch, held.group):
        raise NoFix(say("refusals.rebound", name=held.group))
    if held is not None and _holds_older(intent, code, launch, held):
        raise NoFix(say("refusals.older-loops", name=held.group))


def _is_of_the_module(code: Code, launch: cst.Call, group: str) -> bool:
    """Whether a name is one of the module's: what it holds is there in the next invocation, too, and with another event loop.

    So is what a parameter has by default.
    """
    function = code.function(launch)
    if not isinstance(function, cst.FunctionDef) or not group.isidentifier():
        return False
    parameters = (*function.params.params, *function.params.kwonly_params, *function.params.posonly_params)
    if any(each.name.value == group and isinstance(each.default, _DISPLAYS) for each in parameters):
        return True
    return not binds(function, group) and code.function(function) is code.module


def _is_deleted(code: Code, launch: cst.Call, handle: str) -> bool:
    """Whether the function takes the name of its one handle away."""
    removed = (node.target for node in walk(code.function(launch)) if isinstance(node, cst.Del))
    return any(dotted(each) == handle for target in removed for each in walk(target) if isinstance(each, cst.Name))


def _is_rebound(code: Code, launch: cst.Call, group: str) -> bool:
    """Whether the name of several handles stands for something else later in the function."""
    function = code.function(launch)
    launched = False
    for node in walk(function):
        launched = launched or node is launch
        if launched and isinstance(node, cst.Assign) and group in [dotted(each.target) for each in node.targets]:
            return True
    return False


def _is_repeated(intent: FixIntent, code_of: CodeOf) -> bool:
    return any(_repeats(hop, code_of) for hop in intent.hops[-1:])


def _repeats(hop: Location, code_of: CodeOf) -> bool:
    """Whether a loop, or a comprehension, repeats a call."""
    code = code_of(hop.path)
    call = code.called_at(hop.span)
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
        at_once = wait.at_once and not in_display
        if wait.one and stands_last(code, launch):
            at_once = True  # a handle would be waited for on the next line
            spots = [*_in_place_of_task(code, launch, wait), *spots]
        found = [*spots, *kept] if at_once else [*kept, *spots]
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
    above = code.parent(launch)
    whole = above if isinstance(above, cst.Await) and not starts else launch
    found = shape(code, whole, starts=starts, names=intent.remedy.kind.handle)
    if found is not None and _holds_older(intent, code, launch, found):
        return apart(code, whole, intent.remedy.kind.handle) or found
    return found


def _holds_older(intent: FixIntent, code: Code, launch: cst.Call, held: Shape) -> bool:
    """Whether the container holds what earlier invocations launched as well, on event loops that are gone."""
    gone = intent.cancelled or "own-loop" in intent.traits
    return bool(gone and not held.edits and held.group) and _is_of_the_module(code, launch, held.group)


def _kept(intent: FixIntent, code: Code, launch: cst.Call, wait: Wait, is_hop: bool) -> list[tuple[str, Edits]]:
    """Keep the handle, and wait for it on every path."""
    held = _held(intent, code, launch, is_hop=is_hop)
    if not wait.one or held is None or not (held.handle or held.group):
        return []
    join, said = join_of(intent, code, launch, wait, held.handle, held.group)
    return [(said, [*held.edits, *edits]) for edits in placements(code, held.statement, launch, join) if edits]


def _is_start(launch: cst.Call) -> bool:
    return isinstance(launch.func, cst.Attribute) and launch.func.attr.value == "start"


def _is_dropped(code: Code, launch: cst.Call) -> bool:
    """Whether nothing uses the value of the launch, and no loop repeats it; a handler's own answer is used by none."""
    above = code.parent(launch)
    while isinstance(above, (cst.BooleanOperation, cst.IfExp)):
        above = code.parent(above)
    return isinstance(above, (cst.Expr, cst.Return)) and outermost_loop(code, launch) is None


def _in_place_of_task(code: Code, launch: cst.Call, wait: Wait) -> Iterator[tuple[str, Edits]]:
    """``await f()`` in the place of ``asyncio.create_task(f())``: a task that is awaited at once is none."""
    name = dotted(launch.func).rpartition(".")[2]
    if wait.around != ("await ", "") or name not in ("create_task", "ensure_future") or len(launch.args) != 1:
        return
    work = launch.args[0].value
    if launch.args[0].star or launch.args[0].keyword is not None or not isinstance(work, cst.Call):
        return
    if has_comment(launch):
        return
    text = f"await {code.source(work)}"
    yield f"await {dotted(work.func) or '…'}(…)", [(code.span(launch), text), *_unneeded(code, launch, text)]


def _unneeded(code: Code, launch: cst.Call, text: str) -> Edits:
    return unneeded(code, list(walk(launch)), names_in(walk(launch.func)), text)


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
