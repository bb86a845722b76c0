"""Everything that a run knows of each handler: where it is declared, what it is made of, what it launches, what is found and missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lint_lambda.core.record import dataclass
from lint_lambda.core.source import Location
from lint_lambda.core.verdict import Handler
from lint_lambda.deployment.model import Function

if TYPE_CHECKING:
    from lint_lambda.engine.run import Run


@dataclass(frozen=True)
class Described:
    """- `location`: its definition, in the template where the code stands there.
    - `functions`: the functions of the deployment that it is.
    - `launches`: how many launches its response comes after, waited for or not; None where nothing in its reach can launch.
    - `findings`: how many of each code lead to it. `missing`: the modules that it, or what it imports, imports in vain.
    """

    handler: Handler
    location: Location
    functions: tuple[Function, ...]
    launches: int | None
    findings: Mapping[str, int]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """The handlers of the files that a run is about, sorted; `skipped`: how many files were not analysed, which may have more."""

    handlers: tuple[Described, ...]
    skipped: int


def describe(run: Run) -> Listing:
    points = run.entry_points(every=True)
    concluded = run.concluded(points)
    launched = concluded.launched
    found: dict[str, Counter[str]] = {}
    for finding in filter(run.is_certain, run.told(points, concluded)):
        for name in finding.handlers:
            found.setdefault(name, Counter())[finding.code] += 1
    in_place = run.snapshot.deployment.in_place
    described = []
    for handler in points.handlers:
        if handler.path not in run.selected:
            continue
        reached = run.snapshot.unresolved.reached(handler.path)
        described.append(
            Described(
                handler,
                in_place.location(run.program.locate(handler.place)),
                tuple(points.declared.get((handler.path, handler.name), ())),
                len(launched.get(handler, ())) if run.program.may_launch(handler.path) else None,
                dict(sorted(found.get(str(handler), Counter()).items())),
                tuple(dict.fromkeys(missing.module for missing in reached)),
            )
        )
    return Listing(tuple(described), run.skipped())
