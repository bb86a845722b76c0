"""The language server as an editor meets it: a real client over standard streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import pytest
from lsprotocol import types as lsp

from tests.server.editor import WHOLE, editing
from tests.server.warm import NEW

P = ParamSpec("P")

LOSES = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n    return 1\n"
WAITS = LOSES.replace(
    "threading.Thread(target=print).start()", "t = threading.Thread(target=print); t.start(); t.join()"
)
HELPER = "import threading\n\n\ndef later():\n    threading.Thread(target=print).start()\n"
CALLS = "from helper import later\n\n\ndef handler(event, context):\n    later()\n    return 1\n"


def scenario(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """A test that awaits."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))  # type: ignore[arg-type]

    return run


def project(root: Path, **files: str) -> Path:
    """A project with files, `app_py` for ``app.py``."""
    (root / ".git").mkdir(parents=True)
    for name, text in files.items():
        file = root / name.replace("__", "/").replace("_py", ".py").replace("_toml", ".toml").replace("_yaml", ".yaml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@scenario
async def test_findings_follow_the_buffer_and_not_the_file(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=WAITS), command=NEW) as editor:
        editor.open("app.py", LOSES)
        await editor.sees(app_py=["LAM201"])
        version = editor.change("app.py", WAITS)
        await editor.sees(app_py=[])
        assert editor.found["app.py"].version == version
        editor.change("app.py", ((4, 0), (5, 0), "    threading.Thread(target=print).start()\n"))
        await editor.sees(app_py=["LAM201"])
        editor.close("app.py")
        await editor.sees(app_py=[])


@scenario
async def test_a_finding_shows_how_the_handler_comes_to_it(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=CALLS, helper_py=HELPER)) as editor:
        await editor.sees(helper_py=["LAM201"])
        [found] = editor.found["helper.py"].diagnostics
        places = [
            (editor.name(each.location.uri), each.location.range.start.line) for each in found.related_information or []
        ]
        assert ("app.py", 3) in places and ("app.py", 4) in places
        assert found.source == "lambda-lint" and found.code_description is not None


@scenario
async def test_a_change_elsewhere_changes_the_findings_of_other_files(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=CALLS, helper_py=HELPER, other_py=LOSES)) as editor:
        await editor.sees(helper_py=["LAM201"], other_py=["LAM201"])
        editor.open("app.py")
        editor.open("helper.py")
        editor.change("app.py", CALLS.replace("later()\n", "pass\n"))
        await editor.sees(helper_py=[])
        editor.change("app.py", CALLS)
        await editor.sees(helper_py=["LAM201"])
        assert editor.publications.count("other.py") == 1


@scenario
async def test_only_open_files_where_the_editor_wants_no_others(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=LOSES, b_py=LOSES), settings={"diagnostics": "open"}) as editor:
        editor.open("app.py")
        await editor.sees(app_py=["LAM201"])
        assert "b.py" not in editor.found


@scenario
async def test_every_fix_is_offered_and_an_ignore(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=LOSES)) as editor:
        editor.open("app.py")
        found = await editor.actions("app.py")
        titles = [each.title for each in found]
        assert any("join()" in title for title in titles)
        deferring = next(each for each in found if "lambda_defer.py" in each.title)
        assert deferring.edit is not None and deferring.edit.document_changes is not None
        assert isinstance(deferring.edit.document_changes[0], lsp.CreateFile)
        ignoring = next(each for each in found if "Ignore LAM201" in each.title)
        editor.change("app.py", applied(LOSES, ignoring))
        await editor.sees(app_py=[])
        assert all(each.diagnostics for each in found)


@scenario
async def test_an_editor_that_can_make_no_files_is_offered_none(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=LOSES), everything=False) as editor:
        editor.open("app.py")
        found = await editor.actions("app.py")
        assert found and all(each.edit is not None and each.edit.changes for each in found)
        assert not any("lambda_defer" in each.title for each in found)


@scenario
async def test_all_safe_fixes_at_once(tmp_path: Path) -> None:
    text = "def handler(event, context):  # lambda-lint: ignore[LAM201] long gone\n    return 1  # lambda-lint: ignore[LAM101]\n"
    async with editing(project(tmp_path, app_py="import threading\n" + text)) as editor:
        editor.open("app.py")
        [action] = await editor.actions("app.py", WHOLE, "source.fixAll")
        assert applied("import threading\n" + text, action).count("lambda-lint") == 0


@scenario
async def test_a_hover_shows_the_page_of_the_rule(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=LOSES)) as editor:
        editor.open("app.py")
        text = await editor.hover("app.py", 4, 10)
        assert "LAM201" in text and "## What it does" in text
        assert await editor.hover("app.py", 0, 0) == ""


@scenario
async def test_lenses_and_hints_tell_what_becomes_of_launches(tmp_path: Path) -> None:
    app = LOSES + "\n\ndef lambda_handler(event, context):\n    return 2\n"
    files = {"app_py": app, "waits_py": WAITS, "idle_py": "def handler(event, context):\n    return 1\n"}
    async with editing(project(tmp_path, **files)) as editor:
        for name in ("app.py", "waits.py", "idle.py"):
            editor.open(name)
        assert await editor.lenses("app.py") == [(3, "1 launch, 1 unfinished"), (8, "no launches")]
        assert await editor.lenses("waits.py") == [(3, "1 launch, all finished")]
        assert await editor.lenses("idle.py") == [(0, "no launches")]
        assert await editor.hints("app.py") == [(4, "frozen")]
        assert await editor.hints("waits.py") == [(4, "joined")]


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 24), ("utf-16", 22), ("utf-32", 21)])
def test_columns_are_counted_as_the_editor_asks(tmp_path: Path, encoding: str, column: int) -> None:
    @scenario
    async def run() -> None:
        text = LOSES.replace("    threading", '    print("😀"); ' + " " * 5 + "threading")
        async with editing(project(tmp_path, app_py=text), encoding=encoding) as editor:
            editor.open("app.py")
            await editor.sees(app_py=["LAM201"])
            [found] = editor.found["app.py"].diagnostics
            assert found.range.start.character == column
            editor.change("app.py", ((4, column), (4, column + len("threading.Thread(target=print).start()")), "pass"))
            await editor.sees(app_py=[])

    run()


@scenario
async def test_javascript_is_served_like_python(tmp_path: Path) -> None:
    text = "export const handler = async (event) => {\n  setTimeout(() => fetch('https://a.example'), 1000);\n  return 1;\n};\n"
    root = project(tmp_path)
    (root / "index.mjs").write_text(text, encoding="utf-8")
    async with editing(root) as editor:
        editor.open("index.mjs")
        await editor.until(lambda: editor.codes("index.mjs") == ["LAM202"])
        assert await editor.lenses("index.mjs") == [(0, "1 launch, 1 unfinished")]
        assert await editor.hints("index.mjs") == [(1, "frozen")]
        found = await editor.actions("index.mjs")
        ignoring = next(each for each in found if "Ignore LAM202" in each.title)
        assert "// lambda-lint: ignore[LAM202]" in applied(text, ignoring)
        editor.change("index.mjs", applied(text, ignoring))
        await editor.until(lambda: editor.codes("index.mjs") == [])


@scenario
async def test_the_graph_of_a_handler_is_a_page(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=LOSES)) as editor:
        editor.open("app.py")
        asked = lsp.ExecuteCommandParams("lambda-lint.graph", [editor.uri("app.py"), "handler"])
        page = await editor.client.workspace_execute_command_async(asked)
        assert "<svg" in text_at(page)
        gone = lsp.ExecuteCommandParams("lambda-lint.graph", [editor.uri("app.py"), "nobody"])
        assert await editor.client.workspace_execute_command_async(gone) is None


@scenario
async def test_rapid_edits_end_with_what_is_true_of_the_last(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=WAITS)) as editor:
        editor.open("app.py")
        for number in range(40):
            editor.change("app.py", LOSES if number % 2 else WAITS)
            if number % 10 == 0:
                editor.change("app.py", "def broken(:\n")
        await editor.sees(app_py=["LAM201"])
        assert (await editor.lenses("app.py"))[0][1] == "1 launch, 1 unfinished"


@scenario
async def test_code_that_cannot_be_parsed_is_told_and_forgotten(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=LOSES)) as editor:
        editor.open("app.py", LOSES.replace("return 1", "return ("))
        await editor.sees(app_py=["LAM900"])
        editor.change("app.py", LOSES)
        await editor.sees(app_py=["LAM201"])


@scenario
async def test_several_folders_are_several_projects(tmp_path: Path) -> None:
    one, two = project(tmp_path / "one", app_py=LOSES), project(tmp_path / "two", app_py=LOSES)
    async with editing(one, two) as editor:
        await editor.until(lambda: len(editor.found) == 2)
        other = str(two / "app.py")
        assert editor.codes(other) == ["LAM201"]
        gone = lsp.WorkspaceFoldersChangeEvent(added=[], removed=[lsp.WorkspaceFolder(two.as_uri(), "two")])
        editor.client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(gone))
        await editor.until(lambda: editor.codes(other) == [])
        come = lsp.WorkspaceFoldersChangeEvent(added=[lsp.WorkspaceFolder(two.as_uri(), "two")], removed=[])
        editor.client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(come))
        await editor.until(lambda: editor.codes(other) == ["LAM201"])
        assert editor.codes("app.py") == ["LAM201"]


@scenario
async def test_a_file_outside_of_all_folders_is_looked_at_alone(tmp_path: Path) -> None:
    stray = tmp_path / "stray"
    stray.mkdir()
    for name in ("a file [1].py", "beside.py"):
        (stray / name).write_text(LOSES)
    async with editing(project(tmp_path / "one", app_py=WAITS)) as editor:
        uri = str(stray / "a file [1].py")
        item = lsp.TextDocumentItem((stray / "a file [1].py").as_uri(), "python", 1, LOSES)
        editor.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        spelled = uri.replace(" ", "%20").replace("[", "%5B").replace("]", "%5D")
        await editor.until(lambda: editor.codes(spelled) == ["LAM201"])
        assert list(editor.found) == [spelled]


@scenario
async def test_the_configuration_is_read_again(tmp_path: Path) -> None:
    root = project(tmp_path, app_py=LOSES, lambda_lint_toml="")
    settings = root / "lambda-lint.toml"
    async with editing(root) as editor:
        await editor.sees(app_py=["LAM201"])
        settings.write_text('ignore = ["LAM2"]\n')
        editor.touched("lambda-lint.toml", lsp.FileChangeType.Created)
        await editor.sees(app_py=[])
        settings.write_text("ignored = 3\n")
        editor.touched("lambda-lint.toml")
        await editor.until(lambda: any("unknown key `ignored`" in each for each in editor.told))
        settings.unlink()
        editor.touched("lambda-lint.toml", lsp.FileChangeType.Deleted)
        await editor.sees(app_py=["LAM201"])
        assert lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES in editor.registered


@scenario
async def test_the_settings_of_the_editor_are_read_again(tmp_path: Path) -> None:
    root = project(tmp_path, app_py=LOSES)
    (root / "other.toml").write_text('ignore = ["LAM2"]\n')
    async with editing(root) as editor:
        await editor.sees(app_py=["LAM201"])
        editor.settings = {"configuration": "other.toml"}
        editor.client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(None))
        await editor.sees(app_py=[])


@scenario
async def test_files_come_change_and_go_on_disk(tmp_path: Path) -> None:
    root = project(tmp_path, app_py=CALLS)
    async with editing(root) as editor:
        await editor.until(editor.has_indexed)
        (root / "helper.py").write_text(HELPER)
        editor.touched("helper.py", lsp.FileChangeType.Created)
        await editor.sees(helper_py=["LAM201"])
        (root / "helper.py").write_text("def later():\n    pass\n")
        editor.touched("helper.py")
        await editor.sees(helper_py=[])
        (root / "helper.py").write_text(HELPER)
        editor.touched("helper.py")
        await editor.sees(helper_py=["LAM201"])
        (root / "helper.py").unlink()
        editor.touched("helper.py", lsp.FileChangeType.Deleted)
        await editor.sees(helper_py=[])


@scenario
async def test_a_template_decides_what_is_a_handler(tmp_path: Path) -> None:
    template = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: python3.12, Handler: app.%s}\n"
    app = LOSES.replace("def handler(event, context)", "def begin(one, two, three=0)")
    root = project(tmp_path, app_py=app, template_yaml=template % "begin")
    async with editing(root) as editor:
        await editor.sees(app_py=["LAM201"])
        editor.open("template.yaml", template % "other")
        await editor.sees(app_py=[])


@scenario
async def test_a_request_can_be_withdrawn(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=LOSES)) as editor:
        editor.open("app.py")
        context = lsp.CodeActionContext([])
        params = lsp.CodeActionParams(editor.document("app.py"), WHOLE, context)
        request = editor.client.protocol.send_request(lsp.TEXT_DOCUMENT_CODE_ACTION, params, msg_id="mine")
        editor.client.protocol.notify(lsp.CANCEL_REQUEST, lsp.CancelParams("mine"))
        with pytest.raises(Exception, match=r"canceled|Cancel"):
            await asyncio.wrap_future(request)
        assert await editor.actions("app.py")


@scenario
async def test_the_first_look_can_be_ended(tmp_path: Path) -> None:
    files = {f"h{number}_py": LOSES for number in range(30)}
    async with editing(project(tmp_path, **files)) as editor:
        await editor.until(lambda: bool(editor.progress))
        token = editor.progress[0].token
        editor.client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(token))
        await editor.until(editor.has_indexed)
        editor.open("h1.py", LOSES)
        await editor.sees(h1_py=["LAM201"])


BODIES = [
    b"{{{",
    b"[]",
    b"null",
    b"17",
    b'{"jsonrpc": "2.0"}',
    b'{"jsonrpc": "1.0", "method": "initialized", "params": {}}',
    b'{"jsonrpc": "2.0", "method": "no/such", "id": "q"}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": 7}',
    b'{"jsonrpc": "2.0", "id": "never asked", "result": null}',
    b"\xff\xfe\x00{",
]
MALFORMED = [b"Nonsense\r\n\r\n", *(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in BODIES)]


@pytest.mark.parametrize("raw", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_message_is_passed_over(tmp_path: Path, raw: bytes) -> None:
    @scenario
    async def run() -> None:
        async with editing(project(tmp_path, app_py=LOSES)) as editor:
            editor.write(raw)
            editor.open("app.py", WAITS)
            assert await editor.lenses("app.py") == [(3, "1 launch, all finished")]

    run()


@scenario
async def test_a_request_with_wrong_parameters_is_refused(tmp_path: Path) -> None:
    async with editing(project(tmp_path, app_py=LOSES)) as editor:
        request = editor.asked(
            "bad", b'{"jsonrpc": "2.0", "id": "bad", "method": "textDocument/hover", "params": {"x": 1}}'
        )
        with pytest.raises(Exception, match=r"Invalid|invalid"):
            await asyncio.wrap_future(request)
        editor.change_unopened("nowhere.py")
        assert await editor.lenses("app.py") == [(3, "1 launch, 1 unfinished")]


def text_at(uri: object) -> str:
    """What the file at an address holds."""
    return Path(str(uri).removeprefix("file://")).read_text(encoding="utf-8")


def applied(text: str, action: lsp.CodeAction) -> str:
    """The text with the edits of an action in its first file, whose columns are plain."""
    assert action.edit is not None and action.edit.document_changes is not None
    [change] = action.edit.document_changes
    assert isinstance(change, lsp.TextDocumentEdit)
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    edits = [(starts[e.range.start.line] + e.range.start.character, starts[e.range.end.line] + e.range.end.character, e.new_text) for e in change.edits if isinstance(e, lsp.TextEdit)]  # fmt: skip
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
