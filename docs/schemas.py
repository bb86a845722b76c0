"""Write the JSON schemas of `rules/`, for editors that check TOML: `python docs/schemas.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lint_lambda.knowledge.kinds import kinds_schema, load_kinds
from lint_lambda.knowledge.loader import library_schema


def written(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    rules = Path(__file__).resolve().parent.parent / "rules"
    (rules / "library.schema.json").write_text(written(library_schema(load_kinds())), encoding="utf-8")
    (rules / "kinds.schema.json").write_text(written(kinds_schema()), encoding="utf-8")
