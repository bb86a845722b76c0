"""The command line: parse, call the engine, render, exit.

Exit status: 0 nothing found, 1 something found, 2 the run could not be done (as asked).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from lint_lambda import __version__
from lint_lambda.cli.check_command import check
from lint_lambda.cli.config_command import settings
from lint_lambda.cli.explain_commands import handlers, rule
from lint_lambda.cli.libraries_command import libraries
from lint_lambda.cli.options import COULD_NOT, Failure, read_config, relative, run
from lint_lambda.cli.scaffold_command import scaffold
from lint_lambda.config import ByPath, Config, ConfigError
from lint_lambda.core.finding import Finding
from lint_lambda.core.record import replace

INTERRUPTED = 130


def main() -> None:
    """The console script."""
    try:
        status = cli.main(prog_name="lambda-lint", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except Exception:  # noqa: BLE001 the outermost frame: whatever it is, say so and keep the exit status honest
        # Python's own exit status for this is 1, which would read as "something was found".
        import traceback

        traceback.print_exc()
        click.echo("Internal error in lambda-lint. Please report it with the traceback above.", err=True)
        status = COULD_NOT
    sys.exit(status)


class _Group(click.Group):
    """``lambda-lint PATH`` is ``lambda-lint check PATH``; ``prove``, which needs the sandbox, is loaded when it is used."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else None
        own = {name for option in self.get_params(ctx) for name in option.opts}
        completing = ctx.resilient_parsing and first is None  # a command or one of check's options may follow
        if first not in own and first not in self.list_commands(ctx) and not completing:
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*self.commands, "prove"])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name == "prove":
            from lint_lambda.prove_command import prove

            return prove
        return super().get_command(ctx, name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return [*super().shell_complete(ctx, incomplete), *check.shell_complete(click.Context(check), incomplete)]


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Find work in AWS Lambda handlers that is still running when the handler returns, and will be frozen or lost.

    `lambda-lint [PATHS]` is short for `lambda-lint check [PATHS]`.
    """
    if ctx.invoked_subcommand == "prove":
        from lint_lambda.prove_command import Analysis

        ctx.obj = Analysis(_findings_to_prove, _declared_in_template, _is_managed, _served_by)


cli.add_command(check)
cli.add_command(settings)
cli.add_command(handlers)
cli.add_command(libraries)
cli.add_command(rule)
cli.add_command(scaffold)


def _declared_in_template(name: str) -> Any:
    """The target that a template below the working directory calls `name`, or None."""
    from lint_lambda.deployment.lookup import LookupFailed, find
    from lint_lambda.engine import Request, read_deployment
    from lint_lambda.prove_command import Target

    here = Path.cwd().resolve()
    config = read_config(here)
    deployment = read_deployment(Request(paths=(here,), config=config))
    try:
        found = find(deployment, name, "" if here == config.root else relative(here, config.root))
    except LookupFailed as error:
        raise Failure(str(error)) from error
    if found is None:
        return None
    place = found[1]
    return Target(config.root / place.path, place.name, config.root / place.root)


def _config_to_prove(target: Any) -> Config:
    config = read_config(target.file)
    return replace(config, target=ByPath(target.runs_on)) if target.runs_on else config


def _is_managed(target: Any) -> bool:
    from lint_lambda.engine import Request, read_serving
    from lint_lambda.knowledge.loader import ModelError

    config = _config_to_prove(target)
    try:
        serving = read_serving(Request(paths=(target.file,), config=config))
    except (ConfigError, ModelError) as error:
        raise Failure(str(error)) from error
    return serving.is_managed(relative(target.file, config.root), target.function)


def _served_by(target: Any) -> str:
    from lint_lambda.engine import Request, list_handlers

    config = replace(_config_to_prove(target), cache_dir=None)
    try:
        found = list_handlers(Request(paths=(target.file,), config=config, overlays={}))
    except ConfigError as error:
        raise Failure(str(error)) from error
    return next((handler.adapter for handler in found if handler.application and handler.name == target.function), "")


def _findings_to_prove(target: Any) -> list[Any]:
    """The findings for one handler, as the sandbox's report wants them: plain data with absolute paths."""
    from lint_lambda.emulator.story import Finding as Foretold
    from lint_lambda.engine import Request

    config = _config_to_prove(target)
    name = f"{relative(target.file, config.root)}:{target.function}"
    config = replace(config, option_handlers=(name,), cache_dir=None)
    report = run(Request(paths=(target.task_root,), config=config, overlays={}))

    def foretold(finding: Finding) -> Foretold:
        span = finding.location.span
        return Foretold(
            code=finding.code,
            path=str(config.root / finding.location.path),
            line=span.line,
            end_line=span.end_line,
            message=finding.message,
            fate=finding.fate.value if finding.fate is not None else "",
            confidence=finding.confidence.label,
            kind=finding.intent.kind if finding.intent is not None else "",
            package=str(finding.intent.call).partition(".")[0] if finding.intent is not None else "",
        )

    return [foretold(finding) for finding in report.findings if name in finding.handlers]
