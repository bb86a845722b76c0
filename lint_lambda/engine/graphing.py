"""The graph of one handler: what it calls and launches, what waits, where the response is sent, and what is unfinished then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from lint_lambda.analysis.lifetimes import Analysis
from lint_lambda.analysis.tracing import Key, Step, Trace
from lint_lambda.core.finding import Fate
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.near import nearest
from lint_lambda.core.record import dataclass, field
from lint_lambda.core.source import Location
from lint_lambda.core.verdict import Handler, Launched, Place, Verdict
from lint_lambda.engine import Request, processes
from lint_lambda.engine.room import with_room
from lint_lambda.engine.run import Run

Kind = Literal["handler", "import", "call", "launch", "wait", "scope", "return"]

LONGEST = 64
"""Characters of source that a node shows."""


class NoHandler(Exception):
    """No handler of the project has the name; the message says what there is."""


@dataclass(frozen=True)
class Node:
    """- `text`: the source there, in one line; the name of a function that Lambda calls. `runs`: the function that it leads to.
    - `fate`, `work`, `noun`: of a launch, what becomes of what, in words: "frozen", "work", "thread".
    - `again`: what is below it is shown elsewhere."""

    kind: Kind
    text: str
    location: Location
    runs: str = ""
    fate: Fate | None = None
    work: str = ""
    noun: str = ""
    again: bool = False
    children: tuple[Node, ...] = ()

    @property
    def is_unfinished(self) -> bool:
        return self.fate not in (None, Fate.JOINED)


@dataclass(frozen=True)
class Graph:
    """- `roots`: what Lambda does, in order: modules that launch when they are imported, then the handler.
    - `unfinished`: the launches that are not finished when the response is sent."""

    handler: Handler
    roots: tuple[Node, ...]
    unfinished: tuple[Node, ...] = field(default=())


@with_room
def draw(request: Request, name: str, *, everything: bool = False) -> Graph:
    """The graph of the handler that is called `name`, as ``path:name`` or by the end of that.

    `everything`: also functions that lead to no launch, wait or scope. Raises `NoHandler`, and as `check` does.
    """
    run = Run.of(request)
    points = run.entry_points(every=True)
    return graph_of(run, points.handlers, chosen(points.handlers, name), everything=everything)


def chosen(handlers: Sequence[Handler], name: str) -> Handler:
    """The handler that is meant by a name. Raises `NoHandler`."""
    exact = [handler for handler in handlers if name in (str(handler), f"{handler.path}:{handler.display_name}")]
    found = exact or [
        handler for handler in handlers if str(handler).endswith((f"/{name}", f":{name}")) or handler.path == name
    ]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "".join(f"\n  {handler}" for handler in found)
        raise NoHandler(f"{name} is the name of {len(found)} handlers; name one of these:{listed}")
    near = nearest(name, [str(handler) for handler in handlers])
    hint = f"; did you mean {near}?" if near else "; `lambda-lint handlers` lists them"
    raise NoHandler(f"there is no handler {name}{hint}")


def graph_of(run: Run, handlers: Sequence[Handler], handler: Handler, *, everything: bool = False) -> Graph:
    """The graph of one of the handlers of a run."""
    process = next(each for each in processes.of(handlers, run.program.imports) if handler in each)
    analysis = Analysis(run.program.speaking(handler.path), run.models(handler.path), handler.adapter)
    for each in process:
        analysis.handler(each)
        if each == handler:
            break
    verdicts = [verdict for verdict in analysis.verdicts() if handler in verdict.handlers]
    launched = analysis.launched.get(handler, ())
    places = {each.place for each in launched} | {verdict.launch for verdict in verdicts}
    drawing = _Drawing(run, analysis.trace(handler, places), launched, verdicts, everything)
    roots = tuple(drawing.roots(handler))
    return Graph(handler, roots, tuple(_unfinished(roots)))


def _unfinished(found: Iterable[Node]) -> Iterable[Node]:
    for node in found:
        if node.is_unfinished:
            yield node
        yield from _unfinished(node.children)


class _Drawing:
    def __init__(
        self,
        run: Run,
        trace: Trace,
        launched: Sequence[Launched],
        verdicts: Sequence[Verdict],
        everything: bool,
    ) -> None:
        self._run = run
        self._trace = trace
        self._launched: Mapping[Place, Launched] = {each.place: each for each in launched}
        self._verdicts: Mapping[Place, Verdict] = {verdict.launch: verdict for verdict in verdicts}
        self._everything = everything
        self._matters = _working(trace)
        self._shown: set[Key] = set()

    def roots(self, handler: Handler) -> Iterable[Node]:
        for key in self._trace.entries:
            function = self._trace.functions[key]
            imported = key[1] == MODULE_BODY
            if imported and not self._leads_to_work(key):
                continue
            text = key[0] if imported else handler.display_name
            yield Node("import" if imported else "handler", text, self._at(function.place), children=self._below(key))

    def _below(self, key: Key) -> tuple[Node, ...]:
        self._shown.add(key)
        return tuple(node for step in self._trace.functions[key].steps for node in self._nodes(step))

    def _nodes(self, step: Step) -> Iterable[Node]:
        runs = [key for key in step.runs if self._everything or step.does == "launch" or self._leads_to_work(key)]
        if step.does == "call" and not runs:
            return
        location = self._at(step.place)
        fate, work, noun = self._fate(step)
        text = self._source(location)
        if len(runs) < 2:
            again = bool(runs) and runs[0] in self._shown
            children = self._below(runs[0]) if runs and not again else ()
            runs_text = _name(runs[0]) if runs else ""
            again = again and bool(self._trace.functions[runs[0]].steps)
            yield Node(step.does, text, location, runs_text, fate, work, noun, again, children)
            return
        below = []
        for key in runs:
            again = key in self._shown
            children = () if again else self._below(key)
            place = self._at(self._trace.functions[key].place)
            below.append(Node("call", _name(key), place, again=again, children=children))
        yield Node(step.does, text, location, "", fate, work, noun, children=tuple(below))

    def _fate(self, step: Step) -> tuple[Fate | None, str, str]:
        if step.does != "launch":
            return None, "", ""
        kinds = self._run.models(step.place.path).kinds
        verdict, launched = self._verdicts.get(step.place), self._launched.get(step.place)
        if verdict is not None:
            return verdict.fate, verdict.label, kinds[verdict.kind].noun
        assert launched is not None
        return Fate.JOINED, launched.label, kinds[launched.kind].noun

    def _leads_to_work(self, key: Key) -> bool:
        """Whether a function, or what it runs, launches something, waits for something, or opens a scope."""
        return key in self._matters

    def _at(self, place: Place) -> Location:
        return self._run.snapshot.deployment.in_place.location(self._run.program.locate(place))

    def _source(self, location: Location) -> str:
        """The source of a node in one line."""
        span = location.span
        lines = self._run.program.text(location.path).splitlines()[span.line - 1 : span.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: span.end_column]
        lines[0] = lines[0][span.column :]
        text = " ".join(" ".join(lines).split())
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _working(trace: Trace) -> frozenset[Key]:
    """The functions that do more than call, and all that lead to them."""
    callers: dict[Key, set[Key]] = {}
    for key, function in trace.functions.items():
        for step in function.steps:
            for inner in step.runs:
                callers.setdefault(inner, set()).add(key)
    found: set[Key] = set()
    pending = [
        key
        for key, function in trace.functions.items()
        if any(step.does in ("launch", "wait", "scope") for step in function.steps)
    ]
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending.extend(callers.get(key, ()))
    return frozenset(found)


def _name(key: Key) -> str:
    return key[1].split("#")[0].replace(".<locals>.", ".")
