"""The end of a check: its report in the chosen format, and the lines that close the run."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lint_lambda.cli.options import Failure
from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability, Finding
from lint_lambda.knowledge.texts import say
from lint_lambda.output.telling import printing, tell, write
from lint_lambda.settings import AUTO

if TYPE_CHECKING:
    from lint_lambda.engine import Report
    from lint_lambda.knowledge.rules import Rules
    from lint_lambda.output.context import Context

MOST_WARNINGS = 10
"""Warnings that a run prints unless more are asked for."""

WITH_FIXES = frozenset({"json", "sarif"})
"""Formats that carry fixes."""

WITH_KNOWN = frozenset({"sarif"})
"""Formats that say of a finding that the baseline knows it, rather than leave it out."""


def fitting_format(config: Config, file: Path | None) -> str:
    """The configured format, or the one for the place: annotations in a log of GitHub Actions, text elsewhere."""
    if config.output_format != AUTO:
        return config.output_format
    in_actions = os.environ.get("GITHUB_ACTIONS") == "true" and file is None and not sys.stdout.isatty()
    return "github" if in_actions else "text"


def context(config: Config, rules: Rules, report: Report, status: int) -> Context:
    """What a format gets in addition to the findings."""
    from lint_lambda.output.context import Context, Outcome

    def text(path: str) -> str | None:
        return report.text(path) or None  # without it, the finding is shown without its code

    def page(code: str) -> str | None:
        return config.rule_url.format(code=code, name=rules[code].name) if code in rules.codes else None

    outcome = Outcome(status, report.problems)
    return Context(config.root, text, page, base=_repository(config.root), rules=rules, outcome=outcome)


def _repository(root: Path) -> Path:
    """The repository that contains the project, or else the project: services know files by their paths from there."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def print_report(name: str, report: Report, about: Context, file: Path | None) -> None:
    """Print the findings, or write them to a file."""
    from lint_lambda.output import load

    findings: Sequence[Finding] = report.findings
    if name in WITH_KNOWN:
        findings = sorted((*report.findings, *report.known), key=lambda finding: finding.sort_key)
    if file is not None:
        _put(file, load(name).render(findings, about))
    elif name == "text":
        from lint_lambda.output import text

        with printing(sys.stdout):
            text.write(findings, about, text.paper(sys.stdout))
    else:
        write(load(name).render(findings, about), sys.stdout)


def _put(file: Path, text: str) -> None:
    from lint_lambda.output.destination import NotWritten, write_report

    try:
        write_report(file, text)
    except NotWritten as error:
        raise Failure(str(error)) from error


def close(report: Report, config: Config, options: Mapping[str, Any], *, aside: bool, unchecked: bool) -> None:
    """The closing lines; `aside` puts them on standard error, which keeps a report for programs clean.

    `unchecked`: that there is no handler is why the run has failed.
    """
    from lint_lambda.output.summary import count, statistics, summary

    if options["statistics"] and report.findings:
        tell(statistics(report.findings), end="", aside=aside)
    if report.handlers == 0:
        tell(f"{'error' if unchecked else 'warning'}: {_nothing_to_check(report)}", aside=True)
    for warning in report.warnings[: None if options["verbose"] else MOST_WARNINGS]:
        tell(f"warning: {warning}", aside=True)
    if (more := len(report.warnings) - MOST_WARNINGS) > 0 and not options["verbose"]:
        tell(f"warning: {say('report.more-warnings', count=more)}", aside=True)
    if report.accepted.stale and not options["prune_baseline"]:
        level = "error" if options["fail_on_stale"] else "warning"
        tell(f"{level}: {stale(config, len(report.accepted.stale))}", aside=True)
    for problem in report.problems:
        tell(f"error: {problem}", aside=True)
    if options["quiet"]:
        return
    tell(summary(report.findings, report.files, report.handlers, report.seconds), aside=aside)
    for line in _beside(report):
        tell(line, aside=aside)
    if line := fixable(report.findings):
        tell(line, aside=aside)
    if report.untried:
        tell(say("report.untried", findings=count(report.untried, "finding")), aside=aside)


def _nothing_to_check(report: Report) -> str:
    """Why no handler was found, as far as it is known, and what helps."""
    from lint_lambda.output.summary import count

    if report.files == 0:
        return say("report.no-files")
    if report.skipped:
        return say("report.no-handlers-read", files=count(report.skipped, "file"))
    return say("report.no-handlers")


def stale(config: Config, count: int) -> str:
    """What there is to say of entries of the baseline that nothing matches."""
    from lint_lambda.output.summary import count as counted

    return say("report.stale", file=config.baseline, entries=counted(count, "entry", "entries"))


def _beside(report: Report) -> list[str]:
    """What was found and is not shown, and what was not looked at."""
    from lint_lambda.engine import SYNTAX_ERROR
    from lint_lambda.output.summary import count

    lines = []
    if report.known:
        lines.append(say("report.known", findings=count(len(report.known), "finding")))
    if report.unchanged:
        lines.append(say("report.unchanged", findings=count(report.unchanged, "finding")))
    if report.hidden:
        lines.append(say("report.hidden", findings=count(report.hidden, "finding")))
    if report.skipped:
        told = report.problems or report.warnings or any(finding.code == SYNTAX_ERROR for finding in report.findings)
        files = count(report.skipped, "file")
        lines.append(say("report.skipped" if told else "report.skipped-untold", files=files, code=SYNTAX_ERROR))
    if report.partly:
        lines.append(say("report.partly", handlers=count(report.partly, "handler")))
    return lines


def fixable(findings: Sequence[Finding]) -> str:
    """``2 fixable with --fix --unsafe-fixes``; empty when nothing is known to be."""
    marks = [finding.fixable for finding in findings if finding.fixable is not None]
    safe = marks.count(Applicability.SAFE)
    if not marks:
        return ""
    if safe == len(marks):
        return say("report.fixable", count=safe)
    return say("report.fixable-some-unsafe" if safe else "report.fixable-unsafe", count=len(marks), safe=safe)
