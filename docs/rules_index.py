"""Print `docs/rules.md`, the table of all rules, from the pages themselves: `python docs/rules_index.py > docs/rules.md`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lint_lambda.knowledge.rulebook import load_rules

HEAD = """# Rules

Each page says what its rule finds, why the work is lost on Lambda, and what to write instead. `lambda-lint rule CODE` prints
it. This table is generated from the pages by `python docs/rules_index.py > docs/rules.md`.

| code | name | fates | since | |
|---|---|---|---|---|
"""


def index() -> str:
    """The whole text of the table's page."""
    rows = [
        f"| [{rule.code}](../rules/{rule.file_name}) | {rule.name} "
        f"| {', '.join(fate.value for fate in rule.fates if fate.value != 'unknown')} | {rule.since} | {rule.summary} |\n"
        for rule in load_rules()
    ]
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(index())
