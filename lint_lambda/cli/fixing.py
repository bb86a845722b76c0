"""``--fix``, ``--fix-only`` and ``--diff``: fix files, or show the fixes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lint_lambda.cli.options import COULD_NOT, FOUND, Failure
from lint_lambda.config import ConfigError
from lint_lambda.core.finding import Applicability
from lint_lambda.knowledge.texts import say
from lint_lambda.output.summary import count
from lint_lambda.output.telling import tell

if TYPE_CHECKING:
    from pathlib import Path

    from lint_lambda.engine import Request
    from lint_lambda.engine.fixing import Fixed

F = TypeVar("F", bound=Callable[..., Any])


def fix_options(command: F) -> F:
    """What to do with fixes."""
    options: list[Callable[[Any], Any]] = [
        click.option("--fix", "fix", is_flag=True, help="Apply safe fixes, then report the remaining findings."),
        click.option(
            "--unsafe-fixes",
            is_flag=True,
            help="With --fix, --fix-only or --diff: also apply fixes that change behaviour, such as delaying the response.",
        ),
        click.option(
            "--fix-only", is_flag=True, help="Apply fixes without reporting the remaining findings; exit with status 0."
        ),
        click.option("--diff", "diff", is_flag=True, help="Print the fixes as a diff; do not modify files."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def check_options(options: Mapping[str, Any], stdin: bool) -> bool:
    """Whether anything is to be fixed. Raises `click.UsageError` for options that do not go together."""
    modes = [name for name in ("fix", "fix_only", "diff") if options[name]]
    if len(modes) > 1:
        raise click.UsageError("--fix, --fix-only and --diff are mutually exclusive")
    if options["unsafe_fixes"] and not modes:
        raise click.UsageError("--unsafe-fixes requires --fix, --fix-only or --diff")
    if stdin and modes and not options["diff"]:
        raise click.UsageError("cannot rewrite standard input; use --diff to see the fixes")
    return bool(modes)


def fix_project(
    ctx: click.Context, request: Request, options: Mapping[str, Any], found: Callable[[], None]
) -> list[str]:
    """Apply or show the fixes. Ends the run unless the remaining findings are wanted; then gives what could not be done.

    `found` is called before anything is printed.
    """
    fixed = make_fixes(request, options["unsafe_fixes"])
    found()
    trouble = left_alone(fixed)
    if options["diff"]:
        from lint_lambda.output.patch import show

        show(fixed.files)
    else:
        trouble += write(fixed, request.config.root)
    for place, why in sorted(fixed.instead.items()):
        where = f"{place.path}:{place.span.line}"
        tell(f"note: {say('report.waits-instead', place=where, reason=why)}", aside=True)
    if not options["quiet"]:
        tell(told(fixed, wrote=not options["diff"]), aside=True)
    if options["diff"] or options["fix_only"]:
        trouble += fixed.problems  # else the report that follows has them
        for problem in trouble:
            tell(f"error: {problem}", aside=True)
        would = options["diff"] and fixed.files and not options["exit_zero"]
        ctx.exit(COULD_NOT if trouble else FOUND if would else 0)
    return trouble


def make_fixes(request: Request, unsafe: bool) -> Fixed:
    """Make the fixes in memory."""
    from lint_lambda import engine
    from lint_lambda.knowledge.loader import ModelError

    allowed = {Applicability.SAFE, *([Applicability.UNSAFE] if unsafe else [])}
    try:
        return engine.fix(request, frozenset(allowed))
    except (ConfigError, ModelError) as error:
        raise Failure(str(error)) from error


def left_alone(fixed: Fixed) -> list[str]:
    """Which files are left with fixes to make, and why."""
    return [f"{path}: {why}" for path, why in sorted(fixed.left.items())]


def write(fixed: Fixed, root: Path) -> list[str]:
    """Write the fixed files; the sentences say what could not be written, which then no longer counts as fixed."""
    from lint_lambda.fixes import NotReplaced, replace_files

    trouble = []
    for paths in fixed.together():
        try:
            replace_files(root, {path: fixed.files[path] for path in paths})
        except NotReplaced as error:
            trouble.append(f"{error.path}: left alone: {error}")
            trouble += [
                f"{path}: left alone, as its fix belongs to {error.path}" for path in paths if path != error.path
            ]
            fixed.forget(paths)
    return trouble


def told(fixed: Fixed, wrote: bool) -> str:
    """``Fixed 2 findings in 1 file. 3 more findings can be fixed with --unsafe-fixes.``"""
    made, files = count(len(fixed.made), "finding"), count(len(fixed.files), "file")
    if fixed.made:
        said = say("report.fixed" if wrote else "report.would-fix", findings=made, files=files)
    else:
        said = say("report.nothing-fixed" if wrote else "report.nothing-to-fix")
    more = count(fixed.unsafe, "more finding" if fixed.made else "finding")
    return f"{said} {say('report.unsafe-left', findings=more)}" if fixed.unsafe else said
