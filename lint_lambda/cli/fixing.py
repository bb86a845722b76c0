"""``--fix``, ``--fix-only`` and ``--diff``: mend files, or show how they would be mended."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lint_lambda.cli.options import Failure
from lint_lambda.config import ConfigError
from lint_lambda.core.errors import SyntaxProblem
from lint_lambda.core.finding import Applicability, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lint_lambda.engine import Request
    from lint_lambda.engine.fixing import Fixed

F = TypeVar("F", bound=Callable[..., Any])


def fix_options(command: F) -> F:
    """What is to become of fixes."""
    options: list[Callable[[Any], Any]] = [
        click.option("--fix", "fix", is_flag=True, help="Make the fixes that are safe, and report what is left."),
        click.option(
            "--unsafe-fixes",
            is_flag=True,
            help="Also those that change when the response goes out; goes with --fix, --fix-only or --diff.",
        ),
        click.option("--fix-only", is_flag=True, help="Make the fixes, report nothing else, and exit with 0."),
        click.option("--diff", "diff", is_flag=True, help="Show what --fix would change; change nothing."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def check_options(options: Mapping[str, Any], stdin: bool) -> bool:
    """Whether anything is to be fixed. Raises `click.UsageError` for options that do not go together."""
    modes = [name for name in ("fix", "fix_only", "diff") if options[name]]
    if len(modes) > 1:
        raise click.UsageError("--fix, --fix-only and --diff exclude each other")
    if options["unsafe_fixes"] and not modes:
        raise click.UsageError("--unsafe-fixes goes with --fix, --fix-only or --diff")
    if stdin and modes and not options["diff"]:
        raise click.UsageError("standard input cannot be fixed in place; --diff shows the fixes")
    return bool(modes)


def mend(request: Request, unsafe: bool) -> Fixed:
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
    """Put the mended files in their places; what could not be, in words, and then no longer among what is fixed."""
    from lint_lambda.fixes import replace_file

    trouble = []
    for path, (before, after) in sorted(fixed.files.items()):
        try:
            replace_file(root, path, before, after)
        except OSError as error:
            trouble.append(f"{path}: left alone: {error.strerror or error}")
            fixed.forget(path)
    return trouble


def show(fixed: Fixed) -> None:
    """Print the changes as a unified diff."""
    from lint_lambda.project.text import decode

    for path, (before, after) in sorted(fixed.files.items()):
        try:
            old, new = _lines(decode(before, path)), _lines(decode(after, path))
        except SyntaxProblem as problem:
            raise Failure(str(problem)) from problem
        for line in difflib.unified_diff(old, new, path, path):
            sys.stdout.write(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")


def _lines(text: str) -> list[str]:
    """Lines with their ends; unlike `str.splitlines`, a form feed ends none."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def told(fixed: Fixed, wrote: bool) -> str:
    """``Fixed 2 findings in 1 file; 3 more can be fixed with --unsafe-fixes.``"""
    count, files = len(fixed.made), len(fixed.files)
    did = "Fixed" if wrote else "Would fix"
    more = f"; {fixed.unsafe} more can be fixed with --unsafe-fixes" if fixed.unsafe else ""
    return f"{did} {count} finding{'' if count == 1 else 's'} in {files} file{'' if files == 1 else 's'}{more}."


def unsafe_left(findings: Sequence[Finding]) -> int:
    """How many findings have a fix that only ``--unsafe-fixes`` makes."""
    return sum(any(fix.applicability is Applicability.UNSAFE for fix in finding.fixes) for finding in findings)
