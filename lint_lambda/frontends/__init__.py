"""Front-ends: each turns one language's source into the neutral representation of `lint_lambda.core.ir`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.frontends.javascript.frontend import JavaScript
from lint_lambda.frontends.python.frontend import Python

if TYPE_CHECKING:
    from lint_lambda.core.frontend import Frontend

FRONTENDS: tuple[Frontend, ...] = (Python(), JavaScript())
"""The first is that of files whose name says nothing: code that stands in a template, scripts without a suffix."""


def of(path: str) -> Frontend:
    """The front-end of a file, by its name."""
    return next((frontend for frontend in FRONTENDS if path.endswith(frontend.suffixes)), FRONTENDS[0])
