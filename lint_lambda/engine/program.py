"""The program under analysis: the project's files, lowered by the front-end of their language when they are asked for."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from lint_lambda.cache import Cache
from lint_lambda.core import ir
from lint_lambda.core.errors import NotAnalysed, SyntaxProblem
from lint_lambda.core.guard import Guard
from lint_lambda.core.mentions import Mentions
from lint_lambda.core.names import Symbol
from lint_lambda.core.source import Location, Span
from lint_lambda.core.verdict import Place
from lint_lambda.frontends import FRONTENDS, of
from lint_lambda.ignores import may_hold_ignore
from lint_lambda.knowledge.tables import ModuleModel
from lint_lambda.project import Project
from lint_lambda.project.documents import documents
from lint_lambda.project.index import Reach


class LoweredProgram:
    """`lint_lambda.analysis.domain.program.Program` over a project. Every file is lowered once at most, or read from the cache.

    - `semantics`: what the language of its files means.
    - `syntax_problems`: by path, what could not be parsed. `not_analysed`: why valid code was not looked at.
    - `guard`: what else went wrong with single files.
    """

    semantics = FRONTENDS[0].semantics

    def __init__(
        self, project: Project, reach: Reach, cache: Cache, copies: Sequence[ModuleModel], guard: Guard
    ) -> None:
        self.project = project
        self.reach = reach
        self.guard = guard
        self.syntax_problems: dict[str, SyntaxProblem] = {}
        self.not_analysed: dict[str, str] = {}
        self._copies = copies
        self._cache = cache
        self._modules: dict[str, ir.Module | None] = {}
        self._asked: set[str] = set()
        self._imported: dict[str, frozenset[str]] = {}
        self._spans: dict[str, tuple[Span, ...]] = {}
        self.readers: set[str] = set()
        """The files whose meaning depends on other files than those of code."""
        self._ignoring: dict[str, bool] = {}
        self._mentions: dict[str, Mentions | None] = {}

    def speaking(self, path: str) -> LoweredProgram:
        """The same program, for what is reached from a file: in the language of that."""
        other = copy.copy(self)
        other.semantics = of(path).semantics
        return other

    def overlaid(self, contents: Mapping[str, bytes], files: Sequence[str] | None, guard: Guard) -> LoweredProgram:
        """The same program with other contents of some files; `files` are those in which handlers are looked for.

        What is known of all other files is kept.
        """
        project = self.project.overlaid(contents, files)
        reach = self.reach.overlaid(contents.keys(), project.read, project.resolve)
        other = LoweredProgram(project, reach, self._cache, self._copies, guard)
        other.not_analysed = {p: why for p, why in self.not_analysed.items() if p not in contents}
        other.syntax_problems = {p: problem for p, problem in self.syntax_problems.items() if p not in contents}
        other._modules = {path: module for path, module in self._modules.items() if path not in contents}
        other._asked = self._asked - contents.keys()
        other._spans = {path: spans for path, spans in self._spans.items() if path not in contents}
        other._ignoring = {path: may for path, may in self._ignoring.items() if path not in contents}
        other._mentions = {path: said for path, said in self._mentions.items() if path not in contents}
        changed = contents.keys()
        other._imported = {path: files for path, files in self._imported.items() if changed.isdisjoint(files)}
        return other

    @property
    def files(self) -> Sequence[str]:
        return self.project.files

    def read(self, path: str) -> bytes:
        return self.project.read(path)

    def module(self, path: str) -> ir.Module | None:
        """The module in this file; None when it cannot be read or parsed."""
        if path not in self._modules:
            self._modules[path] = None
            with self.guard(path, "reading it"):
                self._modules[path] = self._lower(path)
        return self._modules[path]

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        return self.project.resolve(importer, module, level)

    def copy_of(self, path: str) -> Symbol:
        """The library module that this file is a copy of; empty for a file that only has its name, and for all others."""
        name = path.rpartition("/")[2].removesuffix(".py")
        marker = next((copy.marker for copy in self._copies if copy.name == name), None)
        return name if marker is not None and marker.encode() in self.project.read(path) else ""

    def copies(self) -> list[str]:
        """The files that are copies of library modules, sorted."""
        return [path for path in self._namesakes if self.copy_of(path)]

    @cached_property
    def _namesakes(self) -> list[str]:
        names = tuple(f"{copy.name}.py" for copy in self._copies)
        return sorted(path for path in self.project.every_file if path.endswith(names))

    def imports(self, path: str) -> frozenset[str]:
        """`path`, and every file of the project that it imports in the end."""
        if path not in self._imported:
            self._imported[path] = frozenset(self.reach.closure(path))
        return self._imported[path]

    def imported(self, path: str) -> Sequence[str]:
        """The files of the project that importing `path` loads directly."""
        return self.reach.imported(path)

    def may_launch(self, path: str) -> bool:
        return self.reach.may_launch(path)

    def mentions(self, path: str) -> Mentions | None:
        """What the parts of the file mention; None where that cannot be told."""
        if path not in self._mentions:
            self._mentions[path] = of(path).mentions(self.project.read(path))
        return self._mentions[path]

    def may_ignore(self, path: str) -> bool:
        """Whether the file may hold a comment that silences findings."""
        if path not in self._ignoring:
            self._ignoring[path] = may_hold_ignore(self.project.read(path))
        return self._ignoring[path]

    @property
    def lowered(self) -> frozenset[str]:
        """The files that have been asked for."""
        return frozenset((*self._modules, *self._asked))

    def count_as_asked(self, paths: Collection[str]) -> None:
        """Count files among those that have been asked for: what they would have told is known already."""
        self._asked |= {*paths}

    def parses(self, path: str) -> bool:
        """Whether the file is valid Python; if not, `syntax_problems` has it.

        For files that need not be lowered. The running interpreter's own parser is fast, but may be of another version
        than the code: only the front-end can say that a file is wrong.
        """
        return of(path).compiles(self.project.read(path)) or self.module(path) is not None

    def documents(self, importer: str, name: str) -> list[dict[str, object]]:
        self.readers.add(importer)
        return documents(self.project, importer, name)

    def locate(self, place: Place) -> Location:
        """Where a node stands. The file is one that was lowered."""
        if place.path not in self._spans:
            self._spans[place.path] = self._locate(place.path)
        if place.site >= len(self._spans[place.path]):  # the cache's entry is another file's
            self._spans[place.path] = self._relocate(place.path)
        spans = self._spans[place.path]
        # What is not there comes of an entry of the cache that somebody else wrote.
        return Location(place.path, spans[place.site] if 0 <= place.site < len(spans) else Span(1, 0, 1, 0))

    def text(self, path: str) -> str:
        """The text of a file; empty when it cannot be decoded."""
        try:
            return self.project.text(path)
        except SyntaxProblem:
            return ""  # it is reported as unparseable, and its text is only for quoting

    def _lower(self, path: str) -> ir.Module | None:
        self.guard.budget.check()
        source = self.project.read(path)
        digest = self.project.digest(path)
        module = self._cache.module(digest, path)
        if module is not None:
            return module
        try:
            module = of(path).lower(source, path)
        except SyntaxProblem as problem:
            self.syntax_problems[path] = problem
            return None
        except NotAnalysed as limit:
            self.not_analysed[path] = limit.reason
            return None
        if self._is_on_disk(path):
            self._cache.store_module(digest, module)
        return module

    def _locate(self, path: str) -> tuple[Span, ...]:
        spans = self._cache.spans(self.project.digest(path))
        return spans if spans is not None and _fit(spans, self.project.read(path)) else self._relocate(path)

    def _relocate(self, path: str) -> tuple[Span, ...]:
        spans = of(path).locate(self.project.read(path), path, self.module(path))
        if self._is_on_disk(path):
            self._cache.store_spans(self.project.digest(path), spans)
        return spans

    def _is_on_disk(self, path: str) -> bool:
        """What stands in for a file, as an editor has it or a fix tries it, is not worth keeping."""
        return path not in self.project.contents.overlays


def _fit(spans: Sequence[Span], source: bytes) -> bool:
    """Whether these can be spans of that source: an entry of the cache may be anybody's."""
    lines = source.count(b"\n") + source.count(b"\r") + 1
    return all(0 < span.line <= span.end_line <= lines for span in spans)
