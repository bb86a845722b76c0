"""Write the help of each command to `lint_lambda/cli/help/`, from where it is printed at once: `python docs/help_texts.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import click

from lint_lambda.__main__ import HELP, WIDTH
from lint_lambda.cli import cli


def texts() -> dict[str, str]:
    """The help of each command, by the name of its file."""
    top = click.Context(cli, info_name="lambda-lint", terminal_width=WIDTH - 2, **cli.context_settings)
    found = {"lambda-lint": f"{cli.get_help(top)}\n"}
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=top, terminal_width=WIDTH - 2)
        found[name] = f"{command.get_help(context)}\n"
    return found


if __name__ == "__main__":
    for name, text in texts().items():
        (Path(HELP) / f"{name}.txt").write_text(text, encoding="utf-8")
