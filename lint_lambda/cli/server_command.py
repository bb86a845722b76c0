"""``lambda-lint server``: the language server, over standard input and output."""

from __future__ import annotations

import click

from lint_lambda.cli.options import Failure


@click.command(short_help="Run the language server for editors.")
def server() -> None:
    """Run the language server. Editors start it and talk to it over standard input and output.

    It needs the extra `lsp`: `pip install 'lambda-lint[lsp]'`.
    """
    try:
        from lint_lambda.server.features import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Failure("the language server needs pygls; run: pip install 'lambda-lint[lsp]'") from error
    serve()
