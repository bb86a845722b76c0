"""One look at a project, and what is found by it.

Files are found and indexed, handlers discovered, each handler followed to its response, verdicts judged by the rules;
then comments that silence findings are heard, and what the settings hide is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lint_lambda.config import Config
from lint_lambda.core.budget import Budget
from lint_lambda.core.finding import Finding
from lint_lambda.core.guard import Guard
from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.core.remedy import Remedy
from lint_lambda.core.source import Location, Span
from lint_lambda.core.verdict import Handler, Verdict
from lint_lambda.deployment import discovery
from lint_lambda.deployment.discovery import EntryPoints
from lint_lambda.deployment.handlers.patterns import why_nothing
from lint_lambda.deployment.model import Declared
from lint_lambda.engine import SYNTAX_ERROR, Request, no_progress, processes, reaching
from lint_lambda.engine.concluded import Concluded, Conclusion
from lint_lambda.engine.memory import Memory
from lint_lambda.engine.narrowing import Coverage, against_baseline
from lint_lambda.engine.program import LoweredProgram
from lint_lambda.engine.session import Session
from lint_lambda.engine.snapshot import Snapshot
from lint_lambda.frontends import FRONTENDS, of
from lint_lambda.ignores import apply_ignores
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.rules import Rules
from lint_lambda.knowledge.texts import say
from lint_lambda.project import Project
from lint_lambda.reporting.selection import about_no_launch, findings

if TYPE_CHECKING:
    from lint_lambda.analysis.lifetimes import Analysis

HANDLER_NOT_FOUND = "LAM902"


_PYTHON = frozenset({"", ".py", ".pyw", ".pyi"})
"""How the names of Python files end."""

MOST_NAMED = 10
"""Items that a message names before it only counts them."""


class Everything(NamedTuple):
    """Findings that no comment silences; the handlers; whether all went well."""

    findings: list[Finding]
    handlers: list[Handler]
    sound: bool


@dataclass(frozen=True)
class Run:
    """One look at a project. It never changes: `overlaid` gives another.

    - `request`: what is to be checked. `selected`: the files it is about. `memory`: what was concluded before, on the same files.
    """

    request: Request
    session: Session
    snapshot: Snapshot
    selected: frozenset[str]
    memory: Memory = field(default_factory=Memory)

    @classmethod
    def of(cls, request: Request) -> Run:
        session = Session.start(request.config)
        budget = Budget() if request.timeout is None else Budget(request.timeout)
        snapshot = session.look(request.paths, request.overlays, budget)
        given = {snapshot.project.name(path) for path in request.paths}
        selected = snapshot.project.select(request.paths) | snapshot.deployment.declared_in(given)
        return cls(request, session, snapshot, selected)

    @property
    def config(self) -> Config:
        return self.snapshot.config

    @property
    def rules(self) -> Rules:
        return self.session.rules

    @property
    def program(self) -> LoweredProgram:
        return self.snapshot.program

    @property
    def project(self) -> Project:
        return self.snapshot.project

    @property
    def whole(self) -> bool:
        """Whether the run is about every file of the project."""
        return len(self.selected) == len(self.project.files)

    def problems(self) -> list[str]:
        missing = [
            f"{path}: no such file or directory"
            for path in self.request.paths
            if not path.exists() and self.project.name(path) not in self.selected
        ]
        return [*missing, *self._not_python(), *self.project.problems, *self.snapshot.guard.problems]

    def _not_python(self) -> list[str]:
        """What there is to say of files that were given and that cannot hold a handler: silence would pass for an answer."""
        found = []
        for path in self.request.paths:
            name = self.project.name(path)
            if path.is_file() and path.suffix not in _PYTHON and name not in self.project.others:
                found.append(say("not_checked.notebook" if path.suffix == ".ipynb" else "not_checked.other", path=name))
        return found

    def _parse_given(self) -> None:
        """Files that were given by name are parsed even if no handler leads to them, so that their syntax errors are found."""
        for path in self.request.paths:
            name = self.project.name(path)
            if name in self.selected and path.suffix in _PYTHON and path.is_file():
                self.program.parses(name)

    def notes(self) -> list[str]:
        trouble = [self.session.cache.trouble] if self.session.cache.trouble else []
        return [*self.project.notes, *trouble, *self._partly(), *self._guesses(), *self.snapshot.deployment.notes()]

    def _guesses(self) -> list[str]:
        found = sorted((module, root, directory) for (directory, module), root in self.project.guessed.items())
        return [
            f"`{module}`, imported in {directory or '.'}, resolved to {root or '.'}, which nothing declares as an import root"
            for module, root, directory in found
        ]

    def warnings(self, points: EntryPoints) -> list[str]:
        limits = [f"{path}: not analysed: {why}" for path, why in sorted(self.program.not_analysed.items())]
        limits += [*self.snapshot.guard.limits, *self._late(), *self._spent()]
        refusal = [self.session.cache.refusal] if self.session.cache.refusal else []
        unresolved: list[str] = []
        with self.snapshot.guard("the project", "looking for imports that find nothing"):
            unresolved = self.snapshot.unresolved.messages(points.per_file())
        return [*limits, *unresolved, *self.snapshot.deployment.warnings(), *self.project.odd, *refusal]

    def _late(self) -> list[str]:
        """What there was no time for, in one line."""
        late = self.snapshot.guard.late
        if not late:
            return []
        names = ", ".join(late[:MOST_NAMED])
        more = f" {say('late.more', count=len(late) - MOST_NAMED)}" if len(late) > MOST_NAMED else ""
        return [say("late.all", names=names, more=more)]

    def _spent(self) -> list[str]:
        """The handlers that may take more steps than the settings allow, in one line."""
        spent = [handler for handler, why in self.snapshot.guard.partly.items() if "steps" in why]
        if not spent:
            return []
        names = ", ".join(spent[:MOST_NAMED])
        more = f" {say('late.more', count=len(spent) - MOST_NAMED)}" if len(spent) > MOST_NAMED else ""
        return [say("late.spent", names=names, more=more, steps=self.config.handler_steps)]

    def _partly(self) -> list[str]:
        """The handlers that were analysed in part, each with the reason."""
        found = self.snapshot.guard.partly.items()
        return [say(f"partly.{why}", handler=handler) for handler, every in found for why in every]

    def skipped(self) -> int:
        """How many files of the project could hold something and were not analysed."""
        return self.project.skipped + len(self.program.syntax_problems) + len(self.program.not_analysed)

    def entry_points(self, *, every: bool) -> EntryPoints:
        """The handlers from which what is selected can be reached; with `every`, also in files from which nothing can launch."""
        return self._find(
            None if self.selected >= self.project.every_file else self.selected, self.request.progress, every=every
        )

    def _find(
        self, selected: frozenset[str] | None, progress: Callable[[int, int], None], *, every: bool
    ) -> EntryPoints:
        return discovery.find(
            self.program,
            discovery.Question(
                patterns=self.snapshot.patterns,
                selected=selected,
                every=every,
                progress=progress,
                models=self.session.models.of(FRONTENDS[0].semantics.language),
                of_language=self.models,
                deployment=self.snapshot.deployment,
                serving=self.snapshot.serving,
                facts=self.snapshot.facts,
                may_launch=self.snapshot.passing.may_launch,
                ways=lambda path: self.config.of(path)[0].discovery,
                guard=self.snapshot.guard,
            ),
        )

    def _reported(self, concluded: Conclusion) -> list[Finding]:
        """What the rules say of these verdicts and of files that cannot be read, before any comment is heard."""
        found = findings(
            concluded.verdicts,
            self.rules,
            self.program.locate,
            self.program.text,
            self.program.module,
            self._remedy,
            self.snapshot.guard,
        )
        return found + self._unparseable()

    def models(self, path: str) -> Models:
        """The models of the language of a file."""
        return self.session.models.of(of(path).semantics.language)

    def _remedy(self, verdict: Verdict) -> Remedy:
        return self.memory.remedy(self.models(verdict.launch.path), verdict.call, verdict.kind)

    def findings(self, points: EntryPoints) -> list[Finding]:
        """What to report of these handlers."""
        return [finding for finding in self.found(points) if self.is_certain(finding)]

    def found(self, points: EntryPoints) -> list[Finding]:
        """What there is to report of these handlers at any confidence, sorted by place."""
        return self.told(points, self.concluded(points))

    def concluded(self, points: EntryPoints) -> Conclusion:
        """What becomes of the launches of these handlers."""
        self._parse_given()
        return self.analyse(points.handlers)

    def told(self, points: EntryPoints, concluded: Conclusion) -> list[Finding]:
        """What there is to report of these handlers, of which this was concluded, at any confidence, sorted by place."""
        analysed = self.selected & {*points.files, *self.program.lowered}
        heard = apply_ignores(
            [self._weighed(finding) for finding in self._reported(concluded) if self._concerns(finding)],
            filter(self.program.may_ignore, analysed),
            self.program.text,
            self.rules,
            self.config.selects,
            self.snapshot.guard,
        )
        # Of comments in a file that the run is not about, only some of the handlers that reach it have been asked.
        heard = [finding for finding in heard if finding.handlers or finding.location.path in self.selected]
        self.snapshot.keep_facts(self.session.cache)
        if self.whole:
            self.session.cache.prune()
        wanted = [*heard, *self._unmatched(points), *self._absent(points)]
        return sorted(
            (finding for finding in wanted if self._is_selected(finding)), key=lambda finding: finding.sort_key
        )

    def _weighed(self, finding: Finding) -> Finding:
        with self.snapshot.guard(finding.location.path, "looking for imports that find nothing"):
            return self.snapshot.unresolved.weigh(finding)
        return finding

    def _concerns(self, finding: Finding) -> bool:
        """Whether the run is about any file that the finding leads through, from the handler to the launch."""
        places = (finding.location, *(related.location for related in finding.related))
        return any(place.path in self.selected for place in places)

    def overlaid(self, contents: Mapping[str, bytes], files: Sequence[str]) -> Run:
        """This run with other contents of some files, looking for handlers in `files` only."""
        return replace(self, snapshot=self.snapshot.overlaid(contents, files), memory=self.memory.without(contents))

    def within(self, steps: int) -> Run:
        """This run, of whose looks at other contents all together may take so many steps."""
        guard = Guard(self.snapshot.guard.budget.of_steps(steps))
        return replace(self, snapshot=replace(self.snapshot, guard=guard))

    def everything(self) -> Everything:
        """All that is said, in any file and at any confidence."""
        # Every handler by name, also of a file in which nothing launches any more: it is one that a fix must not lose.
        points = self._find(None, no_progress, every=True)
        found = self._reported(self.analyse(points.handlers))
        heard = apply_ignores(found, self.program.lowered, self.program.text, self.rules, self.config.selects)
        return Everything(heard, points.handlers, self.snapshot.guard.is_sound)

    def _is_selected(self, finding: Finding) -> bool:
        return self.config.selects(finding.code, finding.location.path)

    def is_certain(self, finding: Finding) -> bool:
        """Whether the finding has the confidence that the settings ask for."""
        return finding.confidence >= self.config.of(finding.location.path)[0].min_confidence

    def analyse(self, handlers: Sequence[Handler]) -> Conclusion:
        """The verdicts on what the handlers launch, and what that is.

        A defect of the analysis must not hide the other handlers' findings, nor be hidden: the handler is named among
        the problems, and the analysis starts afresh with the next.
        """
        whole = Conclusion()
        steps, done = len(self.project.files), 0
        for process in processes.of(handlers, self.program.imports):
            self.request.progress(steps + done, steps + len(handlers))
            known = self.memory.of(process)
            if known is None:
                known = self._conclude(process)
            whole.verdicts.extend(known.verdicts)
            whole.launched.update(known.launched)
            self.snapshot.guard.partly.update({str(handler): why for handler, why in known.shortfalls.items()})
            done += len(process)
        return whole

    def _conclude(self, process: Sequence[Handler]) -> Conclusion:
        """What the handlers of one process come to, as an earlier run found, or as it is now."""
        budget = self.snapshot.guard.budget
        before = budget.steps
        concluded = Concluded(self.session, self.program, process)
        found = concluded.conclusion()
        if found is None:
            told = self.snapshot.guard.told
            found = self._follow(process) if self._may_launch(process) else self._nothing(process)
            if told != self.snapshot.guard.told:
                return found  # what went wrong is to be told again
            concluded.keep(found)
        if self.program.readers.isdisjoint(concluded.files):
            self.memory.keep(process, concluded.files, found, budget.steps - before)
        return found

    def _may_launch(self, process: Sequence[Handler]) -> bool:
        """Whether the handlers of one process can launch anything, as far as names tell."""
        with self.snapshot.guard(str(process[0]), "looking for what it can launch"):
            return reaching.may_launch(self.program, self.models(process[0].path), process)
        return True

    def _nothing(self, process: Sequence[Handler]) -> Conclusion:
        """What is concluded of handlers that cannot launch anything; comments that silence something have been looked at."""
        loaded = frozenset().union(*(self.program.imports(handler.path) for handler in process))
        self.program.count_as_asked(frozenset(filter(self.program.may_launch, loaded)))
        return Conclusion(launched=dict.fromkeys(process, ()))

    def _follow(self, process: Sequence[Handler]) -> Conclusion:
        """Analyse the handlers of one process."""
        # Here, as most runs know from earlier ones what it comes to.
        from lint_lambda.analysis.lifetimes import Analysis

        found = Conclusion()
        models, program = self.models(process[0].path), self.program.speaking(process[0].path)
        tick = self.snapshot.guard.budget.check
        steps = self.config.handler_steps
        analysis = Analysis(program, models, process[0].adapter, alone=len(process) == 1, tick=tick, steps=steps)
        for handler in process:
            with self.snapshot.guard(str(handler), "its analysis") as followed, self.snapshot.guard.budget.share():
                analysis.handler(handler)
            found.launched[handler] = analysis.launched.get(handler, ())
            if handler in analysis.shortfalls:
                found.shortfalls[handler] = analysis.shortfalls[handler]
            if followed.failed or "steps" in found.shortfalls.get(
                handler, ()
            ):  # the next may need what was not followed
                found.verdicts.extend(self._verdicts(analysis, handler))
                analysis = Analysis(program, models, handler.adapter, tick=tick, steps=steps)
        found.verdicts.extend(self._verdicts(analysis, process[-1]))
        return found

    def _verdicts(self, analysis: Analysis, handler: Handler) -> list[Verdict]:
        verdicts: list[Verdict] = []
        with self.snapshot.guard(str(handler), "judging what was followed"):
            verdicts.extend(analysis.verdicts())
        return verdicts

    def _unparseable(self) -> list[Finding]:
        found = []
        for path, problem in sorted(self.program.syntax_problems.items()):
            start = Span(problem.line, problem.column, problem.line, problem.column)
            rule = self.rules[SYNTAX_ERROR]
            found.append(about_no_launch(rule, Location(path, start), problem=problem.message, hint=problem.hint))
        return found

    def _unmatched(self, points: EntryPoints) -> list[Finding]:
        """Configured handlers that do not exist are findings in the configuration; those of an option, problems."""
        found = []
        for pattern, modules in points.unmatched:
            why, hint = why_nothing(pattern, modules, self.config.root)
            if pattern.source == "option" or pattern.file is None:
                advice = f"; {hint}" if hint else ""
                self.snapshot.guard.tell(f"--handler {pattern.text}: not found: {why}{advice}")
            else:
                location = _in_configuration(pattern.file, pattern.text, self.project.name(pattern.file))
                rule = self.rules[HANDLER_NOT_FOUND]
                found.append(about_no_launch(rule, location, subject=pattern.text, problem=why, hint=hint))
        return found

    def _absent(self, points: EntryPoints) -> list[Finding]:
        """Functions whose template names what is not there, each at the line that declares it."""
        rule = self.rules[HANDLER_NOT_FOUND]
        found = []
        for function, lost in points.absent:
            declared = function.declared
            if _given(self.request.paths, self.project, declared.file):
                subject = function.handler or function.application
                location = self._named_in(declared, subject)
                found.append(about_no_launch(rule, location, subject=subject, problem=lost.why, hint=lost.hint))
        return found

    def _named_in(self, declared: Declared, name: str) -> Location:
        """Where the template names a handler: in the declaration of its function; the declaration's first line where another place does."""
        first = declared.line or 1
        later = [each.declared for each in self.snapshot.deployment.functions if each.declared.file == declared.file]
        end = min((each.line for each in later if each.line > first), default=None)
        lines = self.project.text(declared.file).splitlines()
        for number, line in enumerate(lines[first - 1 : end and end - 1], first):
            found = re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w./-])", line)
            if name and found:
                return Location(declared.file, Span(number, found.start(), number, found.end()))
        return Location(declared.file, Span(first, 0, first, 0))


def _given(paths: Sequence[Path], project: Project, file: str) -> bool:
    """Whether a file is one of those that a run is about."""
    names = [project.name(path) for path in paths]
    return any(name in (".", file) or file.startswith(f"{name}/") for name in names)


def _in_configuration(file: Path, text: str, name: str) -> Location:
    """Where a pattern is written; the file's first line when it is spelled in an unusual way."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        column = line.find(text)
        if column >= 0:
            return Location(name, Span(number, column, number, column + len(text)))
    return Location(name, Span(1, 0, 1, 0))


def accepted_apart(run: Run, found: Sequence[Finding]) -> list[Finding]:
    """The findings that the baseline of the settings does not know, if there is one. Raises `lint_lambda.baseline.BaselineError`."""
    if run.config.baseline is None:
        return list(found)
    covered = Coverage(run.config, run.selected, run.project.every_file, run.whole)
    compared, _ = against_baseline(found, run.config.baseline, covered, new=True)
    return list(compared.new)


def finding_key(finding: Finding) -> tuple[Location, str, str]:
    """What tells a finding from all others of a run, wherever it is said to stand."""
    return (finding.location, finding.code, finding.fingerprint)
