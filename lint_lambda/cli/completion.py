"""What a shell can complete: the codes and names of rules, the names of libraries, the handlers of the project."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem


def codes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The last of several codes that commas separate."""
    from lint_lambda.knowledge.rulebook import load_rules

    head, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(f"{head}{comma}{rule.code}", help=rule.name)
        for rule in load_rules()
        if rule.code.startswith(last.upper())
    ]


def rules(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Rules by code, and by name once a name is begun."""
    from lint_lambda.knowledge.rulebook import load_rules

    found = [
        CompletionItem(rule.code, help=rule.name) for rule in load_rules() if rule.code.startswith(incomplete.upper())
    ]
    named = [CompletionItem(rule.name, help=rule.code) for rule in load_rules() if rule.name.startswith(incomplete)]
    return found + (named if incomplete else [])


def libraries(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Libraries by name or package."""
    from lint_lambda.knowledge.loader import load_models

    known = {name for library in load_models().libraries for name in (library.name, library.package) if name}
    return _beginning(known, incomplete)


def handlers(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Handlers of the project around the current directory, as ``path:name``; files are completed by the shell."""
    from lint_lambda.config import ConfigError, load_config
    from lint_lambda.engine import Request, list_handlers

    here = Path()
    try:
        found = list_handlers(Request(paths=(here,), config=load_config(here)))
    except ConfigError:
        return []  # it is reported when the command runs
    return _beginning({str(handler) for handler in found}, incomplete)


def _beginning(known: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in sorted(known) if name.lower().startswith(incomplete.lower())]
