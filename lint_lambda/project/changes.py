"""The lines that differ from a commit, as git knows them. Git runs without the repository's own programs and hooks."""

from __future__ import annotations

import codecs
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from lint_lambda.core.record import dataclass, field

_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-c", "core.hooksPath=/dev/null")
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


class NoDiff(Exception):
    """The changes cannot be told; the message says why and what to do."""


@dataclass
class Changes:
    """What has changed in one file: `lines` that are new or other, and `gaps`, lines after which some were deleted.

    `whole`: the file is new.
    """

    lines: set[int] = field(default_factory=set)
    gaps: set[int] = field(default_factory=set)
    whole: bool = False

    def touches(self, first: int, last: int) -> bool:
        """Whether one of these lines is new, or other than it was."""
        return self.whole or not self.lines.isdisjoint(range(first, last + 1))

    def lacks(self, first: int, last: int) -> bool:
        """Whether something was deleted between these lines, or next to them."""
        return any(first - 1 <= gap <= last for gap in self.gaps)


def changes(root: Path, reference: str) -> Mapping[str, Changes]:
    """By path relative to `root`: what differs in the working tree from where it left `reference`. Raises `NoDiff`."""
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}").strip()
    common = _git(root, "merge-base", commit, "HEAD", may_fail=True).strip() or commit
    compared = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--unified=0", "--relative")
    found = _parse(_git(root, *compared, common, "--").splitlines())
    for path in _git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0"):
        if path:
            found[path] = Changes(whole=True)
    return found


def _git(root: Path, *arguments: str, may_fail: bool = False) -> str:
    try:
        command = ["git", *_SAFE, "-C", str(root), *arguments]
        done = subprocess.run(command, capture_output=True, check=False, text=True, encoding="utf-8", errors="replace")
    except OSError as error:
        raise NoDiff(f"--diff-base needs git, which cannot be run: {error.strerror}") from error
    if done.returncode == 0 or may_fail:
        return done.stdout if done.returncode == 0 else ""
    if arguments[0] == "rev-parse":
        known = (
            done.stderr.strip() or "there is no such commit; fetch it first (in CI, check out with the full history)"
        )
        raise NoDiff(f"--diff-base {arguments[-1].removesuffix('^{commit}')}: {known}")
    raise NoDiff(f"--diff-base: git {arguments[0]} failed: {done.stderr.strip()}")


def _parse(lines: Iterable[str]) -> dict[str, Changes]:
    found: dict[str, Changes] = {}
    current = Changes()
    left = 0  # lines of a hunk, which may look like anything
    for line in lines:
        if left > 0 and line[:1] in "+-":
            left -= 1
        elif line.startswith("+++ "):
            current = found.setdefault(_path(line[4:]), Changes())
        elif hunk := _HUNK.match(line):
            start, count = int(hunk[1]), int(hunk[2] or 1)
            current.lines.update(range(start, start + count))
            if count == 0:
                current.gaps.add(start)
            old = re.match(r"@@ -\d+(?:,(\d+))? ", line)
            left = count + int(old[1] if old is not None and old[1] else 1)
    return found


def _path(text: str) -> str:
    """A path as git prints it: in quotes, with escapes, where it holds unusual characters; a tab may follow."""
    text = text.rstrip("\t")
    if text.startswith('"'):
        raw, _ = codecs.escape_decode(text[1:-1].encode())
        text = bytes(raw).decode("utf-8", "replace")
    return text.removeprefix("b/")
