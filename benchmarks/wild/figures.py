"""Precision and recall of judged work, at first sight and today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """One launch with its verdict, and whether it was reported at first sight and is reported today."""

    verdict: str
    first: bool
    now: bool
    high: bool = False
    """Whether it is reported with high confidence today."""


@dataclass(frozen=True)
class Figures:
    """How many findings there are, of which sort, and how many losses are not among them."""

    true: int
    arguable: int
    false: int
    missed: int

    @property
    def findings(self) -> int:
        return self.true + self.arguable + self.false

    @property
    def precision(self) -> str:
        return share(self.true, self.findings)

    @property
    def recall(self) -> str:
        return share(self.true, self.true + self.missed)


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % ({part} of {whole})" if whole else "–"


def figures(seen: Iterable[Seen], *, first: bool) -> Figures:
    """The figures at first sight, or of today."""
    counts: Counter[str] = Counter()
    for one in seen:
        if one.first if first else one.now:
            counts[one.verdict] += 1
        elif one.verdict == "true":
            counts["missed"] += 1
    return Figures(counts["true"], counts["arguable"], counts["false"], counts["missed"])
