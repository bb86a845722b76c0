"""The analysis knows no library, and no library model is dead weight."""

from __future__ import annotations

import re
from pathlib import Path

from lint_lambda.knowledge.loader import load_models

ANALYSIS = Path(__file__).parents[2] / "lint_lambda" / "analysis"


def test_no_library_is_named_in_the_analysis() -> None:
    roots = {
        model.call.split(".")[0]
        for library in load_models().libraries
        for model in library.models
        if getattr(model, "call", "")
    } - {"builtins"}
    for path in sorted(ANALYSIS.rglob("*.py")):
        strings = re.findall(r"\"([^\"\n]*)\"", path.read_text(encoding="utf-8"))
        named = {
            text for text in strings if re.fullmatch(r"[\w.]+", text) and text.split(".")[0] in roots and "." in text
        }
        assert not named, f"{path.name} names a library"
