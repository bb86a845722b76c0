"""The results of a check: findings, the places that explain them, and the edits that fix them."""

from __future__ import annotations

import enum
from typing import Literal

from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass, field
from lint_lambda.core.remedy import NOTHING_KNOWN, Remedy
from lint_lambda.core.source import Location, Span


class Severity(enum.Enum):
    """How bad it is if the finding is true; independent of the confidence."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Confidence(enum.IntEnum):
    """How certain it is: on every path (high), on some path (medium), or the handle is passed to unanalysable code (low)."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        return self.name.lower()


class Fate(enum.Enum):
    """What happens to the work of a launch once the response is sent. Every fate but `unknown` can be observed in the sandbox."""

    JOINED = "joined"
    NEVER_RUNS = "never-runs"
    CANCELLED = "cancelled"
    FROZEN = "frozen"
    BUFFERED = "buffered"
    BLOCKS = "blocks"
    FAILS = "fails"
    REPEATS = "repeats"
    UNKNOWN = "unknown"


class Role(enum.Enum):
    """Why a related place is shown."""

    HANDLER = "handler"
    CALL = "call"
    RETURN = "return"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Related:
    """A place that explains a finding: the handler, a hop of the call path, the return that abandons the launch."""

    role: Role
    location: Location
    message: str


class Applicability(enum.Enum):
    """`safe` changes nothing but the loss; `unsafe` changes when the response is sent; `display` is advice without an edit."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` in `path` by `text`; an empty span inserts."""

    path: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One remedy, as edits that belong together; `display` fixes have none."""

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class FixIntent:
    """What a fix is to do, before any language has been asked how: wait, before the response, for what one launch starts.

    - `kind`, `call`, `label`, `reason`: the verdict's (`lint_lambda.core.verdict.Verdict`).
    - `launch`: the launch. `hops`: the calls from the handler down to it, outermost first; where a helper returns the
      handle, it can be waited for there.
    - `handler`: the definition of a handler that reaches the launch. `handlers`: file and (dotted) name of each.
    - `made`: where the object that is waited for is made, where that is not the launch; see the verdict.
    - `noted`, `drains`: as in the verdict.
    - `cancelled`: its event loop is closed with the invocation. `managed`: one of them runs on a Managed Instance. `traits`, `prompt`: as in the verdict.
    - `remedy`: what the library models know to help; the engine adds it when a fix is asked for.
    """

    kind: str
    call: Symbol
    label: str
    reason: str
    launch: Location
    hops: tuple[Location, ...]
    handler: Location
    handlers: tuple[tuple[str, str], ...] = ()
    managed: bool = False
    noted: Location | None = None
    drains: tuple[tuple[Location, Symbol], ...] = ()
    traits: tuple[str, ...] = ()
    prompt: bool = False
    made: Location | None = None
    cancelled: bool = False
    remedy: Remedy = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class Finding:
    """One launch (or file, or comment) that a rule objects to.

    `handlers` names every handler that reaches the launch, as ``path:qualname``, sorted. `help` holds the remedies in
    the code's words, best first; `general` those that many findings share. `intent` is what fixes are made from; it is None where the finding is not about a launch. `proposed` holds
    fixes that whoever reports it knows by itself, each in one file; nobody has tried them yet, and `fixes` holds what held.
    `fixable`: a fix exists, whether or not it is among `fixes`. `baseline`: whether a baseline knows the finding; empty
    where there is none. `fingerprint` survives edits elsewhere in the file (rule, enclosing qualname, normalised source, ordinal).
    """

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    location: Location
    fate: Fate | None = None
    handlers: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    help: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    fingerprint: str = ""
    baseline: Literal["", "new", "known"] = ""
    fixes: tuple[Fix, ...] = field(default=())
    fixable: Applicability | None = field(default=None, compare=False)
    intent: FixIntent | None = field(default=None, compare=False, repr=False)
    proposed: tuple[Fix, ...] = field(default=(), compare=False, repr=False)

    @property
    def remedies(self) -> tuple[str, ...]:
        """Every remedy: those in the code's words, then the general ones."""
        return (*self.help, *self.general)

    @property
    def sort_key(self) -> tuple[Location, str]:
        return (self.location, self.code)
