"""`lambda-lint prove`: run a function in the sandbox and set what happens beside the static findings.

This is the one command that executes the user's code. The analysis is handed in by the command line as plain callables
(`Analysis`), so that neither this module nor the sandbox imports any of it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from lint_lambda.core.near import nearest
from lint_lambda.core.printable import printable_line, quiet_json
from lint_lambda.core.record import dataclass, replace
from lint_lambda.emulator import http_events, sample_events
from lint_lambda.emulator.document import as_json
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.node import default_node, in_node, package_root, runs_in_node
from lint_lambda.emulator.prove import prove as run
from lint_lambda.emulator.relocating import relocate
from lint_lambda.emulator.sink import Sink
from lint_lambda.emulator.story import Finding, Story
from lint_lambda.emulator.unavailable import Unavailable
from lint_lambda.output.destination import NotWritten, check_destination, write_report
from lint_lambda.output.telling import printing, tell, write
from lint_lambda.settings import MANAGED, TARGETS

FOUND, NOTHING, COULD_NOT = 1, 0, 2
_TEMPLATES = frozenset({".yaml", ".yml", ".json", ".template", ".tf", ".tofu", ".ts", ".js", ".toml"})
"""Files before the colon that declare functions by name. What Node.js runs may also hold the handler."""
WEB_ADAPTER = "lambda-web-adapter"
ADAPTERS = ("mangum", "apig-wsgi", "aws-wsgi", "serverless-wsgi", "zappa", WEB_ADAPTER, "auto")
_FORMATS_BY_NAME = {
    "ALBResolver": "alb",
    "APIGatewayRestResolver": "apigw-v1",
    "ApiGatewayResolver": "apigw-v1",
    "LambdaFunctionUrlResolver": "function-url",
    "aws-wsgi": "apigw-v1",
    "awsgi": "apigw-v1",
    "chalice": "apigw-v1",
    "zappa": "apigw-v1",
}
"""The format of HTTP events that goes with what a module names; any other takes version 2."""


@dataclass(frozen=True)
class Target:
    """A function to run: its file, the function's qualified name in it, and the directory it is deployed from.

    `runtime` is Lambda's name for what runs it, `runs_on` is what `--target` says, `adapter` what `--adapter` does; empty where configuration and templates decide. `env`, `timeout` and `layers` (directories)
    are what a template says. `written`: the code stands in a template, and `file` and `task_root` are yet to be made.
    """

    file: Path
    function: str
    task_root: Path
    runs_on: str = ""
    adapter: str = ""
    env: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None
    layers: tuple[Path, ...] = ()
    written: Written | None = None
    runtime: str = ""

    @property
    def source(self) -> Path:
        """The file of the project that holds the code."""
        return self.file if self.written is None else self.written.template


@dataclass(frozen=True)
class Written:
    """Code that stands in a template: as which `module` it is deployed, the name under which it is analysed, and the line of
    the template for each line of `text`.
    """

    template: Path
    module: str
    analysed_as: str
    text: str
    line: Callable[[int], int]


@dataclass(frozen=True)
class Analysis:
    """The static half, as the command line passes it in `ctx.obj`.

    `findings(target)` are the findings for that handler, with absolute paths; `locate(name)` is the target of a function
    that a template declares, by its name or by ``template:name``, or None when none does; `is_managed(target)`: whether it runs on a Managed Instance;
    `served_by(target)`: the adapter of a web application, empty for what Lambda calls itself; `clients(target)`: the classes of
    client libraries that can be asked what they have not sent.
    """

    findings: Callable[[Target], Sequence[Finding]]
    locate: Callable[[str], Target | None]
    is_managed: Callable[[Target], bool] = lambda target: target.runs_on == MANAGED
    served_by: Callable[[Target], str] = lambda target: ""
    clients: Callable[[Target], Sequence[Mapping[str, object]]] = lambda target: ()


_NO_ANALYSIS = Analysis(findings=lambda target: (), locate=lambda name: None)


def _destination(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Said before anything is run: a picture goes to a new file, or over an earlier report."""
    try:
        if value is not None:
            check_destination(value)
    except NotWritten as error:
        raise _failure(str(error)) from error
    return value


def _sample(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Print a sample event, and end."""
    if value is not None and not ctx.resilient_parsing:
        tell(json.dumps(_named(value), indent=2))
        ctx.exit(NOTHING)
    return value


@click.command("prove", short_help="Run a function in a sandbox that freezes like Lambda.")
@click.argument("target")
@click.option(
    "--event", "events", multiple=True, metavar="FILE|JSON|NAME", help="Event of the next invocation. Repeatable."
)
@click.option(
    "--request",
    "requests",
    multiple=True,
    metavar="'POST /orders'",
    help="HTTP request to build the next event from. Repeatable.",
)
@click.option("--body", metavar="TEXT|@FILE", help="Body of the requests.")
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Header of the requests. Repeatable.")
@click.option(
    "--event-format",
    type=click.Choice(list(http_events.FORMATS)),
    help="Service that sends the request. [default: detected]",
)
@click.option(
    "--sample-event",
    metavar="NAME",
    is_eager=True,
    callback=_sample,
    help="Print a sample event, such as sqs, and exit.",
)
@click.option(
    "--invocations", type=click.IntRange(min=1), help="Number of invocations. [default: 2, or one for each event]"
)
@click.option(
    "--gap", type=click.FloatRange(min=0), default=0.0, metavar="S", help="Seconds to stay frozen between two events."
)
@click.option("--cold", is_flag=True, help="Use a new sandbox for each event.")
@click.option("--concurrency", type=click.IntRange(min=1), default=1, help="Events at a time (Managed Instances only).")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="S", help="[default: the template's, or 10]"
)
@click.option("--env", "env", multiple=True, metavar="K=V", help="Environment variable of the function. Repeatable.")
@click.option("--sink", metavar="K", help="Set variable K to the URL of a local server that accepts any request.")
@click.option("--python", default=sys.executable, metavar="EXE", help="Python interpreter that runs the function.")
@click.option("--node", default=default_node(), metavar="EXE", help="Node.js that runs the function.  [default: node]")
@click.option("--runtime", metavar="NAME", help="Lambda runtime of a Node.js function, such as nodejs24.x.")
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Deployed directory.")
@click.option("--target", "runs_on", type=click.Choice(TARGETS), help="Deployment target. [default: as configured]")
@click.option("--adapter", type=click.Choice(ADAPTERS), help="Adapter of a web application. [default: as deployed]")
@click.option("--output-format", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("-v", "--verbose", is_flag=True, help="Also print how each piece of work was observed.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    callback=_destination,
    help="Also write the HTML report to a new file, or over an earlier one.",
)
@click.pass_context
def prove(ctx: click.Context, /, target: str, sample_event: str | None, **given: Any) -> None:
    """Run TARGET in a local sandbox that freezes like Lambda, and show what was left running.

    TARGET is path/to/app.py:handler (app.js and app.ts too), or the name of a function in a template, alone or as template.yaml:Name. IT EXECUTES THE FUNCTION'S CODE, with your
    rights; no other command of lambda-lint does.

    Exit status: 0 no unfinished work, 1 unfinished work, 2 the run could not be judged (the function did not start, raised,
    timed out or crashed).
    """
    analysis = ctx.obj if isinstance(ctx.obj, Analysis) else _NO_ANALYSIS
    with ExitStack() as stack:
        found = _locate(target, given["root"], analysis)
        found = replace(_on_disk(found, stack), runs_on=given["runs_on"] or "")
        adapter = given["adapter"] or analysis.served_by(found)
        found = replace(found, adapter="" if adapter == "auto" else adapter)
        function = _function(target, found, adapter, analysis, given)
        if runs_in_node(found.file):
            runtime = given["runtime"] or found.runtime
            function = _made(lambda: in_node(function, found.file, given["node"], runtime, stack))
        sent = _events(found, adapter, given)
        tell(f"lambda-lint prove executes {found.source} ({found.function}) on this machine.", aside=True)
        sink = None
        if given["sink"]:
            sink = stack.enter_context(Sink())
            function = function.with_variable(given["sink"], sink.url)
        try:
            story = run(function, sent, analysis.findings(found), gap=given["gap"], cold=given["cold"], sink=sink)
        except Unavailable as error:
            raise _failure(str(error)) from error
        if found.written is not None:
            relocate(story, found.file, found.written.template, found.written.line)
    _print(story, given["output_format"], given["verbose"])
    if given["picture"] is not None:
        _put(given["picture"], _picture(story))
    ctx.exit(COULD_NOT if not story.judged else FOUND if story.left else NOTHING)


def _function(target: str, found: Target, adapter: str, analysis: Analysis, given: Mapping[str, Any]) -> Function:
    """What is to be run, from the target, its template and the options, which win."""
    managed = analysis.is_managed(found)
    if given["concurrency"] > 1 and not managed:
        raise _failure("--concurrency is for managed instances\nhelp: add --target managed-instances, or leave it out")
    module = _module(found)
    return Function(
        task_root=found.task_root,
        handler=f"{module}.{found.function}",
        python=given["python"],
        name=target if ":" not in target else found.file.stem,
        timeout=given["timeout"] or found.timeout or 10.0,
        env={**dict(found.env), **dict(_pair(one) for one in given["env"])},
        import_paths=found.layers,
        managed=given["concurrency"] if managed else 0,
        observe=True,
        clients=tuple(analysis.clients(found)),
        application=f"{module}:{found.function}" if adapter else "",
        adapter="" if adapter == WEB_ADAPTER else adapter,
    )


def _made(call: Callable[[], Function]) -> Function:
    try:
        return call()
    except Unavailable as error:
        raise _failure(str(error)) from error


def _print(story: Story, output_format: str, verbose: bool) -> None:
    if output_format == "json":
        write(quiet_json(json.dumps(as_json(story), indent=2)) + "\n", sys.stdout)
    elif output_format == "html":
        write(_picture(story) + "\n", sys.stdout)
    else:
        _print_story(story, verbose)


def _print_story(story: Story, verbose: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from lint_lambda.emulator.text import print_story

    class Quiet(Console):
        """Prints what the function is called and has printed as text that does nothing but be read."""

        def print(self, *objects: Any, **options: Any) -> None:
            for each in objects:
                if isinstance(each, Text):
                    each.plain = printable_line(each.plain)  # each character keeps its place, and its style
            super().print(*objects, **options)

    with printing(sys.stdout):
        print_story(story, Quiet(highlight=False, soft_wrap=True), verbose)


def _put(file: Path, text: str) -> None:
    try:
        write_report(file, text)
    except NotWritten as error:
        raise _failure(str(error)) from error


def _picture(story: Story) -> str:
    from lint_lambda.emulator.picture import page

    return page(story)


# What is run.


def _locate(target: str, root: Path | None, analysis: Analysis) -> Target:
    path, colon, function = target.rpartition(":")
    located = analysis.locate(target) if not colon or Path(path).suffix in _TEMPLATES else None
    if located is not None or not (colon and (Path(path).suffix not in _TEMPLATES or runs_in_node(Path(path)))):
        if located is None:
            example = f"{target}:handler" if Path(target).is_file() else "path/to/app.py:handler"
            raise _failure(
                f"no template declares a function {target!r}\nhelp: name a file and its handler, as in {example}"
            )
        if root is None:
            return located
        if located.written is not None:
            raise _failure(f"the code of {target} is in {located.written.template}\nhelp: leave out --root")
        return replace(located, task_root=root.resolve())
    file = Path(path).resolve()
    if not file.is_file():
        raise _failure(f"{path} is not a file")
    return Target(file, function, root.resolve() if root is not None else _default_root(file))


def _on_disk(target: Target, stack: ExitStack) -> Target:
    """The target with code of a template written to a task root of its own, which lasts as long as `stack`."""
    written = target.written
    if written is None:
        return target
    root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lambda-lint-"))).resolve()
    suffix = ".js" if target.runtime.startswith("nodejs") else ".py"
    file = root.joinpath(*written.module.split(".")).with_suffix(suffix)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(written.text, encoding="utf-8")
    return replace(target, file=file, task_root=root)


def _default_root(file: Path) -> Path:
    """The directory to deploy: the file's own, or, inside a package, the one that holds the outermost package."""
    if runs_in_node(file):
        return package_root(file)
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


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise _failure(f"--env {given}: NAME=VALUE is expected")
    return name, value


# With which events.


def _events(found: Target, adapter: str, given: Mapping[str, Any]) -> list[object]:
    """As many as there are invocations; the last one is sent again."""
    sent = [_event(one) for one in given["events"]]
    sent += _requested(found, adapter, given)
    if not sent:
        sent = [{}] if not adapter else _requested(found, adapter, {**given, "requests": ("GET /",)})
    count = given["invocations"] or max(2, len(sent))
    return [*sent, *[sent[-1]] * (count - len(sent))][:count]


def _requested(found: Target, adapter: str, given: Mapping[str, Any]) -> list[object]:
    if not given["requests"]:
        if given["body"] is not None or given["headers"]:
            raise _failure("--body and --header belong to a --request\nhelp: add --request 'POST /'")
        return []
    make = http_events.FORMATS[given["event_format"] or _usual_format(found.file, adapter)]
    headers = dict(_header(one) for one in given["headers"])
    body = _body(given["body"])
    try:
        return [make(http_events.HttpRequest.of(one, headers, body)) for one in given["requests"]]
    except ValueError as error:
        raise _failure(f"--request {error}") from error


def _usual_format(file: Path, adapter: str) -> str:
    text = f"{adapter} {file.read_text(encoding='utf-8', errors='replace')}"
    return next((format_ for name, format_ in _FORMATS_BY_NAME.items() if name in text), "apigw-v2")


def _header(given: str) -> tuple[str, str]:
    name, colon, value = given.partition(":")
    if not colon or not name.strip():
        raise _failure(f"--header {given}: NAME:VALUE is expected")
    return name.strip(), value.strip()


def _body(given: str | None) -> str | None:
    if given is None or not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except OSError as error:
        raise _failure(f"--body {given}: {error.strerror}") from error


def _event(given: str) -> object:
    """An event as JSON, the name of a sample, or the name of a file that holds it."""
    try:
        return json.loads(given)
    except ValueError as not_json:
        file = Path(given)
        if given in sample_events.names() and not file.is_file():
            return _named(given)
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            close = nearest(given, sample_events.names())
            hint = f"\nhelp: did you mean the sample event {close!r}?" if close else ""
            raise _failure(
                f"--event {given}: neither JSON ({not_json}), nor a sample event, nor a file that can be read{hint}"
            ) from error
        except ValueError as error:
            raise _failure(f"--event {given}: the file does not hold JSON: {error}") from error


def _named(name: str) -> object:
    try:
        return sample_events.sample(name)
    except KeyError as error:
        known = ", ".join(sample_events.names())
        raise _failure(f"there is no sample event {name!r}\nhelp: known are {known}") from error


def _failure(message: str) -> click.ClickException:
    return _CouldNot(message)


class _CouldNot(click.ClickException):
    exit_code = COULD_NOT
