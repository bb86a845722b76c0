"""How long an editor waits for the findings after an edit, over the generated monorepo, through the server itself.

    python -m benchmarks.editing [--files 10000] [--handlers 400] [--edits 20]

Each edit makes a finding come or go, so that the server has to answer. The wall clock counts what else the machine does; the CPU
time of the server does not.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from benchmarks.monorepo import generate

LOSES = "\n\nimport threading as _t\ndef handler(event, context):\n    _t.Thread(target=print).start()\n    return 1\n"
IN_LIBRARY = "\n\nimport threading as _t\n_t.Thread(target=print).start()\n"
CALLED = "    import threading\n    worker = threading.Thread(target=print)\n    worker.start()\n"
JOINED = f"{CALLED}    worker.join()\n"
TICKS = os.sysconf("SC_CLK_TCK")


class Editor:
    """A client that knows when a file's diagnostics have come."""

    def __init__(self) -> None:
        self.client = LanguageClient("benchmark", "1")
        self.came: dict[str, asyncio.Event] = {}

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.came.setdefault(params.uri, asyncio.Event()).set()

    async def start(self, root: Path) -> None:
        await self.client.start_io(sys.executable, "-m", "lint_lambda", "server")
        folder = lsp.WorkspaceFolder(root.as_uri(), root.name)
        await self.client.initialize_async(
            lsp.InitializeParams(capabilities=lsp.ClientCapabilities(), workspace_folders=[folder])
        )
        self.client.initialized(lsp.InitializedParams())

    def open(self, file: Path) -> str:
        uri = file.as_uri()
        item = lsp.TextDocumentItem(uri, "python", 0, file.read_text())
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return uri

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    async def settle(self, uri: str) -> None:
        """Wait until everything has been looked at."""
        params = lsp.CodeLensParams(lsp.TextDocumentIdentifier(uri))
        await self.client.text_document_code_lens_async(params)

    def cpu(self) -> float:
        server = self.client._server
        assert server is not None
        fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    async def edit(self, uri: str, version: int, text: str) -> tuple[float, float]:
        """Seconds by the clock, and of the server, from the edit to its findings."""
        self.came.setdefault(uri, asyncio.Event()).clear()
        began, spent = time.perf_counter(), self.cpu()
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        which = lsp.VersionedTextDocumentIdentifier(version, uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(which, [change]))
        await asyncio.wait_for(self.came[uri].wait(), 600)
        return time.perf_counter() - began, self.cpu() - spent


def at_end(more: str) -> Callable[[str, bool], str]:
    return lambda text, loses: text + more * loses


def in_function(text: str, loses: bool) -> str:
    """The first function of a module of the monorepo launches a thread."""
    return text.replace('    """Load one order."""\n', CALLED if loses else JOINED, 1)


async def measure(root: Path, edits: int) -> None:
    editor = Editor()
    began = time.perf_counter()
    await editor.start(root)
    library = root / "libs/lib3/core.py"
    files = {
        "a handler's file": (root / "services/service7/app.py", at_end(LOSES)),
        "a library of many handlers, which launches as it is imported": (library, at_end(IN_LIBRARY)),
        "a function that many handlers call, which waits or does not": (library, in_function),
    }
    first = editor.open(files["a handler's file"][0])
    await editor.settle(first)
    print(f"first look: {time.perf_counter() - began:.1f} s, CPU {editor.cpu():.1f} s")
    print("| edit of | median | worst | CPU, median |\n|---|--:|--:|--:|")
    version = 0
    for name, (file, edited) in files.items():
        uri = first if version == 0 else editor.open(file)
        text = file.read_text()
        took = []
        for number in range(edits):
            await editor.settle(uri)
            version += 1
            took.append(await editor.edit(uri, version, edited(text, number % 2 == 0)))
        editor.close(uri)
        wall, cpu = zip(*took, strict=True)
        print(
            f"| {name} | {statistics.median(wall) * 1000:.0f} ms | {max(wall) * 1000:.0f} ms "
            f"| {statistics.median(cpu) * 1000:.0f} ms |"
        )
    await editor.client.shutdown_async(None)
    editor.client.exit(None)
    await editor.client.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--handlers", type=int, default=400)
    parser.add_argument("--edits", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "monorepo"
        generate(root, arguments.files, arguments.handlers)
        asyncio.run(measure(root, arguments.edits))


if __name__ == "__main__":
    main()
