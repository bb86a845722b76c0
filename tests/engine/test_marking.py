"""Whether findings have a fix is told by trying the edits of many at once: the marks are those that trying each alone gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from lint_lambda.cli import cli
from lint_lambda.config import load_config
from lint_lambda.core.finding import Applicability, Confidence, Finding, Severity
from lint_lambda.core.intent import Candidate
from lint_lambda.core.record import replace
from lint_lambda.core.source import Location, Span
from lint_lambda.engine import Request, check, fixing
from lint_lambda.engine.marking import Proposed, marked
from lint_lambda.engine.run import Everything, Run
from lint_lambda.fixes import State

LINES = "".join(f"launch({number})\n" for number in range(12))


def proposed(line: int, new: str) -> Proposed:
    span = Span(line, 0, line, len(f"launch({line - 1})"))
    finding = Finding("LAM201", "x", Severity.ERROR, Confidence.HIGH, "", Location("a.py", span))
    return Proposed(finding, Candidate("fix", Applicability.UNSAFE, "a.py", ((span, new),)))


def state(text: str) -> State:
    findings = Counter({("a.py", "LAM201"): text.count("launch")})
    if "worse" in text:
        findings["a.py", "LAM202"] = text.count("worse")
    return State(findings, frozenset({"handler"}))


@pytest.mark.parametrize("seed", range(30))
def test_marks_are_those_of_each_alone(seed: int) -> None:
    chance = random.Random(seed)
    good = [chance.random() < 0.7 for _ in range(12)]
    each = [
        proposed(line, "wait()" if good[line - 1] else chance.choice(["worse()", "launch(1)"])) for line in range(1, 13)
    ]
    tried: list[int] = []

    def attempt(paths: Sequence[str], texts: Mapping[str, str]) -> tuple[State, State]:
        tried.append(len(texts))
        return state(LINES), state(texts["a.py"])

    found = marked(each, lambda path: LINES, attempt)
    assert all(good[number] for number in found)
    assert len(tried) == 1 if all(good) else len(tried) < 12
    alone = [number for number in range(12) if good[number] and number not in found]
    assert len(alone) <= 2 * good.count(False)  # what stands beside one that cannot be fixed is tried by itself


def test_edits_that_overlap_are_not_made_together() -> None:
    wide = Proposed(
        proposed(1, "").finding,
        Candidate("fix", Applicability.UNSAFE, "a.py", ((Span(1, 0, 2, 3), "wait()\nlau"),)),
    )
    asked: list[str] = []

    def attempt(paths: Sequence[str], texts: Mapping[str, str]) -> tuple[State, State]:
        asked.append(texts["a.py"])
        return state(LINES), state(texts["a.py"])

    found = marked([wide, proposed(1, "wait()"), proposed(3, "wait()")], lambda path: LINES, attempt)
    assert set(found) == {0, 2}
    assert asked == [LINES.replace("launch(0)", "wait()").replace("launch(2)", "wait()")]


def test_an_application_is_not_analysed_for_each_of_its_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = "".join(f"def f{n}():\n    threading.Thread(target=print).start()\n\n" for n in range(8))
    calls = "".join(f"    f{n}()\n" for n in range(8))
    text = f"import threading\n\n{functions}\ndef handler(event, context):\n{calls}    return 1\n"
    (tmp_path / "lambda-lint.toml").write_text("", encoding="utf-8")
    (tmp_path / "app.py").write_text(text, encoding="utf-8")
    tried: list[int] = []
    real = Run.everything

    def counted(run: Run) -> Everything:
        tried.append(1)
        return real(run)

    monkeypatch.setattr(Run, "everything", counted)
    config = load_config(tmp_path)
    told = check(Request((tmp_path,), config, fixable=True)).findings
    assert len(told) == 8
    assert all(finding.fixable for finding in told)
    assert len(tried) <= 4
    with_fixes = check(Request((tmp_path,), config, fixes=True)).findings
    assert [finding.fixable for finding in with_fixes] == [finding.fixable for finding in told]


def project_of(tmp_path: Path) -> Path:
    text = (
        "import threading\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n    return 1\n"
    )
    (tmp_path / "lambda-lint.toml").write_text("", encoding="utf-8")
    (tmp_path / "app.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_marks_take_so_many_steps_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = project_of(tmp_path)
    config = replace(load_config(place), cache_dir=None)  # what was tried before is known there
    whole = check(Request((place,), config, fixable=True))
    assert ([bool(finding.fixable) for finding in whole.findings], whole.untried) == ([True], 0)
    monkeypatch.setattr(fixing, "MOST_STEPS", 1)
    partly = check(Request((place,), config, fixable=True))
    assert ([finding.fixable for finding in partly.findings], partly.untried) == ([None], 1)
    assert not partly.problems and not partly.warnings
    asked = check(Request((place,), config, fixes=True))
    assert ([bool(finding.fixable) for finding in asked.findings], asked.untried) == ([True], 0)


def test_what_was_not_tried_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = project_of(tmp_path)
    monkeypatch.setattr("lint_lambda.engine.checking.MOST_TRIED", 0)
    result = CliRunner().invoke(cli, ["check", str(place)])
    assert "Fixes were not tried for 1 finding:" in result.output
