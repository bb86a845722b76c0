"""The known word that is most like one that nobody knows, for complaints that help."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(given: str, known: Iterable[str]) -> str:
    """The most similar of `known`; empty where none is similar."""
    import difflib  # here, as runs without complaints do not need it

    return next(iter(difflib.get_close_matches(given, known, 1)), "")
