"""Buffers: where lines end, what columns count, and what becomes of odd places."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lsprotocol import types as lsp

from lint_lambda.core.source import code_points, units
from lint_lambda.server.actions import least
from lint_lambda.server.documents import Document, lines_of, offset

TEXTS = some.text(alphabet="ab\n\r\f\u2028é😀 ", max_size=30)
ENCODINGS = some.sampled_from(["utf-8", "utf-16", "utf-32"])


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", [""]), ("a", ["a"]), ("a\n", ["a\n", ""]), ("a\r\nb\rc", ["a\r\n", "b\r", "c"]), ("a\fb\u2028c", ["a\fb\u2028c"])],
)  # fmt: skip
def test_lines_end_as_editors_say(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines


@given(TEXTS)
def test_lines_are_the_whole_text(text: str) -> None:
    assert "".join(lines_of(text)) == text
    assert len(lines_of(text)) == len(re.split(r"\r\n|\r|\n", text))


@given(some.text(max_size=20), some.integers(0, 20), ENCODINGS)
def test_columns_go_there_and_back(line: str, column: int, encoding: str) -> None:
    there = units(line, column, encoding)
    assert code_points(line, there, encoding) == min(column, len(line))


@pytest.mark.parametrize(("encoding", "inside"), [("utf-8", 3), ("utf-16", 2)])
def test_a_column_inside_a_character_is_its_start(encoding: str, inside: int) -> None:
    assert code_points("a😀b", inside, encoding) == 1


@given(TEXTS, TEXTS, some.data(), ENCODINGS)
def test_a_change_replaces_what_it_says(text: str, new: str, data: some.DataObject, encoding: str) -> None:
    lines = lines_of(text)
    places = []
    for _ in range(2):
        line = data.draw(some.integers(0, len(lines) - 1))
        bare = lines[line].rstrip("\r\n")
        column = data.draw(some.integers(0, len(bare)))
        places.append((sum(map(len, lines[:line])) + column, lsp.Position(line, units(bare, column, encoding))))
    (start, first), (end, last) = sorted(places, key=lambda place: place[0])
    document = Document("file:///x.py", text, 1)
    document.change([lsp.TextDocumentContentChangePartial(lsp.Range(first, last), new)], 2, encoding)
    assert document.text == text[:start] + new + text[end:]
    assert document.version == 2


def test_places_past_the_end_are_the_end() -> None:
    lines = lines_of("ab\ncd")
    assert [offset(lines, 0, 9, "utf-16"), offset(lines, 1, 9, "utf-16"), offset(lines, 7, 0, "utf-16")] == [2, 5, 5]


@given(TEXTS, TEXTS)
def test_the_one_edit_between_two_texts_makes_the_other(before: str, after: str) -> None:
    edit = least("x.py", before, after)
    document = Document("file:///x.py", before, 1)
    around = lsp.Range(
        lsp.Position(edit.span.line - 1, edit.span.column), lsp.Position(edit.span.end_line - 1, edit.span.end_column)
    )
    document.change([lsp.TextDocumentContentChangePartial(around, edit.text)], 2, "utf-32")
    assert document.text == after


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("x = 'é'", b"x = '\xc3\xa9'"),
        ("# -*- coding: latin-1 -*-\nx = 'é'", b"# -*- coding: latin-1 -*-\nx = '\xe9'"),
        ("# -*- coding: nonsense -*-\nx = 'é'", b"# -*- coding: nonsense -*-\nx = '\xc3\xa9'"),
        ("# coding: ascii\n# é", b"# coding: ascii\n# \xc3\xa9"),
    ],
)
def test_the_bytes_are_those_that_would_be_saved(text: str, content: bytes) -> None:
    assert Document("file:///x.py", text, 1).content == content
