"""``lambda-lint check``: run the engine, render its report."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from lint_lambda.cli.fixing import check_options, fix_options, left_alone, mend, show, told, unsafe_left, write
from lint_lambda.cli.options import (
    COULD_NOT,
    Failure,
    configure,
    load_rules,
    parse_code_option,
    parse_destination,
    project_options,
    run,
)
from lint_lambda.cli.progress import Progress
from lint_lambda.config import OUTPUT_FORMATS, TARGETS, ByPath, Config
from lint_lambda.core.finding import Confidence
from lint_lambda.core.record import replace

if TYPE_CHECKING:
    from lint_lambda.engine import Report, Request
    from lint_lambda.knowledge.rules import Rules
    from lint_lambda.output.context import Context

NO_HANDLERS = (
    "no Lambda handler was found, so nothing was checked: name yours with --handler 'app.py:handler', "
    'or in the configuration with handlers = ["app.py:handler"]'
)
MOST_WARNINGS = 10
"""Warnings that a run prints unless more are asked for."""

FOUND = 1
"""Exit status of a run that found something."""


@click.command()
@project_options
@click.option(
    "--select", multiple=True, callback=parse_code_option, metavar="CODES", help="Only these rules (LAM2,LAM301)."
)
@click.option("--extend-select", multiple=True, callback=parse_code_option, metavar="CODES", help="These rules too.")
@click.option("--ignore", multiple=True, callback=parse_code_option, metavar="CODES", help="Not these rules.")
@click.option(
    "--min-confidence",
    type=click.Choice([level.label for level in Confidence]),
    help="Hide findings that are less sure. [default: medium]",
)
@click.option("--target", type=click.Choice(TARGETS), help="Where the functions run. [default: lambda]")
@click.option("--output-format", type=click.Choice(OUTPUT_FORMATS), help="[default: text]")
@click.option(
    "--output-file",
    type=click.Path(path_type=Path),
    callback=parse_destination,
    help="Write there: to a new file, or over an earlier report.",
)
@fix_options
@click.option("--require-handlers", is_flag=True, help="Exit with 2 when there is no Lambda handler.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when something is found.")
@click.option("--statistics", is_flag=True, help="End with the number of findings of each rule.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings only: no summary, no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Also print the settings and the handlers found.")
@click.pass_context
def check(ctx: click.Context, /, **options: Any) -> None:
    """Check the Lambda handlers below PATHS (by default, here). `-` reads one file from standard input.

    When files are given rather than directories, the whole project is analysed and findings in those files are shown.
    """
    if options["quiet"] and options["verbose"]:
        raise click.UsageError("--quiet and --verbose exclude each other")
    config, paths, overlays = configure(**options)
    fixes = check_options(options, bool(overlays))
    config = _override(config, options)
    from lint_lambda.engine import Request

    rules = load_rules(config)
    with Progress(shown=not options["quiet"]) as progress:
        request = Request(
            paths=tuple(paths),
            config=config,
            overlays=overlays,
            progress=progress,
            fixes=fixes or config.output_format in ("json", "sarif"),
        )
        trouble: list[str] = []
        if fixes:
            fixed = mend(request, options["unsafe_fixes"])
            trouble = left_alone(fixed)
            if options["diff"]:
                show(fixed)
            else:
                trouble += write(fixed, config.root)
            if not options["quiet"]:
                click.echo(told(fixed, wrote=not options["diff"]), err=True)
            if options["diff"] or options["fix_only"]:
                trouble += fixed.problems  # else the report that follows has them
                for problem in trouble:
                    click.echo(f"error: {problem}", err=True)
                would = options["diff"] and fixed.files and not options["exit_zero"]
                ctx.exit(COULD_NOT if trouble else FOUND if would else 0)
        report = run(request)
    if options["verbose"]:
        _tell_settings(request)
        for note in report.notes:
            click.echo(f"note: {note}", err=True)
    report = replace(report, problems=(*report.problems, *trouble))
    status = _status(report, options)
    context = _context(config.root, report, rules)
    if options["output_file"] is not None:
        rendered = io.StringIO()
        _write(report, status, context, rules, config.output_format, rendered)
        _put(options["output_file"], rendered.getvalue())
    else:
        _write(report, status, context, rules, config.output_format, sys.stdout)
    _close(report, config, options)
    ctx.exit(status)


def _status(report: Report, options: Mapping[str, Any]) -> int:
    """A run without a handler has checked nothing: where somebody asked for certain paths, that is not what was asked for."""
    named = options["paths"] and options["paths"] != (Path("-"),) and not report.elsewhere
    unchecked = report.handlers == 0 and not report.findings and (named or options["require_handlers"])
    if report.problems or unchecked or (options["require_handlers"] and report.handlers == 0):
        return COULD_NOT
    return FOUND if report.findings and not options["exit_zero"] else 0


def _override(config: Config, options: Mapping[str, Any]) -> Config:
    changes: dict[str, Any] = {}
    for key in ("select", "output_format"):
        if options[key]:
            changes[key] = options[key]
    if options["target"]:
        changes["target"] = ByPath(options["target"])
    for key in ("extend_select", "ignore"):
        changes[key] = (*getattr(config, key), *options[key])
    if options["min_confidence"]:
        changes["min_confidence"] = Confidence[options["min_confidence"].upper()]
    return replace(config, **changes)


def _context(root: Path, report: Report, rules: Rules) -> Context:
    from lint_lambda.knowledge.location import rules_directory
    from lint_lambda.output.context import Context

    def text(path: str) -> str | None:
        return report.text(path) or None  # without it, the finding is shown without its code

    def page(code: str) -> str | None:
        return (rules_directory() / rules[code].file_name).as_uri() if code in rules.codes else None

    return Context(root, text, page)


def _write(report: Report, status: int, context: Context, rules: Rules, output_format: str, file: IO[str]) -> None:
    if output_format == "sarif":
        from lint_lambda.output import sarif

        outcome = sarif.Outcome(_repository(context.root), status, report.problems)
        file.write(sarif.render(report.findings, context, rules, outcome))
    elif output_format == "json":
        from lint_lambda.output import json

        file.write(json.render(report.findings, context))
    elif output_format == "concise":
        from lint_lambda.output import concise

        file.write(concise.render(report.findings, context))
    else:
        from lint_lambda.output import text

        text.write(report.findings, context, text.make_console(file))


def _put(file: Path, text: str) -> None:
    from lint_lambda.output.destination import NotWritten, write_report

    try:
        write_report(file, text)
    except NotWritten as error:
        raise Failure(str(error)) from error


def _repository(root: Path) -> Path:
    """The repository that the project is in, or else the project: code scanning knows files by their paths from there."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def _close(report: Report, config: Config, options: Mapping[str, Any]) -> None:
    """What ends a run: on standard output after a text report, else on standard error, to keep the report clean."""
    from lint_lambda.output.summary import statistics, summary

    aside = config.output_format != "text" or options["output_file"] is not None
    if options["statistics"] and report.findings:
        click.echo(statistics(report.findings), nl=False, err=aside)
    if report.handlers == 0:
        click.echo(f"warning: {NO_HANDLERS}", err=True)
    for warning in report.warnings[: None if options["verbose"] else MOST_WARNINGS]:
        click.echo(f"warning: {warning}", err=True)
    if (more := len(report.warnings) - MOST_WARNINGS) > 0 and not options["verbose"]:
        click.echo(f"warning: and {more} more of these; --verbose prints them", err=True)
    for problem in report.problems:
        click.echo(f"error: {problem}", err=True)
    if options["quiet"]:
        return
    click.echo(summary(report.findings, report.files, report.handlers, report.seconds), err=aside)
    if options["fix"] and (left := unsafe_left(report.findings)):
        click.echo(
            f"{left} of them can be fixed with --unsafe-fixes: they change when the response goes out, or when the work is done.",
            err=aside,
        )


def _tell_settings(request: Request) -> None:
    from lint_lambda.engine import list_handlers

    config = request.config
    click.echo(f"project: {config.root}", err=True)
    click.echo(f"configuration: {config.file or 'none'}", err=True)
    click.echo(f"cache: {config.cache_dir or 'off'}", err=True)
    for handler in list_handlers(request):
        click.echo(f"handler: {handler} ({handler.why})", err=True)
