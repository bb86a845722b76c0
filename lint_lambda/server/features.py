"""What the server answers, by the methods of LSP."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import NoReturn

from lsprotocol import types as lsp
from pygls.uris import to_fs_path

from lint_lambda.config import FILE_NAME
from lint_lambda.core.files import drop_unfinished
from lint_lambda.core.finding import Finding
from lint_lambda.core.source import Span, code_points
from lint_lambda.engine.live import View
from lint_lambda.output import json as dialect
from lint_lambda.output.context import Context
from lint_lambda.server import actions, showing
from lint_lambda.server.connection import Connection
from lint_lambda.server.documents import Document
from lint_lambda.server.jobs import Cancelled, Job
from lint_lambda.server.settings import SECTION, Settings

_CONFIGURATION = (FILE_NAME, "pyproject.toml")
MOST_ACTED_ON = 8
"""Findings of a selection whose fixes are tried: each takes its time."""


def serve() -> NoReturn:
    """Serve one editor over standard input and output, and end the process."""
    connection = _connection()
    connection.start_io()
    connection.stop()
    drop_unfinished()
    os._exit(0 if connection.has_shut_down else 1)  # the thread that reads the input waits for more


def _connection() -> Connection:
    connection = Connection()
    for register in (_lifecycle, _buffers, _files, _answers, _commands):
        register(connection)
    return connection


# --- begin and end -----------------------------------------------------------------------------------------------


def _lifecycle(connection: Connection) -> None:
    @connection.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        connection.projects.settings = Settings.read(params.initialization_options)

    @connection.feature(lsp.INITIALIZED)
    async def initialized(params: lsp.InitializedParams) -> None:
        await _configure(connection)
        await _watch(connection)
        connection.begin(_folders(connection))

    @connection.feature(lsp.SHUTDOWN)
    def shutdown(*_: object) -> None:
        connection.stop()

    @connection.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: lsp.DidChangeConfigurationParams) -> None:
        before = connection.projects.settings
        if not await _configure(connection):
            connection.projects.settings = Settings.read(params.settings) if params.settings else before
        if connection.projects.settings != before:
            connection.reload(connection.projects.settings)

    @connection.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.added:
            if (path := to_fs_path(folder.uri)) is not None:
                connection.projects.add(Path(path))
        for folder in params.event.removed:
            if (path := to_fs_path(folder.uri)) is not None:
                for desk in connection.projects.remove(Path(path)):
                    connection.withdraw(desk)
        connection.seat()


def _folders(connection: Connection) -> list[Path]:
    found = [to_fs_path(uri) for uri in connection.workspace.folders]
    if not found and connection.workspace.root_path:
        found = [connection.workspace.root_path]
    return [Path(path) for path in found if path is not None]


async def _configure(connection: Connection) -> bool:
    """Ask the editor for its settings; whether it has answered."""
    workspace = connection.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return False
    items = [lsp.ConfigurationItem(section=SECTION)]
    answer = await connection.workspace_configuration_async(lsp.ConfigurationParams(items))
    if answer and isinstance(answer[0], dict):
        connection.projects.settings = Settings.read(answer[0])
    return True


async def _watch(connection: Connection) -> None:
    """Have the editor tell of all files: any may say how code is deployed."""
    workspace = connection.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace is not None else None
    if watched is None or not watched.dynamic_registration:
        return
    options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher("**/*")])
    method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
    registration = lsp.Registration("lambda-lint-files", method, options)
    await connection.client_register_capability_async(lsp.RegistrationParams([registration]))


# --- buffers and files -------------------------------------------------------------------------------------------


def _buffers(connection: Connection) -> None:
    @connection.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        connection.opened(Document(item.uri, item.text, item.version))

    @connection.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        document = connection.documents.get(params.text_document.uri)
        if document is None:
            return
        document.change(params.content_changes, params.text_document.version, connection.encoding)
        where = connection.place(params.text_document.uri)
        if where is not None:
            where[0].changed(where[1])

    @connection.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        where = connection.place(params.text_document.uri)
        if where is None:
            return
        desk, path = where
        if Path(path).name in _CONFIGURATION:
            connection.reload(connection.projects.settings)
        else:
            desk.saved(path)

    @connection.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        connection.closed(params.text_document.uri)


def _files(connection: Connection) -> None:
    @connection.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        if any(Path(change.uri).name in _CONFIGURATION for change in params.changes):
            connection.reload(connection.projects.settings)
            return
        for change in params.changes:
            where = connection.place(change.uri)
            if where is not None:
                where[0].on_disk(where[1], is_new=change.type is not lsp.FileChangeType.Changed)


# --- answers -----------------------------------------------------------------------------------------------------


def _answers(connection: Connection) -> None:
    @connection.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        seen = await connection.settled(params.text_document.uri)
        if seen is None:
            return None
        view, path, about = seen
        at = _span(lsp.Range(params.position, params.position), path, about)
        data = showing.hover(_touched(view.findings, path, at), view, about)
        return None if data is None else connection.structured(data, lsp.Hover)

    @connection.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    async def lens(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        seen = await connection.settled(params.text_document.uri)
        if seen is None or not connection.projects.settings.code_lens:
            return []
        view, path, about = seen
        data = await connection.worker.run(lambda step: showing.lenses(view, path, about), Job())
        return connection.structured(data, list[lsp.CodeLens])

    @connection.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    async def hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        seen = await connection.settled(params.text_document.uri)
        if seen is None or not connection.projects.settings.inlay_hints:
            return []
        view, path, about = seen
        first, last = params.range.start.line, params.range.end.line
        data = await connection.worker.run(lambda step: showing.hints(view, path, about, first, last), Job())
        return connection.structured(data, list[lsp.InlayHint])

    kinds = [lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll]

    @connection.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=kinds))
    async def code_actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        seen = await connection.settled(params.text_document.uri)
        return [] if seen is None else await _actions(connection, params, *seen)


def _commands(connection: Connection) -> None:
    @connection.command(showing.GRAPH)
    async def graph(uri: str, name: str) -> str | None:
        """Show the graph of a handler; returns the address of the page."""
        seen = await connection.settled(uri)
        if seen is None:
            return None
        view, path, about = seen
        page = await connection.worker.run(lambda step: showing.graph(view, path, name, about), Job())
        if page is None:
            return None
        file = connection.pages.folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', f'{path}-{name}')}.html"
        file.write_text(page, encoding="utf-8")
        window = connection.client_capabilities.window
        if window is not None and window.show_document is not None and window.show_document.support:
            shown = lsp.ShowDocumentParams(uri=file.as_uri(), external=True)
            await connection.window_show_document_async(shown)
        return file.as_uri()

    @connection.command("lambda-lint.refresh")
    def refresh() -> None:
        """Look at everything again."""
        connection.reload(connection.projects.settings)


async def _actions(
    connection: Connection, params: lsp.CodeActionParams, view: View, path: str, about: Context
) -> list[lsp.CodeAction]:
    only = params.context.only or [lsp.CodeActionKind.QuickFix]
    found: list[showing.Data] = []
    job = Job()
    try:
        if any(lsp.CodeActionKind.QuickFix.value.startswith(_kind(kind)) for kind in only):
            selected = _touched(view.findings, path, _span(params.range, path, about))
            for finding in selected[:MOST_ACTED_ON]:
                changes = await connection.worker.run(partial(actions.changes, view, finding), job)
                known = [dialect.diagnostic(finding, about)]
                takes = [each for each in changes if connection.creates or not each.new]
                found += [connection.as_action(each, about, known, "quickfix") for each in takes]
        if any(actions.FIX_ALL.startswith(_kind(kind)) and "source" in _kind(kind) for kind in only):
            change = await connection.worker.run(lambda step: actions.fix_all(view, path, step), job)
            found += [] if change is None else [connection.as_action(change, about, [], actions.FIX_ALL)]
    except Cancelled:
        return []
    return connection.structured(found, list[lsp.CodeAction])


def _kind(kind: lsp.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, lsp.CodeActionKind) else kind


def _span(around: lsp.Range, path: str, about: Context) -> Span:
    """A range of the editor's as we count."""

    def column(line: int, character: int) -> int:
        text = about.line(path, line + 1)
        return character if text is None else code_points(text, character, about.encoding)

    start, end = around.start, around.end
    return Span(start.line + 1, column(start.line, start.character), end.line + 1, column(end.line, end.character))


def _touched(findings: tuple[Finding, ...], path: str, at: Span) -> list[Finding]:
    """The findings of a file that a selection touches."""

    def touches(span: Span) -> bool:
        return (span.line, span.column) <= (at.end_line, at.end_column) and (at.line, at.column) <= (
            span.end_line,
            span.end_column,
        )

    return [finding for finding in findings if finding.location.path == path and touches(finding.location.span)]
