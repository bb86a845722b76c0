"""The engine, the only orchestrator: from paths and settings to findings. It prints nothing and exits nowhere.

What an earlier run said is said again where all that it looked at is as it was; what finds it out anew is loaded only otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lint_lambda.baseline import NOTHING_ACCEPTED, Accepted
from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability, Finding
from lint_lambda.core.record import dataclass, field
from lint_lambda.core.verdict import Handler
from lint_lambda.engine.room import with_room

if TYPE_CHECKING:
    from lint_lambda.deployment import Deployment
    from lint_lambda.deployment.serving import Serving
    from lint_lambda.engine.described import Listing
    from lint_lambda.engine.fixing import Fixed


SYNTAX_ERROR = "LAM900"
"""The rule about files that cannot be parsed."""


def no_progress(done: int, total: int) -> None:
    """What a run calls as it goes on, where nobody wants to know."""


@dataclass(frozen=True)
class Request:
    """What to check.

    - `paths`: files and directories whose findings are wanted; the whole project is analysed for them all the same.
    - `overlays`: contents that stand in for files, by path relative to the configuration's root.
    - `progress`: called with (steps done, steps in all) as the run goes on.
    - `fixes`: whether each finding has its fixes, or the reason for none; each remedy is tried, which takes time.
    - `fixable`: whether each finding knows if there is a fix; for at most `lint_lambda.engine.checking.MOST_TRIED` findings.
    - `new_baseline`: the configured baseline is to be written, and may not exist yet.
    - `timeout`: seconds that the analysis may take; None for as many as it needs. What there was no time for is told.
    - `diff_base`: a commit; only findings whose witness touches lines that differ from it are wanted.
    """

    paths: Sequence[Path]
    config: Config
    overlays: Mapping[str, bytes] = field(default_factory=dict)
    progress: Callable[[int, int], None] = no_progress
    fixes: bool = False
    fixable: bool = False
    new_baseline: bool = False
    diff_base: str = ""
    timeout: float | None = None


@dataclass(frozen=True)
class Report:
    """What a run came to.

    `problems` are what could not be done as it was asked; `warnings`, what could not be read or found and may hide something;
    `notes` are for whoever wants to know more. `elsewhere`: how many files may hold handlers that the run was not about.
    `text`: what a file held when it was checked; empty when that cannot be decoded.
    `skipped`: how many files were not analysed, because they cannot be read or parsed, or are too large. `hidden`: findings
    of a lower confidence than asked for. `known` are findings that the baseline accepts, `accepted` says what has become of it. `unchanged`: findings that the changes do not concern.
    `partly`: how many handlers were analysed in part; the notes say why.
    `untried`: findings of which it was asked whether they are fixable, and for which that would have taken too long.
    """

    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    files: int
    handlers: int
    seconds: float
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    elsewhere: int = 0
    text: Callable[[str], str] = field(default=lambda path: "", repr=False, compare=False)
    skipped: int = 0
    hidden: int = 0
    known: tuple[Finding, ...] = ()
    accepted: Accepted = NOTHING_ACCEPTED
    unchanged: int = 0
    untried: int = 0
    partly: int = 0


def check(request: Request) -> Report:
    """Check the files of a request.

    Raises `lint_lambda.config.ConfigError` for an invalid handler pattern or adapter,
    `lint_lambda.knowledge.loader.ModelError` for a user's library model that cannot be used, `lint_lambda.baseline.BaselineError`
    and `lint_lambda.project.changes.NoDiff`.
    """
    from lint_lambda.engine.standing import Standing

    standing = Standing.of(request)
    known = standing.report()
    if known is not None:
        return known
    from lint_lambda.engine.checking import checked

    return with_room(checked)(request, standing)


@with_room
def fix(request: Request, allowed: frozenset[Applicability]) -> Fixed:
    """Mend in memory what `check` finds, with fixes that are `allowed`. Writes nothing. Raises as `check` does."""
    from lint_lambda.engine.checking import fixed

    return fixed(request, allowed)


@with_room
def list_handlers(request: Request) -> list[Handler]:
    """Every handler in the files of a request, sorted. Raises as `check` does."""
    from lint_lambda.engine.run import Run

    run = Run.of(request)
    return [handler for handler in run.entry_points(every=True).handlers if handler.path in run.selected]


@with_room
def describe_handlers(request: Request) -> Listing:
    """Every handler in the files of a request, sorted, with all that is known of it. Raises as `check` does."""
    from lint_lambda.engine.described import describe
    from lint_lambda.engine.run import Run

    return describe(Run.of(request))


@with_room
def find_unplaced(request: Request) -> list[Finding]:
    """What `check` finds, with code in templates under the paths by which it is analysed. Raises as `check` does."""
    from lint_lambda.engine.run import Run

    run = Run.of(request)
    return run.findings(run.entry_points(every=False))


def read_deployment(request: Request) -> Deployment:
    """What the files of a project declare."""
    from lint_lambda.engine.run import Run

    return Run.of(request).snapshot.deployment


def read_serving(request: Request) -> Serving:
    """How the handlers of a project are served. Raises as `check` does."""
    from lint_lambda.engine.run import Run

    return Run.of(request).snapshot.serving
