"""``lambda-lint libraries``, and the page that says the same."""

from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

from lint_lambda.cli import cli
from lint_lambda.knowledge.describe import listed
from lint_lambda.knowledge.loader import load_models
from tests.rules.pages import ROOT


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["libraries", *arguments])
    return result.exit_code, result.output


def test_every_library_is_listed() -> None:
    status, output = run()
    names = [library.name for library in listed(load_models())]
    assert status == 0
    assert [line.split("  ")[0] for line in output.splitlines()] == names
    assert len(names) >= 60


def test_a_library_is_told_by_name_package_and_module() -> None:
    for name in ("InfluxDB 2", "influxdb-client", "influxdb_client", "INFLUXDB 2"):
        status, output = run(name)
        assert status == 0
        assert "influxdb_client.WriteApi.write (buffered, unless write_options = SYNCHRONOUS" in output
        assert "does not wait, although it looks like it:\n  influxdb_client.WriteApi.flush" in output


def test_an_unknown_name_is_refused_with_a_near_one() -> None:
    status, output = run("influxdb-clint")
    assert status == 2
    assert "did you mean influxdb-client?" in output


def test_the_page_is_what_its_command_prints() -> None:
    command = [sys.executable, str(ROOT / "docs" / "libraries_index.py")]
    printed = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    written = (ROOT / "docs" / "libraries.md").read_text(encoding="utf-8")
    assert written == printed, (
        "docs/libraries.md is out of date: run `python docs/libraries_index.py > docs/libraries.md`"
    )
