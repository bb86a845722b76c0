"""Code in a template: its text, and where each of its characters stands in the template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lint_lambda.core.record import replace
from lint_lambda.deployment.documents import Scalar
from lint_lambda.deployment.model import Inline

_PLACEHOLDER = re.compile(r"\$\{[^}\n]*\}")

Line = tuple[int, tuple[int, ...]]


def of_scalar(scalar: Scalar, raw: Sequence[str], *, substituted: bool = False) -> Inline:
    """The code that a scalar of a template holds; `raw` are the template's lines.

    `substituted`: the deployment replaces ``${Name}`` in it, so for Python these stand for names of the same length.
    """
    text = _PLACEHOLDER.sub(_as_name, scalar.value) if substituted else scalar.value
    lines = list(_block(scalar, raw)) if scalar.style == "|" else []
    exact = bool(lines) and not substituted
    if not lines and scalar.style in ('"', "'", ""):
        lines = list(_quoted(scalar, raw))
    if scalar.style == ">" and (folded := _folded(text, scalar, raw)) is not None:
        return folded
    parts = text.split("\n")
    if len(lines) < len(parts) or any(len(columns) <= len(part) for part, (_, columns) in zip(parts, lines)):
        return anywhere(text, scalar.line, scalar.column)
    return Inline(text, tuple(lines[: len(parts)]), exact)


def of_lines(scalars: Sequence[Scalar], joint: str) -> Inline:
    """Code that is joined of the lines of a list."""
    text = joint.join(scalar.value for scalar in scalars)
    if joint != "\n" or any("\n" in scalar.value for scalar in scalars):
        line = scalars[0] if scalars else Scalar("", 1)
        return anywhere(text, line.line, line.column)
    lines = [
        (scalar.line, tuple(scalar.column + bool(scalar.style) + index for index in range(len(scalar.value) + 1)))
        for scalar in scalars
    ]
    return Inline(text, tuple(lines), False)


def anywhere(text: str, line: int, column: int) -> Inline:
    """Code whose characters cannot be told apart in the template: all of it stands where it begins."""
    return Inline(text, tuple((line, (column,) * (len(part) + 1)) for part in text.split("\n")), False)


def spread(text: str, first: int, last: int, column: int) -> Inline:
    """Code that is put together on the lines from `first` to `last`: line by line, if they are as many; else where it begins."""
    parts = text.split("\n")
    if len(parts) != last - first + 1:
        return anywhere(text, first, column)
    return Inline(text, tuple((first + row, tuple(range(len(part) + 1))) for row, part in enumerate(parts)), False)


def as_code(code: Inline) -> Inline:
    """The code with names in the place of what only the deployment knows (``${Name}``)."""
    return replace(code, text=_PLACEHOLDER.sub(_as_name, code.text), exact=False) if "${" in code.text else code


def block(text: str, first: int, columns: Sequence[int]) -> Inline:
    """Code that stands as it is, from the line `first`; `columns` are those at which its lines begin."""
    parts = text.split("\n")
    lines = (
        (first + number, tuple(range(start, start + len(part) + 1)))
        for number, (part, start) in enumerate(zip(parts, columns))
    )
    return Inline(text, tuple(lines), True)


def _as_name(match: re.Match[str]) -> str:
    return "_" + re.sub(r"\W", "_", match[0][1:])


def _block(scalar: Scalar, raw: Sequence[str]) -> Iterator[Line]:
    """The lines of a literal block: as they are, but for the indentation."""
    parts = scalar.value.split("\n")
    first = scalar.line  # of the content, from 0, as the header is on the line before
    filled = next((number for number, part in enumerate(parts) if part.strip()), None)
    if filled is None or first + filled >= len(raw):
        return
    indent = raw[first + filled].find(parts[filled])
    if indent < 0:
        return
    for number, part in enumerate(parts):
        yield first + number + 1, tuple(range(indent, indent + len(part) + 1))


def _folded(text: str, scalar: Scalar, raw: Sequence[str]) -> Inline | None:
    """The code of a folded scalar, whose lines YAML joins with blanks; None where that comes to another text."""
    rows: list[int] = []
    columns: list[int] = []
    value = scalar.value
    first = next((number for number in range(scalar.line, len(raw)) if raw[number].strip()), len(raw))
    indent = len(raw[first]) - len(raw[first].lstrip(" ")) if first < len(raw) else 0
    empty, was_deeper, made = first - scalar.line, None, ""
    for number in range(first, len(raw)):
        line = raw[number]
        if not line[:indent].isspace() and line.strip() and indent:
            break
        content = line[indent:]
        if not content.strip(" ") and not content:
            empty += 1
            continue
        deeper = content[:1] in (" ", "\t")
        if was_deeper is None:
            joint = "\n" * empty
        else:
            joint = "\n" * (empty + 1) if deeper or was_deeper else "\n" * empty or " "
        made += joint + content
        rows += [number + 1] * (len(joint) + len(content))
        columns += [indent] * len(joint) + list(range(indent, indent + len(content)))
        empty, was_deeper = 0, deeper
        if len(made) >= len(value):
            break
    rest = len(value) - len(made)
    if rest < 0 or value != made + "\n" * rest or not made:
        return None
    rows += [rows[-1]] * (rest + 1)
    columns += [columns[-1] + 1] * (rest + 1)
    lines, each, start = [], [], 0
    for part in text.split("\n"):
        end = start + len(part) + 1
        lines.append((rows[start], tuple(columns[start:end])))
        each.append(tuple(rows[start:end]))
        start = end
    return Inline(text, tuple(lines), False, rows=tuple(each))


_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")


def _quoted(scalar: Scalar, raw: Sequence[str]) -> Iterator[Line]:
    """The lines of a text that the template has on one of its own lines, with escapes."""
    if scalar.line > len(raw):
        return
    source = raw[scalar.line - 1]
    at = scalar.column + bool(scalar.style)
    columns: list[int] = []
    for character in scalar.value:
        if at >= len(source):
            return  # it runs over several lines
        if character == "\n":
            yield scalar.line, (*columns, at)
            columns = []
        else:
            columns.append(at)
        escape = _ESCAPE.match(source, at) if scalar.style == '"' and source[at] == "\\" else None
        doubled = scalar.style == "'" and source.startswith("''", at)
        at += len(escape[0]) if escape is not None else 2 if doubled else 1
    yield scalar.line, (*columns, at)
