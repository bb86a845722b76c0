"""``lambda-lint handlers`` and ``lambda-lint rule``: the handlers that were detected, and the rules."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from lint_lambda.cli import completion
from lint_lambda.cli.options import Failure, configure, load_rules, near, project_options
from lint_lambda.config import ConfigError
from lint_lambda.core.printable import quiet_json
from lint_lambda.knowledge.texts import say
from lint_lambda.output.telling import tell, write

if TYPE_CHECKING:
    from lint_lambda.knowledge.rules import Rule


@click.command()
@project_options
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the list.",
)
def handlers(**options: Any) -> None:
    """List the Lambda handlers under PATHS and how each was detected."""
    config, paths, overlays = configure(**options)
    from lint_lambda.engine import Request, describe_handlers
    from lint_lambda.output import handlers as listing
    from lint_lambda.output.summary import count

    try:
        listed = describe_handlers(Request(paths=tuple(paths), config=config, overlays=overlays))
    except ConfigError as error:
        raise Failure(str(error)) from error
    found = listed.handlers
    if listed.skipped:
        tell(f"warning: {say('report.skipped-here', files=count(listed.skipped, 'file'))}", aside=True)
    if options["output_format"] == "json":
        write(quiet_json(listing.as_json(found)), sys.stdout)
        return
    if found:
        tell(listing.table(found), end="")
    tell(f"{len(found)} handler{'' if len(found) == 1 else 's'}", aside=True)


@click.command()
@click.argument("code", required=False, shell_complete=completion.rules)
@click.option("--all", "every", is_flag=True, help="Print the pages of all rules.")
def rule(code: str | None, every: bool) -> None:
    """Explain a rule by code or name, or list all rules."""
    rules = load_rules()
    if code is not None and every:
        raise click.UsageError("give a CODE or --all, not both")
    if code is None and not every:
        for each in rules:
            tell(f"{each.code}  {each.name}: {each.summary}")
        return
    chosen = [each for each in rules if every or code in (each.name, each.code) or code == each.code.lower()]
    if not chosen:
        known = [name for each in rules for name in (each.code, each.name)]
        family = [each for each in rules if each.code.startswith(str(code).upper())]
        if family:
            listed = "".join(f"\n  {each.code}  {each.name}" for each in family)
            raise Failure(f"{code} is a prefix; name one of these rules:{listed}")
        raise Failure(f"unknown rule {code}{near(str(code), known)}")
    for each in chosen:
        _print_page(each)


def _print_page(page: Rule) -> None:
    text = f"# {page.code} {page.name}\n\n{page.page}"
    if not sys.stdout.isatty():
        tell(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
