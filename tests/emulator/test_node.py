"""Node functions: when a client of either generation answers, what is seen to be left, and what it takes to run TypeScript."""

from __future__ import annotations

import shutil
import socket
import stat
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from lint_lambda.emulator.function import Function
from lint_lambda.emulator.node import default_node, in_node, package_root
from lint_lambda.emulator.prove import prove
from lint_lambda.emulator.sandbox import Sandbox
from lint_lambda.emulator.story import Finding
from lint_lambda.emulator.trouble import headline
from lint_lambda.emulator.unavailable import Unavailable
from tests.emulator.client import PATIENCE
from tests.oracle.execute import NODE_LIBRARIES

pytestmark = pytest.mark.skipif(shutil.which(default_node()) is None, reason="there is no Node.js")
Make = Callable[..., Function]

LATER = "const later = (ms) => new Promise((done) => setTimeout(() => { console.log('worked'); done(); }, ms));\n"
HANDLERS = {
    "callback": "exports.handler = (event, context, callback) => { later(50); callback(null, 1); };",
    "callback at once": "exports.handler = (event, context, callback) => "
    "{ context.callbackWaitsForEmptyEventLoop = false; later(60000); callback(null, 1); };",
    "failed callback": "exports.handler = (event, context, callback) => { later(60000); callback(new TypeError('no')); };",
    "succeed": "exports.handler = (event, context) => { later(60000); context.succeed(1); };",
    "returned": "exports.handler = () => { later(50); return 2; };",
    "async": "exports.handler = async () => { later(60000); return 1; };",
    "streamed": "exports.handler = awslambda.streamifyResponse(async (event, stream) => "
    "{ stream.write('a'); stream.end('b'); later(50); });",
    "raised in a stream": "exports.handler = awslambda.streamifyResponse(async () => { throw new RangeError('no'); });",
}
"""Handlers that leave work behind: what is waited for takes a moment, what is not takes for ever."""


@pytest.fixture
def node(tmp_path: Path) -> Make:
    def make(source: str, file: str = "app.js", **options: object) -> Function:
        (tmp_path / file).write_text(LATER + source)
        limits = {"timeout": PATIENCE, "init_timeout": PATIENCE}
        return Function(tmp_path, "app.handler", node=default_node(), **{**limits, **options})  # type: ignore[arg-type]

    return make


def _answers(function: Function) -> tuple[str, str, bool]:
    """How it ended, with what, and whether the work was done by then."""
    with Sandbox(function) as sandbox:
        outcome = sandbox.invoke({})
    said = outcome.error_name or outcome.payload.decode()
    return outcome.kind, said, "worked" in outcome.log


WITH_CALLBACKS = {
    "callback": ("response", "1", True),
    "callback at once": ("response", "1", False),
    "failed callback": ("error", "TypeError", False),
    "succeed": ("response", "1", False),
    "returned": ("response", "null", True),
    "async": ("response", "1", False),
    "streamed": ("response", "ab", True),
    "raised in a stream": ("error", "RangeError", False),
}
WITHOUT = {
    **dict.fromkeys(
        ("callback", "callback at once", "failed callback"), ("failure", "Runtime.CallbackHandlerDeprecated", False)
    ),
    "succeed": ("error", "TypeError", False),
    "async": ("response", "1", False),
    "raised in a stream": ("error", "RangeError", False),
}


@pytest.mark.parametrize("name", HANDLERS)
def test_the_runtime_decides_what_an_answer_waits_for(node: Make, name: str) -> None:
    assert _answers(node(HANDLERS[name], runtime="nodejs22.x")) == WITH_CALLBACKS[name]
    if name in WITHOUT:
        assert _answers(node(HANDLERS[name], runtime="nodejs24.x")) == WITHOUT[name]


@pytest.mark.parametrize("runtime", ["nodejs22.x", "nodejs24.x"])
@pytest.mark.parametrize("name", HANDLERS)
def test_ours_does_as_the_client_of_aws(node: Make, name: str, runtime: str) -> None:
    client = NODE_LIBRARIES / "node_modules" / f"aws-lambda-ric-{'3' if runtime == 'nodejs22.x' else '4'}"
    if not client.is_dir():
        pytest.skip(f"{client.name} is not installed: python -m tests.oracle.node_libraries")
    function = node(HANDLERS[name], runtime=runtime)
    theirs = node(HANDLERS[name], runtime=runtime, client=client)
    ours, seen = _answers(function), _answers(theirs)
    if runtime == "nodejs24.x" and name in ("returned", "streamed"):  # a race: 50 ms against the way to the freeze
        ours, seen = (*ours[:2], False), (*seen[:2], False)
    assert ours == seen


def test_a_large_event_and_answer_come_through(node: Make) -> None:
    with Sandbox(node("exports.handler = async (event) => event.text + event.text;")) as sandbox:
        outcome = sandbox.invoke({"text": "ü" * 500_000})
    assert outcome.payload.decode() == f'"{"ü" * 1_000_000}"'


def test_a_module_is_loaded_as_its_package_says(node: Make, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    function = node("await later(1);\nexport const handler = async (event) => event.n + 1;")
    with Sandbox(function) as sandbox:
        assert sandbox.invoke({"n": 1}).payload == b"2"
    assert package_root(tmp_path / "app.js") == tmp_path


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("exports.other = 1;", "Runtime.HandlerNotFound: app.handler is undefined or not exported"),
        ("exports.handler = 1;", "Runtime.HandlerNotFound: app.handler is not a function"),
        ("exports.handler = (;", "Runtime.UserCodeSyntaxError: SyntaxError: Unexpected token ';'"),
        ("require('nowhere');", "Runtime.ImportModuleError: Error: Cannot find module 'nowhere'"),
        ("throw new RangeError('no');", "RangeError: no"),
    ],
)
def test_what_does_not_start_says_why(node: Make, source: str, said: str) -> None:
    story = prove(node(source, observe=True), [{}], [])
    assert headline(story.troubles[0]).startswith(f"the function did not start: {said}")
    assert "python" not in story.troubles[0].help.lower()


LEAVES = {
    "timer": "setTimeout(() => {}, 60000);",
    "promise of a timer": "require('node:timers/promises').setTimeout(60000);",
    "interval": "setInterval(() => {}, 60000);",
    "child process": "require('node:child_process').spawn('sleep', ['60']);",
    "shell": "require('node:child_process').exec('sleep 60');",
    "worker thread": "new (require('node:worker_threads').Worker)('setTimeout(() => {}, 60000)', { eval: true });",
    "request": "require('node:http').get(process.env.SINK).on('error', () => {});",
    "fetch": "fetch(process.env.SINK).catch(() => {});",
}


@pytest.mark.parametrize("what", LEAVES)
def test_what_is_left_is_seen_at_its_line(node: Make, what: str) -> None:
    source = f"exports.handler = async () => {{\n  {LEAVES[what]}\n  await later(30);\n  return 1;\n}};"
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes a connection, and never answers
        sink = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        function = node(source, observe=True, env={"SINK": sink})
        finding = Finding("LAM102", str(function.task_root / "app.js"), 3, 3, "")
        story = prove(function, [{}], [finding])
    assert [one.verdict for one in story.verdicts] == ["confirmed"], [item.work for item in story.items]
    assert story.not_predicted == []


def test_what_was_waited_for_or_cleared_is_not_left(node: Make) -> None:
    source = """
    setInterval(() => {}, 60000).unref();
    exports.handler = async () => {
      const limit = setTimeout(() => {}, 60000);
      await later(10);
      clearTimeout(limit);
      AbortSignal.timeout(60000);
      require("node:child_process").execSync("true");
      await require("node:fs/promises").readFile(__filename);
      return 1;
    };"""
    story = prove(node(source, observe=True), [{}, {}], [])
    assert story.judged and story.left == []


ECHO = (
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m));"
)


@pytest.mark.parametrize(
    ("answer", "left"),
    [("new Promise((resolve) => { worker.once('message', resolve); worker.postMessage(1); })", 0), ("1", 1)],
)
def test_a_worker_that_has_answered_each_message_waits_for_the_next(node: Make, answer: str, left: int) -> None:
    source = f"""
    const worker = new (require("node:worker_threads").Worker)("{ECHO}", {{ eval: true }});
    exports.handler = async () => {answer};"""
    story = prove(node(source, observe=True), [{}, {}], [])
    assert story.judged and len(story.left) == left


def test_late_work_is_told_of(node: Make) -> None:
    source = "exports.handler = async (event) => { if (event.leave) later(200); else await later(600); return 1; };"
    story = prove(node(source, observe=True), [{"leave": True}, {}], [])
    assert [(item.fate, item.ended_in, item.until is not None) for item in story.items] == [("late", 2, True)]


def test_typescript_needs_something_that_translates_it(
    node: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = node("export const handler = async (event: {n: number}) => event.n;", file="app.ts")
    with ExitStack() as stack:
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(Unavailable, match="esbuild"):
            in_node(function, tmp_path / "app.ts", default_node(), "", stack)
        esbuild = tmp_path / "node_modules" / ".bin" / "esbuild"
        esbuild.parent.mkdir(parents=True)
        esbuild.write_text(
            f"#!{shutil.which('sh', path='/bin:/usr/bin')}\n"
            "for one; do case $one in --outfile=*) out=${one#--outfile=};; esac; done\n"
            '/bin/mkdir -p "${out%/*}"; echo "exports.handler = async (event) => event.n + 40;" > "$out"\n'
        )
        esbuild.chmod(esbuild.stat().st_mode | stat.S_IXUSR)
        monkeypatch.undo()
        built = in_node(function, tmp_path / "app.ts", default_node(), "nodejs20.x", stack)
        with Sandbox(built) as sandbox:
            assert sandbox.invoke({"n": 2}).payload == b"42"


def test_the_command_takes_what_is_not_there_as_such() -> None:
    with pytest.raises(Unavailable, match="--node"):
        Sandbox(Function(Path("/"), "app.handler", node="/nowhere/node"))
    with pytest.raises(Unavailable, match="Managed Instances"):
        Sandbox(Function(Path("/"), "app.handler", node=default_node(), managed=1))
