"""Options for findings that are accepted: a baseline, ignore comments, and only what a change touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lint_lambda.cli.options import COULD_NOT, Failure, run
from lint_lambda.config import Config
from lint_lambda.core.finding import Finding
from lint_lambda.knowledge.texts import say
from lint_lambda.output.telling import tell

if TYPE_CHECKING:
    from lint_lambda.engine import Report, Request

F = TypeVar("F", bound=Callable[..., Any])


def accept_options(command: F) -> F:
    """What is not to be reported."""
    options: list[Callable[[Any], Any]] = [
        click.option(
            "--baseline",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Do not report findings listed in this file.",
        ),
        click.option("--write-baseline", is_flag=True, help="Write all current findings to the baseline, then exit."),
        click.option(
            "--prune-baseline", is_flag=True, help="Remove entries from the baseline that no finding matches."
        ),
        click.option(
            "--fail-on-stale",
            is_flag=True,
            help="Exit with status 1 if the baseline has entries that no finding matches.",
        ),
        click.option(
            "--add-ignores",
            metavar="REASON",
            help="Write an ignore comment with this reason for each finding, then exit.",
        ),
        click.option(
            "--diff-base",
            metavar="REF",
            help="Report only findings that involve lines changed since this git commit or branch.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def check_accepting(options: Mapping[str, Any], config: Config, fixes: bool, stdin: bool) -> None:
    """Raises `click.UsageError` for options that do not go together."""
    modes = [name for name in ("write_baseline", "prune_baseline", "add_ignores") if options[name] not in (None, False)]
    if len(modes) > 1 or (modes and fixes):
        raise click.UsageError(
            "--write-baseline, --prune-baseline, --add-ignores and the options that fix are mutually exclusive"
        )
    needs = [name for name in ("write_baseline", "prune_baseline", "fail_on_stale") if options[name]]
    if needs and config.baseline is None:
        raise click.UsageError(
            f"--{needs[0].replace('_', '-')} requires --baseline FILE, or `baseline` in the settings"
        )
    if modes and options["diff_base"]:
        raise click.UsageError(f"--diff-base cannot be used with --{modes[0].replace('_', '-')}")
    if modes and stdin:
        raise click.UsageError("cannot accept findings on standard input: name files")
    reason = options["add_ignores"]
    if reason is not None and (not reason.strip() or not reason.isprintable()):
        raise click.UsageError("--add-ignores needs a reason: one line of text")


def write_baseline(report: Report, config: Config, options: Mapping[str, Any]) -> int:
    """Write the current findings to the baseline, or remove its stale entries; returns the exit status."""
    from lint_lambda import baseline
    from lint_lambda.output.summary import count

    assert config.baseline is not None
    entries = report.accepted.written if options["write_baseline"] else report.accepted.pruned
    if options["write_baseline"]:
        for problem in report.problems:
            tell(f"error: {problem}", aside=True)
        if report.problems:
            return COULD_NOT  # what could not be analysed would be missing from it
    try:
        baseline.write(config.baseline, entries)
    except baseline.BaselineError as error:
        raise Failure(str(error)) from error
    if not options["quiet"]:
        gone = count(len(report.accepted.stale), "stale entry", "stale entries")
        written, findings = options["write_baseline"], count(len(entries), "finding")
        said = say(
            "report.baseline-written" if written else "report.baseline-pruned",
            file=config.baseline,
            findings=findings,
            stale=gone,
        )
        tell(said, aside=True)
    return 0


def add_ignores(request: Request, options: Mapping[str, Any]) -> int:
    """Write a comment for each finding about a launch; the exit status."""
    from lint_lambda.ignores.adding import may_be_ignored
    from lint_lambda.output.summary import count

    report = run(request)
    wanted: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if may_be_ignored(finding):
            wanted.setdefault(finding.location.path, []).append(finding)
    trouble, done, files = list(report.problems), 0, 0
    for path, findings in sorted(wanted.items()):
        problem = _ignore(request.config.root, path, findings, options["add_ignores"].strip())
        if problem:
            trouble.append(f"{path}: {problem}")
        else:
            done, files = done + len(findings), files + 1
    for problem in trouble:
        tell(f"error: {problem}", aside=True)
    if not options["quiet"]:
        tell(say("report.ignored", findings=count(done, "finding"), files=count(files, "file")), aside=True)
        if others := len(report.findings) - sum(map(len, wanted.values())):
            tell(say("report.not-ignored", findings=count(others, "finding")), aside=True)
    return COULD_NOT if trouble else 0


def _ignore(root: Path, path: str, findings: list[Finding], reason: str) -> str:
    """Put the comments into a file; why that cannot be done, or nothing."""
    from lint_lambda.core.errors import SyntaxProblem
    from lint_lambda.core.text import decode
    from lint_lambda.fixes import encode, replace_file
    from lint_lambda.frontends import FRONTENDS
    from lint_lambda.ignores.adding import CannotIgnore, with_ignores

    known = {suffix for frontend in FRONTENDS for suffix in frontend.suffixes}
    if Path(path).suffix not in {"", ".pyw", *known}:
        return say("report.not-a-module")
    try:
        before = (root / path).read_bytes()
        text = with_ignores(path, decode(before, path), findings, reason)
        replace_file(root, path, before, encode(text, before))
    except UnicodeEncodeError:
        return "the reason cannot be written in the encoding of the file"
    except (CannotIgnore, SyntaxProblem) as problem:
        return str(problem)
    except OSError as error:
        return f"left alone: {error.strerror or error}"
    return ""
