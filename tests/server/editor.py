"""An editor that talks to ``lambda-lint server`` over its standard streams: pygls' own client, and what tests ask of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from tests.server.warm import ROOT, warm

PATIENCE = 240
"""Seconds after which nothing more is hoped for, on the slowest machine."""

WHOLE = lsp.Range(lsp.Position(0, 0), lsp.Position(100_000, 0))


class Editor:
    """- `found`: by the name of a file, the diagnostics that were published last, with the version they are for.
    - `told`: what was shown or logged. `progress`: what was told of long work. `settings`: what it answers when asked."""

    def __init__(self, root: Path, settings: dict[str, Any] | None = None) -> None:
        self.root = root
        self.client = LanguageClient("editor", "1")
        self.found: dict[str, lsp.PublishDiagnosticsParams] = {}
        self.publications: list[str] = []
        self.told: list[str] = []
        self.progress: list[Any] = []
        self.registered: list[str] = []
        self.settings = settings
        self._news = asyncio.Event()
        self._versions: dict[str, int] = {}
        self._listen()

    def _listen(self) -> None:
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.found[self.name(params.uri)] = params
            self.publications.append(self.name(params.uri))
            self._news.set()

        def logged(params: lsp.LogMessageParams) -> None:
            self.told.append(params.message)
            self._news.set()

        def shown(params: lsp.ShowMessageParams) -> None:
            self.told.append(params.message)
            self._news.set()

        def created(params: lsp.WorkDoneProgressCreateParams) -> None:
            pass

        def progressed(params: lsp.ProgressParams) -> None:
            self.progress.append(params)
            self._news.set()

        def registered(params: lsp.RegistrationParams) -> None:
            self.registered += [each.method for each in params.registrations]

        def configured(params: lsp.ConfigurationParams) -> list[Any]:
            return [self.settings for _ in params.items]

        def lenses(*_: object) -> None:
            pass

        def hints(*_: object) -> None:
            pass

        answers: dict[str, Callable[[Any], object]] = {
            lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: published,
            lsp.WINDOW_LOG_MESSAGE: logged,
            lsp.WINDOW_SHOW_MESSAGE: shown,
            lsp.WINDOW_WORK_DONE_PROGRESS_CREATE: created,
            lsp.PROGRESS: progressed,
            lsp.CLIENT_REGISTER_CAPABILITY: registered,
            lsp.WORKSPACE_CONFIGURATION: configured,
            lsp.WORKSPACE_CODE_LENS_REFRESH: lenses,
            lsp.WORKSPACE_INLAY_HINT_REFRESH: hints,
        }
        for method, answer in answers.items():
            self.client.feature(method)(answer)

    def name(self, uri: str) -> str:
        path = Path(uri.removeprefix("file://"))
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def document(self, name: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri(name))

    # --- buffers -----------------------------------------------------------------------------------------------------

    def open(self, name: str, text: str | None = None) -> None:
        self._versions[name] = 1
        text = (self.root / name).read_text(encoding="utf-8") if text is None else text
        item = lsp.TextDocumentItem(self.uri(name), "python", 1, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, name: str, *changes: str | tuple[tuple[int, int], tuple[int, int], str]) -> int:
        """Replace the whole text, or parts of it; returns the version."""
        self._versions[name] += 1
        events: list[Any] = []
        for each in changes:
            if isinstance(each, str):
                events.append(lsp.TextDocumentContentChangeWholeDocument(each))
            else:
                around = lsp.Range(lsp.Position(*each[0]), lsp.Position(*each[1]))
                events.append(lsp.TextDocumentContentChangePartial(around, each[2]))
        which = lsp.VersionedTextDocumentIdentifier(self._versions[name], self.uri(name))
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(which, events))
        return self._versions[name]

    def change_unopened(self, name: str) -> None:
        self._versions[name] = 1
        self.change(name, "x = 1\n")

    def save(self, name: str) -> None:
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(self.document(name)))

    def close(self, name: str) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(self.document(name)))

    def touched(self, name: str, kind: lsp.FileChangeType = lsp.FileChangeType.Changed) -> None:
        event = lsp.FileEvent(self.uri(name), kind)
        self.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))

    # --- what comes back ---------------------------------------------------------------------------------------------

    def has_indexed(self) -> bool:
        """Whether a long look has ended."""
        return any(each.value["kind"] == "end" for each in self.progress)

    def codes(self, name: str) -> list[str]:
        params = self.found.get(name)
        return [] if params is None else [str(each.code) for each in params.diagnostics]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to become true of what has come."""
        while not holds():
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), PATIENCE)

    async def sees(self, **codes: Sequence[str]) -> None:
        """Wait until files have findings of exactly these codes; `app_py` is ``app.py``."""
        wanted = {name.replace("__", "/").replace("_py", ".py"): list(each) for name, each in codes.items()}
        await self.until(lambda: all(self.codes(name) == each for name, each in wanted.items()))

    async def actions(self, name: str, at: lsp.Range = WHOLE, *only: str) -> list[lsp.CodeAction]:
        context = lsp.CodeActionContext([], only=list(only) or None)
        params = lsp.CodeActionParams(self.document(name), at, context)
        found = await self.client.text_document_code_action_async(params)
        return [each for each in found or [] if isinstance(each, lsp.CodeAction)]

    async def lenses(self, name: str) -> list[tuple[int, str]]:
        found = await self.client.text_document_code_lens_async(lsp.CodeLensParams(self.document(name)))
        return [(each.range.start.line, each.command.title) for each in found or [] if each.command is not None]

    async def hints(self, name: str) -> list[tuple[int, str]]:
        params = lsp.InlayHintParams(self.document(name), WHOLE)
        found = await self.client.text_document_inlay_hint_async(params)
        return [(each.position.line, str(each.label)) for each in found or []]

    async def hover(self, name: str, line: int, column: int) -> str:
        params = lsp.HoverParams(self.document(name), lsp.Position(line, column))
        found = await self.client.text_document_hover_async(params)
        return found.contents.value if found is not None and isinstance(found.contents, lsp.MarkupContent) else ""

    def asked(self, number: str, body: bytes) -> Future[Any]:
        """The answer to a request that is sent as it is."""
        answer: Future[Any] = Future()
        self.client.protocol._request_futures[number] = answer
        self.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return answer

    def write(self, raw: bytes) -> None:
        """Send bytes as they are."""
        server = self.client._server
        assert server is not None and server.stdin is not None
        server.stdin.write(raw)


def capabilities(encoding: str = "utf-16", *, everything: bool = True) -> lsp.ClientCapabilities:
    """What an editor of today can do; or nothing at all."""
    if not everything:
        return lsp.ClientCapabilities()
    operations = [lsp.ResourceOperationKind.Create]
    return lsp.ClientCapabilities(
        general=lsp.GeneralClientCapabilities(position_encodings=[lsp.PositionEncodingKind(encoding)]),
        window=lsp.WindowClientCapabilities(work_done_progress=True),
        workspace=lsp.WorkspaceClientCapabilities(
            configuration=True,
            workspace_folders=True,
            workspace_edit=lsp.WorkspaceEditClientCapabilities(document_changes=True, resource_operations=operations),
            did_change_watched_files=lsp.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
            code_lens=lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True),
            inlay_hint=lsp.InlayHintWorkspaceClientCapabilities(refresh_support=True),
        ),
    )


@asynccontextmanager
async def editing(
    root: Path,
    *others: Path,
    settings: dict[str, Any] | None = None,
    encoding: str = "utf-16",
    everything: bool = True,
    command: Sequence[str] | None = None,
) -> AsyncIterator[Editor]:
    """An editor with workspace folders, connected to a server that ends with it: that of the command, or one that is warm."""
    editor = Editor(root, settings)
    await editor.client.start_io(*(warm() if command is None else command), cwd=ROOT)
    folders = [lsp.WorkspaceFolder(each.as_uri(), each.name) for each in (root, *others)]
    await editor.client.initialize_async(
        lsp.InitializeParams(
            capabilities=capabilities(encoding, everything=everything),
            root_uri=root.as_uri(),
            workspace_folders=folders,
            initialization_options=settings,
        )
    )
    editor.client.initialized(lsp.InitializedParams())
    try:
        yield editor
    finally:
        await editor.client.shutdown_async(None)
        editor.client.exit(None)
        server = editor.client._server
        assert server is not None
        try:
            assert await asyncio.wait_for(server.wait(), PATIENCE) == 0
        finally:
            await editor.client.stop()  # type: ignore[no-untyped-call]
