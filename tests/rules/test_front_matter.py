"""A page that is not a rule is refused with its line and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.core.finding import Fate, Severity
from lint_lambda.knowledge.pages import HEADINGS, read_page
from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.knowledge.rules import RuleError, Rules, placeholders

FRONT = [
    "+++",
    'code = "LAM299"',
    'name = "orphan-fiber"',
    'since = "0.1.0"',
    'severity = "error"',
    'kinds = ["fiber"]',
    'fates = ["frozen"]',
    'message = "fiber `{label}` is {fate}: {why}"',
    'help = [["`{handle}.wait()`", "wait"], "queue it"]',
    'fixture = "fibers/dropped.py"',
    "+++",
]
BODY = [line for heading in HEADINGS for line in ("", f"## {heading}", "", f"About {heading.lower()}.")]


KINDS = ("fiber",)


def write(directory: Path, lines: list[str], name: str = "LAM299-orphan-fiber.md") -> Path:
    (directory / "kinds.toml").write_text('[fiber]\nnoun = "fiber"\nplural = "fibers"\n', encoding="utf-8")
    path = directory / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def changed(old: str, *new: str) -> list[str]:
    """The page with the line `old` replaced by the lines `new`."""
    lines = FRONT + BODY
    index = lines.index(old)
    return [*lines[:index], *new, *lines[index + 1 :]]


def test_a_page_is_read(tmp_path: Path) -> None:
    rule = read_page(write(tmp_path, FRONT + BODY), KINDS)
    assert (rule.code, rule.name, rule.severity, rule.kinds) == ("LAM299", "orphan-fiber", Severity.ERROR, ("fiber",))
    assert rule.fates == (Fate.FROZEN,)
    assert [[advice.text for advice in way] for way in rule.help] == [["`{handle}.wait()`", "wait"], ["queue it"]]
    assert rule.summary == "About what it does."
    assert rule.page.startswith("## What it does\n")
    assert rule.file_name == "LAM299-orphan-fiber.md"


REFUSED = {
    "no front matter": (BODY, 1, "begin with TOML front matter"),
    "not TOML": (changed('since = "0.1.0"', "since = 0.1.0"), 4, "not valid TOML"),
    "unknown key": (changed('fates = ["frozen"]', 'fates = ["frozen"]', 'fate = "frozen"'), 8, "unknown key `fate`"),
    "missing key": (changed('kinds = ["fiber"]'), 10, "`kinds` is missing"),
    "bad code": (changed('code = "LAM299"', 'code = "LAM2"'), 2, "LAM and three digits"),
    "bad name": (changed('name = "orphan-fiber"', 'name = "Orphan"'), 3, "lower-case words"),
    "bad version": (changed('since = "0.1.0"', 'since = "next"'), 4, "a version such as"),
    "other file": (changed('name = "orphan-fiber"', 'name = "orphan-thread"'), 2, "rename the file"),
    "bad severity": (changed('severity = "error"', 'severity = "fatal"'), 5, "choose from error, warning"),
    "bad fate": (changed('fates = ["frozen"]', 'fates = ["melted"]'), 7, "unknown fate 'melted'"),
    "fates alone": (changed('kinds = ["fiber"]', "kinds = []"), 6, "go together"),
    "kinds no list": (changed('kinds = ["fiber"]', 'kinds = "fiber"'), 6, "must be a list of texts"),
    "empty message": (changed(FRONT[7], 'message = " "'), 8, "not empty"),
    "bad reason": (changed('fates = ["frozen"]', 'fates = ["frozen"]', 'reasons = ["bad-luck"]'), 8, "unknown reason"),
    "bad placeholder": (changed(FRONT[7], 'message = "{labels} is {fate}"'), 8, "no placeholder {labels}"),
    "sometimes in message": (changed(FRONT[7], 'message = "{handle} is {fate}"'), 8, "no placeholder {handle}"),
    "open brace": (changed(FRONT[7], 'message = "{label is"'), 8, "braces do not match"),
    "format": (changed(FRONT[7], 'message = "{label!r}"'), 8, "is not a placeholder"),
    "help no list": (changed(FRONT[8], 'help = "wait"'), 9, "a list of remedies"),
    "help unknown key": (changed(FRONT[8], 'help = [{ text = "wait", reason = "x" }]'), 9, "a table { text, reasons"),
    "help placeholder": (changed(FRONT[8], 'help = ["{label}", "{hint}"]'), 9, "no placeholder {hint}"),
    "help bad fate": (changed(FRONT[8], 'help = [{ text = "wait", fates = ["x"] }]'), 9, "unknown fate 'x'"),
    "missing heading": (changed("## Example", "## Examples"), 21, "`## Example` is missing"),
    "unknown kind": (
        changed('kinds = ["fiber"]', 'kinds = ["fibre"]'),
        6,
        "unknown kind `fibre` in `kinds`; add it to kinds.toml, or did",
    ),
    "last heading": ((FRONT + BODY)[:-3], 32, "`## When it stays quiet` is missing"),
    "extra heading": (FRONT + BODY + ["## See also"], 36, "six fixed headings"),
    "empty section": (changed("About example."), 21, "`Example` is empty"),
}


@pytest.mark.parametrize(("lines", "line", "said"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_page_is_refused_with_its_line(tmp_path: Path, lines: list[str], line: int, said: str) -> None:
    path = write(tmp_path, lines)
    with pytest.raises(RuleError) as caught:
        read_page(path, KINDS)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: ")
    assert said in message


def test_headings_inside_code_are_code(tmp_path: Path) -> None:
    lines = changed("About example.", "```python", "## Example", "```")
    assert read_page(write(tmp_path, lines), KINDS).code == "LAM299"


def test_a_directory_without_pages_is_no_installation(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rule pages"):
        load_rules(tmp_path)


def test_two_rules_must_not_claim_the_same(tmp_path: Path) -> None:
    write(tmp_path, FRONT + BODY)
    second = [line.replace("LAM299", "LAM298") for line in FRONT + BODY]
    write(tmp_path, second, "LAM298-orphan-fiber.md")
    with pytest.raises(RuleError, match="LAM298 and LAM299 both claim kind 'fiber' with fate 'frozen'"):
        load_rules(tmp_path)


def test_a_rule_that_names_the_reason_wins(tmp_path: Path) -> None:
    write(tmp_path, FRONT + BODY)
    second = [line.replace("LAM299", "LAM298") for line in FRONT + BODY]
    second.insert(7, 'reasons = ["import-time"]')
    write(tmp_path, second, "LAM298-orphan-fiber.md")
    rules = load_rules(tmp_path)
    assert rules.select("fiber", Fate.FROZEN, "import-time").code == "LAM298"
    assert rules.select("fiber", Fate.FROZEN, "never-joined").code == "LAM299"


def test_a_launch_that_no_page_claims_is_a_loud_error() -> None:
    with pytest.raises(LookupError, match="no rule claims a launch of kind 'fiber'"):
        Rules([]).select("fiber", Fate.FROZEN, "never-joined")


def test_placeholders_are_plain_names() -> None:
    assert placeholders("`{a}` before {b}, not {{c}}") == ("a", "b")
    for template in ("{", "{0}", "{a.b}", "{a[0]}", "{a:>3}"):
        with pytest.raises(ValueError):
            placeholders(template)
