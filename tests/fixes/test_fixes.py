"""Applying edits, replacing files, and what counts as mending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lint_lambda.core.finding import Applicability, Confidence, Edit, Finding, Fix, FixIntent, Severity
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.source import Location, Span
from lint_lambda.fixes import State, Way, apply, encode, fixes_it, propose, replace_file
from lint_lambda.knowledge.texts import say

HERE = Location("app.py", Span(1, 0, 1, 1))
FINDING = Finding(
    "LAM201", "orphan-thread", Severity.ERROR, Confidence.HIGH, "", HERE,
    intent=FixIntent("thread", "threading.Thread.start", "work", "never-joined", HERE, (), HERE),
)  # fmt: skip
KEY = ("app.py", "LAM201")


def edit(line: int, column: int, end_line: int, end_column: int, text: str) -> Edit:
    return Edit("app.py", Span(line, column, end_line, end_column), text)


def test_edits_are_made_in_the_order_of_the_text_and_insertions_in_their_own() -> None:
    edits = [edit(2, 0, 2, 0, "x"), edit(1, 1, 1, 2, "B"), edit(2, 0, 2, 0, "y")]
    assert apply("abc\r\nd", edits) == "aBc\r\nxyd"


def test_overlapping_edits_are_refused() -> None:
    assert apply("abc", [edit(1, 0, 1, 2, ""), edit(1, 1, 1, 3, "")]) is None


def test_an_edit_may_reach_past_the_end() -> None:
    assert apply("a\nb", [edit(2, 0, 3, 0, "")]) == "a\n"


def state(count: int, others: int = 0, handler: str = "app.py:handler") -> State:
    return State(Counter({KEY: count, ("app.py", "LAM202"): others}), frozenset({handler}))


@pytest.mark.parametrize(
    ("after", "holds"),
    [
        (state(0), True),
        (state(1), False),
        (state(0, others=1), False),
        (state(0, handler="app.py:other"), False),
    ],
    ids=["gone", "still there", "another one comes", "the handler is hidden"],
)
def test_what_fixes_it(after: State, holds: bool) -> None:
    assert fixes_it(FINDING, state(1), after) is holds


def candidate(text: str) -> Candidate:
    return Candidate(f"make it {text}", Applicability.UNSAFE, "app.py", ((Span(1, 0, 1, 1), text),))


def test_the_first_candidate_that_holds_is_the_fix() -> None:
    tried = []

    def attempt(path: str, texts: Mapping[str, str]) -> tuple[State, State]:
        tried.append(texts["app.py"])
        return state(1), state(0 if texts["app.py"] == "c" else 1)

    way = Way(lambda: map(candidate, ["a", ")", "b", "b", "c", "d"]))
    assert list(propose(FINDING, [way], lambda path: "a", attempt)) == [
        Fix("make it c", Applicability.UNSAFE, (edit(1, 0, 1, 1, "c"),))
    ]
    assert tried == ["b", "c"], "neither what changes nothing, nor what does not compile, nor what was tried"


def test_without_a_fix_the_reason_is_told() -> None:
    def none() -> list[Candidate]:
        raise NoFix("it is too late")

    ways = [Way(none), Way(none, refused=None), Way(none, refused="deferred")]
    assert list(propose(FINDING, ways, lambda path: "a", lambda *_: None)) == [
        Fix("No automatic fix: it is too late", Applicability.DISPLAY),
        Fix("Cannot be deferred automatically: it is too late", Applicability.DISPLAY),
    ]


def test_a_failed_analysis_proves_nothing() -> None:
    [fix] = propose(FINDING, [Way(lambda: [candidate("b")])], lambda path: "a", lambda *_: None)
    assert fix == Fix(say("no_fix.any", reason=say("refusals.none-holds")), Applicability.DISPLAY)


@pytest.mark.parametrize("holds", [True, False])
def test_what_is_only_shown_is_tried_all_the_same(holds: bool) -> None:
    shown = replace(candidate("b"), applicability=Applicability.DISPLAY)
    way = Way(lambda: [shown], refused=None)
    found = list(propose(FINDING, [way], lambda path: "a", lambda *_: (state(1), state(0 if holds else 1))))
    assert found == ([Fix("make it b", Applicability.DISPLAY)] if holds else [])


def test_a_file_is_replaced_with_its_mode_and_through_its_link(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_bytes(b"old")
    file.chmod(0o750)
    link = tmp_path / "link.py"
    link.symlink_to(file)
    replace_file(tmp_path, "link.py", b"old", b"new")
    assert link.is_symlink() and file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o7777 == 0o750
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.py", "link.py"]


def test_a_file_that_was_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_bytes(b"newer")
    with pytest.raises(OSError, match="changed in the meantime"):
        replace_file(tmp_path, "app.py", b"old", b"new")
    assert file.read_bytes() == b"newer"


@pytest.mark.parametrize("original", [b"\xef\xbb\xbfx = 1\n", b"# -*- coding: latin-1 -*-\n# \xe9\n"])
def test_encoding_and_byte_order_mark_are_kept(original: bytes) -> None:
    encoding = "utf-8-sig" if original.startswith(b"\xef") else "latin-1"
    assert encode(original.decode(encoding), original) == original
