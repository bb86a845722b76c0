"""The extension for Visual Studio Code: its own tests, and that it can be packaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
NPM = shutil.which("npm")


def npm(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert NPM is not None
    return subprocess.run(
        [NPM, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension's sources in a folder of their own, with what they are built with."""
    if NPM is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("vscode") / "extension"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "out", "*.vsix"))
    installed = npm(folder, "ci", "--prefer-offline")
    if installed.returncode and any(
        code in installed.stderr for code in ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN")
    ):
        pytest.skip("the npm registry cannot be reached")
    assert installed.returncode == 0, installed.stderr
    return folder


def test_its_own_tests_pass(extension: Path) -> None:
    ran = npm(extension, "test")
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_it_is_packaged_with_what_it_needs_and_no_more(extension: Path) -> None:
    ran = npm(extension, "run", "package")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with zipfile.ZipFile(extension / "lambda-lint.vsix") as package:
        names = {name.lower() for name in package.namelist()}
    assert {"extension/dist/extension.js", "extension/package.json", "extension/readme.md"} <= names
    assert not any("node_modules" in name or name.endswith((".ts", ".map")) for name in names)


def test_its_settings_are_those_that_the_server_reads() -> None:
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    named = {name.removeprefix("lambda-lint.") for name in manifest["contributes"]["configuration"]["properties"]}
    read = (EXTENSION.parents[1] / "lint_lambda" / "server" / "settings.py").read_text(encoding="utf-8")
    of_the_client = {"enable", "path", "interpreter", "trace.server"}
    assert all(f'"{name}"' in read for name in named - of_the_client)
