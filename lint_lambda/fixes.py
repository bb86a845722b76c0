"""Fixes: for each remedy the first candidate that is proven to fix its finding, and files rewritten with the chosen ones.

A candidate is tried in memory. It becomes a fix when the edited file compiles where it did before, the same handlers are
found in it, the finding is gone, and no new finding appears, at any confidence.
"""

from __future__ import annotations

import io
import os
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from lint_lambda.core.edited import edited
from lint_lambda.core.files import put, read_regular
from lint_lambda.core.finding import Applicability, Edit, Finding, Fix
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.record import dataclass
from lint_lambda.frontends import of
from lint_lambda.knowledge.texts import say

MOST_CANDIDATES = 30
"""Candidates of one finding that are tried at most."""


@dataclass(frozen=True)
class State:
    """What the linter says of a program: findings by file and code, and the handlers it sees."""

    findings: Counter[tuple[str, str]]
    handlers: frozenset[str]


Try = Callable[[str, Mapping[str, str]], "tuple[State, State] | None"]
"""(finding's path, new text by path) → the state before and after; None when the analysis failed."""


@dataclass(frozen=True)
class Way:
    """One remedy of a finding: edits worth trying, best first, or `NoFix`.

    `refused` is the key of the text that says why there is no fix; None where that is not worth saying.
    """

    candidates: Callable[[], Iterable[Candidate]]
    refused: str | None = "any"


def propose(
    finding: Finding,
    ways: Iterable[Way],
    text: Callable[[str], str],
    attempt: Try,
    *,
    shortest: bool = True,
) -> Iterator[Fix]:
    """A fix for each remedy, in order; for a remedy without one, a `display` fix whose title says why.

    They are looked for one by one: who wants the first that can be made need not wait for the others. A candidate that is
    only to be shown is tried like all others, and becomes a `display` fix. `shortest`: of edits that hold, those that need not be made
    are left out, which takes more trials.
    """
    ways = list(ways)
    if not ways:
        yield Fix(say("no_fix.any", reason=say("refusals.not-a-launch")), Applicability.DISPLAY)
        return
    for way in ways:
        found = _fix(finding, way, text, attempt, shortest)
        if isinstance(found, Fix):
            yield found
        elif way.refused is not None:
            yield Fix(say(f"no_fix.{way.refused}", reason=found), Applicability.DISPLAY)


def _fix(finding: Finding, way: Way, text: Callable[[str], str], attempt: Try, shortest: bool) -> Fix | str:
    """The fix, or the reason for none."""

    def holds(after: Mapping[str, str]) -> bool:
        states = attempt(finding.location.path, after)
        return states is not None and fixes_it(finding, *states)

    tried: list[Mapping[str, str]] = []
    try:
        for candidate in way.candidates():
            after = texts_after(text, candidate.all_edits)
            if after is None or after in tried:
                continue
            if len(tried) == MOST_CANDIDATES:
                break
            tried.append(after)
            if holds(after):
                if candidate.applicability is Applicability.DISPLAY:
                    return Fix(candidate.title, Applicability.DISPLAY)
                least = _least(text, candidate.all_edits, holds) if shortest else candidate.all_edits
                return Fix(candidate.title, candidate.applicability, least)
    except NoFix as reason:
        return str(reason)
    return say("refusals.none-holds")


def fixes_it(finding: Finding, before: State, after: State) -> bool:
    """Whether the finding is gone and nothing else has come."""
    key = (finding.location.path, finding.code)
    return (
        after.handlers == before.handlers
        and after.findings[key] < before.findings[key]
        and all(count <= before.findings[each] for each, count in after.findings.items())
    )


def _least(
    text: Callable[[str], str], edits: tuple[Edit, ...], holds: Callable[[Mapping[str, str]], bool]
) -> tuple[Edit, ...]:
    """The edits without those waits that another one covers: a wait is repeated at each exit only where it must be."""
    said = Counter(map(_words, edits))
    for edit in edits:
        if said[_words(edit)] > 1 and _words(edit):
            fewer = tuple(each for each in edits if each is not edit)
            after = texts_after(text, fewer)
            if after is not None and holds(after):
                said[_words(edit)] -= 1
                edits = fewer
    return edits


def _words(edit: Edit) -> str:
    """What an edit writes, wherever it stands: on lines of its own, or beside something."""
    return "\n".join(line.strip(" \t;") for line in edit.text.strip().splitlines())


def texts_after(text: Callable[[str], str], edits: Iterable[Edit]) -> dict[str, str] | None:
    """The text of each edited file with its edits made; None when two of them overlap, or a file does not compile any more."""
    edits = list(edits)
    after: dict[str, str] = {}
    for path in dict.fromkeys(edit.path for edit in edits):
        before = text(path)
        changed = apply(before, [edit for edit in edits if edit.path == path])
        if changed is None or not compiles_as(before, changed, path):
            return None
        after[path] = changed
    return after


def apply(text: str, edits: Iterable[Edit]) -> str | None:
    """The text with all edits made; None when two of them overlap. Those at one place are made in their order."""
    return edited(text, ((edit.span, edit.text) for edit in edits))


def compiles_as(before: str, after: str, path: str) -> bool:
    """Whether the new text compiles, if the old one did: the parser of the front-end takes more than Python does."""
    frontend = of(path)
    return before != after and (frontend.compiles(after) or not frontend.compiles(before))


def encode(text: str, original: bytes) -> bytes:
    """`text` in the encoding of the file it came from, with its byte order mark. Raises `UnicodeEncodeError`."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(original).readline)
    return text.encode(encoding)


def replace_file(root: Path, name: str, expected: bytes, content: bytes) -> None:
    """Put `content` in the place of the project's file `name` in one step. A link to it stays a link.

    Raises `OSError`, also when the file no longer holds what was `expected`, or does not lie below `root`: other places have
    settings of their own, and are not to be changed through a link.
    """
    path = Path(os.path.realpath(root / name))
    if not path.is_relative_to(os.path.realpath(root)):
        raise OSError(f"{path} is outside of the project; run lambda-lint there")
    if read_regular(path, len(expected) + 1) != expected:
        raise OSError("it was changed in the meantime")
    put(path, content)


class NotReplaced(Exception):
    """The file at `path` cannot be replaced; the message is the reason."""

    def __init__(self, path: str, reason: OSError) -> None:
        super().__init__(reason.strerror or str(reason))
        self.path = path


def replace_files(root: Path, changes: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Put contents in the places of files that belong together: path → (what is expected there, new content).

    Raises `NotReplaced` for the first that cannot be replaced; then those before it hold what they held.
    """
    done: list[str] = []
    for path, (expected, content) in changes.items():
        try:
            replace_file(root, path, expected, content)
        except OSError as error:
            for each in reversed(done):
                replace_file(root, each, changes[each][1], changes[each][0])
            raise NotReplaced(path, error) from error
        done.append(path)
