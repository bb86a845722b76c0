"""`lambda-lint config`: every setting, and where it comes from."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lint_lambda.settings import KEYS
from tests.cli.conftest import Run

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def test_each_setting_is_shown_with_its_origin(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.lambda-lint]\nmin-confidence = "high"\nhandlers = ["a.py:b"]\n\n[tool.lambda-lint.per-file-ignores]\n"x" = ["LAM2"]\n'
    )
    done = run("config", "--handler", "c.py:d", "--exclude", "old/", "--no-cache")
    assert done.exit_code == 0
    head, _, table = done.stdout.partition("\n\n")
    assert head == f"project: {project}\nconfiguration: {project / 'pyproject.toml'}"
    assert sorted(tomllib.loads(table)) == sorted(KEYS), "it can be copied into a configuration"
    lines = dict(line.split(" = ", 1) for line in table.splitlines())
    assert lines["min-confidence"] == '"high"  # pyproject.toml:2'
    assert lines["handlers"] == '["a.py:b", "c.py:d"]  # pyproject.toml:3, command line'
    assert lines["per-file-ignores"] == '{"x" = ["LAM2"]}  # pyproject.toml:5'
    assert lines["extend-exclude"] == '["old/"]  # command line'
    assert lines["cache-dir"] == '""  # command line'
    assert lines["select"] == '["LAM"]  # default'


def test_settings_as_json(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\ntarget = {"jobs/*" = "managed-instances"}\n')
    shown = json.loads(run("config", "--output-format", "json").stdout)
    assert (shown["project"], shown["file"]) == (str(project), str(project / "pyproject.toml"))
    assert shown["settings"]["target"] == {"value": {"jobs/*": "managed-instances"}, "from": "pyproject.toml:2"}
    assert json.loads(run("config", "--isolated", "--output-format", "json").stdout)["file"] is None
