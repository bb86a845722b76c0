"""Text to a libcst tree, whatever the text: guarded by the interpreter's own parser, which is fast and cannot be overwhelmed.

libcst's parser crashes on thousands of nested brackets, takes time that is exponential in nested patterns and quadratic in
long chains, and refuses a few forms that Python takes. So `ast` is asked first. What it takes is valid, and is lowered or
said not to be analysed; it is never called an error.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst

from lint_lambda.core.errors import NotAnalysed, SyntaxProblem
from lint_lambda.core.text import decode

DEEPEST = 1000
"""How deeply one statement may be nested. libcst takes a second or two for a chain of that length."""
DEEPEST_PATTERN = 6
"""The same for brackets in a ``case``."""
_BRACKETS = 90  # as many as libcst's parser takes on a small stack, when Python's own has not said that there are fewer
_LONGEST_LINE = 20_000

_LINE_END = re.compile(r"\r\n|\r|\n")
_CASE = re.compile(r"^[ \t\f]*case\b", re.MULTILINE)
_TEXTS = re.compile(
    r"""(?:'''(?:[^\\]|\\.)*?''' | \"\"\"(?:[^\\]|\\.)*?\"\"\" | '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" | \#[^\n]*)""",
    re.DOTALL | re.VERBOSE,
)
_TOO_DEEP = "nested", "indentation"
"""Words in the interpreter's complaints about code that is nested more deeply than it allows."""


def parse(source: bytes, path: str) -> cst.Module:
    """The tree of a file.

    Of code that libcst cannot be given as it is, it is that of the same code written plainly, in other places: `positions`
    knows the real ones. Raises `SyntaxProblem` for what is not valid Python, `NotAnalysed` for what is, but goes beyond limits.
    """
    text = decode(source, path)
    try:
        plain = python_tree(text)
    except SyntaxError as error:
        return _of_other_version(text, path, error)
    except (RecursionError, MemoryError) as error:
        raise NotAnalysed(path, "it is nested too deeply") from error
    line = _too_deep(plain, text)
    if line:
        raise NotAnalysed(path, f"the statement in line {line} is nested more than {DEEPEST} deep")
    if not _has_deep_pattern(text):
        try:
            return _libcst(text)
        except cst.ParserSyntaxError:
            pass  # a form that it does not know: such as `(x): int`
    return _rewritten(plain, path)


def parse_as_written(text: str) -> cst.Module | None:
    """The tree of a text in which every character has its place; None for a text that libcst cannot be given as it is."""
    try:
        if _has_deep_pattern(text) or _too_deep(python_tree(text), text):
            return None
    except SyntaxError:
        pass  # it may be of another version than the interpreter, and has been lowered
    except (RecursionError, MemoryError):
        return None
    try:
        return _libcst(text)
    except cst.ParserSyntaxError:
        return None


def parse_expression(text: str) -> cst.BaseExpression | None:
    """The expression in a text, such as an annotation; None when it is none, or one beyond all limits."""
    try:
        plain = python_expression(text)
        if _depth(plain) > DEEPEST:
            return None
        with _unchecked():
            return cst.parse_expression(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError, cst.ParserSyntaxError):
        return None


def python_tree(text: str) -> ast.Module:
    """The interpreter's own tree. Raises `SyntaxError`, `RecursionError`, `MemoryError`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the code under analysis: invalid escapes and the like
        try:
            return ast.parse(text)
        except ValueError as error:  # NUL, or half of a surrogate pair
            raise SyntaxError(str(error)) from error


def python_expression(text: str) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text.strip(), mode="eval").body


def _libcst(text: str) -> cst.Module:
    with _unchecked():
        return cst.parse_module(text)


@contextmanager
def _unchecked() -> Iterator[None]:
    """Nodes that come from the parser need not be checked one by one, which takes a quarter of its time.

    The checks refuse forms such as ``return(x if y else z)``, too.
    """
    check = cst.CSTNode.__post_init__
    cst.CSTNode.__post_init__ = lambda self: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        cst.CSTNode.__post_init__ = check  # type: ignore[method-assign]


def _of_other_version(text: str, path: str, error: SyntaxError) -> cst.Module:
    """The tree of what the running interpreter does not take: it may be of another version than the code."""
    if any(word in str(error) for word in _TOO_DEEP):
        raise SyntaxProblem(
            path, error.lineno or 1, 0, f"Python refuses this file: {error.msg}", "split the code"
        ) from error
    bare = _TEXTS.sub("''", text)
    if _brackets(bare) > _BRACKETS or _has_deep_pattern(text) or max(map(len, bare.split("\n"))) > _LONGEST_LINE:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        line = error.lineno or 1
        raise NotAnalysed(
            path, f"Python {version} does not take line {line} ({error.msg}), and its nesting is deep"
        ) from error
    try:
        return _libcst(text)
    except cst.ParserSyntaxError:
        raise _problem(text, path, error) from error


def _problem(text: str, path: str, error: SyntaxError) -> SyntaxProblem:
    """The error where the interpreter itself says that it is, so that nobody is told of two places."""
    line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
    lines = text.splitlines()
    hint = _syntax_hint(lines[line - 1] if line <= len(lines) else "", error.msg)
    return SyntaxProblem(path, line, column, "this file is not valid Python 3", hint)


def _syntax_hint(line: str, complaint: str) -> str:
    stripped = line.strip()
    if stripped.startswith(("print ", "exec ", "except ")) or "print " in stripped:
        return "it looks like Python 2, which Lambda no longer runs; port it, or exclude the file"
    if stripped.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return "there is an unresolved merge marker; resolve it"
    if "<" in stripped and ">" in stripped:
        return "there may be a <placeholder> left in the code; replace it, or exclude the file"
    said = "" if complaint == "invalid syntax" else f" (Python says: {complaint})"
    return f"fix the syntax{said}, or exclude the file"


# --- measuring -------------------------------------------------------------------------------------------------------


def _too_deep(tree: ast.Module, text: str) -> int:
    """The line of a statement that is nested too deeply; 0 for none. What is too short for that is not looked into."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text)), len(text)]
    pending: list[tuple[ast.AST, int]] = [(statement, 1) for statement in tree.body]
    while pending:
        node, depth = pending.pop()
        if depth > DEEPEST:
            return getattr(node, "lineno", 1)
        if isinstance(node, ast.stmt) and starts[node.end_lineno or 0] - starts[node.lineno - 1] + depth < DEEPEST:
            continue
        for name in node._fields:
            value = getattr(node, name)
            for part in value if value.__class__ is list else (value,):
                if isinstance(part, (ast.stmt, ast.excepthandler, ast.match_case)):
                    pending.append((part, depth + 1))
                elif isinstance(part, ast.expr) and _is_long(part) and depth + _depth(part) > DEEPEST:
                    return part.lineno
    return 0


def _is_long(node: ast.expr) -> bool:
    """Whether there is room in its text for that much nesting."""
    return node.end_lineno != node.lineno or (node.end_col_offset or 0) - node.col_offset > DEEPEST


def _depth(node: ast.AST) -> int:
    deepest = 0
    pending = [(node, 1)]
    while pending:
        current, depth = pending.pop()
        deepest = max(deepest, depth)
        pending += [(child, depth + 1) for child in ast.iter_child_nodes(current)]
    return deepest


def _has_deep_pattern(text: str) -> bool:
    for match in _CASE.finditer(text):
        line = text[match.end() : match.end() + 5_000]
        if _brackets(_TEXTS.sub("''", line), pattern=True) > DEEPEST_PATTERN:
            return True
    return False


def _brackets(bare: str, pattern: bool = False) -> int:
    """How deeply brackets are nested at most; in a `pattern`, up to the end of its line."""
    depth = deepest = 0
    for mark in re.findall(r"[(\[{}\])\n]" if pattern else r"[(\[{}\])]", bare):
        if mark == "\n":
            if depth <= 0:
                break
        elif mark in "([{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


# --- rewriting -------------------------------------------------------------------------------------------------------


def _rewritten(tree: ast.Module, path: str) -> cst.Module:
    """The tree of the same code in the forms that libcst knows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            node.simple = 1  # `(x): int`
        elif isinstance(node, ast.match_case) and _depth(node.pattern) > DEEPEST_PATTERN:
            names = dict.fromkeys(_captured(node.pattern))
            node.pattern = ast.MatchSequence([ast.MatchAs(name=name) for name in names])
    try:
        return _libcst(ast.unparse(tree))
    except (cst.ParserSyntaxError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:100]
        raise NotAnalysed(path, f"libcst cannot parse it ({reason})") from error


def _captured(pattern: ast.pattern) -> Iterator[str]:
    for node in ast.walk(pattern):
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if name is not None:
            yield name
