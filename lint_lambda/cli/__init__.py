"""The command line: parse, call the engine, render, exit.

Exit status: 0 nothing found, 1 something found, 2 the run could not be done (as asked).
"""

from __future__ import annotations

import importlib
import io
import sys
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from lint_lambda import __version__
from lint_lambda.cli.check_command import check
from lint_lambda.cli.options import COULD_NOT
from lint_lambda.core.files import kind
from lint_lambda.core.guard import DEFECT, TRACEBACKS, cause, is_failure
from lint_lambda.core.near import nearest
from lint_lambda.output.telling import never_fail, tell

INTERRUPTED = 130

_OTHERS = {
    "cache": "lint_lambda.cli.cache_command:cache",
    "config": "lint_lambda.cli.config_command:settings",
    "graph": "lint_lambda.cli.graph_command:graph",
    "handlers": "lint_lambda.cli.explain_commands:handlers",
    "libraries": "lint_lambda.cli.libraries_command:libraries",
    "prove": "lint_lambda.prove_command:prove",
    "rule": "lint_lambda.cli.explain_commands:rule",
    "scaffold": "lint_lambda.cli.scaffold_command:scaffold",
    "server": "lint_lambda.cli.server_command:server",
}
"""Where the commands other than ``check`` are."""


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        never_fail(stream)
    try:
        status = cli.main(prog_name="lambda-lint", standalone_mode=False)
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        tell(said.getvalue().rstrip("\n"), aside=True)
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except BaseException as error:  # the outermost frame: whatever it is, say so and keep the exit status honest
        if not is_failure(error):
            raise
        # Python's own exit status for this is 1, which would read as "something was found".
        tell(f"error: lambda-lint failed ({cause(error)}); {DEFECT} ({TRACEBACKS}=1 shows more)", aside=True)
        status = COULD_NOT
    sys.exit(status)


class _Group(click.Group):
    """``lambda-lint PATH`` is ``lambda-lint check PATH``; every other command is loaded when it is used."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else None
        own = {name for option in self.get_params(ctx) for name in option.opts}
        completing = ctx.resilient_parsing and first is None  # a command or one of check's options may follow
        if first not in own and first not in self.list_commands(ctx) and not completing:
            if first is not None and not first.startswith("-") and kind(Path(first)) == "missing":
                self._refuse_slip(ctx, first)
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def _refuse_slip(self, ctx: click.Context, first: str) -> None:
        """Raises `click.UsageError` for what is no path, and nearly a command, or a word as commands are."""
        near = nearest(first, self.list_commands(ctx))
        if ctx.resilient_parsing or not (near or first.isidentifier()):
            return
        advice = f"did you mean {near!r}?" if near else "`lambda-lint --help` lists the commands"
        raise click.UsageError(f"there is no command and no path {first!r}; {advice}", ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*self.commands, *_OTHERS])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _OTHERS:
            return super().get_command(ctx, name)
        module, _, attribute = _OTHERS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

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
        from lint_lambda.cli import proving

        ctx.obj = proving.analysis()


cli.add_command(check)
