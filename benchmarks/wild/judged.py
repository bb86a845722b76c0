"""The judgements: what the data files hold, read and checked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent
LANGUAGES = ("python", "javascript")
KINDS = ("application", "library")
VERDICTS = ("true", "arguable", "false")


@dataclass(frozen=True)
class Work:
    """One launch of a repository: where it is, whether it really outlives the response, and whether that is reported."""

    path: str
    line: int
    code: str
    verdict: str
    why: str
    fingerprint: str = ""
    first: bool = True
    now: bool = True

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"{self.path}:{self.line}: the verdict {self.verdict!r} is none of {', '.join(VERDICTS)}")
        if not self.why:
            raise ValueError(f"{self.path}:{self.line}: a judgement needs a reason")

    def fits(self, path: str, line: int, code: str, fingerprint: str) -> bool:
        """Whether a finding is about this launch; of a miss nobody knows under which code it will be found."""
        if path != self.path:
            return False
        if self.verdict == "true" and not self.now:
            return line == self.line or (self.code == code and fingerprint == self.fingerprint)
        return code == self.code and (line == self.line or fingerprint == self.fingerprint)


@dataclass(frozen=True)
class Repository:
    """One repository, at the commit that was judged."""

    name: str
    commit: str
    kind: str
    work: tuple[Work, ...] = ()
    each: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.name}: the kind {self.kind!r} is none of {', '.join(KINDS)}")
        if len(self.commit) != 40:
            raise ValueError(f"{self.name}: a commit has 40 digits")

    @property
    def folder(self) -> str:
        return self.name.replace("/", "+", 1)

    def projects(self, checkout: Path) -> Iterator[Path]:
        """The folders that are checked, each as a project of its own."""
        if not self.each:
            yield checkout
        for pattern in self.each:
            yield from sorted(path for path in checkout.glob(pattern) if path.is_dir())


def load(language: str) -> tuple[Repository, ...]:
    """The judged repositories of one language, sorted by name."""
    table: dict[str, Any] = tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))
    repositories = []
    for entry in table["repository"]:
        work = tuple(Work(**item) for item in entry.pop("work", ()))
        repositories.append(Repository(**{**entry, "work": work, "each": tuple(entry.pop("each", ()))}))
    names = [repository.name for repository in repositories]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{language}.toml names {', '.join(sorted(twice))} twice")
    return tuple(sorted(repositories, key=lambda repository: repository.name.lower()))
