"""The connection to an editor: what it may ask, and what it is told."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.uris import to_fs_path

from lint_lambda import __version__
from lint_lambda.core.record import replace
from lint_lambda.engine.glimpses import Glimpse
from lint_lambda.engine.live import View
from lint_lambda.knowledge.texts import say
from lint_lambda.output.context import Context
from lint_lambda.server import actions, showing
from lint_lambda.server.desk import Desk
from lint_lambda.server.documents import Document
from lint_lambda.server.jobs import Job, Worker
from lint_lambda.server.projects import Projects
from lint_lambda.server.settings import Settings

T = TypeVar("T")


class Protocol(LanguageServerProtocol):
    """Answers a request that cannot be read, too: whoever has sent it waits."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], None, error.to_response_error())
            raise


class Pages:
    """The folder of the pages that are shown, which is there from the first one on."""

    def __init__(self) -> None:
        self._made: tempfile.TemporaryDirectory[str] | None = None

    @property
    def folder(self) -> Path:
        self._made = self._made or tempfile.TemporaryDirectory(prefix="lambda-lint-")
        return Path(self._made.name)

    def remove(self) -> None:
        if self._made is not None:
            self._made.cleanup()
            self._made = None


class Connection(LanguageServer):
    """One editor. Everything here runs on the loop's thread; projects are looked at on the worker's."""

    def __init__(self) -> None:
        super().__init__("lambda-lint", __version__, protocol_cls=Protocol, converter_factory=default_converter)
        self.worker = Worker()
        self.projects = Projects(self)
        self.documents: dict[str, Document] = {}
        self.begun = asyncio.Event()
        self.pages = Pages()
        self._published: dict[str, tuple[Path, list[showing.Data]]] = {}
        self._tokens = itertools.count(1)

    # --- what the editor is told -------------------------------------------------------------------------------------

    def seen(self, desk: Desk) -> None:
        """Publish the findings that have changed."""
        assert desk.view is not None
        about = self.context(desk, desk.view)
        found = {about.uri(path): each for path, each in showing.diagnostics(desk.view.findings, about).items()}
        if not self.projects.settings.everywhere:
            found = {uri: each for uri, each in found.items() if uri in self.documents}
        mine = {uri for uri, (root, _) in self._published.items() if root == desk.root}
        for uri in sorted(mine | found.keys()):
            self._publish(desk, uri, found.get(uri, []))
        self._refresh()

    def glimpsed(self, desk: Desk, soon: Glimpse) -> None:
        """Publish what is known of the edited files, until all of it is."""
        if desk.view is None:
            return
        about = self.context(desk, desk.view)
        earlier = about.text
        about = replace(about, text=lambda path: soon.texts[path] if path in soon.texts else earlier(path))
        found = showing.diagnostics(soon.findings, about)
        for path in sorted(soon.texts):
            if (uri := about.uri(path)) in self.documents:
                self._publish(desk, uri, found.get(path, []))

    def _publish(self, desk: Desk, uri: str, found: list[showing.Data]) -> None:
        if self._published.get(uri, (desk.root, [])) == (desk.root, found):
            return
        if found:
            self._published[uri] = (desk.root, found)
        else:
            del self._published[uri]
        document = self.documents.get(uri)
        version = document.version if document is not None else None
        diagnostics = self.structured(found, list[lsp.Diagnostic])
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, diagnostics, version))

    def withdraw(self, desk: Desk) -> None:
        """Nothing is known of a project any more."""
        for uri in [uri for uri, (root, _) in self._published.items() if root == desk.root]:
            self._publish(desk, uri, [])

    def _refresh(self) -> None:
        """Let the editor ask again for what hangs on other files, too."""
        workspace = self.client_capabilities.workspace
        if workspace is None:
            return
        if workspace.code_lens is not None and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)
        if workspace.inlay_hint is not None and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    def failed(self, desk: Desk, problem: str) -> None:
        self.withdraw(desk)
        message = say("editor.not-configured", problem=problem)
        self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, message))

    def report_server_error(self, error: Exception, source: object) -> None:
        """What goes wrong is told in the log; a dialog for each would be in the way of whoever types."""
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, f"{type(error).__name__}: {error}"))

    async def looking(self, desk: Desk) -> tuple[Job, Callable[[str], None]]:
        """A progress bar for a long look, which can end it."""
        window = self.client_capabilities.window
        if window is None or not window.work_done_progress:
            return Job(), lambda said: None
        token = f"lambda-lint-{next(self._tokens)}"
        progress, loop = self.work_done_progress, asyncio.get_running_loop()
        try:
            await progress.create_async(token)
        except JsonRpcException:  # the editor wants none
            return Job(), lambda said: None
        title = say("editor.indexing", name=desk.root.name)
        progress.begin(token, lsp.WorkDoneProgressBegin(title, cancellable=True, percentage=0))

        def told(percent: int) -> None:
            loop.call_soon_threadsafe(report, percent)

        def report(percent: int) -> None:
            if token in progress.tokens:
                progress.report(token, lsp.WorkDoneProgressReport(percentage=percent))

        job = Job(told)
        progress.tokens[token].add_done_callback(lambda future: job.cancel() if future.cancelled() else None)

        def end(said: str) -> None:
            progress.end(token, lsp.WorkDoneProgressEnd(message=said) if said else lsp.WorkDoneProgressEnd())
            progress.tokens.pop(token, None)

        return job, end

    # --- what is asked -----------------------------------------------------------------------------------------------

    def context(self, desk: Desk, view: View) -> Context:
        uris = {path: document.uri for path, document in desk.documents.items()}
        return showing.context(view, uris, self.encoding)

    def structured(self, data: object, kind: type[T]) -> T:
        """Plain data as the library's own objects."""
        made: T = self.protocol._converter.structure(data, kind)
        return made

    def as_action(self, change: actions.Change, about: Context, known: list[showing.Data], kind: str) -> showing.Data:
        """An action in the form that the editor takes."""
        edits = self._edits()
        versions = edits is not None and bool(edits.document_changes)
        return actions.as_action(change, about, known, kind=kind, versions=versions)

    @property
    def creates(self) -> bool:
        """Whether an action may write new files."""
        edits = self._edits()
        operations = edits.resource_operations or () if edits is not None and edits.document_changes else ()
        return lsp.ResourceOperationKind.Create in operations

    def _edits(self) -> lsp.WorkspaceEditClientCapabilities | None:
        workspace = self.client_capabilities.workspace
        return workspace.workspace_edit if workspace is not None else None

    def place(self, uri: str) -> tuple[Desk, str] | None:
        """The desk of a file, and how its project calls it; None for what is no file, or of no project."""
        path = to_fs_path(uri)
        return None if path is None or not uri.startswith("file:") else self.projects.known(Path(path))

    async def settled(self, uri: str) -> tuple[View, str, Context] | None:
        """What is seen of a file once all changes have been looked at; None where there is nothing to see."""
        await self.begun.wait()
        where = self.place(uri)
        if where is None:
            return None
        desk, path = where
        view = await desk.settled()
        return None if view is None else (view, path, self.context(desk, view))

    @property
    def encoding(self) -> str:
        """What the editor counts columns in."""
        return str(getattr(chosen := self.workspace.position_encoding, "value", chosen) or "utf-16")

    # --- what happens ------------------------------------------------------------------------------------------------

    def opened(self, document: Document) -> None:
        self.documents[document.uri] = document
        if self.begun.is_set():
            self._seat(document)

    def begin(self, folders: Iterable[Path]) -> None:
        """Take up the workspace's folders, and the buffers that were opened before."""
        for folder in folders:
            self.projects.add(folder)
        self.begun.set()
        self.seat()

    def seat(self) -> None:
        """Give each buffer to the project that it belongs to now."""
        for document in self.documents.values():
            self._seat(document)

    def _seat(self, document: Document) -> None:
        path = to_fs_path(document.uri)
        if path is None or not document.uri.startswith("file:"):
            return
        desk, name = self.projects.of(Path(path))
        if desk.documents.get(name) is document:
            return
        for other in self.projects:
            for known in [each for each, there in other.documents.items() if there is document]:
                other.left(known)
        desk.opened(name, document)

    def closed(self, uri: str) -> None:
        where = self.place(uri)
        if self.documents.pop(uri, None) is None or where is None:
            return
        desk, path = where
        desk.closed(path)
        if self.projects.drop_alone(desk):
            self.withdraw(desk)
        elif not self.projects.settings.everywhere:
            self._publish(desk, uri, [])

    def reload(self, settings: Settings) -> None:
        """Begin anew, as settings have changed."""
        before = self.projects.reset(settings)
        roots = {desk.root for desk in self.projects}
        for desk in before:
            if desk.root not in roots:
                self.withdraw(desk)
        self.seat()

    @property
    def has_shut_down(self) -> bool:
        """Whether the editor has said that it wants no more."""
        return self.protocol._shutdown

    def shutdown(self) -> None:
        """The connection is closed. Nothing waits for the thread that reads: its input may stay open for ever."""
        if self._stop_event is not None:
            self._stop_event.set()
        if self._thread_pool is not None:
            self._thread_pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """End all work."""
        self.pages.remove()
        for desk in self.projects:
            desk.stop()
        self.worker.stop()
