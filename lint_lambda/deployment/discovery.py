"""Find every handler that matters to a run, parsing as little as possible.

Candidates, by what is declared, configured, or stands in a file's bytes; then each file's handlers, by its parsed form; then how
each is deployed. What a template declares comes first, then the configuration, then the shape.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

from lint_lambda.core import ir
from lint_lambda.core.guard import Guard
from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.core.verdict import Handler
from lint_lambda.deployment import Deployment, by_place
from lint_lambda.deployment.facts import (
    ADAPTER,
    APPLICATION,
    HANDLER,
    PARSED,
    REFUSED,
    REGISTRY,
    RUNTIME,
    SPEAKS,
    Facts,
)
from lint_lambda.deployment.handlers import exported
from lint_lambda.deployment.handlers.applications import DEEPEST_IMPORT, discover_handlers, made_within
from lint_lambda.deployment.handlers.applications import discover as discover_applications
from lint_lambda.deployment.handlers.declared import defined, served
from lint_lambda.deployment.handlers.evidence import Evidence
from lint_lambda.deployment.handlers.helpers import without_helpers
from lint_lambda.deployment.handlers.hints import count_handlers, is_annotated, may_belong, told_by_outline
from lint_lambda.deployment.handlers.patterns import Pattern
from lint_lambda.deployment.handlers.runtimes import discover as discover_runtimes
from lint_lambda.deployment.handlers.signatures import TEST_FILE, discover, is_unmistakable
from lint_lambda.deployment.locating import Located, Lost
from lint_lambda.deployment.model import Function
from lint_lambda.deployment.serving import Serving
from lint_lambda.frontends import of as frontend_of
from lint_lambda.knowledge.models import Models
from lint_lambda.project.index import words_of
from lint_lambda.project.scripts import is_script

Progress = Callable[[int, int], None]
Key = tuple[str, str]
"""A file, and a name in it."""

TEMPLATES, CONFIGURATION, SHAPE = "templates", "configuration", "shape"


class Program(Protocol):
    """What discovery asks of the project's files."""

    @property
    def files(self) -> Sequence[str]: ...
    def read(self, path: str) -> bytes: ...
    def resolve(self, importer: str, module: str, level: int) -> str | None: ...
    def module(self, path: str) -> ir.Module | None: ...
    def parses(self, path: str) -> bool: ...
    def copy_of(self, path: str) -> str: ...
    def imports(self, path: str) -> Collection[str]: ...
    def imported(self, path: str) -> Sequence[str]: ...
    def may_launch(self, path: str) -> bool: ...


@dataclass
class EntryPoints:
    """- `handlers`: sorted; those in files that were not parsed are only counted, by file.
    - `elsewhere`: how many files that may hold handlers reach none of the selected files.
    - `files`: every file that may define a handler of the run. `candidates`: those, and all others that bear on them; where no
      file changes, a search of these finds the same.
    - `unmatched`: patterns that name nothing, with the modules they were tried on.
    - `absent`: functions whose template names what is not there, and why.
    - `declared`: the functions that each handler is, where a template says so.
    """

    handlers: list[Handler] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    elsewhere: int = 0
    files: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    unmatched: list[tuple[Pattern, list[ir.Module]]] = field(default_factory=list)
    absent: list[tuple[Function, Lost]] = field(default_factory=list)
    declared: dict[Key, list[Function]] = field(default_factory=dict)

    def per_file(self) -> dict[str, int]:
        """How many handlers each file has."""
        found = dict(self.counted)
        for handler in self.handlers:
            found[handler.path] = found.get(handler.path, 0) + 1
        return found


@dataclass(frozen=True)
class Question:
    """What is looked for, and what is known.

    - `selected`: only handlers from which one of these files can be reached; None for all.
    - `guard`: what goes wrong with single files.
    - `every`: parse all of their files; otherwise those from which no launch can be reached are left unparsed.
    - `models`: of the language whose files say by themselves what they are; `of_language`: those of any file's language.
    - `facts`: what the bytes of each file say. `may_launch`: whether functions of a file, by their names, can launch anything.
    - `ways`: which of templates, configuration and shape tell a handler in a file.
    """

    patterns: Sequence[Pattern]
    selected: frozenset[str] | None
    every: bool
    progress: Progress
    models: Models
    of_language: Callable[[str], Models]
    deployment: Deployment
    serving: Serving
    facts: Facts
    ways: Callable[[str], Collection[str]]
    may_launch: Callable[[str, frozenset[str]], bool] = lambda path, names: True
    guard: Guard = field(default_factory=Guard)


def find(program: Program, question: Question) -> EntryPoints:
    """The handlers in the project's files. Runtimes come first among them."""
    search = _Search(program, question)
    for number, path in enumerate(program.files):
        question.progress(number, len(program.files))
        with question.guard(path, "looking for handlers in it"):
            search.file(path)
    return search.result()


class _Search:
    """One search: what the files looked at so far have given."""

    def __init__(self, program: Program, question: Question) -> None:
        self.program = program
        self.question = question
        self.found = EntryPoints(absent=[(f, lost) for f, lost in question.deployment.lost if lost.absent])
        self.declarations = by_place(question.deployment.located)
        self.facts = question.facts
        self.modules: dict[str, ir.Module] = {}
        self.tried: dict[Pattern, list[ir.Module]] = {pattern: [] for pattern in question.patterns}
        self.matched: set[Pattern] = set()
        self.declared: dict[Key, Handler] = {}
        self.named: dict[Key, Handler] = {}
        self.signed: list[Handler] = []
        self.runtimes: list[Handler] = []
        self.applications: list[Handler] = []
        self.passed: dict[str, tuple[Sequence[tuple[Function, Located]], bool]] = {}
        """Files whose handlers cannot launch anything by their names, and were only counted."""

    # --- candidates --------------------------------------------------------------------------------------------------

    def file(self, path: str) -> None:
        program, question = self.program, self.question
        if program.copy_of(path) or question.deployment.is_built(path):
            return
        facts = self.facts.of(path)
        asked = [pattern for pattern in question.patterns if pattern.covers(path)]
        ways = question.ways(path)
        declared = self.declarations.get(path, []) if TEMPLATES in ways else []
        if REFUSED in facts and self._wanted(path):
            program.module(path)  # says what is wrong with it
        if RUNTIME in facts and self._wanted(path):
            polling = program.module(path)
            self.runtimes += [] if polling is None else discover_runtimes(polling)
        served, within = self._served(path, facts)
        itself = self._speaks_of_handlers(path)
        shaped = HANDLER in facts and SHAPE in ways and not TEST_FILE.search(path)
        shaped = shaped and not question.deployment.is_foreign(path)
        if facts or asked or declared or served or itself:
            self.found.candidates.append(path)
        if not (asked or declared or served or itself or shaped):
            return
        if not self._wanted(path):
            # Whether a pattern names anything is asked of all its files, but only where it is cheap to answer.
            self.matched.update(asked)
            self.found.elsewhere += 1
            return
        self.found.files.append(path)
        source = program.read(path)
        followed = question.every or asked or program.may_launch(path) or b"yield" in source
        if not followed and not _may_be_refused(path, declared):
            self._count(path, source, declared)
            return
        if not (question.every or asked or served or itself or RUNTIME in facts or b"yield" in source):
            names = self._told_handlers(path, source, declared, shaped)
            if names and not question.may_launch(path, names):
                self.passed[path] = (declared, shaped)
                self.found.counted[path] = len(names)
                return
        self._lowered(path, declared, asked, shaped, served, within, itself)

    def _told_handlers(
        self, path: str, source: bytes, declared: Sequence[tuple[Function, Located]], shaped: bool
    ) -> frozenset[str]:
        """The names of all handlers of a file, where its outline tells them; else none.

        Nothing serves them, and no file that theirs imports gets back to it: they are a process of their own.
        """
        signs, imports = self.question.models.handlers, self.program.imports
        if is_script(path) or is_annotated(source) or may_belong(path, source, signs) or self._adapter(path):
            return frozenset()
        if any(function.adapter or place.application for function, place in declared):
            return frozenset()
        if any(path in imports(file) for file in imports(path) if file != path):
            return frozenset()
        named = {place.name for _, place in declared}
        return told_by_outline(self.facts.outline(path) or (), named, shaped, signs)

    def _lowered(
        self,
        path: str,
        declared: Sequence[tuple[Function, Located]],
        asked: Sequence[Pattern],
        shaped: bool,
        served: str = "",
        within: bool = False,
        itself: bool = False,
    ) -> None:
        """Look for the handlers of a file in its parsed form."""
        program, question = self.program, self.question
        module = program.module(path)
        if module is None:
            self.matched.update(asked)  # that the file cannot be parsed is reported; what it lacks, nobody knows
            return
        self.modules[path] = module
        self._classify(module, declared, asked, shaped)
        if served:
            models = question.models
            self.applications += discover_applications(
                module, models.is_application, models.registries, served, called=within
            )
        if itself:
            self.applications += discover_handlers(module, question.models.is_handler, self._imported)

    def _speaks_of_handlers(self, path: str) -> bool:
        """Whether a file, or what it imports directly or so, speaks of a library whose objects Lambda calls."""
        if not self._speaking and not self.question.every:
            return False
        reached = {path}
        for _ in range(DEEPEST_IMPORT):  # a class may derive from the library's there
            reached |= {file for known in list(reached) for file in self.program.imported(known)}
        # Where handlers are looked for in some files only, what these import is not among them.
        return any(SPEAKS in self.facts.of(file) for file in reached)

    @cached_property
    def _speaking(self) -> frozenset[str]:
        return frozenset(path for path in self.program.files if SPEAKS in self.facts.of(path))

    def _wanted(self, path: str) -> bool:
        selected = self.question.selected
        return selected is None or not selected.isdisjoint(self.program.imports(path))

    def _count(self, path: str, source: bytes, declared: Sequence[tuple[Function, Located]]) -> None:
        """Nothing in the file's reach can launch: its handlers are counted, and those that are declared looked for."""
        if PARSED not in self.facts.of(path) and not self.program.parses(path):
            return
        names = {place.name for _, place in declared if not place.application}
        if is_script(path):
            script = self.program.module(path)
            told = 0 if script is None else len(exported.discover(script))
        else:
            told = count_handlers(path, source, self.question.models.handlers)
        self.found.counted[path] = max(len(names), told)
        if any(name.encode() not in source for name in names) and (module := self.program.module(path)) is not None:
            self._declare(module, declared)

    def _imported(self, path: str, statement: ir.Import) -> ir.Module | None:
        file = self.program.resolve(path, statement.module, statement.level)
        return None if file is None else self.program.module(file)

    def _served(self, path: str, facts: str) -> tuple[str, bool]:
        """The adapter that serves an application which the file may define, and whether a handler calls that; empty for none."""
        serving, read = self.question.serving, self.program.read
        if APPLICATION not in facts and not (self._may_be_served(path, facts) and self._speaks_of_applications(path)):
            return "", False
        in_code = serving.in_code(path, read)
        named = serving.named(path)
        if named not in ("", in_code):
            return named, False
        beside = "" if in_code else serving.beside(path)
        if beside or REGISTRY not in facts:
            return beside, False
        return in_code or serving.in_code_near(path, self._with_adapter, read), True

    def _may_be_served(self, path: str, facts: str) -> bool:
        """Whether there is an adapter for whatever the file defines."""
        serving = self.question.serving
        return ADAPTER in facts or bool(serving.named(path) or serving.beside(path))

    def _speaks_of_applications(self, path: str) -> bool:
        """Whether a library that has applications is named anywhere in a file, which may get one from whoever imports that."""
        return not self.question.models.application_words.isdisjoint(words_of(self.program.read(path)))

    @cached_property
    def _with_adapter(self) -> Sequence[str]:
        return [path for path in self.program.files if ADAPTER in self.facts.of(path)]

    # --- classify ----------------------------------------------------------------------------------------------------

    def _classify(
        self,
        module: ir.Module,
        declared: Sequence[tuple[Function, Located]],
        asked: Sequence[Pattern],
        shaped: bool,
    ) -> None:
        self._declare(module, declared)
        for pattern in asked:
            self.tried[pattern].append(module)
            for handler in pattern.match(module, self.question.models.handlers):
                self.matched.add(pattern)
                self.named[module.path, handler.name] = handler
        if shaped:
            if is_script(module.path):
                elsewhere = self._evidence.speaks_against(module.path)
                self.signed += [h for h in exported.discover(module) if not (h.by_name and elsewhere)]
                return
            sure = self._says_all(module.path)
            signs = self.question.models.handlers
            found = discover(module, signs)
            self.signed += [h for h in found if not sure or is_unmistakable(module, h.name, signs)]

    def _declare(self, module: ir.Module, declared: Sequence[tuple[Function, Located]]) -> None:
        known: dict[str, Handler | Lost] = {}  # many functions may be one handler
        for function, place in declared:
            if place.application:
                by_name = place.name or not is_script(module.path)
                for handler in served(module, place.name, function) if by_name else self._started(module, function):
                    self.applications.append(handler)
                    self.found.declared.setdefault((handler.path, handler.name), []).append(function)
                continue
            if place.name not in known:
                known[place.name] = defined(module, place.name, function)
            found = known[place.name]
            if isinstance(found, Handler):
                self.declared.setdefault((found.path, found.name), found)
                self.found.declared.setdefault((found.path, found.name), []).append(function)
            elif not place.guessed:
                self.found.absent.append((function, found))

    def _started(self, module: ir.Module, function: Function) -> list[Handler]:
        """The applications that a file which starts a server has, or the nearest of the files that it loads."""
        models, level, seen = self.question.of_language(module.path), [module.path], {module.path}
        for _ in range(DEEPEST_IMPORT + 1):
            found = [
                handler
                for path in level
                if (loaded := self.program.module(path)) is not None
                for handler in discover_applications(loaded, models.is_application, models.registries, function.adapter)
            ]
            found = found or [
                handler
                for path in level
                if (loaded := self.program.module(path)) is not None
                for handler in made_within(loaded, models.is_application, function.adapter)
            ]
            if found:
                return found
            level = list(
                dict.fromkeys(path for each in level for path in self.program.imported(each) if path not in seen)
            )
            seen.update(level)
        return []

    @cached_property
    def _evidence(self) -> Evidence:
        deployment = self.question.deployment
        return Evidence(deployment.files, declares=bool(deployment.functions))

    def _says_all(self, path: str) -> bool:
        """Whether templates say which handlers there are in the folder that a file is deployed with."""
        if TEMPLATES not in self.question.ways(path):
            return False
        deployment = self.question.deployment
        root = deployment.root_of(path)
        if root is None:
            return False
        templates = {function.declared.file for function, place in deployment.located if place.root == root}
        return not any(function.declared.file in templates for function, _ in deployment.lost)

    # --- deploy ------------------------------------------------------------------------------------------------------

    def _settle_passed(self) -> None:
        """Lower those files after all that have to do with other handlers: one of two may only help the other."""
        told = (*self.runtimes, *self.applications, *self.signed, *self.named.values(), *self.declared.values())
        files = {handler.path for handler in told} | self.passed.keys()
        imports = self.program.imports
        reached = frozenset().union(*(frozenset(imports(file)) - {file} for file in files))
        for path, (declared, shaped) in self.passed.items():
            if path in reached or not files.isdisjoint(frozenset(imports(path)) - {path}):
                del self.found.counted[path]
                with self.question.guard(path, "looking for handlers in it"):
                    self._lowered(path, declared, (), shaped)

    def result(self) -> EntryPoints:
        self._settle_passed()
        found = self.found
        patterns = self.question.patterns
        found.unmatched = [(pattern, self.tried[pattern]) for pattern in patterns if pattern not in self.matched]
        sure = {**self.named, **self.declared}
        signed = without_helpers(self.signed, self.modules, self.program.resolve, self.program.imports)
        called = {(h.path, h.name): h for h in _merge(sure, signed)}
        called.update({(h.path, h.name): h for h in self.applications if (h.path, h.name) not in called})
        found.handlers = [*self.runtimes, *(self._deployed(handler) for handler in sorted(called.values()))]
        return found

    def _deployed(self, handler: Handler) -> Handler:
        """The handler with what is known of where it runs and what it serves its applications with."""
        serving = self.question.serving
        adapter = handler.adapter or self._adapter(handler.path)
        engines = {function.runtime for function in self.found.declared.get((handler.path, handler.name), ())}
        engine = engines.pop() if len(engines) == 1 else None
        managed = serving.is_managed(handler.path, handler.name)
        return replace(handler, adapter=adapter, managed=managed, engine=engine or "")

    def _adapter(self, path: str) -> str:
        """What serves the applications that a handler in a file may call; empty for nothing."""
        serving, read = self.question.serving, self.program.read
        named = serving.named(path)
        if named:
            return named
        near_first = sorted(self.program.imports(path), key=lambda file: (file != path, file))
        in_code = (serving.in_code(file, read) for file in near_first)
        return next((each for each in in_code if each), "") or serving.beside(path)


def _may_be_refused(path: str, declared: Sequence[tuple[Function, Located]]) -> bool:
    """Whether a runtime that functions of a file are deployed with does not start every handler."""
    answering = frontend_of(path).semantics.answering
    return answering is not None and any(answering.waits(each.runtime or "") is False for each, _ in declared)


def _merge(sure: dict[Key, Handler], signed: Iterable[Handler]) -> Iterator[Handler]:
    """What a template or the user names counts as such even where its signature would have told."""
    yield from sure.values()
    yield from (handler for handler in signed if (handler.path, handler.name) not in sure)
