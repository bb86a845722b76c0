"""Edits for what a library starts: its own call that waits, where the client, the emitter or the result has a name.

Which call that is, and on what it is called, the library models say (`lint_lambda.core.remedy`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.kinds import Kind
from lint_lambda.core.record import replace
from lint_lambda.core.remedy import Join
from lint_lambda.core.source import Location
from lint_lambda.frontends.python.edits import decorating, moving, sight
from lint_lambda.frontends.python.edits.around import flushes
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.construction import configured, given
from lint_lambda.frontends.python.edits.placing import outermost_loop, placements
from lint_lambda.frontends.python.edits.shape import Shape, shape
from lint_lambda.frontends.python.edits.sight import Spot
from lint_lambda.knowledge.texts import say

_SHARED = re.compile(r"get|current|instance|default|shared", re.IGNORECASE)
"""Factories that may give everybody the same object."""


def concerns(intent: FixIntent) -> bool:
    """Whether what is waited for is an object made elsewhere, or the library has its own way to wait: for clients always, for other
    kinds where it is not the language's."""
    if intent.made is not None:
        return True
    by_language = [join.of_language for join in intent.remedy.joins if join.on == "result"]
    by_library = any(not join.of_language for join in intent.remedy.joins)
    return bool(intent.remedy.kind.by_library or intent.remedy.no_edit or (by_library and not any(by_language)))


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """As `lint_lambda.frontends.python.edits.candidates`, for what a library starts."""
    remedy = intent.remedy
    if remedy.flush:
        yield from _in_the_handler(intent, code_of, remedy.flush)
    yield from decorating.candidates(intent, code_of)
    if remedy.no_edit:
        raise NoFix(remedy.no_edit)
    if intent.made is not None:
        yield from _of_maker(intent, intent.made, code_of)
        return
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if launch is None:
        raise NoFix(remedy.kind.no_join or say("refusals.no-name"))
    if not remedy.joins:
        if remedy.settings and remedy.kind.registers:
            yield from _settings(intent, code, launch)
        raise NoFix(remedy.kind.no_join or say("refusals.no-join"))
    tried, refused = False, ""
    for join in remedy.joins:
        if join.on == "result" and not _is_kept_for_long(intent, code, launch):
            tried = True
            yield from _of_result(intent, code, launch, join)
            continue
        for spot, edits in _spots(intent, code_of, code, launch, join):
            words = _words(code, spot, join)
            if _is_set_up(intent) and spot.function is code.function(launch):
                continue  # what it collects comes later
            if join.ends and not _is_of_one_invocation(spot):
                refused = refused or words
                for title, moved in moving.candidates(spot, words):
                    yield unsafe(spot.path, title, moved)
            elif not join.awaited or spot.function.asynchronous is not None:
                tried = True
                yield from _placed(intent, code, launch, spot, words, edits)
    if refused and not tried:
        raise NoFix(say("refusals.ends-client", call=refused))
    if not tried and _is_set_up(intent):
        raise NoFix(say("refusals.set-up"))
    if not tried:
        raise NoFix(say("refusals.no-name"))


def _of_maker(intent: FixIntent, made: Location, code_of: CodeOf) -> Iterator[Candidate]:
    """Wait by the name of the object where that is made; or by the list of all that the launching object hands its work to."""
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    joins = tuple(replace(join, on="result") if join.on == "object" else join for join in intent.remedy.joins)
    type_ = intent.call.rpartition(".")[0]
    in_module = launch is not None and isinstance(code.function(launch), cst.Module)
    reason = intent.reason if in_module else "import-time"
    named = replace(
        intent, launch=made, call=type_, made=None, reason=reason, remedy=replace(intent.remedy, joins=joins)
    )
    refused: NoFix | None = None
    try:
        yield from candidates(named, code_of)
    except NoFix as why:
        refused = why
    if launch is not None and isinstance(launch.func, cst.Attribute) and dotted(launch.func.value):
        yield from _of_list(intent, code_of, launch, dotted(launch.func.value))
    if refused is not None:
        raise refused


def _of_list(intent: FixIntent, code_of: CodeOf, launch: cst.Call, base: str) -> Iterator[Candidate]:
    """Wait for each of the objects that the one called `base` hands its work to."""
    code = code_of(intent.launch.path)
    for join in intent.remedy.joins:
        if join.on == "object" and not join.ends:
            for spot in sight.objects(intent, code_of, base, launch):
                each = spot.code.fresh(spot.function, "each", "each_handler")
                words = (
                    f"for {each} in {spot.name}.handlers:\n{spot.code.step()}{each}.{join.call.rpartition('.')[2]}()"
                )
                yield from _placed(intent, code, launch, spot, words, [])


def _in_the_handler(intent: FixIntent, code_of: CodeOf, flush: str) -> Iterator[Candidate]:
    """``module.flush()`` in a ``finally`` around all that the handler does."""
    module, _, call = flush.partition(":")
    imports: list[Edits] = []

    def known(seen: Code, function: cst.FunctionDef) -> str:
        name, edits = seen.importing(module)
        imports.append(edits)
        return name

    for spot in sight.in_handler(intent, code_of, known):
        words = f"{spot.name}.{call}"
        for guarded, found in flushes(spot.code, spot.block, None, words, late=True, some_path=False):
            title = say("fixes.wait-finally" if guarded else "fixes.wait", code=words)
            yield unsafe(spot.path, title, [*imports[-1], *found])


def _is_set_up(intent: FixIntent) -> bool:
    """Whether a helper makes the client, which is the launch itself."""
    return bool(intent.hops) and intent.call.rpartition(".")[2][:1].isupper()


def _placed(
    intent: FixIntent, code: Code, launch: cst.Call, spot: Spot, words: str, edits: Edits
) -> Iterator[Candidate]:
    """The words in the place of what only seems to wait, or wherever the block is left."""
    said = _said(words)
    if sight.may_be_none(spot.code, spot.name) or sight.may_be_none(code, spot.name):
        inner = sight.where_it_is(spot)
        if inner is not None:
            spot = replace(spot, block=inner)
        else:
            step = spot.code.step()
            words = f"if {spot.name} is not None:\n{step}" + words.replace("\n", f"\n{step}")
    statement = code.statement(launch)
    if intent.kind == "non-waiting-flush" and spot.code is code and code.function(launch) is spot.function:
        whole = code.parent(launch) if isinstance(code.parent(launch), cst.Await) else launch
        if isinstance(statement, cst.Expr) and statement.value is whole and outermost_loop(code, launch) is None:
            if "\n" not in words or code.is_alone(statement):
                lines = words.replace("\n", code.newline + code.indent(code.unit(statement)))
                title = say("fixes.wait-instead", call=code.source(launch), code=said)
                yield unsafe(spot.path, title, [*edits, (code.span(statement), lines)])
    late = intent.reason == "import-time"
    some_path = intent.reason == "some-path"
    for guarded, found in flushes(spot.code, spot.block, spot.near, words, late=late, some_path=some_path):
        title = say("fixes.wait-finally" if guarded else "fixes.wait", code=said)
        yield unsafe(spot.path, title, [*edits, *found])


def _said(words: str) -> str:
    """Code as a title shows it: in one line."""
    return " ".join(line.strip() for line in words.split("\n"))


def _words(code: Code, spot: Spot, join: Join) -> str:
    written = join.write.strip("\n") or "{self}." + join.call.rpartition(".")[2] + "()"
    each = spot.code.fresh(spot.function, "future", "each_future")
    text = written.format(self=spot.name, each=each, step=spot.code.step())
    return f"await {text}" if join.awaited else text


def _is_of_one_invocation(spot: Spot) -> bool:
    """Whether the function makes the client itself, so that no other invocation needs it."""
    if isinstance(spot.maker, cst.Call):
        return _SHARED.search(dotted(spot.maker.func).rpartition(".")[2]) is None
    begun = re.compile(rf"(?<![\w.]){re.escape(spot.name)}\.(init|initialize|setup|configure)\(")
    return begun.search(spot.code.source(spot.function)) is not None


# --- where what is waited for has a name -----------------------------------------------------------------------------


def _spots(
    intent: FixIntent, code_of: CodeOf, code: Code, launch: cst.Call, join: Join
) -> Iterator[tuple[Spot, Edits]]:
    """Spots for a join, each with the edits that give its object a name there."""
    if join.on == "library":
        yield from _of_library(intent, code_of, code, launch, join)
    elif join.on == "holder":
        for name, put in _holders(code, launch, join):
            yield from ((spot, []) for spot in sight.objects(intent, code_of, name, put))
    elif join.on == "result":
        name, edits, near = _named_result(code, launch, intent.remedy.kind)
        if name:
            yield from (
                (spot, edits) for spot in sight.objects(intent, code_of, name, near) if spot.code is code or not edits
            )
    elif isinstance(launch.func, cst.Attribute):
        base = launch.func.value
        if join.on == "argument":
            maker = base if isinstance(base, cst.Call) else sight.made(code, launch, dotted(base))
            argument = given(maker, join.argument, join.position) if maker is not None else None
            if argument is not None and dotted(argument):
                yield from ((spot, []) for spot in sight.objects(intent, code_of, dotted(argument), launch))
            elif isinstance(argument, cst.Call) and maker is not None and code.is_alone(code.statement(maker)):
                name = code.fresh(maker, join.argument)
                line = code.before(code.unit(code.statement(maker)), f"{name} = {code.source(argument)}")
                for spot in sight.objects(intent, code_of, name, maker):
                    if spot.code is code:
                        yield spot, [line, (code.span(argument), name)]
        elif dotted(base):
            yield from ((spot, []) for spot in sight.objects(intent, code_of, dotted(base), launch))
        elif isinstance(base, cst.Call) and outermost_loop(code, launch) is None:
            held = shape(code, launch, starts=True, names=("client", "clients"))
            if held is not None and held.handle:
                for spot in sight.in_function(intent, code, launch, held.handle):
                    yield replace(spot, maker=base), held.edits


def _of_library(
    intent: FixIntent, code_of: CodeOf, code: Code, launch: cst.Call, join: Join
) -> Iterator[tuple[Spot, Edits]]:
    """A function of the library: by the name that the launch has for it, or by the module's."""
    module = join.call.rpartition(".")[0]
    head = intent.call.rpartition(".")[0]
    base = dotted(launch.func.value) if isinstance(launch.func, cst.Attribute) else ""
    if base and f"{module}.".startswith(f"{head}."):
        name = base + module[len(head) :]
        yield from ((spot, []) for spot in sight.objects(intent, code_of, name, launch) if spot.code is code)
        if intent.handler.path == intent.launch.path:
            return
    imports: dict[int, Edits] = {}

    def known(seen: Code, function: cst.FunctionDef) -> str:
        if not sight.is_module(seen, module):
            return ""
        name, imports[id(function)] = seen.importing(module)
        return name

    spots = [*sight.in_handler(intent, code_of, known)]
    function = code.function(launch)
    if isinstance(function, cst.FunctionDef) and not base and known(code, function):
        spots += sight.in_function(intent, code, launch, known(code, function))
    yield from ((spot, imports[id(spot.function)]) for spot in spots)


def _holders(code: Code, launch: cst.Call, join: Join) -> Iterator[tuple[str, cst.CSTNode]]:
    """Names of the objects that the result of the launch is put into, and the calls that put it there."""
    statement = code.statement(launch)
    targets = statement.targets if isinstance(statement, cst.Assign) and statement.value is launch else ()
    names = {dotted(target.target) for target in targets} - {""}
    word = join.argument.rpartition(".")[2]
    for node in walk(code.module):
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == word:
            if any(argument.value is launch or dotted(argument.value) in names for argument in node.args):
                if dotted(node.func.value):
                    yield dotted(node.func.value), node


# --- results of the launch -------------------------------------------------------------------------------------------


def _is_kept_for_long(intent: FixIntent, code: Code, launch: cst.Call) -> bool:
    """Whether the result of the launch is an object that goes on taking work: what a constructor makes."""
    join = next((join for join in intent.remedy.joins if join.on == "result"), None)
    return join is not None and join.call.rpartition(".")[0] == intent.call


def _named_result(code: Code, launch: cst.Call, kind: Kind) -> tuple[str, Edits, cst.CSTNode]:
    """The name of what a constructor makes, the edits that give it one, and the node from which on it has it."""
    statement = code.statement(launch)
    singular = kind.object[0]
    held = shape(code, launch, starts=False, names=kind.object, inside=False)
    if held is not None and held.handle:
        return held.handle, held.edits, launch
    if isinstance(code.parent(launch), cst.Arg) and code.is_alone(statement) and outermost_loop(code, launch) is None:
        name = code.fresh(launch, singular)
        line = code.before(code.unit(statement), f"{name} = {code.source(launch)}", above_comments=False)
        return name, [line, (code.span(launch), name)], launch
    return "", [], launch


def _of_result(intent: FixIntent, code: Code, launch: cst.Call, join: Join) -> Iterator[Candidate]:
    """Keep what the launch returns, and wait for it on every path; or at once, where nothing else uses it."""
    if join.awaited and not code.is_async(launch):
        return
    above = code.parent(launch)
    whole = above if isinstance(above, cst.Await) else launch
    word = join.call.rpartition(".")[2]
    handle = intent.remedy.kind.handle
    names = handle if handle[0] else ("sent", "all_sent")
    singular = names[0]
    held = shape(code, whole, starts=False, names=names)
    path = intent.launch.path
    if held is not None and (held.handle or held.group):
        text = _wait(code, launch, held, join, singular)
        said = _said(text)
        for edits in placements(code, held.statement, launch, text):
            if edits:
                yield unsafe(path, say("fixes.wait", code=said), [*held.edits, *edits])
    if join.write:
        unit = code.statement(whole)
        if isinstance(code.parent(whole), cst.Expr) and code.is_alone(unit):
            words = _written(code, launch, join, code.source(whole), singular)
            lines = words.replace("\n", code.newline + code.indent(code.unit(unit)))
            yield unsafe(path, say("fixes.wait-at-once", code=_said(words)), [(code.span(whole), lines)])
    elif isinstance(code.parent(whole), cst.Expr):
        before, behind = "", f".{word}()"
        if join.awaited or whole is not launch:
            before, behind = "await (" if join.awaited else "(", f"){behind}"
        yield unsafe(
            path,
            say("fixes.wait-at-once", code=f".{word}()"),
            [code.insert(whole, before), code.append(whole, behind)],
        )


def _wait(code: Code, launch: cst.Call, held: Shape, join: Join, singular: str) -> str:
    """The lines that wait for one result or for several."""
    name = code.fresh(launch, singular, f"each_{singular}") if held.group else held.handle
    if join.write and not held.group:
        return _written(code, launch, join, name, singular)
    call = ("await " if join.awaited else "") + f"{name}.{join.call.rpartition('.')[2]}()"
    if held.group:
        return f"for {name} in {held.group}:\n{code.step()}{call}"
    return call


def _written(code: Code, near: cst.CSTNode, join: Join, name: str, singular: str) -> str:
    each = code.fresh(near, "each", f"each_{singular}")
    return join.write.strip("\n").format(self=name, each=each, step=code.step())


# --- settings --------------------------------------------------------------------------------------------------------


def _settings(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """Give the library the argument with which it does the work before it returns."""
    for setting in intent.remedy.settings:
        value = {"true": "True", "false": "False", "none": "None"}.get(setting.value, setting.value)
        said = f"{setting.name}={value}"
        base = launch.func.value if isinstance(launch.func, cst.Attribute) else None
        maker = base if isinstance(base, cst.Call) else sight.made(code, launch, dotted(base))
        name = ""
        for argument, position in setting.path:
            found = given(maker, argument, position) if maker is not None else None
            name = dotted(found)
            maker = found if isinstance(found, cst.Call) else sight.made(code, launch, name)
        if maker is None:
            raise NoFix(say("refusals.made-elsewhere", name=name or "it", argument=said))
        edits = configured(code, maker, setting.name, value)
        if edits:
            yield unsafe(intent.launch.path, say("fixes.configure", code=f"{dotted(maker.func)}(…, {said})"), edits)
        raise NoFix(say("refusals.configured-elsewhere", name=name, argument=said))
