"""The rule pages as tests see them: sections, and the code blocks in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.knowledge.rules import Rule

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
RULES = load_rules()

_MARK = re.compile(r"(?:#|//)\s*(LAM\d{3})(?::\s*([\w ]+))?\s*$")


@dataclass(frozen=True)
class Block:
    """A fenced block: `language` as the fence says, `text` without the fences."""

    language: str
    text: str

    @property
    def marks(self) -> list[tuple[int, str, str]]:
        """Line (from 1), code and fate of every line that says what the linter finds there, as in ``# LAM201: frozen``."""
        found = []
        for number, line in enumerate(self.text.splitlines(), 1):
            match = _MARK.search(line)
            if match:
                found.append((number, match[1], (match[2] or "").strip().replace(" ", "-")))
        return found


def blocks(rule: Rule, heading: str) -> list[Block]:
    """The fenced blocks below a heading of the page, in order."""
    section = re.split(r"^## ", rule.page, flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(f"{heading}\n"))
    return [
        Block(match[1], match[2]) for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def programs(rule: Rule, heading: str) -> list[tuple[Block, str]]:
    """Each Python block below the heading, with the configuration (TOML block) that stands before it, or nothing."""
    return _after(rule, heading, "python", "toml")


def scripts(rule: Rule, heading: str) -> list[tuple[Block, str]]:
    """Each JavaScript block below the heading, with the template (YAML block) that stands before it, or nothing."""
    return _after(rule, heading, "javascript", "yaml")


def _after(rule: Rule, heading: str, language: str, before: str) -> list[tuple[Block, str]]:
    found = []
    configuration = ""
    for block in blocks(rule, heading):
        if block.language == before:
            configuration = block.text
        elif block.language == language:
            found.append((block, configuration))
            configuration = ""
    return found
