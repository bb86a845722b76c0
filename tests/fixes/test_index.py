"""The table of findings and fixes in `docs/fixes.md` is that of the fixtures."""

from __future__ import annotations

from tests.fixes import index


def test_the_table_is_up_to_date() -> None:
    text = index.PAGE.read_text(encoding="utf-8")
    assert text == index.page(text), "run `python -m tests.fixes.index --write`"
