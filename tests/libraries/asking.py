"""Lint with other models than those that are shipped, and note what the analysis asks them about."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from lint_lambda.engine import concluded, session
from lint_lambda.knowledge.loader import load_languages
from lint_lambda.knowledge.models import Languages, Models


@contextmanager
def knowing(models: Models | Languages) -> Iterator[None]:
    """Within it the linter knows these models and no others, but for those of a project's own settings."""
    whole = len(models.libraries)
    alone = models if isinstance(models, Languages) else Languages(models.libraries, models.kinds)

    def load(extra: Sequence[Mapping[str, Any]] = (), file: str = "") -> Languages:
        if not extra:
            return alone
        return Languages((*models.libraries, *load_languages(extra, file).libraries[whole:]), models.kinds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "load_languages", load)
        _conclude_anew(patch)
        yield


def _conclude_anew(patch: pytest.MonkeyPatch) -> None:
    """Use no verdict that an earlier run has kept: it knew other models, or its asking was not noted."""
    patch.setattr(concluded, "linter", lambda: uuid.uuid4().hex)


@contextmanager
def noting() -> Iterator[set[str]]:
    """Gathers, within it, the symbols that any models are asked about."""
    symbols: set[str] = set()

    def noted(ask: Callable[[Models, str], Any]) -> Callable[[Models, str], Any]:
        def asked(models: Models, symbol: str) -> Any:
            answer = ask(models, symbol)
            symbols.update([symbol], answer if ask.__name__ == "ancestry" else ())
            return answer

        return asked

    with pytest.MonkeyPatch.context() as patch:
        _conclude_anew(patch)
        for name in ("of", "type", "made_type", "pair_type", "view_type", "canonical", "ancestry"):
            patch.setattr(Models, name, noted(getattr(Models, name)))
        yield symbols
