"""The graph of a handler in each of its formats, all drawn from the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from lint_lambda.core.finding import Fate
from lint_lambda.core.record import dataclass
from lint_lambda.core.source import Location
from lint_lambda.knowledge.texts import say, texts
from lint_lambda.output.context import Context

COLOURS = {
    Fate.JOINED: "#007a5a",
    Fate.NEVER_RUNS: "#8a4f7d",
    Fate.CANCELLED: "#b34a00",
    Fate.FROZEN: "#0060a8",
    Fate.BUFFERED: "#8a6100",
    Fate.BLOCKS: "#1f1f1f",
    Fate.FAILS: "#7a1f1f",
    Fate.UNKNOWN: "#5f6b76",
}
"""Hues after Okabe and Ito, which people who see colours differently tell apart, dark enough for text on white."""

SIGNS = {
    Fate.JOINED: "●",
    Fate.NEVER_RUNS: "○",
    Fate.CANCELLED: "✕",
    Fate.FROZEN: "❄",
    Fate.BUFFERED: "▤",
    Fate.BLOCKS: "■",
    Fate.FAILS: "!",
    Fate.UNKNOWN: "?",
}
"""A sign for each fate, for whoever sees no colour."""


class Node(Protocol):
    """See `lint_lambda.engine.graphing.Node`."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def location(self) -> Location: ...
    @property
    def runs(self) -> str: ...
    @property
    def fate(self) -> Fate | None: ...
    @property
    def work(self) -> str: ...
    @property
    def noun(self) -> str: ...
    @property
    def again(self) -> bool: ...
    @property
    def is_unfinished(self) -> bool: ...
    @property
    def children(self) -> tuple[Node, ...]: ...


class Graph(Protocol):
    """See `lint_lambda.engine.graphing.Graph`."""

    @property
    def roots(self) -> tuple[Node, ...]: ...
    @property
    def unfinished(self) -> tuple[Node, ...]: ...


@dataclass(frozen=True)
class Row:
    """A node as a line of a picture. `number` counts rows from 0, `parent` is the number of the row above it, -1 for none.

    `lasts`: for each depth, whether the node there is the last of its siblings. `where` is its file and line.
    """

    number: int
    parent: int
    node: Node
    lasts: tuple[bool, ...]
    where: str

    @property
    def depth(self) -> int:
        return len(self.lasts) - 1

    @property
    def title(self) -> str:
        """What the node is, in words."""
        node = self.node
        if node.kind == "handler":
            return say("graph.handler", name=node.text)
        if node.kind == "import":
            return say("graph.import", path=node.text)
        text = f"{node.text} → {node.runs}" if node.runs and node.kind == "call" else node.text
        return f"{text} {say('graph.again')}" if node.again else text

    @property
    def note(self) -> str:
        """What becomes of it, or what it is for."""
        node = self.node
        if node.fate is not None:
            return say("graph.launch", noun=node.noun, work=node.work, fate=texts("fate_names")[node.fate.value])
        return say(f"graph.{node.kind}-note") if node.kind in ("wait", "scope", "return") else ""


def rows(graph: Graph, context: Context) -> list[Row]:
    """The nodes in order, each below the one that it hangs on."""
    found: list[Row] = []

    def add(node: Node, parent: int, lasts: tuple[bool, ...]) -> None:
        where = f"{context.shown(node.location.path)}:{node.location.span.line}"
        number = len(found)
        found.append(Row(number, parent, node, lasts, where))
        for index, child in enumerate(node.children):
            add(child, number, (*lasts, index + 1 == len(node.children)))

    for index, root in enumerate(graph.roots):
        add(root, -1, (index + 1 == len(graph.roots),))
    return found


def summary(graph: Graph) -> str:
    """One sentence about what is unfinished when the response is sent."""
    count = len(graph.unfinished)
    return say("graph.all-finished") if not count else say("graph.unfinished", count=count)


def renderer(name: str, paint: Callable[[str, Fate | None], str] | None = None) -> Callable[[Graph, Context], str]:
    """What renders a format; `paint` colours the lines of a tree."""
    from lint_lambda.output.graphs import diagrams, picture, tree

    known: dict[str, Callable[[Graph, Context], str]] = {
        "tree": partial(tree.render, paint=paint or tree.plain),
        "mermaid": diagrams.mermaid,
        "dot": diagrams.dot,
        "svg": picture.svg,
        "html": picture.html,
    }
    return known[name]


def fates_in(found: list[Row]) -> Iterator[Fate]:
    """The fates that a picture shows, in the order of the legend."""
    shown = {row.node.fate for row in found}
    return (fate for fate in COLOURS if fate in shown)
