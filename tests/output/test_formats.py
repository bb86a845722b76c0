"""Formats for services: what GitHub, GitLab, JUnit readers and log pipelines are given, and that they can read it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as Tree
from dataclasses import replace
from pathlib import Path

import pytest

from lint_lambda.core.finding import Applicability, Finding, Severity
from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.output import load
from lint_lambda.output.context import Context, Outcome
from lint_lambda.settings import OUTPUT_FORMATS
from tests.output.sample import APP, ROOT, SOURCES, THREAD, context, finding

STRANGE = finding(SOURCES, "from threading", message="50% <b>\"x\" & 'y'</b>\x1b, a:b", fate=None, related=())
TWICE = [THREAD, replace(THREAD, location=replace(THREAD.location, path="b.py"))]


def about(base: Path = ROOT, problems: tuple[str, ...] = ()) -> Context:
    return replace(
        context(SOURCES), base=base, rules=tuple(load_rules()), outcome=Outcome(2 if problems else 1, problems)
    )


def rendered(form: str, *findings: Finding, given: Context | None = None) -> str:
    return load(form).render(findings, given or about())


@pytest.mark.parametrize("form", OUTPUT_FORMATS)
@pytest.mark.parametrize("found", [[], [THREAD], [STRANGE]], ids=["none", "one", "strange"])
def test_every_report_is_recognised_and_cannot_steer_a_terminal(form: str, found: list[Finding]) -> None:
    text = rendered(form, *found)
    assert not text.strip() or re.match(load(form).STARTS, text, re.DOTALL)
    assert "\x1b" not in text


def unescaped(text: str) -> str:
    for code, character in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_a_github_annotation_has_its_place_and_its_remedies() -> None:
    [line] = rendered("github", THREAD).splitlines()
    command, _, message = line[2:].partition("::")
    word, _, properties = command.partition(" ")
    assert word == "error"
    assert dict(part.split("=") for part in properties.split(",")) == {
        "file": "app.py", "line": "9", "endLine": "9", "col": "5", "endColumn": "60", "title": "LAM201 orphan-thread",
    }  # fmt: skip
    first, *rest = unescaped(message).split("\n")
    assert first == THREAD.message
    assert f"help: {THREAD.help[0]}" in rest and "https://example.org/LAM201" in rest


def test_github_commands_cannot_be_broken_by_what_they_say() -> None:
    odd = replace(STRANGE, location=replace(STRANGE.location, path="a,b:c\nd.py"))
    [line] = rendered("github", odd).splitlines()
    assert "file=a%2Cb%3Ac" in line and "50%25 <b>" in line
    assert unescaped(line.partition("::")[2].partition("::")[2]).startswith('50% <b>"x"')
    several = replace(THREAD, location=replace(THREAD.location, span=replace(THREAD.location.span, end_line=10)))
    assert "col=" not in rendered("github", several), "GitHub takes columns for one line only"


@pytest.mark.parametrize(
    ("severity", "github", "gitlab"),
    [
        (Severity.ERROR, "error", "major"),
        (Severity.WARNING, "warning", "minor"),
        (Severity.INFORMATION, "notice", "info"),
    ],
)
def test_severities_have_the_words_of_each_service(severity: Severity, github: str, gitlab: str) -> None:
    found = replace(THREAD, severity=severity)
    assert rendered("github", found).startswith(f"::{github} ")
    assert json.loads(rendered("gitlab", found))[0]["severity"] == gitlab


def test_a_gitlab_issue_has_all_that_the_format_asks_for() -> None:
    first, second = json.loads(rendered("gitlab", *TWICE))
    assert first["description"] == f"LAM201 {THREAD.message}"
    assert (first["check_name"], first["location"]) == ("LAM201", {"path": "app.py", "lines": {"begin": 9, "end": 9}})
    assert first["fingerprint"] != second["fingerprint"], "the same code in two files is two issues"
    assert f"- help: {THREAD.help[0]}" in first["content"]["body"].split("\n")


def test_junit_counts_findings_as_failures_by_file() -> None:
    suites = Tree.fromstring(rendered("junit", *TWICE, STRANGE))
    assert suites.attrib == {"name": "lambda-lint", "tests": "3", "failures": "3", "errors": "0"}
    assert [suite.get("name") for suite in suites] == ["app.py", "b.py", "app.py"]
    case = suites[0][0]
    assert case.attrib == {
        "name": "LAM201 orphan-thread at line 9, column 5", "classname": "app.py", "file": "app.py", "line": "9",
    }  # fmt: skip
    [failure] = case
    assert (failure.get("type"), failure.get("message")) == ("LAM201", THREAD.message)
    assert f"help: {THREAD.help[0]}" in str(failure.text)
    assert suites[2][0][0].get("message") == "50% <b>\"x\" & 'y'</b>␛, a:b"


@pytest.mark.parametrize(("problems", "tests", "errors"), [((), "1", "0"), (("a.py: cannot be read",), "1", "1")])
def test_junit_says_that_nothing_was_found_or_what_could_not_be_done(
    problems: tuple[str, ...], tests: str, errors: str
) -> None:
    suites = Tree.fromstring(rendered("junit", given=about(problems=problems)))
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == (tests, "0", errors)
    assert [error.get("message") for error in suites.iter("error")] == list(problems)


def test_what_could_not_be_done_is_an_annotation() -> None:
    assert rendered("github", given=about(problems=("a.py: 1%",))) == "::error title=lambda-lint::a.py: 1%25\n"


def test_a_json_line_is_one_finding_with_places_from_1() -> None:
    first, second = map(
        json.loads, rendered("jsonl", replace(THREAD, fixable=Applicability.UNSAFE), STRANGE).splitlines()
    )
    assert (first["path"], first["line"], first["column"], first["end_column"]) == ("app.py", 9, 5, 60)
    assert (first["code"], first["fate"], first["fixable"]) == ("LAM201", "frozen", True)
    assert [place["role"] for place in first["related"]] == ["handler", "return"]
    assert (second["fate"], second["fixable"], second["url"]) == (None, False, "https://example.org/LAM201")


@pytest.mark.parametrize("form", ["github", "gitlab", "junit", "jsonl"])
def test_paths_start_from_the_repository(form: str) -> None:
    assert "project/app.py" in rendered(form, THREAD, given=about(ROOT.parent))
    assert APP.splitlines()[0]  # the sample is what the places are of
