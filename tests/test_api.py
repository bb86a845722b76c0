"""The Python interface: what it exports, and that it does what the command line does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import lint_lambda
from lint_lambda.core.record import names_of, replace
from tests.cli.conftest import LOST, Run, project, run

__all__ = ["project", "run"]

DOCS = Path(lint_lambda.__file__).parent.parent / "docs" / "api.md"


def test_everything_exported_is_there() -> None:
    for name in lint_lambda.__all__:
        assert getattr(lint_lambda, name) is not None
    assert set(lint_lambda.__all__) <= set(dir(lint_lambda))
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        lint_lambda.absent  # noqa: B018 - asking is the test


def test_the_package_loads_nothing_until_it_is_used() -> None:
    program = "import sys, lint_lambda; print([m for m in sys.modules if m.startswith('lint_lambda.')])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"[]\n"


@pytest.mark.parametrize("given", ["orders", Path("orders"), ["orders", "users"], []], ids=str)
def test_a_check_finds_what_the_command_line_finds(project: Path, given: object) -> None:
    report = lint_lambda.check(given)  # type: ignore[arg-type]
    [finding] = report.findings
    assert (finding.code, finding.location.path, finding.location.span.line) == ("LAM201", "orders/app.py", 9)
    assert finding.fixes == () and report.problems == ()


def test_fixes_are_found_on_request(project: Path, run: Run) -> None:
    [finding] = lint_lambda.check("orders", fixes=True).findings
    assert any("thread.join()" in edit.text for fix in finding.fixes for edit in fix.edits)
    assert (project / "orders" / "app.py").read_text() == LOST


def test_settings_are_those_of_the_path_unless_given(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nignore = ["LAM2"]\n')
    assert lint_lambda.check().findings == ()
    config = lint_lambda.load_config(project, isolated=True)
    assert len(lint_lambda.check(".", config).findings) == 1
    assert lint_lambda.check(".", replace(config, min_confidence=lint_lambda.Confidence.HIGH)).findings


def test_mistakes_raise_what_the_documentation_says(project: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent: no such file or directory"):
        lint_lambda.check("absent")
    (project / "pyproject.toml").write_text("[tool.lambda-lint]\nzzz = 1\n")
    with pytest.raises(lint_lambda.ConfigError, match="unknown key `zzz`"):
        lint_lambda.check()
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nbaseline = "absent.json"\n')
    with pytest.raises(lint_lambda.BaselineError, match="no such baseline"):
        lint_lambda.check()


@pytest.mark.parametrize("heading", ["Report", "Finding"])
def test_the_documented_fields_are_there(heading: str) -> None:
    import re

    section = DOCS.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    documented = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    record = getattr(lint_lambda, heading)
    assert documented and documented <= {*names_of(record), *vars(record)}
