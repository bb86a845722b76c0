"""One project on the desk: the buffers that an editor has open, what is to be looked at again, and what was seen last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from lint_lambda.baseline import BaselineError
from lint_lambda.config import Config, ConfigError
from lint_lambda.core.guard import DEFECT, cause
from lint_lambda.engine.glimpses import Glimpse
from lint_lambda.engine.live import Live, View
from lint_lambda.knowledge.loader import ModelError
from lint_lambda.knowledge.texts import say
from lint_lambda.server.documents import Document
from lint_lambda.server.jobs import Cancelled, Job, Worker

SETTLES = 0.3
"""Seconds in which more changes of files on disk are waited for: a branch that is checked out changes many."""


class Office(Protocol):
    """What a desk asks of the connection."""

    worker: Worker

    def seen(self, desk: Desk) -> None:
        """There is a new view."""

    def glimpsed(self, desk: Desk, soon: Glimpse) -> None:
        """Something can be told of an edit before there is a new view."""

    def failed(self, desk: Desk, problem: str) -> None:
        """The project cannot be looked at."""

    async def looking(self, desk: Desk) -> tuple[Job, Callable[[str], None]]:
        """A long look begins: its job, and what to call with a sentence at its end."""


class Desk:
    """- `load`: gives the settings anew. `root`: the project's folder. `alone`: it is for one file outside of all folders."""

    def __init__(self, office: Office, root: Path, load: Callable[[], Config], alone: bool = False) -> None:
        self.root = root
        self.alone = alone
        self.documents: dict[str, Document] = {}
        self.view: View | None = None
        self._office = office
        self._load = load
        self._live: Live | None = None
        self._dirty: dict[str, bytes] = {}
        self._stale = True
        self._asked_for: set[str] = set()
        self._job: Job | None = None
        self._task: asyncio.Task[None] | None = None
        self._settles = 0.0
        self._settled = asyncio.Event()

    def name(self, path: Path) -> str:
        """How the project calls a file."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()

    # --- what happens to files ---------------------------------------------------------------------------------------

    def opened(self, path: str, document: Document) -> None:
        self.documents[path] = document
        self._edited(path, document.content)

    def changed(self, path: str) -> None:
        if path in self.documents:
            self._edited(path, self.documents[path].content)

    def saved(self, path: str) -> None:
        """A file that declares something is read with all that hangs on it."""
        live = self._live
        if live is not None and live.declares(path):
            self.look()
        elif live is not None and not live.knows(path) and path not in self._asked_for:
            self._asked_for.add(path)  # it is new, or left out: whichever it is, the next look knows
            self.look()

    def left(self, path: str) -> None:
        """The buffer belongs to another project now."""
        self.documents.pop(path, None)

    def closed(self, path: str) -> None:
        document = self.documents.pop(path, None)
        if document is None:
            return
        try:
            content = (self.root / path).read_bytes()
        except OSError:
            self.look()
            return
        if content != document.content:
            self._edited(path, content)

    def on_disk(self, path: str, *, is_new: bool) -> None:
        """A file was changed by somebody else, has come, or is gone."""
        live = self._live
        if live is None or path in self.documents:
            return
        known = live.knows(path)
        if is_new or not known or live.declares(path):
            if known or live.declares(path) or live.may_find(path) or path.rpartition("/")[2] == ".gitignore":
                self.look(settles=SETTLES)
            return
        try:
            self._edited(path, (self.root / path).read_bytes())
        except OSError:
            self.look(settles=SETTLES)

    def look(self, *, settles: float = 0.0) -> None:
        """Look at everything again, and at the settings."""
        self._stale = True
        self._settles = settles
        self._begin()

    def _edited(self, path: str, content: bytes) -> None:
        live = self._live
        if live is not None and not live.knows(path):
            if live.declares(path):
                self.look(settles=SETTLES)
            return
        self._dirty[path] = content
        if self._job is not None:
            self._job.cancel()
        self._begin()

    # --- looking -----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._settled.clear()
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._work())

    async def settled(self) -> View | None:
        """What is seen once everything known has been looked at; None where the project cannot be looked at."""
        await self._settled.wait()
        return self.view

    async def _work(self) -> None:
        try:
            while self._stale or self._dirty:
                if self._settles:
                    self._settles, wait = 0.0, self._settles
                    await asyncio.sleep(wait)
                await (self._look_at_all() if self._stale else self._look_again())
        except Cancelled:  # somebody has ended the look: the next change begins it anew
            self._stale = True
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            self._live, self.view = None, None
            self._dirty.clear()
            expected = isinstance(error, (ConfigError, ModelError, BaselineError))
            self._office.failed(self, str(error) if expected else f"{cause(error)}; {DEFECT}")
        finally:
            self._settled.set()

    async def _look_at_all(self) -> None:
        job, end = await self._office.looking(self)
        said = ""
        try:
            self._stale = False
            self._dirty.clear()
            live = Live(self._load())
            contents = {path: document.content for path, document in self.documents.items()}
            self.view = await self._office.worker.run(lambda step: live.look(contents, step), job)
            self._live = live
            self._dirty = {path: each for path, each in self._dirty.items() if live.knows(path)}
            said = say(
                "editor.indexing-done", handlers=len(self.view.points.handlers), findings=len(self.view.findings)
            )
        finally:
            end(said)
        self._office.seen(self)

    async def _look_again(self) -> None:
        live, contents = self._live, dict(self._dirty)
        self._dirty.clear()
        if live is None:
            return
        self._job = job = Job()
        loop = asyncio.get_running_loop()

        def told(soon: Glimpse) -> None:
            loop.call_soon_threadsafe(self._glimpsed, soon, job)

        try:
            self.view = await self._office.worker.run(lambda step: live.change(contents, step, told), job)
        except Cancelled:  # by a newer change, which is looked at with this one
            self._dirty = {**contents, **self._dirty}
            return
        finally:
            self._job = None
        self._office.seen(self)

    def _glimpsed(self, soon: Glimpse, job: Job) -> None:
        if self._job is job and self._dirty.keys().isdisjoint(soon.texts):  # no newer edit has overtaken it
            self._office.glimpsed(self, soon)

    def stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
        if self._task is not None:
            self._task.cancel()
