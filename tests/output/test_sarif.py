"""The log for code scanning: held against the standard's own schema, and against what GitHub asks for beyond it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from lint_lambda.core.finding import Applicability, Confidence, Edit, Finding, Fix, Related, Role, Severity
from lint_lambda.core.source import Span
from lint_lambda.fixes import apply
from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.output import sarif
from lint_lambda.output.context import Context, Outcome
from tests.cli.conftest import LOST, Run, project, run
from tests.output.sample import APP, FIXES, ROOT, SOURCES, THREAD, context, finding, where

__all__ = ["project", "run"]

RULES = load_rules()
FOUND = Outcome(1)
SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def about(sources: Mapping[str, str] = SOURCES, base: Path = ROOT, outcome: Outcome = FOUND) -> Context:
    return replace(context(sources), rules=tuple(RULES), base=base, outcome=outcome)


def valid(text: str) -> dict[str, Any]:
    """The only run of a log that the standard's schema takes."""
    log = json.loads(text)
    checker = jsonschema.Draft4Validator.FORMAT_CHECKER
    jsonschema.Draft4Validator(SCHEMA, format_checker=checker).validate(log)
    [run] = log["runs"]
    assert log["$schema"] == SCHEMA["id"]
    return dict(run)


def result(found: Finding, given: Context | None = None) -> Any:
    [one] = valid(sarif.render([found], given or about()))["results"]
    return one


def edited(changes: Iterable[Any], text: str) -> str | None:
    """What a reader of the log makes of `text` by the replacements, columns being code points in it."""
    edits = []
    for change in changes:
        for replacement in change["replacements"]:
            r = replacement["deletedRegion"]
            span = Span(r["startLine"], r["startColumn"] - 1, r["endLine"], r["endColumn"] - 1)
            edits.append(Edit("app.py", span, replacement.get("insertedContent", {}).get("text", "")))
    return apply(text, edits)


def test_a_result_names_its_rule_place_and_level() -> None:
    run = valid(sarif.render([THREAD], about()))
    [found] = run["results"]
    assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"] == "LAM201"
    assert (found["level"], found["message"]["text"]) == ("error", THREAD.message)
    [place] = found["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "app.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 9, "startColumn": 5, "endLine": 9, "endColumn": 60},
    }
    assert run["originalUriBaseIds"] == {"%SRCROOT%": {"uri": "file:///project/"}}
    assert run["columnKind"] == "utf16CodeUnits"
    assert found["partialFingerprints"] == {"lambdaLint/v1": "0123456789abcdef"}
    assert found["properties"] == {
        "confidence": "high", "fate": "frozen", "handlers": ["app.py:handler"], "help": list(THREAD.help), "advice": [],
    }  # fmt: skip


def test_what_github_asks_of_rules() -> None:
    """https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning"""
    rules = valid(sarif.render([], about()))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES.codes)
    for rule in rules:
        assert 0 < len(rule["name"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"] and rule["help"]["markdown"] == RULES[rule["id"]].page
        assert rule["helpUri"] == f"https://example.org/{rule['id']}"
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")


def test_the_driver_says_where_it_is_explained() -> None:
    assert valid(sarif.render([], about()))["tool"]["driver"]["informationUri"].startswith("https://")


def test_a_finding_of_the_baseline_is_unchanged_and_suppressed() -> None:
    states = {state: result(finding(SOURCES, "Thread(target", baseline=state)) for state in ("", "new", "known")}
    assert [states[state].get("baselineState") for state in states] == [None, "new", "unchanged"]
    assert [len(states[state].get("suppressions", ())) for state in states] == [0, 0, 1]


def test_the_flow_goes_from_the_handler_through_the_calls_and_the_launch_to_the_return() -> None:
    app, jobs = {"app.py": APP}, {"jobs.py": "def go():\n    Thread(target=work).start()\n"}
    sources = {**app, **jobs}
    related = (
        Related(Role.HANDLER, where(sources, "app.py", "handler"), "Lambda calls `handler`"),
        Related(Role.CALL, where(sources, "app.py", "send_mail,"), "through `go({})`"),
        Related(Role.RETURN, where(sources, "app.py", "return {"), "returns here"),
        Related(Role.NOTE, where(sources, "app.py", "Thread(target"), "why"),
    )
    found = result(finding(sources, "Thread(target=work).start()", "jobs.py", related=related), about(sources))
    [[flow]] = [each["threadFlows"] for each in found["codeFlows"]]
    steps = [
        (step["location"]["physicalLocation"]["artifactLocation"]["uri"], step["location"]["message"]["text"])
        for step in flow["locations"]
    ]
    assert steps == [
        ("app.py", "Lambda calls `handler`"),
        ("app.py", "through `go({{}})`"),
        ("jobs.py", "thread `send_mail` is frozen when `handler` returns"),
        ("app.py", "returns here"),
    ]
    assert [(r["id"], r["message"]["text"]) for r in found["relatedLocations"]][-1] == (3, "why")


def test_a_fix_carries_its_edits_and_its_applicability() -> None:
    join = Fix(
        "Join the thread",
        Applicability.UNSAFE,
        (
            Edit("app.py", Span(9, 51, 9, 59), ""),
            Edit("app.py", Span(9, 4, 9, 4), "t = "),
            Edit("app.py", Span(10, 0, 10, 0), "    t.start()\n"),
            Edit("app.py", Span(10, 0, 10, 0), "    t.join()\n"),
        ),
    )
    found = result(finding(SOURCES, "Thread(target", fixes=(join, FIXES[1])))
    [fix] = found["fixes"]
    assert (fix["description"]["text"], fix["properties"]) == ("Join the thread", {"applicability": "unsafe"})
    assert edited(fix["artifactChanges"], APP) == apply(APP, join.edits)
    assert found["properties"]["advice"] == ["Send it to a queue"]


def test_columns_are_counted_in_utf16_from_1() -> None:
    source = 's = "🦀é"; start()\n'
    found = result(finding({"app.py": source}, "start()"), about({"app.py": source}))
    region = found["locations"][0]["physicalLocation"]["region"]
    assert region["startColumn"] == len('s = "') + 2 + 1 + len('"; ') + 1  # the crab is a surrogate pair


def test_levels_and_ranks() -> None:
    levels = {s: result(finding(SOURCES, "Thread(target", severity=s))["level"] for s in Severity}
    assert levels == {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "note"}
    ranks = [result(finding(SOURCES, "Thread(target", confidence=c))["rank"] for c in sorted(Confidence)]
    assert ranks == sorted(set(ranks)) and ranks[0] >= 0 and ranks[-1] <= 100


def test_paths_start_from_the_repository() -> None:
    sources = {"a b/ü.py": APP, "/elsewhere/app.py": APP}
    inside = result(finding(sources, "Thread(target", "a b/ü.py"), about(sources, ROOT.parent))
    assert inside["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "project/a%20b/%C3%BC.py", "uriBaseId": "%SRCROOT%",
    }  # fmt: skip
    outside = result(finding(sources, "Thread(target", "/elsewhere/app.py"), about(sources))
    assert outside["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///elsewhere/app.py"}


def test_what_could_not_be_done_is_a_notification() -> None:
    run = valid(sarif.render([], about(outcome=Outcome(2, ["a.py: cannot be read {1}"]))))
    [invocation] = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"], run["results"]) == (False, 2, [])
    [told] = invocation["toolExecutionNotifications"]
    assert (told["level"], told["message"]["text"]) == ("error", "a.py: cannot be read {{1}}")


def test_a_finding_about_no_launch_has_no_fate_and_no_flow() -> None:
    found = result(finding(SOURCES, "from threading", fate=None, related=()))
    assert "codeFlows" not in found and "fate" not in found["properties"]


@pytest.mark.parametrize("arguments", [["."], ["--exit-zero", "."], ["--handler", "orders/app.py:absent", "."]])
def test_the_command_line_writes_what_a_run_came_to(project: Path, run: Run, arguments: list[str]) -> None:
    (project / ".git").mkdir()
    done = run("--output-format", "sarif", *arguments)
    log = valid(done.stdout)
    assert log["invocations"][0]["exitCode"] == done.exit_code
    assert bool(log["invocations"][0]["toolExecutionNotifications"]) == (done.exit_code == 2)
    [found] = log["results"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "orders/app.py"
    fixed = edited(found["fixes"][0]["artifactChanges"], LOST)
    assert fixed is not None and "thread.join()" in fixed


def test_the_repository_above_the_project_is_the_base(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".git").mkdir()
    (project / "orders" / "pyproject.toml").write_text("[tool.lambda-lint]\n")
    monkeypatch.chdir(project / "orders")
    [found] = valid(run("--output-format", "sarif", ".").stdout)["results"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "orders/app.py"
