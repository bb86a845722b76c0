"""``lambda-lint check``: run the engine, print its report, exit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lint_lambda.cli.accepting import accept_options, add_ignores, check_accepting, write_baseline
from lint_lambda.cli.completion import codes
from lint_lambda.cli.fixing import check_options, fix_options, fix_project
from lint_lambda.cli.options import (
    COULD_NOT,
    FOUND,
    check_codes,
    configure,
    load_rules,
    parse_code_option,
    parse_destination,
    parse_seconds,
    project_options,
    run,
)
from lint_lambda.cli.progress import Progress
from lint_lambda.cli.rendering import WITH_FIXES, close, context, fitting_format, print_report
from lint_lambda.cli.watching import watch
from lint_lambda.config import Config
from lint_lambda.core.finding import Confidence
from lint_lambda.core.record import replace
from lint_lambda.output.telling import tell
from lint_lambda.settings import AUTO, OUTPUT_FORMATS, TARGETS, ByPath

if TYPE_CHECKING:
    from lint_lambda.engine import Report, Request


@click.command(short_help="Check the Lambda handlers under PATHS.")
@project_options
@click.option(
    "--select",
    multiple=True,
    callback=parse_code_option,
    metavar="CODES",
    shell_complete=codes,
    help="Run only these rules; codes or prefixes, comma-separated (LAM2,LAM301).",
)
@click.option(
    "--extend-select",
    multiple=True,
    callback=parse_code_option,
    metavar="CODES",
    shell_complete=codes,
    help="Run these rules in addition to --select.",
)
@click.option(
    "--ignore",
    multiple=True,
    callback=parse_code_option,
    metavar="CODES",
    shell_complete=codes,
    help="Do not run these rules.",
)
@click.option(
    "--min-confidence",
    type=click.Choice([level.label for level in Confidence]),
    help="Report only findings of at least this confidence. [default: medium]",
)
@click.option("--target", type=click.Choice(TARGETS), help="Deployment target of the functions. [default: lambda]")
@click.option(
    "--output-format",
    type=click.Choice((AUTO, *OUTPUT_FORMATS)),
    help="Format of the report. [default: auto, which is text, or github under GitHub Actions]",
)
@click.option(
    "--output-file",
    type=click.Path(path_type=Path),
    callback=parse_destination,
    help="Write the report to a new file, or over an earlier report, instead of standard output.",
)
@fix_options
@accept_options
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    callback=parse_seconds,
    metavar="SECONDS",
    help="Give up what takes longer, and name it; one handler gets half of the time that is left at most.",
)
@click.option(
    "--handler-steps",
    type=click.IntRange(min=0),
    metavar="N",
    help="Steps that the analysis of one handler may take; 0 for no limit. [default: 100000]",
)
@click.option("--require-handlers", is_flag=True, help="Exit with status 2 if there is no Lambda handler.")
@click.option("--exit-zero", is_flag=True, help="Exit with status 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Print the number of findings per rule.")
@click.option("-q", "--quiet", is_flag=True, help="Print only findings; no summary or progress bar.")
@click.option("-v", "--verbose", is_flag=True, help="Also print the settings and the handlers found.")
@click.pass_context
def check(ctx: click.Context, /, **options: Any) -> None:
    """Check the Lambda handlers under PATHS (default: the current directory). `-` reads one file from standard input.

    If PATHS are files rather than directories, the whole project is still analysed; only findings in those files are reported.
    """
    if options["quiet"] and options["verbose"]:
        raise click.UsageError("--quiet and --verbose are mutually exclusive")
    if options["watch"]:
        watch(ctx, check, options)
    config, paths, overlays = configure(**options)
    fixes = check_options(options, bool(overlays))
    config = _override(config, options)
    check_accepting(options, config, fixes, bool(overlays))
    form = fitting_format(config, options["output_file"])
    from lint_lambda.engine import Request

    check_codes(config)
    with Progress(shown=not options["quiet"]) as progress:
        request = Request(
            paths=tuple(paths),
            config=config,
            overlays=overlays,
            progress=progress,
            fixes=fixes or form in WITH_FIXES,
            fixable=form == "text" and not options["quiet"],
            new_baseline=options["write_baseline"],
            diff_base=options["diff_base"] or "",
            timeout=options["timeout"],
        )
        if options["add_ignores"] is not None:
            ctx.exit(add_ignores(request, options))
        trouble = fix_project(ctx, request, options, progress.stop) if fixes else []
        report = run(request)
    if options["write_baseline"]:
        ctx.exit(write_baseline(report, config, options))
    if options["prune_baseline"]:
        write_baseline(report, config, options)
    if options["verbose"]:
        _print_settings(request)
        for note in report.notes:
            tell(f"note: {note}", aside=True)
    rules = load_rules()
    report = replace(report, problems=(*report.problems, *trouble))
    status = _status(report, options)
    print_report(form, report, context(config, rules, report, status), options["output_file"])
    aside = form != "text" or options["output_file"] is not None
    close(report, config, options, aside=aside, unchecked=status == COULD_NOT and not report.problems)
    ctx.exit(status)


def _status(report: Report, options: Mapping[str, Any]) -> int:
    """A run without a handler has checked nothing. Where somebody named certain paths, that is not what was asked for."""
    named = options["paths"] and options["paths"] != (Path("-"),) and not report.elsewhere
    unchecked = report.handlers == 0 and not report.findings and (named or options["require_handlers"])
    if report.problems or unchecked or (options["require_handlers"] and report.handlers == 0):
        return COULD_NOT
    found = report.findings or (options["fail_on_stale"] and report.accepted.stale and not options["prune_baseline"])
    return FOUND if found and not options["exit_zero"] else 0


def _override(config: Config, options: Mapping[str, Any]) -> Config:
    """The settings with what the command line says; files with settings of their own obey that, too."""
    changes: dict[str, Any] = {}
    if options["select"]:
        changes["select"] = options["select"]
    if options["target"]:
        changes["target"] = ByPath(options["target"])
    if options["min_confidence"]:
        changes["min_confidence"] = Confidence[options["min_confidence"].upper()]
    if options["handler_steps"] is not None:
        changes["handler_steps"] = options["handler_steps"]
    codes = {key: options[key] for key in ("extend_select", "ignore")}
    whole: dict[str, Any] = {key: (*getattr(config, key), *given) for key, given in codes.items()}
    if options["output_format"]:
        whole["output_format"] = options["output_format"]
    if options["baseline"] is not None:
        whole["baseline"] = options["baseline"].absolute()
    return replace(config, **changes, **whole, overrides={**changes, **codes})


def _print_settings(request: Request) -> None:
    from lint_lambda.engine import list_handlers

    config = request.config
    tell(f"project: {config.root}", aside=True)
    tell(f"configuration: {config.file or 'none'}", aside=True)
    tell(f"cache: {config.cache_dir or 'off'}", aside=True)
    for handler in list_handlers(request):
        tell(f"handler: {handler} ({handler.why})", aside=True)
