"""The static half of the fixtures: every finding is expected, and every expectation is found.

The other half, what really becomes of the work, is run in the sandbox by ``tests/oracle``.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from lint_lambda.core.finding import Finding
from lint_lambda.engine import Report, Request, check
from tests.libraries.asking import noting
from tests.oracle.fixture import FIXTURES, Fixture, Mark, every
from tests.shared import configured, once, sharing

ALL = list(every())


def named(fixture: Fixture) -> str:
    """``area/behaviour``"""
    return fixture.name(FIXTURES)


def checked(fixture: Fixture, folder: Path) -> tuple[Report, dict[str, Path]]:
    """The linter's report on a fixture alone in `folder`, and the fixture's files by the paths the report uses."""
    original = fixture.place
    if fixture.root is None:
        files = {fixture.app: fixture.path}
    else:
        files = {file.relative_to(original).as_posix(): file for file in fixture.files}
        shutil.copytree(original, folder, dirs_exist_ok=True)
    for name, file in files.items():
        shutil.copyfile(file, folder / name)
    fixture.write_scaffold(folder if fixture.root is None else folder / fixture.root.relative_to(original))
    if fixture.runtime:
        (folder / "template.yaml").write_text(fixture.template(), encoding="utf-8")
    (folder / SETTINGS).write_text("\n".join(fixture.config), encoding="utf-8")
    with sharing():
        return check(Request([folder], configured(folder))), files


SETTINGS = "lambda-lint.toml"


def place(finding: Finding, files: dict[str, Path]) -> tuple[Path | None, int]:
    """The fixture's file and line of a finding. One in the settings stands in the `# config:` line they came from."""
    path, line = finding.location.path, finding.location.span.line
    if path != SETTINGS:
        return files.get(path), line
    app = next((file for name, file in files.items() if Path(name).stem == "app"), None)
    texts = app.read_text(encoding="utf-8").splitlines() if app is not None else []
    settings = [number for number, text in enumerate(texts, 1) if text.startswith(("# config:", "// config:"))]
    return app, settings[line - 1]


def disagreements(marks: Sequence[Mark], findings: Sequence[Finding], files: dict[str, Path]) -> list[str]:
    """What the marks and the findings do not agree on, one line each."""
    wrong = []
    left = {(*place(f, files), f.code, f.fingerprint): f for f in findings}
    for mark in marks:
        at = f"{mark.file.name}:{mark.line}: {mark.code}"
        found = [key for key in left if key[:3] == (mark.file, mark.line, mark.code)]
        finding = left.pop(found[0]) if found and mark.kind in ("expect", "false") else None
        if mark.kind == "expect" and finding is None:
            wrong.append(f"{at} is expected and not found")
        elif mark.kind == "expect" and finding is not None:
            fate = finding.fate.value if finding.fate is not None else None
            if mark.fate not in (None, fate):
                wrong.append(f"{at} has fate {fate}, expected is {mark.fate}")
            if mark.confidence not in (None, finding.confidence.label):
                wrong.append(f"{at} has confidence {finding.confidence.label}, expected is {mark.confidence}")
        elif mark.kind == "false" and finding is None:
            wrong.append(f"{at} is no longer a false alarm: make the mark `# ok: {mark.code}` ({mark.rest})")
        elif mark.kind == "missed" and found:
            wrong.append(f"{at} is no longer missed: make the mark `# expect: {mark.code}` ({mark.rest})")
        elif mark.kind == "ok" and found:
            wrong.append(f"{at} is found where it must stay quiet: {mark.rest}")
    for finding in left.values():
        found_at = finding.location
        wrong.append(
            f"{found_at.path}:{found_at.span.line}: {finding.code} is found and not expected: {finding.message}"
        )
    return list(dict.fromkeys(wrong))


def observed(fixture: Fixture) -> dict[str, list[str]]:
    """What a fixture and the linter disagree on, what the linter finds, and the symbols that the analysis asks the models about."""

    def look() -> dict[str, list[str]]:
        with tempfile.TemporaryDirectory() as folder, noting() as asked:
            report, files = checked(fixture, Path(folder))
        return {
            "problems": list(report.problems),
            "disagreements": disagreements(fixture.marks, report.findings, files),
            "found": [finding.code for finding in report.findings],
            "asked": sorted(asked),
        }

    return cast("dict[str, list[str]]", once(f"fixtures/{named(fixture)}", look))


@pytest.mark.parametrize("fixture", ALL, ids=map(named, ALL))
def test_findings_are_those_the_fixture_expects(fixture: Fixture) -> None:
    seen = observed(fixture)
    assert seen["problems"] == []
    assert seen["disagreements"] == []


def test_every_mark_can_fail() -> None:
    file = Path("x.py")
    marks = [Mark("expect", file, 1, "LAM201"), Mark("false", file, 2, "LAM201", rest="#1")]
    assert len(disagreements(marks, [], {"x.py": file})) == 2


def test_there_are_enough_fixtures_of_both_kinds() -> None:
    losing = [fixture for fixture in ALL if fixture.claims_loss]
    assert len(ALL) >= 150
    assert min(len(losing), len(ALL) - len(losing)) >= 50
