"""Options that several commands share, and the settings that come of them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lint_lambda.cli import completion
from lint_lambda.config import Config, ConfigError, load_config, load_for
from lint_lambda.core.near import nearest
from lint_lambda.core.record import replace
from lint_lambda.settings import parse_codes, parse_globs, parse_handlers

if TYPE_CHECKING:
    from lint_lambda.engine import Report, Request
    from lint_lambda.knowledge.rules import Rules

COULD_NOT = 2
"""Exit status of a run that could not do what was asked."""

FOUND = 1
"""Exit status of a run that has findings."""

F = TypeVar("F", bound=Callable[..., Any])


class Failure(click.ClickException):
    """The run cannot be done as asked; the message says what to change."""

    exit_code = COULD_NOT


def parse_code_option(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return _parsed(parse_codes, (code for text in given for code in text.split(",") if code.strip()))


def _patterns(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return _parsed(parse_handlers, given)


def _excluded(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return _parsed(parse_globs, given)


def _parsed(parse: Callable[[Iterable[str]], tuple[str, ...]], given: Iterable[str]) -> tuple[str, ...]:
    try:
        return parse(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def parse_seconds(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    """A limit of time. Nothing is more than what is no number, so that would be no limit."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("it must be a number")
    return value


def parse_destination(ctx: click.Context, parameter: click.Parameter, given: Path | None) -> Path | None:
    """A file that a report may go to, found out before the work is done."""
    if given is not None:
        from lint_lambda.output.destination import NotWritten, check_destination

        try:
            check_destination(given)
        except NotWritten as error:
            raise Failure(str(error)) from error
    return given


def project_options(command: F) -> F:
    """What decides which files and handlers there are."""
    options: list[Callable[[Any], Any]] = [
        click.argument(
            "paths", nargs=-1, type=click.Path(exists=True, allow_dash=True, path_type=Path), metavar="[PATHS]..."
        ),
        click.option(
            "--config",
            "config_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Use this configuration file instead of the nearest one.",
        ),
        click.option("--isolated", is_flag=True, help="Do not read any configuration file."),
        click.option(
            "--handler",
            "handlers",
            multiple=True,
            callback=_patterns,
            metavar="PATH:NAME",
            shell_complete=completion.handlers,
            help="Treat this function as a Lambda handler. PATH and NAME accept globs. Repeatable.",
        ),
        click.option(
            "--exclude",
            multiple=True,
            callback=_excluded,
            metavar="PATTERN",
            help="Exclude files matching this .gitignore-style pattern. Repeatable.",
        ),
        click.option(
            "--respect-gitignore/--no-respect-gitignore",
            default=None,
            help="Skip files ignored by .gitignore (default: yes).",
        ),
        click.option(
            "--stdin-filename",
            type=click.Path(path_type=Path),
            help="File name to use for source read from standard input.",
        ),
        click.option("--no-cache", is_flag=True, help="Do not read or write the cache."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def configure(
    paths: tuple[Path, ...],
    config_file: Path | None,
    isolated: bool,
    handlers: tuple[str, ...],
    exclude: tuple[str, ...],
    respect_gitignore: bool | None,
    stdin_filename: Path | None,
    no_cache: bool,
    **rest: Any,
) -> tuple[Config, list[Path], dict[str, bytes]]:
    """The settings of the run, the paths to check, and texts that replace files."""
    if config_file is not None and isolated:
        raise click.UsageError("--config and --isolated are mutually exclusive")
    stdin = Path("-") in paths
    if stdin and len(paths) > 1:
        raise click.UsageError("`-` (standard input) must be the only path")
    if stdin_filename is not None and not stdin:
        raise click.UsageError("--stdin-filename requires the path `-`")
    chosen = [stdin_filename or Path("stdin.py")] if stdin else list(paths) or [Path()]
    config = read_config(chosen[0], config_file, isolated) if config_file or isolated else read_config_for(chosen)
    changes: dict[str, Any] = {
        "option_handlers": tuple(_from_root(pattern, config.root) for pattern in handlers),
        "extend_exclude": (*config.extend_exclude, *exclude),
    }
    if respect_gitignore is not None:
        changes["respect_gitignore"] = respect_gitignore
    if no_cache:
        changes["cache_dir"] = None
    overlays = {relative(chosen[0], config.root): sys.stdin.buffer.read()} if stdin else {}
    return replace(config, **changes), chosen, overlays


def _from_root(pattern: str, root: Path) -> str:
    """A handler whose file is named from the current directory, as paths on a command line are, named from the project's root."""
    path, _, name = pattern.rpartition(":")
    if (root / path).exists() or not Path(path).exists():
        return pattern
    return f"{relative(Path(path), root)}:{name}"


def read_config(start: Path, file: Path | None = None, isolated: bool = False) -> Config:
    try:
        return load_config(start, file, isolated=isolated)
    except ConfigError as error:
        raise Failure(str(error)) from error


def read_config_for(paths: Sequence[Path]) -> Config:
    try:
        return load_for(paths)
    except ConfigError as error:
        raise Failure(str(error)) from error


def relative(path: Path, root: Path) -> str:
    """`path` as findings name it: from the root, where it is below it."""
    absolute = path.resolve()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else absolute.as_posix()


def load_rules() -> Rules:
    """The rules; what is wrong with them is reported without a traceback."""
    from lint_lambda.knowledge import rulebook
    from lint_lambda.knowledge.rules import RuleError

    try:
        return rulebook.load_rules()
    except RuleError as error:
        raise Failure(str(error)) from error


def check_codes(config: Config) -> None:
    """Make sure that each code of a configuration is the beginning of some rule's."""
    from lint_lambda.knowledge.location import rule_codes

    known = rule_codes()
    given = [*config.select, *config.extend_select, *config.ignore]
    given += [code for codes in config.per_file_ignores.values() for code in codes]
    for code in given:
        if not any(each.startswith(code) for each in known):
            raise Failure(f"{code} matches no rule; run `lambda-lint rule` to list all codes")


def near(given: str, known: Iterable[str], lister: str = "lambda-lint rule") -> str:
    """The end of a complaint about a name that is unknown."""
    close = nearest(given, known)
    return f"; did you mean {close}?" if close else f"; run `{lister}` to list them"


def run(request: Request) -> Report:
    """Check; an error in the user's settings, models or baseline is reported without a traceback."""
    from lint_lambda import engine

    try:
        return engine.check(request)
    except _mistakes() as error:
        raise Failure(str(error)) from error


def _mistakes() -> tuple[type[Exception], ...]:
    """What a run raises for mistakes of the user's; loaded when something is raised."""
    from lint_lambda.baseline import BaselineError
    from lint_lambda.knowledge.loader import ModelError
    from lint_lambda.knowledge.rules import RuleError
    from lint_lambda.project.changes import NoDiff

    return ConfigError, ModelError, RuleError, BaselineError, NoDiff
