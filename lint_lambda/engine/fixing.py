"""Fixes of a run: the remedies of each finding tried in memory, and files fixed until no fix remains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from lint_lambda import fixes
from lint_lambda.core.finding import Applicability, Finding, Fix, FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.core.source import Location
from lint_lambda.engine import after_response
from lint_lambda.engine.marking import FEWEST, Proposed, first_of, marked
from lint_lambda.fixes import State, Way
from lint_lambda.frontends import of
from lint_lambda.knowledge.remedies import remedy
from lint_lambda.knowledge.texts import say

if TYPE_CHECKING:
    from lint_lambda.engine.run import Everything, Run

Files = tuple[str, ...]

MOST_FIXES = 100
"""Fixes made in one file at most."""

MOST_STEPS = 40_000
"""Steps of analysis that a run takes to find out which findings have a fix, where nobody has asked for the fixes: some seconds."""


@dataclass
class Fixed:
    """What a fixing run came to.

    - `files`: path → (bytes before, bytes after), of the files that change.
    - `made`: the findings that are fixed, each with its fix as its only one.
    - `left`: path → why a file is left alone after all.
    - `unsafe`: how many findings have only fixes that were not allowed.
    - `instead`: of fixes that wait where the settings prefer to defer: where, and why the work is not deferred.
    - `problems`: what else could not be done, a sentence each.
    """

    files: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    made: list[Finding] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    unsafe: int = 0
    instead: dict[Location, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def forget(self, paths: Collection[str]) -> None:
        """The files are left as they were after all."""
        for path in paths:
            del self.files[path]
        self.made = [each for each in self.made if all(edit.path not in paths for edit in each.fixes[0].edits)]

    def together(self) -> list[list[str]]:
        """The files in groups: those that one fix changes stay together, as its edits are of use only if all are made."""
        groups = [{path} for path in sorted(self.files)]
        for finding in self.made:
            paths = {edit.path for edit in finding.fixes[0].edits}
            touched = [group for group in groups if group & paths]
            if len(touched) > 1:
                groups = [*(group for group in groups if not group & paths), set[str]().union(*touched)]
        return [sorted(group) for group in groups]


def with_fixes(run: Run, handler_files: Sequence[str], findings: Iterable[Finding]) -> list[Finding]:
    """The findings, each with a fix for every remedy, best first, or with the reason why there is none."""
    bench = _Bench(run, handler_files)
    found = [replace(finding, fixes=tuple(bench.fixes(finding))) for finding in findings]
    return [replace(finding, fixable=_first(finding.fixes)) for finding in found]


def _first(found: Iterable[Fix]) -> Applicability | None:
    """How safe the first fix is that edits something."""
    return next((fix.applicability for fix in found if fix.edits), None)


@dataclass(frozen=True)
class Marked:
    """Findings, each with the mark whether it has a fix; `untried`: those, by number, for which there were no steps left."""

    findings: list[Finding]
    untried: frozenset[int]


def with_marks(run: Run, handler_files: Sequence[str], findings: Iterable[Finding]) -> Marked:
    """The findings, each with the mark whether it has a fix, as far as `MOST_STEPS` tell."""
    bench = _Bench(run, handler_files, MOST_STEPS)
    findings = list(findings)
    sure = bench.marks(findings)
    marked: list[Finding] = []
    untried: set[int] = set()
    for number, finding in enumerate(findings):
        mark = sure.get(number)
        if mark is None:
            bench.gave_up = False
            mark = _first(bench.fixes(finding, shortest=False))
            if mark is None and bench.gave_up:
                untried.add(number)
        marked.append(replace(finding, fixable=mark))
    return Marked(marked, frozenset(untried))


def fix_files(
    run: Run,
    handler_files: Sequence[str],
    findings: Sequence[Finding],
    allowed: frozenset[Applicability],
    files: Collection[str] | None = None,
) -> Fixed:
    """Make the fixes that are `allowed`, one after the other, each on the text that the one before it left.

    `files`: those that may be changed; None for every file of the project.

    So overlapping ones take turns, and what comes out holds no fixable finding: fixing it again changes nothing.
    """
    bench = _Bench(run, handler_files)
    result = Fixed()
    originals: dict[str, bytes] = {}
    for path in sorted({finding.location.path for finding in findings}):
        hopeless: set[str] = set()
        wanted = {finding.fingerprint for finding in findings if finding.location.path == path}
        codes = {finding.code for finding in findings if finding.location.path == path}
        for _ in range(MOST_FIXES):
            pending = [f for f in bench.findings(path) if f.code in codes and f.fingerprint not in hopeless]
            pending = [f for f in pending if f.fingerprint in wanted]
            if not pending:
                break
            finding = pending[0]
            fix, refused, why = None, False, ""
            for each in bench.fixes(finding):
                if files is not None and any(edit.path not in files for edit in each.edits):
                    continue
                if each.edits and each.applicability in allowed:
                    fix = each
                    break
                refused |= bool(each.edits)
                why = why or each.title
            if fix is None:
                hopeless.add(finding.fingerprint)
                result.unsafe += refused
                continue
            texts = fixes.texts_after(bench.run.program.text, fix.edits)
            assert texts is not None, "a fix that was proved can be made"
            read = {edited: bench.run.project.read(edited) for edited in texts}
            try:
                contents = {edited: fixes.encode(text, read[edited]) for edited, text in texts.items()}
            except UnicodeEncodeError:
                result.left[path] = "the fix cannot be written in the encoding of the file"
                hopeless.add(finding.fingerprint)
                continue
            originals = {**read, **originals}
            bench.keep(contents)
            result.made.append(replace(finding, fixes=(fix,)))
            if why and bench.prefers_to_defer(path):
                result.instead[finding.location] = why
        else:
            result.left[path] = f"more than {MOST_FIXES} fixes; run again for the rest"
    for path, before in originals.items():
        after = bench.run.project.read(path)
        if after != before:
            result.files[path] = (before, after)
    return result


class _Bench:
    """Tries edits on a run's program, which no file sees before all is done."""

    def __init__(self, run: Run, handler_files: Sequence[str], most: int | None = None) -> None:
        """`most`: steps of analysis that may be taken; None for as many as it needs."""
        self.run = run if most is None else run.within(most)
        self._guard = run.snapshot.guard
        self.handler_files = handler_files
        self._seen: dict[Files, Everything] = {}
        self._tried: list[tuple[Mapping[str, bytes], Files, Everything]] = []
        """What was tried of the last finding: one of it is the next program, if any is."""
        self.gave_up = False
        """Whether an edit was not tried, or not to the end, for want of steps."""

    def findings(self, path: str) -> list[Finding]:
        """The findings in `path` in the current program, at any confidence."""
        seen = self._everything(self._affected((path,)))
        return [finding for finding in seen.findings if finding.location.path == path]

    def _everything(self, files: Files) -> Everything:
        """All that is said of the current program by the handlers in `files`."""
        if files not in self._seen:
            self._seen[files] = self.run.overlaid({}, files).everything()
        return self._seen[files]

    def fixes(self, finding: Finding, *, shortest: bool = True) -> Iterator[Fix]:
        """The fixes of a finding, in the order that the settings prefer; `shortest`: see `lint_lambda.fixes.propose`."""
        with self._guard(finding.location.path, f"looking for a fix of {finding.code}"):
            self._guard.budget.check()
            yield from self._fixes(finding, shortest)

    def _fixes(self, finding: Finding, shortest: bool) -> Iterator[Fix]:
        self._tried.clear()
        if not self._can_be_edited(finding):
            return iter([Fix(say("no_fix.any", reason=say("refusals.in-a-template")), Applicability.DISPLAY)])
        return fixes.propose(finding, self._ways(finding), self.run.program.text, self._attempt, shortest=shortest)

    def marks(self, findings: Sequence[Finding]) -> dict[int, Applicability]:
        """How safe the first fix is of those findings that can be fixed together, each by its place among `findings`."""
        text, proposed = self.run.program.text, dict[int, Proposed]()
        if len(findings) >= FEWEST:
            for number, finding in enumerate(findings):
                with self._guard(finding.location.path, f"looking for a fix of {finding.code}"):
                    self._guard.budget.check()
                    first = first_of(finding, self._ways(finding), text) if self._can_be_edited(finding) else None
                    if first is not None:
                        proposed[number] = first
        numbers = [*proposed]
        return {numbers[each]: safe for each, safe in marked([*proposed.values()], text, self._attempt_all).items()}

    def _can_be_edited(self, finding: Finding) -> bool:
        return self.run.snapshot.deployment.in_place.can_be_edited(finding.location.path)

    def _ways(self, finding: Finding) -> list[Way]:
        """What may fix a finding, in the order that the settings prefer."""
        assert finding.intent is None or finding.intent.launch.path == finding.location.path
        if finding.intent is not None:
            return self._ways_of(finding.intent)
        return [Way(lambda: map(_candidate, finding.proposed))] if finding.proposed else []

    def _ways_of(self, intent: FixIntent) -> list[Way]:
        program = self.run.program
        helps = remedy(self.run.models(intent.launch.path), intent.call, intent.kind)
        known = replace(intent, remedy=replace(helps, no_edit=say("refusals.prompt")) if intent.prompt else helps)
        frontend = of(intent.launch.path)
        wait = Way(lambda: frontend.waits(known, program.text))
        libraries = after_response.importable(program, intent.launch.path, intent.managed)
        prefers = self.prefers_to_defer(intent.launch.path)
        refused = "deferred" if libraries or prefers else None
        if not libraries and not intent.managed:
            libraries = [after_response.missing(intent.handler.path)]
        in_template = intent.launch.path in self.run.snapshot.deployment.in_place  # there it has no file beside it
        if in_template or not known.remedy.kind.deferrable or not libraries:
            return [Way(lambda: _cannot_defer(intent), refused), wait] if prefers else [wait]
        defer = Way(lambda: frontend.defers(known, program.text, libraries), refused)
        return [defer, wait] if prefers else [wait, defer]

    def prefers_to_defer(self, path: str) -> bool:
        """Whether the settings for a file prefer to respond first."""
        return self.run.config.of(path)[0].prefer == "defer"

    def keep(self, contents: Mapping[str, bytes]) -> None:
        """Go on from here with the files so."""
        self.run = self.run.overlaid(contents, self.run.project.files)
        self._seen = {files: seen for tried, files, seen in self._tried if tried == contents}

    def _attempt(self, path: str, texts: Mapping[str, str]) -> tuple[State, State] | None:
        return self._attempt_all((path,), texts)

    def _attempt_all(self, paths: Sequence[str], texts: Mapping[str, str]) -> tuple[State, State] | None:
        """The state before and after files have other texts, as far as the findings in `paths` go."""
        in_place = self.run.snapshot.deployment.in_place
        if not all(map(in_place.can_be_edited, texts)):
            return None
        try:
            contents = {path: fixes.encode(text, self.run.project.read(path)) for path, text in texts.items()}
        except UnicodeEncodeError:
            return None
        budget = self.run.snapshot.guard.budget
        if budget.left < max(1, self.run.memory.steps(texts)):
            self.gave_up = True
            return None
        files = self._affected((*paths, *texts))
        before = self._everything(files)
        after = self.run.overlaid(contents, files).everything()
        self.gave_up |= budget.left < 0
        self._tried.append((contents, files, after))
        return (_state(before), _state(after)) if before.sound and after.sound else None

    def _affected(self, paths: Sequence[str]) -> Files:
        """The files with handlers that reach one of these."""
        imports = self.run.program.imports
        return tuple(file for file in self.handler_files if not frozenset(imports(file)).isdisjoint(paths))


def _cannot_defer(intent: FixIntent) -> NoReturn:
    raise NoFix(say("refusals.managed") if intent.managed else say("refusals.not-a-function"))


def _candidate(fix: Fix) -> Candidate:
    path = fix.edits[0].path
    edits = tuple((edit.span, edit.text) for edit in fix.edits if edit.path == path)
    return Candidate(fix.title, fix.applicability, path, edits, tuple(edit for edit in fix.edits if edit.path != path))


def _state(seen: Everything) -> State:
    return State(Counter((f.location.path, f.code) for f in seen.findings), frozenset(map(str, seen.handlers)))
