"""What runs lambda-lint elsewhere: the GitHub Action, the GitLab template, the container, the workflows, each as far as it can be run here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from lint_lambda import __version__
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.readers.images import is_dockerfile

ROOT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
LOSES = "import threading\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n    return {}\n"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the scripts are bash's")


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A `lambda-lint` on the path that is this checkout, and the files that GitHub names to a step."""
    command = tmp_path / "bin" / "lambda-lint"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m lint_lambda "$@"\n')
    command.chmod(0o755)
    output = tmp_path / "output"
    output.touch()
    named = {"GITHUB_OUTPUT": str(output), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_ACTIONS": "true"}
    return {**os.environ, **named, "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "services").mkdir(parents=True)
    (folder / "services" / "app.py").write_text(LOSES)
    (folder / "lambda-lint.toml").write_text("")
    return folder


def bash(script: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_action_annotates_writes_a_report_and_ends_with_the_status(
    project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    action = read("action.yml")
    steps = {step["id"]: step for step in action["runs"]["steps"] if "id" in step}
    inputs = {name: given["default"] for name, given in action["inputs"].items()}
    given = {
        key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: inputs[m[1]], text)
        for key, text in steps["check"]["env"].items()
    }
    done = bash(steps["check"]["run"], project, {**environment, **given})
    assert done.returncode == 0, done.stderr
    assert re.search(r"^::error file=services/app.py,line=4,.*LAM201", done.stdout, re.MULTILINE)
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert outputs == {"status": "1", "sarif-file": str(project / inputs["sarif-file"])}
    report = json.loads(Path(outputs["sarif-file"]).read_text())
    assert [result["ruleId"] for result in report["runs"][0]["results"]] == ["LAM201"]
    last = action["runs"]["steps"][-1]
    assert bash(last["run"], project, {**environment, "STATUS": outputs["status"]}).returncode == 1
    (project / "services" / "app.py").write_text(LOSES.replace(".start()", ".run()"))
    (tmp_path / "output").write_text("")
    clean = bash(steps["check"]["run"], project, {**environment, **given, "UPLOAD": "false"})
    assert clean.returncode == 0 and (tmp_path / "output").read_text() == "status=0\n"


def test_the_action_uses_only_inputs_and_steps_that_it_has() -> None:
    text = (ROOT / "action.yml").read_text()
    action = read("action.yml")
    ids = {step["id"] for step in action["runs"]["steps"] if "id" in step}
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == action["inputs"].keys()
    assert set(re.findall(r"steps\.([\w-]+)\.", text)) <= ids
    for script in re.findall(r"\$GITHUB_ACTION_PATH/([\w/-]+)", text):
        assert os.access(ROOT / script, os.X_OK), script


def test_the_gitlab_job_reports_and_fails(project: Path, environment: dict[str, str]) -> None:
    job = read("ci/gitlab/lambda-lint.yml")["lambda-lint"]
    report, check = job["script"]
    variables = {**environment, **job["variables"]}
    variables.pop("GITHUB_ACTIONS")
    assert bash(report, project, variables).returncode == 0
    entries = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text())
    assert [(entry["location"]["path"], entry["check_name"]) for entry in entries] == [("services/app.py", "LAM201")]
    done = bash(check, project, variables)
    assert done.returncode == 1 and "LAM201" in done.stdout
    assert bash(check, project, {**variables, "LAMBDA_LINT_ARGS": "--ignore LAM201"}).returncode == 0


def test_the_container_is_built_of_what_its_context_holds() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert is_dockerfile("Dockerfile") and Files((), ("Dockerfile",), lambda _: text.encode()).is_file("Dockerfile")
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert all((ROOT / name).exists() for name in let_in)
    build = re.search(
        r"tool\.hatch\.build\.targets\.wheel\.force-include\]\n(\w+) =", (ROOT / "pyproject.toml").read_text()
    )
    assert build is not None and build[1] in let_in  # or else the wheel that is made there has no rules
    assert "USER nobody" in text and 'ENTRYPOINT ["lambda-lint"]' in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_name_only_what_is_there(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}  # more only where a job says so
    for job in workflow["jobs"].values():
        for needed in [job["needs"]] if "needs" in job else []:
            assert needed in workflow["jobs"]
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            if "uses" in step:
                assert step["uses"] == "./" or re.fullmatch(r"[\w-]+/[\w/-]+@(v\d+|release/v\d+)", step["uses"])
            for script in re.findall(r"(?<![\w/.])((?:\.ci|ci|docs)/[\w./-]+)", step.get("run", "")):
                assert (ROOT / script).is_file(), script


def test_every_supported_python_is_tested_and_declared() -> None:
    declared = set(re.findall(r"Python :: (3\.\d+)\"", (ROOT / "pyproject.toml").read_text()))
    assert set(read(".github/workflows/ci.yml")["jobs"]["tests"]["strategy"]["matrix"]["python"]) == declared


def test_the_citation_names_the_version() -> None:
    assert read("CITATION.cff")["version"] == __version__


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.name
)
def test_issue_templates_are_complete(path: Path) -> None:
    template = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.name == "config.yml":
        return
    assert template["name"] and template["description"] and template["labels"]
    assert all(field["attributes"]["label"] for field in template["body"])
