"""Complaints about unknown words name the known one that was meant."""

from __future__ import annotations

from lint_lambda.core.near import nearest


def test_the_most_similar_word_is_named() -> None:
    assert nearest("hanlde", ["handle", "holds", "kind"]) == "handle"
    assert nearest("hanlde", iter(["kind", "handle"])) == "handle"


def test_where_none_is_similar_there_is_none() -> None:
    assert nearest("xyz", ["handle", "kind"]) == ""
    assert nearest("xyz", []) == ""
