"""``lambda-lint scaffold``: write a module that runs work after the response, and print how to use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lint_lambda.cli.options import Failure
from lint_lambda.output.telling import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    F = TypeVar("F", bound=Callable[..., Any])

EXTENSION_NEXT = """\
Now, in the module that holds your handler:

    from lambda_defer import defer, deferring

    @deferring                        # on the function that Lambda calls, above its other decorators
    def handler(event, context):
        defer(work, argument)         # instead of Thread(target=work, args=(argument,)).start()
        return {"statusCode": 202}

No layer or setting is needed. Set a function timeout that covers the handler and the work, and deploy.
Put work that must survive a crash on a queue instead. More is documented at the top of the file.
"""

HOOK_NEXT = """\
Now, at the top of the module that holds your handler:

    from lambda_after_response import after_response, wait_until

    def handler(event, context):
        after_response(work, argument)    # instead of Thread(target=work, args=(argument,)).start()
        wait_until(coroutine())           # instead of asyncio.create_task(coroutine())
        return {"statusCode": 202}

Nothing else is needed on a managed Python runtime. Set a function timeout that covers the handler and the work, and deploy.
Put work that must survive a crash on a queue instead. More is documented at the top of the file.
"""

CUSTOM_RUNTIME_NEXT = """\
The custom runtime (provided.al2023) starts `bootstrap`. Deploy both files in the root of the package, executable, with
`python3` on PATH. The `handler` setting remains module.function.
"""


@click.group(short_help="Generate a module for work after the response.")
def scaffold() -> None:
    """Generate a module that lets a handler finish work after it has responded."""


def _options(command: F) -> F:
    into = click.option(
        "--into",
        "directory",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(),
        show_default="the current directory",
        help="Root of the function's code, from which it imports.",
    )
    force = click.option("--force", is_flag=True, help="Overwrite existing files.")
    decorated: F = into(force(command))
    return decorated


@scaffold.command(short_help="An internal extension: defer(fn, ...).")
@_options
def extension(directory: Path, force: bool) -> None:
    """lambda_defer.py: an internal extension with defer(fn, ...).

    For managed runtimes and images with AWS's runtime client. It uses only documented interfaces. If in doubt, use this one.
    """
    from lint_lambda.scaffold import EXTENSION

    _write(EXTENSION, directory, force)
    tell(EXTENSION_NEXT, end="")


@scaffold.command(short_help="A hook in the runtime: after_response(fn, ...).")
@_options
@click.option("--custom-runtime", is_flag=True, help="Also write the `bootstrap` of a custom runtime.")
def hook(directory: Path, force: bool, custom_runtime: bool) -> None:
    """lambda_after_response.py: a hook in the runtime, with after_response(fn, ...) and wait_until(awaitable).

    It needs no extension and runs work in the main thread, but it wraps an undocumented method of AWS's runtime client. With
    --custom-runtime it is the runtime itself.
    """
    from lint_lambda.scaffold import CUSTOM_RUNTIME, HOOK

    _write((*HOOK, *CUSTOM_RUNTIME) if custom_runtime else HOOK, directory, force)
    tell(HOOK_NEXT, end="")
    if custom_runtime:
        tell(CUSTOM_RUNTIME_NEXT, end="")


def _write(names: Sequence[str], directory: Path, force: bool) -> None:
    from lint_lambda.scaffold import Exists, write

    try:
        for path in write(names, directory, force):
            tell(f"wrote {path}")
    except Exists as error:
        there = "\n".join(f"{path} exists and has other contents" for path in error.paths)
        raise Failure(
            f"{there}\nhelp: compare the files, then use --force to overwrite them; nothing was written"
        ) from error
    except OSError as error:
        raise Failure(f"cannot write: {error}") from error
    tell()
