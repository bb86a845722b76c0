"""What is kept of a function: in which activation it was analysed, and what calling it there does."""

from __future__ import annotations

from lint_lambda.analysis.domain.effects import NO_EFFECTS, Effects
from lint_lambda.analysis.domain.launch_state import Edge, Launch, State
from lint_lambda.analysis.domain.values import NOTHING, FunctionObj, Value
from lint_lambda.core.record import dataclass, field
from lint_lambda.core.verdict import Place


@dataclass(frozen=True, slots=True)
class Activation:
    """A function called with arguments that matter, from call sites that matter.

    An argument that is just some unknown value is None: the function is analysed once for all of those. `on_loop`: whether an
    event loop runs it; None where callers that differ in this are no longer told apart.
    """

    number: int
    callee: FunctionObj
    arguments: tuple[tuple[str, Value | None], ...]
    sites: tuple[Place, ...]
    on_loop: bool | None = False


@dataclass(slots=True)
class Summary:
    """What calling a function in one activation does.

    `out` is the state at its returns relative to its entry (None: it never returns), `raised` the same where an exception leaves
    it. `returns` and `yields` are its values. `paused` is the state at any of its ``yield``s. `exits` are its returns, each with its state. `paths` leads from this function to
    each launch below it, call site by call site.
    """

    out: State | None = None
    raised: tuple[Edge, ...] = ()
    returns: Value = NOTHING
    yields: Value = NOTHING
    effects: Effects = NO_EFFECTS
    paused: State | None = None
    exits: tuple[tuple[Place | None, State], ...] = ()
    paths: dict[Launch, tuple[Place, ...]] = field(default_factory=dict)

    def same_as(self, other: Summary) -> bool:
        """Whether a caller could not tell the two apart."""
        return (
            self.out == other.out
            and self.raised == other.raised
            and self.returns == other.returns
            and self.yields == other.yields
            and self.effects == other.effects
            and self.paused == other.paused
        )
