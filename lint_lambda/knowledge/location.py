"""Where the rule pages and library models are: inside an installed package, or at the top of a source checkout."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def rules_directory() -> Path:
    """The directory that holds ``LAM*.md`` and ``libraries/``.

    A wheel carries it as ``lint_lambda/_rules``; a checkout or an editable install has it as ``rules`` beside the
    package. Raises `FileNotFoundError` when neither is there: the installation is broken.
    """
    package = Path(__file__).resolve().parent.parent
    candidates = (package / "_rules", package.parent / "rules")
    for directory in candidates:
        if (directory / "libraries").is_dir():
            return directory
    looked = " and ".join(map(str, candidates))
    raise FileNotFoundError(f"lambda-lint's rules are missing (looked in {looked}): reinstall it")


def rule_codes() -> list[str]:
    """The code of every rule, as the names of the pages say, which are not read."""
    names = os.listdir(rules_directory())  # noqa: PTH208 - at each start
    return sorted(name.partition("-")[0] for name in names if name.startswith("LAM") and name.endswith(".md"))
