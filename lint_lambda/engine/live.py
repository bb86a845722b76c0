"""A project that is looked at again and again while somebody edits it: after a change, only what hangs on it is analysed anew."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence

from lint_lambda.config import Config
from lint_lambda.core.finding import Finding, Fix
from lint_lambda.core.globs import compiled
from lint_lambda.core.record import dataclass, replace
from lint_lambda.core.source import Location
from lint_lambda.core.verdict import Handler, Launched
from lint_lambda.deployment.discovery import EntryPoints
from lint_lambda.engine import Request
from lint_lambda.engine.concluded import Conclusion
from lint_lambda.engine.glimpses import Glimpse, Told, analysed_soon, glimpse
from lint_lambda.engine.room import with_room
from lint_lambda.engine.run import Run, accepted_apart, finding_key
from lint_lambda.project.walk import may_matter

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all); what it raises ends the look."""


def _no_progress(done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class View:
    """What there is to see at one moment.

    - `findings`: those to report, where they are shown. `originals`: the same as they were found, by `finding_key`.
    - `concluded`: what becomes of every launch of every handler.
    """

    run: Run
    points: EntryPoints
    findings: tuple[Finding, ...]
    originals: Mapping[tuple[Location, str, str], Finding]
    concluded: Conclusion

    @property
    def launched(self) -> Mapping[Handler, tuple[Launched, ...]]:
        return self.concluded.launched

    @with_room
    def fixes(self, finding: Finding, progress: Progress = _no_progress) -> tuple[Fix, ...]:
        """The fixes of one of the findings, each tried; advice without an edit is among them."""
        from lint_lambda.engine import fixing  # loads the front-end's parser

        run = self.stepping(progress)
        original = self.originals[finding_key(finding)]
        [fixed] = fixing.with_fixes(run, self.points.files, [original])
        return run.snapshot.deployment.in_place.finding(fixed).fixes

    def stepping(self, progress: Progress) -> Run:
        """The run, with what it calls as it goes on."""
        return replace(self.run, request=replace(self.run.request, progress=progress))

    def with_file(self, path: str, content: bytes) -> View:
        """The same with one file more, which is not there yet: what a fix could use if it were."""
        return replace(self, run=self.run.overlaid({path: content}, self.run.project.files))

    @with_room
    def handlers_in(self, path: str) -> list[Handler]:
        """The handlers that one file defines, also where nothing launches."""
        if path not in self.points.counted:
            return [handler for handler in self.points.handlers if handler.path == path]
        return self.run.overlaid({}, [path]).entry_points(every=True).handlers


class Live:
    """One project under the settings it had when it was opened. Not for several threads at a time."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._run: Run | None = None
        self._candidates: frozenset[str] = frozenset()
        self._findings: tuple[Finding, ...] = ()

    @with_room
    def look(self, contents: Mapping[str, bytes], progress: Progress = _no_progress) -> View:
        """Look for the files there are, and at all of them; `contents` stand in for files of the project.

        Raises `lint_lambda.config.ConfigError`, `lint_lambda.knowledge.loader.ModelError`, `lint_lambda.baseline.BaselineError`.
        """
        self._run = None
        request = Request((self.config.root,), self.config, progress=progress)
        # Only what is declared in a buffer must be known from the start; code may be changed afterwards.
        first = Run.of(request)
        declaring = {path: content for path, content in contents.items() if path in first.project.others}
        run = Run.of(replace(request, overlays=declaring)) if declaring else first
        known = {path: content for path, content in contents.items() if path in run.project.every_file}
        run = run.overlaid(known, run.project.files)
        points = run.entry_points(every=False)
        self._candidates = frozenset(points.candidates)
        view = self._view(run, points)
        self._run, self._findings = run, view.findings
        gc.unfreeze()  # what an earlier look has left may go
        gc.collect()
        gc.freeze()  # what is known of the project now is not looked through for garbage after each change
        return view

    def knows(self, path: str) -> bool:
        """Whether a file is one of the project's whose contents `change` may replace."""
        return self._run is not None and path in self._run.project.every_file

    def declares(self, path: str) -> bool:
        """Whether a file says how code is deployed, so that all has to be looked at anew when it changes."""
        if self._run is None:
            return False
        declared = {function.declared.file for function in self._run.snapshot.deployment.functions}
        return path in declared or (path in self._run.project.others and not self.knows(path))

    def may_find(self, path: str) -> bool:
        """Whether a file that has come, or is gone, may be one that `look` finds, by its name."""
        name = path.rpartition("/")[2]
        config = self.config
        return may_matter(name) and not compiled((*config.exclude, *config.extend_exclude)).match_file(path)

    @with_room
    def change(
        self, contents: Mapping[str, bytes], progress: Progress = _no_progress, told: Told | None = None
    ) -> View:
        """What there is to see where files that it `knows` have other contents. `look` has to come before.

        `told` is given what can be said soon, where all of it takes longer.
        """
        assert self._run is not None
        before = self._run
        files = sorted((self._candidates | contents.keys()) & self._run.project.every_file)
        run = self._run = _overlaid(self._run, contents, files)
        run = replace(run, request=replace(run.request, progress=progress))
        points = run.entry_points(every=False)
        self._candidates = frozenset(points.candidates)
        if told is not None and (soon := self._glimpse(before, run, points, contents)) is not None:
            told(soon)
        view = self._view(run, points)
        self._run, self._findings = run, view.findings
        return view

    def _glimpse(self, before: Run, run: Run, points: EntryPoints, contents: Mapping[str, bytes]) -> Glimpse | None:
        in_edited = [each for each in self._findings if each.location.path in contents]
        known = analysed_soon(run, points.handlers, {name for each in in_edited for name in each.handlers})
        if known is None:
            return None
        some = replace(points, handlers=known, unmatched=[], absent=[])
        fresh = self._view(run, some).findings
        edits = {path: (before.program.text(path), run.program.text(path)) for path in contents}
        return glimpse(in_edited, fresh, frozenset(map(str, known)), edits)

    def _view(self, run: Run, points: EntryPoints) -> View:
        concluded = run.concluded(points)
        in_place = run.snapshot.deployment.in_place
        certain = [finding for finding in run.told(points, concluded) if run.is_certain(finding)]
        shown = [in_place.finding(finding) for finding in certain]
        originals = {finding_key(each): finding for each, finding in zip(shown, certain, strict=True)}
        findings = accepted_apart(run, list({finding_key(each): each for each in shown}.values()))
        return View(run, points, tuple(findings), originals, concluded)


def _overlaid(run: Run, contents: Mapping[str, bytes], files: Sequence[str]) -> Run:
    """The run with other contents of some files. Where only their layout or comments differ, what was concluded still holds."""
    after = run.overlaid(contents, files)
    same = {path for path in contents if _means_the_same(run, after, path)}
    return replace(after, memory=run.memory.without(contents.keys() - same)) if same else after


def _means_the_same(before: Run, after: Run, path: str) -> bool:
    if path not in before.program.lowered or before.program.imported(path) != after.program.imported(path):
        return False
    module = before.program.module(path)
    return module is not None and module == after.program.module(path)
