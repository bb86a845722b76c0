"""Write the table of all settings into docs/configuration.md: keys and defaults are the code's, texts docs/settings.toml's.

python docs/settings_index.py
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from lint_lambda.cli.config_command import value_of
from lint_lambda.config import CACHE_NAME, Config
from lint_lambda.core.toml import parse
from lint_lambda.settings import KEYS

PAGE = DOCS / "configuration.md"
_TABLE = re.compile(r"(<!-- settings:.*?-->\n).*?(<!-- end of settings -->)", re.DOTALL)
LONGEST = 80
"""Letters of a default that the table shows; longer ones are listed below it."""


def table() -> str:
    """The rows, in the order of the texts. Raises `KeyError` for a setting without a text, or a text without a setting."""
    texts = parse((DOCS / "settings.toml").read_text(encoding="utf-8"))
    plain = Config(DOCS, cache_dir=DOCS / CACHE_NAME)
    known = {key: value_of(plain, key) for key in KEYS}
    if texts.keys() != known.keys():
        raise KeyError(f"without a text, or without a setting: {sorted(texts.keys() ^ known.keys())}")
    rows = [f"| `{key}` | {_shown(known[key])} | {text} |" for key, text in texts.items()]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *rows, ""])


def _shown(value: object) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return f"`{written}`" if len(written) <= LONGEST else "see below"


def page() -> str:
    """The whole page, with the table as it is now."""
    return _TABLE.sub(lambda match: match[1] + table() + match[2], PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
