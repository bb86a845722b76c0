"""``lambda-lint graph``: what one handler calls, launches and waits for, and what is unfinished when its response is sent."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from lint_lambda.cli import completion
from lint_lambda.cli.options import Failure, configure, parse_destination, project_options
from lint_lambda.config import ConfigError
from lint_lambda.core.finding import Fate
from lint_lambda.output.telling import write

_FORMATS = ("tree", "mermaid", "dot", "svg", "html")


@click.command(short_help="Draw what one handler launches.")
@click.argument("handler", shell_complete=completion.handlers)
@project_options
@click.option(
    "--output-format",
    type=click.Choice(_FORMATS),
    default="tree",
    show_default=True,
    help="Format of the graph: text, a diagram in the language of Mermaid or Graphviz, a picture, or a page with it.",
)
@click.option(
    "--output-file",
    type=click.Path(path_type=Path),
    callback=parse_destination,
    help="Write the graph to this file instead of standard output.",
)
@click.option("--all", "everything", is_flag=True, help="Also show functions that launch and wait for nothing.")
def graph(handler: str, output_format: str, output_file: Path | None, everything: bool, **options: Any) -> None:
    """Draw the call graph of HANDLER (path:name, or only the name): launches, waits, scopes, and where the response is sent.

    Launches are coloured by what becomes of the work.
    """
    config, paths, overlays = configure(**options)
    from lint_lambda.engine import Request
    from lint_lambda.engine.graphing import NoHandler, draw
    from lint_lambda.output import graphs
    from lint_lambda.output.context import Context

    request = Request(paths=tuple(paths), config=config, overlays=overlays)
    try:
        drawn = draw(request, handler, everything=everything)
    except (ConfigError, NoHandler) as error:
        raise Failure(str(error)) from error
    paint = _painted if sys.stdout.isatty() and output_file is None and "NO_COLOR" not in os.environ else None
    text = graphs.renderer(output_format, paint)(drawn, Context(config.root, lambda path: None, lambda code: None))
    if output_file is None:
        write(text, sys.stdout)
    else:
        output_file.write_text(text, encoding="utf-8")


def _painted(text: str, fate: Fate | None) -> str:
    return text if fate is None else click.style(text, fg=_COLOURS[fate])


_COLOURS = {
    Fate.JOINED: "green",
    Fate.NEVER_RUNS: "magenta",
    Fate.CANCELLED: "red",
    Fate.FROZEN: "cyan",
    Fate.BUFFERED: "yellow",
    Fate.BLOCKS: "bright_red",
    Fate.FAILS: "bright_red",
    Fate.UNKNOWN: "bright_black",
}
"""The sixteen colours of terminals, which people set to what they can tell apart."""
