"""Edits that wait before the response: from what a fix is to do to candidates in Python, best first.

A candidate is a good guess. Whether it mends the finding and starts no other is for `lint_lambda.fixes` to try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from lint_lambda.core.finding import Applicability
from lint_lambda.core.intent import Candidate, FixIntent, NoFix
from lint_lambda.core.source import Location
from lint_lambda.frontends.python.edits import endless, entry, pools
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted
from lint_lambda.frontends.python.edits.placing import placements
from lint_lambda.frontends.python.edits.shape import shape
from lint_lambda.frontends.python.edits.waits import NAMES, Wait, waits

_STARTED = frozenset({"thread", "timer", "process", "log-queue"})

_WHY_NOT = {
    "may-join": "the wait for it has a limit, set on purpose; whether to lift the limit or to fail when it is reached is yours to decide",
    "escaped": "its handle goes to code that cannot be seen, which may wait for it already",
    "import-time": "it starts with the module and may be meant to run for ever; start it in the handler, or wait there for what it was given",
}


def candidates(intent: FixIntent, text: Callable[[str], str]) -> Iterator[Candidate]:
    """Every edit worth trying, best first. `text` gives the text of a file.

    Raises `NoFix` where it is known that none would do.
    """
    if intent.reason in _WHY_NOT:
        raise NoFix(_WHY_NOT[intent.reason])
    codes: dict[str, Code] = {}

    def code_of(path: str) -> Code:
        if path not in codes:
            codes[path] = Code(text(path))
        return codes[path]

    if intent.kind in entry.KINDS:
        yield from entry.candidates(intent, code_of)
        return
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if launch is not None:
        endless.refuse(code, launch)
        for title, edits in pools.candidates(code, launch, intent):
            yield _candidate(intent.launch.path, title, edits)
    for location in (intent.launch, *reversed(intent.hops)):
        yield from _waiting(intent, code_of(location.path), location, is_hop=location is not intent.launch)


def _waiting(intent: FixIntent, code: Code, location: Location, *, is_hop: bool) -> Iterator[Candidate]:
    launch = code.at(location.span, cst.Call)
    if launch is None:
        return
    for wait in waits(intent, code, launch):
        found = [*_spots(code, launch, wait)] if wait.at_once else []
        found += _kept(intent, code, launch, wait, is_hop)
        if not wait.at_once:
            found += _spots(code, launch, wait)
        for said, edits in found:
            imported = _imported(code, wait, edits)
            if imported is not None:
                yield _candidate(location.path, f"wait before the response: `{said}`", imported)


def _kept(intent: FixIntent, code: Code, launch: cst.Call, wait: Wait, is_hop: bool) -> list[tuple[str, Edits]]:
    """Keep the handle, and wait for it on every path."""
    if not wait.one:
        return []
    held = shape(code, launch, starts=intent.kind in _STARTED and not is_hop and _is_start(launch), names=NAMES[intent.kind])
    if held is None or not (held.handle or held.group):
        return []
    loop_name = code.fresh(NAMES[intent.kind][0], f"each_{NAMES[intent.kind][0]}")
    form = wait.each if held.group else wait.one
    join = form.format(h=loop_name if held.group else held.handle, g=held.group, step=code.step())
    name = (held.group or held.handle).removesuffix(".values()")
    said = join.split("\n")[-1].strip() if "\n" in join else join
    return [
        (said, [*held.edits, *edits])
        for edits in placements(code, held.statement, launch, join, name)
        if edits
    ]


def _is_start(launch: cst.Call) -> bool:
    return isinstance(launch.func, cst.Attribute) and launch.func.attr.value == "start"


def _spots(code: Code, launch: cst.Call, wait: Wait) -> Iterator[tuple[str, Edits]]:
    """Wait where it is launched."""
    if wait.around is None or isinstance(code.function(launch), cst.Module):
        return
    before, behind = wait.around
    above = code.parent(launch)
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


def _candidate(path: str, title: str, edits: Edits) -> Candidate:
    return Candidate(title, Applicability.UNSAFE, path, tuple(edits))
