"""`lambda-lint prove`: run a function in the sandbox and set what happens beside the static findings.

This is the one command that executes the user's code. The analysis is handed in by `cli.py` as plain callables (`Analysis`),
so that neither this module nor the sandbox imports any of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from lint_lambda.config import MANAGED, TARGETS
from lint_lambda.core.record import dataclass, replace
from lint_lambda.emulator.document import as_json
from lint_lambda.emulator.environment import Function, Unavailable
from lint_lambda.emulator.prove import prove as run
from lint_lambda.emulator.story import Finding, Story
from lint_lambda.output.destination import NotWritten, check_destination, write_report

FOUND, NOTHING, COULD_NOT = 1, 0, 2


@dataclass(frozen=True)
class Target:
    """A function to run: its file, the function's qualified name in it, and the directory it is deployed from.

    `runs_on` is what `--target` says; empty where configuration and templates decide.
    """

    file: Path
    function: str
    task_root: Path
    runs_on: str = ""


@dataclass(frozen=True)
class Analysis:
    """The static half, as `cli.py` passes it in `ctx.obj`.

    `findings(target)` are the findings for that handler, with absolute paths; `locate(name)` is the target of a function
    that a template declares, or None when none does; `is_managed(target)`: whether it runs on a Managed Instance;
    `served_by(target)`: the adapter that asks it through a web server, empty for what is called.
    """

    findings: Callable[[Target], Sequence[Finding]]
    locate: Callable[[str], Target | None]
    is_managed: Callable[[Target], bool] = lambda target: target.runs_on == MANAGED
    served_by: Callable[[Target], str] = lambda target: ""


_NO_ANALYSIS = Analysis(findings=lambda target: (), locate=lambda name: None)


def _destination(ctx: click.Context, parameter: click.Parameter, given: Path | None) -> Path | None:
    """A file that the picture may go to, found out before anything is executed."""
    try:
        if given is not None:
            check_destination(given)
    except NotWritten as error:
        raise _failure(str(error)) from error
    return given


@click.command("prove")
@click.argument("target")
@click.option("--event", "events", multiple=True, metavar="FILE|JSON", help="The event; given again, the next one's.")
@click.option(
    "--invocations", type=click.IntRange(min=1), help="How many events. [default: 2, or one for each --event]"
)
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=10.0, show_default=True, metavar="S")
@click.option("--env", "env", multiple=True, metavar="K=V", help="An environment variable of the function.")
@click.option("--python", default=sys.executable, metavar="EXE", help="The interpreter that runs the function.")
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The deployed directory.")
@click.option("--target", "runs_on", type=click.Choice(TARGETS), help="Where it runs. [default: as configured]")
@click.option("--output-format", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("-v", "--verbose", is_flag=True, help="Also say how each thing is known.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    callback=_destination,
    help="Also write the HTML picture there: to a new file, or over an earlier report.",
)
@click.pass_context
def prove(
    ctx: click.Context,
    target: str,
    events: tuple[str, ...],
    invocations: int | None,
    timeout: float,
    env: tuple[str, ...],
    python: str,
    root: Path | None,
    runs_on: str | None,
    output_format: str,
    verbose: bool,
    picture: Path | None,
) -> None:
    """Run TARGET in a local sandbox that freezes as Lambda does, and show what was still pending.

    TARGET is path/to/app.py:handler, or the name of a function in a template. IT EXECUTES THE FUNCTION'S CODE, with your
    user's rights; nothing else in lambda-lint does.

    The exit status is 0 when nothing was left over, 1 when work was, and 2 when the run could not be judged: the function did
    not start, raised, timed out or crashed.
    """
    analysis = ctx.obj if isinstance(ctx.obj, Analysis) else _NO_ANALYSIS
    found = replace(_locate(target, root, analysis), runs_on=runs_on or "")
    if adapter := analysis.served_by(found):
        raise _failure(
            f"{found.function} in {found.file} is a web application, which {adapter} asks through a web server; "
            "`prove` runs what Lambda calls\nhelp: what an endpoint leaves behind is the same behind an adapter that is called, "
            "so prove `handler = Mangum(app)` or the like; what comes after the response behind a server cannot be shown here"
        )
    click.echo(f"lambda-lint prove executes {found.file} ({found.function}) on this machine.", err=True)
    function = Function(
        task_root=found.task_root,
        handler=f"{_module(found)}.{found.function}",
        python=python,
        name=target if ":" not in target else found.file.stem,
        timeout=timeout,
        env=dict(_pair(given) for given in env),
        managed=1 if analysis.is_managed(found) else 0,
        observe=True,
    )
    sent = [_event(given) for given in events] or [{}]
    sent += [sent[-1]] * ((invocations or max(2, len(sent))) - len(sent))
    try:
        story = run(function, sent[: invocations or len(sent)], analysis.findings(found))
    except Unavailable as error:
        raise _failure(str(error)) from error
    if output_format == "json":
        click.echo(json.dumps(as_json(story), indent=2))
    elif output_format == "html":
        click.echo(_picture(story))
    else:
        from rich.console import Console

        from lint_lambda.emulator.text import print_story

        print_story(story, Console(highlight=False, soft_wrap=True), verbose)
    if picture is not None:
        _put(picture, _picture(story))
    ctx.exit(COULD_NOT if not story.judged else FOUND if story.left else NOTHING)


def _put(file: Path, text: str) -> None:
    try:
        write_report(file, text)
    except NotWritten as error:
        raise _failure(str(error)) from error


def _picture(story: Story) -> str:
    from lint_lambda.emulator.picture import page

    return page(story)


def _locate(target: str, root: Path | None, analysis: Analysis) -> Target:
    path, colon, function = target.rpartition(":")
    if not colon:
        located = analysis.locate(target)
        if located is None:
            raise _failure(
                f"no template declares a function {target!r}\nhelp: name a file and its handler, as in path/to/app.py:handler"
            )
        return located if root is None else replace(located, task_root=root.resolve())
    file = Path(path).resolve()
    if not file.is_file():
        raise _failure(f"{path} is not a file")
    return Target(file, function, root.resolve() if root is not None else _default_root(file))


def _default_root(file: Path) -> Path:
    """The directory to deploy: the file's own, or, inside a package, the one that holds the outermost package."""
    directory = file.parent
    while (directory / "__init__.py").is_file():
        directory = directory.parent
    return directory


def _module(target: Target) -> str:
    try:
        inside = target.file.relative_to(target.task_root)
    except ValueError as error:
        raise _failure(f"{target.file} is not below {target.task_root}") from error
    return "/".join(inside.with_suffix("").parts)  # Lambda's own notation for a module in a directory


def _event(given: str) -> object:
    """An event as JSON, or the name of a file that holds it."""
    try:
        return json.loads(given)
    except ValueError as not_json:
        file = Path(given)
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise _failure(f"--event {given}: neither JSON ({not_json}) nor a file that can be read") from error
        except ValueError as error:
            raise _failure(f"--event {given}: the file does not hold JSON: {error}") from error


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise _failure(f"--env {given}: NAME=VALUE is expected")
    return name, value


def _failure(message: str) -> click.ClickException:
    return _CouldNot(message)


class _CouldNot(click.ClickException):
    exit_code = COULD_NOT
