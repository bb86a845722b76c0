"""Handles, launches and states to make cases of."""

from __future__ import annotations

from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.launch_state import Entry, Launch
from lint_lambda.analysis.domain.summary import Activation
from lint_lambda.analysis.domain.values import Alloc, FunctionObj, Instance, Universe
from lint_lambda.analysis.domain.world import _OUTSIDE
from lint_lambda.core.verdict import Place

UNIVERSE = Universe()
CALLEE = UNIVERSE.make(FunctionObj, "app.py", _OUTSIDE, 0)


def handle(site: int) -> Instance:
    return UNIVERSE.make(Instance, UNIVERSE.external("threading.Thread")[0], Alloc("app.py", site, 0))


def launched(site: int = 1, kind: str = "thread") -> Launch:
    return Launch(Place("app.py", site), kind, "threading.Thread.start", "work", "handler")


def pending(site: int = 1, kind: str = "thread") -> frozenset[Entry]:
    return frozenset({Entry("pending", launched(site, kind))})


def frame() -> Frame:
    return Frame(Activation(3, CALLEE, (), ()), "app.py", "handler")
