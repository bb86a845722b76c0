"""Edits that answer first: what was launched is handed to the project's extension or hook, which works after the response."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Union

import libcst as cst

from lint_lambda.core.finding import Applicability, FixIntent
from lint_lambda.core.intent import EXTENSION, AfterResponse, Candidate, NoFix
from lint_lambda.core.source import Span
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits import endless, entangled, handed
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, reader, unsafe
from lint_lambda.knowledge.texts import say


def candidates(
    intent: FixIntent, text: Callable[[str], str], libraries: Sequence[AfterResponse]
) -> Iterator[Candidate]:
    """Every way to hand the work of a launch to one of `libraries`, best first. Raises `NoFix` where there is none."""
    code_of = reader(text)
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if not intent.remedy.kind.deferrable or launch is None:
        raise NoFix(say("refusals.not-a-function"))
    if intent.reason == "import-time":
        raise NoFix(say("refusals.deferred-import"))
    endless.refuse(intent, code, launch)
    found = handed.work(code, launch, intent)
    entangled.refuse(code, launch, intent, found)
    for library in libraries:
        bare: list[Target] = []
        if library.library == EXTENSION:
            name, bare = "defer", [function for _, function in undecorated(intent, code_of)]
        else:
            name = "wait_until" if found.coroutine else "after_response"
        bound, imported = importing(code, library.module, (name, "deferring") if bare else (name,))
        said = f"{bound[0]}({found.coroutine})" if name == "wait_until" else found.call(bound[0])
        replaced = handed.replaced(code, launch, found, said, intent.remedy.makers)
        marks = [edit for each in bare for edit in decorated(code, each, bound[-1])]
        edits = [*_side_by_side(code, imported, replaced.edits), *marks]
        yield _candidate(intent, library, found, said, edits)


def _candidate(intent: FixIntent, library: AfterResponse, found: handed.Work, said: str, edits: Edits) -> Candidate:
    short = said if "\n" not in said else f"{said.partition('(')[0]}(…)"
    title = say("fixes.defer-now" if found.delayed else "fixes.defer", code=short)
    if library.directory:
        command = f"lambda-lint scaffold extension --into {library.directory}"
        title = say("fixes.defer-after-scaffold", command=command, code=short)
        return Candidate(title, Applicability.DISPLAY, intent.launch.path, tuple(edits))
    return unsafe(intent.launch.path, title, edits)


# --- handlers --------------------------------------------------------------------------------------------------------


Target = Union[cst.FunctionDef, cst.Assign]
"""What makes a handler: its definition, or what assigns its name the value of a call (``handler = Mangum(app)``)."""


def undecorated(intent: FixIntent, code_of: CodeOf, anywhere: bool = False) -> Iterator[tuple[str, Target]]:
    """The handlers that lack the decorator, with their files.

    Raises `NoFix` where one cannot be decorated, or (unless `anywhere`) is in another file than the launch.
    """
    for path, name in dict.fromkeys(intent.handlers):
        function = definition(code_of(path), name) or _assignment(code_of(path), name)
        if function is None:
            raise NoFix(say("refusals.not-decoratable", name=name, path=path))
        if is_decorated(function):
            continue
        if isinstance(function, cst.FunctionDef) and function.asynchronous is not None:
            raise NoFix(say("refusals.async-first"))
        if path != intent.launch.path and not anywhere:
            raise NoFix(say("refusals.decorate-first", name=name, path=path))
        yield path, function


def definition(code: Code, name: str) -> cst.FunctionDef | None:
    """The function of that (dotted) name; the last, where there are several."""
    body: Sequence[cst.CSTNode] = code.module.body
    found: cst.CSTNode | None = None
    for part in name.split("."):
        defined = [
            each for each in body if isinstance(each, (cst.FunctionDef, cst.ClassDef)) and each.name.value == part
        ]
        found = defined[-1] if defined else None
        body = bindings.suite(found.body) if isinstance(found, cst.ClassDef) else ()
    return found if isinstance(found, cst.FunctionDef) else None


def _assignment(code: Code, name: str) -> cst.Assign | None:
    """The last assignment of the module that gives the name the value of a call."""
    found: cst.Assign | None = None
    for unit in code.module.body:
        for small in unit.body if isinstance(unit, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and name in [dotted(each.target) for each in small.targets]:
                found = small if isinstance(small.value, cst.Call) else None
    return found


def is_decorated(handler: Target) -> bool:
    if isinstance(handler, cst.Assign):
        return isinstance(handler.value, cst.Call) and _is_deferring(handler.value.func)
    return any(_is_deferring(each.decorator) for each in handler.decorators)


def _is_deferring(node: cst.BaseExpression) -> bool:
    return dotted(node).rpartition(".")[2] == "deferring"


def decorated(code: Code, handler: Target, name: str) -> Edits:
    """The decorator above all others, or around the value."""
    if isinstance(handler, cst.Assign):
        return [code.insert(handler.value, f"{name}("), code.append(handler.value, ")")]
    first = handler.decorators[0] if handler.decorators else handler
    return [code.before(first, f"@{name}", above_comments=False)]


# --- imports ---------------------------------------------------------------------------------------------------------


def importing(code: Code, module: str, names: Sequence[str]) -> tuple[list[str], Edits]:
    """How the file calls `names` of `module` (with the dots of a relative import), and what imports those it does not yet.

    Raises `NoFix` where the names mean something else there.
    """
    for _, small in code.imports():
        if isinstance(small, cst.Import):
            for alias in small.names:
                if bindings.dotted_name(alias.name) == module:
                    base = bindings.bound_by_alias(alias, whole_module=False)
                    return [f"{base}.{name}" for name in names], []
        elif source(small) == module:
            found = _extended(code, small, names)
            if found is not None:
                return found
    taken = [name for name in names if name in code.names]
    if not taken:
        return list(names), [_new_line(code, f"from {module} import {', '.join(names)}")]
    if module.startswith(".") or module.partition(".")[0] in code.names:
        raise NoFix(say("refusals.name-taken", name=taken[0]))
    return [f"{module}.{name}" for name in names], [_new_line(code, f"import {module}")]


def source(small: cst.ImportFrom) -> str:
    """The module behind ``from``, with the dots of a relative import."""
    return "." * len(small.relative) + (bindings.dotted_name(small.module) if small.module is not None else "")


def _extended(code: Code, small: cst.ImportFrom, names: Sequence[str]) -> tuple[list[str], Edits] | None:
    """The names as an import of the module binds them, after those that it lacks were added to it."""
    if isinstance(small.names, cst.ImportStar):
        return list(names), []
    bound = {
        bindings.dotted_name(alias.name): bindings.bound_by_alias(alias, whole_module=False) for alias in small.names
    }
    missing = [name for name in names if name not in bound]
    if any(name in code.names for name in missing):
        return None
    edits = [code.append(small.names[-1].name, f", {', '.join(missing)}")] if missing else []
    if missing and small.names[-1].asname is not None:
        edits = [code.append(small.names[-1].asname.name, f", {', '.join(missing)}")]
    return [bound.get(name, name) for name in names], edits


def _new_line(code: Code, line: str) -> tuple[Span, str]:
    """Where the import of a module of one's own stands: last of those that the file begins with."""
    body = list(code.module.body)
    documented = 1 if code.module.get_docstring() is not None else 0
    last = documented
    while last < len(body) and _imports(body[last]):
        last += 1
    if last == documented:
        if last == len(body):
            raise NoFix(say("refusals.no-import"))
        return code.before(body[last], f"{line}\n", above_comments=False)
    return code.after(body[last - 1], line if _is_near(body[last - 1]) else f"\n{line}")


def _side_by_side(code: Code, imported: Edits, edits: Edits) -> Edits:
    """An import may be added where one is taken away: then the one takes the other's place."""
    for place, text in imported:
        for span, nothing in edits:
            if not nothing and span.line <= place.line < span.end_line and text.strip():
                end = len(code.lines[span.line - 1])
                rest = [edit for edit in edits if edit != (span, nothing)]
                return [(Span(span.line, 0, span.line, end), text.strip()), *rest]
    return [*imported, *edits]


def _imports(unit: cst.CSTNode) -> bool:
    return isinstance(unit, cst.SimpleStatementLine) and all(
        isinstance(small, (cst.Import, cst.ImportFrom)) for small in unit.body
    )


def _is_near(unit: cst.CSTNode) -> bool:
    """Whether an import is of something that is neither of the language nor of the future: no blank line goes below it."""
    small = unit.body[-1] if isinstance(unit, cst.SimpleStatementLine) else None
    if isinstance(small, cst.ImportFrom):
        name = source(small)
    else:
        name = bindings.dotted_name(small.names[0].name) if isinstance(small, cst.Import) else ""
    return name.partition(".")[0] not in sys.stdlib_module_names
