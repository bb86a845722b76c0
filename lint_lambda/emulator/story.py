"""A run as plain data: invocations, left-over work and what became of it, findings and what the run says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lint_lambda.emulator.function import Function
from lint_lambda.emulator.pending import LeftOver, Place
from lint_lambda.emulator.sandbox import Event, Outcome

LATE, LOST, CANCELLED, NEVER_STARTED = "late", "lost", "cancelled", "never-started"


@dataclass(frozen=True)
class Sight:
    """What can be seen here of one kind of work; who gives the findings knows it.

    - `observed`: as what kinds of left-over work it may be seen, ``*`` for any; empty where it cannot be.
    - `of_library`: it is done by something that belongs to a library, and may have been started long before.
    - `called_later`: a framework or a server calls it, whenever it likes.
    - `data`: what is left is data that a client keeps, of which nothing is seen unless the client says it.
    """

    observed: tuple[str, ...] = ("*",)
    of_library: bool = False
    called_later: bool = False
    data: bool = False

    def may_be(self, kind: str) -> bool:
        return kind in self.observed or "*" in self.observed


ANYTHING = Sight()


@dataclass(frozen=True)
class Finding:
    """A static finding. `path` is absolute; `line` and `end_line` are 1-based, and both inside the launch expression.

    `kind` is the word for what is launched (thread, future, client …), `package` the one whose call launches it, `fixes` what
    can be done; each is empty where it is not known. `sight` is what can be seen of that kind.
    """

    code: str
    path: str
    line: int
    end_line: int
    message: str
    fate: str = ""
    confidence: str = ""
    kind: str = ""
    sight: Sight = ANYTHING
    package: str = ""
    fixes: tuple[str, ...] = ()


@dataclass
class Item:
    """Left-over work and what became of it. Invocations are numbered from 1.

    `fate` is `late` (it finished, or at least ended, in a later invocation: `ended_in`), `lost` (it never did),
    `cancelled` or `never-started`. `at` is its launch, `until` its end, in seconds since the sandbox began, when known.
    `counts`: it is work that was left behind by an invocation that was answered.
    """

    work: LeftOver
    since: int
    fate: str = LOST
    ended_in: int | None = None
    at: float | None = None
    until: float | None = None
    counts: bool = True

    @property
    def launched(self) -> Place | None:
        return self.work.launched[0] if self.work.launched else None


@dataclass(frozen=True)
class Step:
    """One invocation: its event, how it ended, the events of its time, and which work was pending at its freeze.

    `arrived`: the requests that a sink has taken in its time.
    """

    number: int
    event: object
    outcome: Outcome
    events: tuple[Event, ...]
    pending: tuple[Item, ...]
    arrived: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    finding: Finding
    verdict: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Trouble:
    """What went wrong in a run: `kind` is init, error, timeout, crash, sandbox, restless or answer.

    `fatal`: because of it the run says nothing about what is left over. `invocations` is empty for the init phase.
    """

    kind: str
    invocations: tuple[int, ...]
    what: str
    help: str
    fatal: bool = True


@dataclass
class Story:
    """A whole run. `began` is the sandbox's beginning in `time.monotonic()` seconds."""

    function: Function
    began: float
    init: tuple[Event, ...] = ()
    steps: list[Step] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    not_predicted: list[Item] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def lost(self) -> list[Item]:
        """Left-over work: all but what is alive and has nothing to do."""
        return [item for item in self.items if not item.work.idle]

    @property
    def left(self) -> list[Item]:
        """Left-over work that counts: what an invocation that was answered left behind."""
        return [item for item in self.lost if item.counts]

    @property
    def judged(self) -> bool:
        """Whether the run says anything: work was left over, or every invocation came to its answer."""
        return bool(self.left) or not any(one.fatal for one in self.troubles)


def numbers(values: Sequence[int]) -> str:
    """`invocation 1`, `invocations 1 and 2`, `invocations 1, 2 and 5`."""
    said = [str(value) for value in sorted(set(values))]
    if len(said) == 1:
        return f"invocation {said[0]}"
    return f"invocations {', '.join(said[:-1])} and {said[-1]}"
