"""The report of an earlier run, given again where everything that it hangs on is as it was.

It hangs on the linter as it is installed, on what was asked, on the settings, and on all that the run looked at on disk
(`lint_lambda.core.looks`): nothing else is read, and nothing is analysed.
"""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Any, get_type_hints

from lint_lambda.cache import Cache
from lint_lambda.core.errors import SyntaxProblem
from lint_lambda.core.files import read_regular
from lint_lambda.core.looks import LARGEST, unchanged
from lint_lambda.core.plain import made, plain
from lint_lambda.core.record import names_of, replace
from lint_lambda.engine.versions import linter
from lint_lambda.knowledge import shipped

if TYPE_CHECKING:
    from lint_lambda.engine import Report, Request
    from lint_lambda.engine.run import Run

VERSION = "reports"
"""What reports are kept under: unlike modules they hang on the whole linter, which their keys stand for."""

_PASSING = ("text", "seconds")
"""What a report has for the one run only."""


class Standing:
    """What is known of one request. Without a key, nothing is, and nothing is kept."""

    def __init__(self, request: Request, cache: Cache | None, key: str) -> None:
        self._request = request
        self._cache = cache
        self._key = key

    @classmethod
    def of(cls, request: Request) -> Standing:
        config = request.config
        if config.cache_dir is None or request.overlays or request.diff_base or request.new_baseline:
            return cls(request, None, "")
        asked = (os.getcwd(), request.paths, request.fixes, request.fixable)  # noqa: PTH109
        digest = hashlib.sha256(repr((linter(), config, asked)).encode("utf-8", "surrogateescape"))
        return cls(request, Cache(config.cache_dir, VERSION, config.root), digest.hexdigest())

    def report(self) -> Report | None:
        """What was reported, if it still holds."""
        began = time.monotonic()
        now = time.time_ns()
        kept = None if self._cache is None else self._cache.report(self._key)
        if self._cache is None or kept is None:
            return None
        try:
            report = self._made(kept["report"])
            if not kept["looks"] or type(kept["looks"]) is not list:
                return None  # every run has looked at something
            holds, fresh = unchanged(kept["looks"], made(int, kept["began"]), self._request.config.cache_dir)
        except (KeyError, TypeError, ValueError):
            return None  # somebody else's entry
        if not holds:
            return None
        if kept.get("compiled") is True:
            shipped.trust()
        if fresh:
            self._cache.store_report(self._key, {**kept, "began": now, "looks": fresh})
        return replace(report, seconds=time.monotonic() - began)

    def keep(self, report: Report, run: Run) -> None:
        """Keep what a run came to, unless there is something in it that the next one must find out again."""
        if self._cache is None or report.problems or run.snapshot.guard.problems or run.snapshot.guard.late:
            return
        findings = tuple(replace(finding, intent=None, proposed=()) for finding in report.findings)
        known = tuple(replace(finding, intent=None, proposed=()) for finding in report.known)
        report = replace(report, findings=findings, known=known)  # fixes have been made of what is left out
        said = [plain(getattr(report, name)) for name in names_of(type(report)) if name not in _PASSING]
        looks = run.project.looks
        compiled = shipped.compiled() is not None
        entry = {"began": looks.began, "report": said, "looks": looks.all(), "compiled": compiled}
        self._cache.store_report(self._key, entry)
        self._cache.drop_unused()

    def _made(self, kept: Any) -> Report:
        """Raises `TypeError` where this is no report."""
        from lint_lambda.engine import Report

        types = get_type_hints(Report)
        names = [name for name in names_of(Report) if name not in _PASSING]
        if type(kept) is not list or len(kept) != len(names):
            raise TypeError("no report")
        said: dict[str, Any] = {name: made(types[name], value) for name, value in zip(names, kept)}
        return Report(**said, seconds=0.0, text=self._text)

    def _text(self, path: str) -> str:
        """The text of a file, which is what it was; empty when it cannot be decoded."""
        from lint_lambda.core.text import decode

        try:
            return decode(read_regular(self._request.config.root / path, LARGEST), path)
        except (SyntaxProblem, OSError, ValueError):
            return ""  # it is only for quoting
