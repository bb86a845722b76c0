"""Imports that are meant for files of the project and load none: they are said, and findings that hang on them are not sure."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence

from lint_lambda.core.finding import Confidence, Fate, Finding, Related, Role
from lint_lambda.core.record import dataclass, replace
from lint_lambda.core.source import Location, Span
from lint_lambda.engine.program import LoweredProgram
from lint_lambda.project.index import imports
from lint_lambda.project.scripts import is_script, written

_MADE = re.compile(r"(?:\A|\.)(?:_*version_*|_version_info|_build\w*|\w+_pb2(?:_grpc)?)\Z")
"""Modules that a build writes."""

_MADE_SCRIPTS = re.compile(r"(?:\A|/)(?:_*generated_*|\.sst|sst-env|\.open-next|\.prisma)(?:/|\Z)|_pb\Z|\.gen\Z")
"""The same in JavaScript."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A module as the import writes it, and where."""

    module: str
    location: Location


class Unresolved:
    """What the files of one program import in vain; each is looked at once."""

    def __init__(self, program: LoweredProgram) -> None:
        self._program = program
        self._of: dict[str, tuple[Missing, ...]] = {}

    def overlaid(self, program: LoweredProgram, changed: Collection[str]) -> Unresolved:
        """The same of the program where the files `changed` have other contents."""
        other = Unresolved(program)
        other._of = {path: found for path, found in self._of.items() if path not in changed}
        return other

    def of(self, path: str) -> tuple[Missing, ...]:
        """What one file imports in vain."""
        if path not in self._of:
            self._of[path] = tuple(self._find(path)) if self._is_suspect(path) else ()
        return self._of[path]

    def reached(self, path: str) -> list[Missing]:
        """What a file, or any that it imports, imports in vain."""
        return [missing for file in sorted(self._program.imports(path)) for missing in self.of(file)]

    def messages(self, handlers: Mapping[str, int]) -> list[str]:
        """A sentence for each module that is not found, with how many handlers it matters to; `handlers` counts them by file."""
        affected: dict[str, int] = {}
        first: dict[str, Missing] = {}
        for path in sorted(handlers):
            found = {missing.module: missing for missing in reversed(self.reached(path))}
            for module, missing in found.items():
                first.setdefault(module, missing)
                affected[module] = affected.get(module, 0) + handlers[path]
        return [
            f"`{module}`, imported by {missing.location.path}:{missing.location.span.line}, was not found; "
            f"{_handlers(affected[module])} affected{_remedy(missing.location.path)}"
            for module, missing in sorted(first.items(), key=lambda item: (-affected[item[0]], item[0]))
            if affected[module]
        ]

    def weigh(self, finding: Finding) -> Finding:
        """The finding, less sure where what is not found may decide it.

        That is where a file that it leads through imports in vain; and, as a client may be set up anywhere in the process, any
        file that the handler loads.
        """
        if finding.confidence < Confidence.HIGH or not finding.handlers:
            return finding
        files = [finding.location.path, *(related.location.path for related in finding.related)]
        found = [missing for path in dict.fromkeys(files) for missing in self.of(path)]
        if not found and finding.fate is Fate.BUFFERED:
            found = [m for handler in finding.handlers for m in self.reached(handler.rpartition(":")[0])]
        if not found:
            return finding
        note = Related(Role.NOTE, found[0].location, f"`{found[0].module}` was not found, and may change this")
        return replace(finding, confidence=Confidence.MEDIUM, related=(*finding.related, note))

    # --- one file ----------------------------------------------------------------------------------------------------

    def _is_suspect(self, path: str) -> bool:
        """Whether the file's bytes show an import that may be in vain; what a module has as attributes is none."""
        resolve, project = self._program.resolve, self._program.project
        if is_script(path):
            return True
        for module, level in imports(project.read(path)):
            if resolve(path, module, level) is not None or not project.is_local(path, module, level):
                continue
            parent = module.rpartition(".")[0]
            holder = resolve(path, parent, level) if parent or level else None
            if holder is None or holder.endswith("/"):
                return True
        return False

    def _find(self, path: str) -> Iterator[Missing]:
        if is_script(path):
            for module, line, start, end in written(self._program.read(path).decode("utf-8", "replace")):
                if not _MADE_SCRIPTS.search(module) and self._program.project.lacks(path, module):
                    yield Missing(module, Location(path, Span(line, start, line, end)))
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about the code under analysis: invalid escapes and the like
                tree = ast.parse(self._program.read(path))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for node in _imports(tree.body):
            for module, level in self._modules(node, path):
                if self._in_vain(path, module, level):
                    span = Span(node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)
                    yield Missing("." * level + module, Location(path, span))

    def _modules(self, node: ast.Import | ast.ImportFrom, path: str) -> Iterator[tuple[str, int]]:
        """The modules that a statement must find. What it takes from a package may be an attribute."""
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif node.module is not None:
            yield node.module, node.level
        elif (self._program.resolve(path, "", node.level) or "/").endswith("/"):
            yield from ((alias.name, node.level) for alias in node.names if alias.name != "*")

    def _in_vain(self, path: str, module: str, level: int) -> bool:
        project = self._program.project
        if _MADE.search(module) or self._program.resolve(path, module, level) is not None:
            return False
        return project.is_local(path, module, level)


def _imports(body: Sequence[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements that must succeed: not those under `except ImportError`, nor for type checkers only."""
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield statement
        elif isinstance(statement, ast.Try) and any(map(_catches_imports, statement.handlers)):
            continue
        elif isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            yield from _imports(statement.orelse)
        else:
            for field in ("body", "orelse", "finalbody"):
                yield from _imports(getattr(statement, field, ()))


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    caught = "" if handler.type is None else ast.unparse(handler.type)
    return not caught or any(name in caught for name in ("ImportError", "ModuleNotFoundError", "Exception"))


def _remedy(importer: str) -> str:
    return ", and what it does is not known" if is_script(importer) else ": set `source-roots`"


def _handlers(count: int) -> str:
    return "1 handler is" if count == 1 else f"{count} handlers are"
