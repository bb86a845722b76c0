"""``lambda-lint libraries --suggest``: installed packages are read, never imported, and the models it begins are valid."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lint_lambda.cli import cli
from lint_lambda.knowledge.loader import load_models

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CLIENT = '''
"""A client that must never be imported here."""
import atexit
import threading

raise SystemExit("imported")


class Shipper:
    """Threading: `Thread(` in words starts nothing."""

    def __init__(self):
        # threading.Thread(target=nothing)
        self._worker = threading.Thread(target=self._run)
        self._worker.start()
        atexit.register(self.close)

    def ship(self, record):
        self._records.append(record)

    def flush(self):
        self._empty.wait()

    def close(self):
        self.flush()

    def _run(self):
        pass


class Quiet:
    def answer(self):
        return 42
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    site = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    (site / "crane").mkdir(parents=True)
    (site / "crane" / "__init__.py").write_text("", encoding="utf-8")
    (site / "crane" / "client.py").write_text(CLIENT, encoding="utf-8")
    (site / "calm.py").write_text("def answer():\n    return 42\n", encoding="utf-8")
    (tmp_path / "helpers.py").write_text("import threading\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(project: Path, imports: str, *arguments: str) -> tuple[int, str]:
    (project / "app.py").write_text(f"{imports}\n\n\ndef handler(event, context):\n    return 1\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["libraries", "--suggest", *arguments])
    return result.exit_code, result.output


def test_a_package_that_starts_a_thread_is_listed_with_a_model(project: Path) -> None:
    status, output = run(project, "import json, calm, helpers, posthog\nfrom crane.client import Shipper")
    assert status == 0
    assert "crane: starts work of its own (a thread, an exit hook)" in output
    assert "client.py:14: a thread in Shipper" in output
    assert "calm" not in output and "helpers" not in output and "posthog" not in output and "Quiet" not in output


def test_the_model_is_one_that_the_linter_reads(project: Path) -> None:
    _, output = run(project, "import crane")
    text = "\n".join(line[4:] for line in output.splitlines() if line.startswith("    ") or not line)
    (table,) = tomllib.loads(text)["tool"]["lambda-lint"]["library"]
    library = load_models([table]).libraries[-1]
    assert [row.symbol for row in library.rows] == [
        "crane.client.Shipper.ship",
        "crane.client.Shipper.flush",
        "crane.client.Shipper.close",
    ]
    assert len(library.models) == 3


def test_what_is_not_installed_is_named(project: Path) -> None:
    status, output = run(project, "import elsewhere")
    assert status == 0
    assert "No imported package" in output
    assert "not read: elsewhere" in output


def test_a_name_is_refused(project: Path) -> None:
    status, output = run(project, "import crane", "posthog")
    assert status == 2
    assert "--suggest takes no NAME" in output
