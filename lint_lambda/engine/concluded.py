"""Verdicts that an earlier run has come to: where nothing that they depend on has changed, nothing is analysed again.

They depend on the linter, the user's models, the handlers of one process, and the files that these load: what each holds, and which
files its imports lead to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lint_lambda.core.finding import Confidence, Fate
from lint_lambda.core.record import dataclass, field, names_of
from lint_lambda.core.verdict import Handler, Launched, Place, Verdict
from lint_lambda.engine.versions import linter

if TYPE_CHECKING:
    from lint_lambda.engine.program import LoweredProgram
    from lint_lambda.engine.session import Session


@dataclass(frozen=True)
class Conclusion:
    """What the analysis of some handlers came to: the verdicts, what each handler launches, waited for or not, and in what the
    analysis of a handler falls short, where it does.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    launched: dict[Handler, tuple[Launched, ...]] = field(default_factory=dict)
    shortfalls: dict[Handler, tuple[str, ...]] = field(default_factory=dict)


class Concluded:
    """What is known of one process, whose handlers all load the same `files`."""

    def __init__(self, session: Session, program: LoweredProgram, process: Sequence[Handler]) -> None:
        self._cache = session.cache
        self._program = program
        self._process = process
        self.files = frozenset().union(*(program.imports(handler.path) for handler in process))
        self._files = sorted(self.files)
        over = program.project.contents.overlays
        keeps = session.cache.keeps and not any(file in over for file in self._files)
        self._key = self._digest(repr((session.config.library, session.config.handler_steps))) if keeps else ""

    def conclusion(self) -> Conclusion | None:
        """What was concluded; None where it has to be found. The files that were looked at count as asked for."""
        kept = self._cache.verdicts(self._key) if self._key else None
        if kept is None:
            return None
        try:
            verdicts = [_decoded(each) for each in kept["verdicts"]]
            launched = {handler: _launched(each) for handler, each in zip(self._process, kept["launched"], strict=True)}
            short = {self._process[int(at)]: tuple(map(str, each)) for at, each in kept["shortfalls"].items()}
            asked = [str(path) for path in kept["asked"]]
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            return None  # somebody else's entry
        named = {place.path for verdict in verdicts for place in _places(verdict)}
        named |= {each.place.path for found in launched.values() for each in found}
        if not named | {*asked} <= self.files:
            return None
        self._program.count_as_asked(asked)
        return Conclusion(verdicts, launched, short)

    def keep(self, found: Conclusion) -> None:
        """Keep what was concluded, unless there was anything to be told about the files, which a later run must find again, or
        they depend on what other files hold.
        """
        told = self._program.syntax_problems.keys() | self._program.not_analysed.keys()
        if self._key and (told | self._program.readers).isdisjoint(self._files):
            asked = sorted(self.files & self._program.lowered)
            launched = [[_encoded(each) for each in found.launched.get(handler, ())] for handler in self._process]
            verdicts = [_encoded(each) for each in found.verdicts]
            short = {at: [*found.shortfalls[each]] for at, each in enumerate(self._process) if each in found.shortfalls}
            kept = {"verdicts": verdicts, "launched": launched, "shortfalls": short, "asked": asked}
            self._cache.store_verdicts(self._key, kept)

    def _digest(self, settings: str) -> str:
        found = hashlib.sha256()
        for part in (linter(), settings, *map(repr, self._process), *self._contents()):
            found.update(part.encode("utf-8", "surrogateescape") + b"\0")
        return found.hexdigest()

    def _contents(self) -> Iterator[str]:
        for path in self._files:
            yield f"{path} {self._program.project.digest(path)} {' '.join(self._program.imported(path))}"


def _places(verdict: Verdict) -> Iterator[Place]:
    yield from (verdict.launch, *verdict.path)
    yield from (place for place in (verdict.abandoned_at, verdict.noted, verdict.made) if place is not None)
    yield from (place for place, _ in verdict.drains)
    if verdict.endpoint is not None:
        yield verdict.endpoint[0]


def _encoded(value: Any) -> Any:
    if isinstance(value, (Verdict, Handler, Launched)):
        return {name: _encoded(getattr(value, name)) for name in names_of(type(value))}
    if isinstance(value, Place):
        return [value.path, value.site]
    if isinstance(value, tuple):
        return [_encoded(each) for each in value]
    return value.name if isinstance(value, (Fate, Confidence)) else value


def _decoded(kept: dict[str, Any]) -> Verdict:
    return Verdict(
        **{
            **{name: kept[name] for name in names_of(Verdict)},
            "fate": Fate[kept["fate"]],
            "confidence": Confidence[kept["confidence"]],
            "launch": _place(kept["launch"]),
            "handlers": tuple(Handler(**{**each, "place": _place(each["place"])}) for each in kept["handlers"]),
            "path": tuple(map(_place, kept["path"])),
            "traits": tuple(kept["traits"]),
            "drains": tuple((_place(place), call) for place, call in kept["drains"]),
            "abandoned_at": None if kept["abandoned_at"] is None else _place(kept["abandoned_at"]),
            "noted": None if kept["noted"] is None else _place(kept["noted"]),
            "endpoint": None if kept["endpoint"] is None else (_place(kept["endpoint"][0]), int(kept["endpoint"][1])),
            "made": None if kept["made"] is None else _place(kept["made"]),
        }
    )


def _launched(kept: list[dict[str, Any]]) -> tuple[Launched, ...]:
    return tuple(Launched(**{**each, "place": _place(each["place"])}) for each in kept)


def _place(kept: Any) -> Place:
    path, site = kept
    if not isinstance(path, str) or not isinstance(site, int):
        raise TypeError("no place is kept here")
    return Place(path, site)
