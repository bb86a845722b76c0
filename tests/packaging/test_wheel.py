"""What is published: a wheel that works in an environment of its own, and a source archive that makes the same wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from lint_lambda.knowledge.shipped import COMPILED

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"


@pytest.fixture(autouse=True)
def _nothing_beside_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed is tried, and not this checkout, which may be on the path of whoever runs the tests."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


def build(source: Path, target: str, directory: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(directory)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [built] = directory.iterdir()
    return built


def interpreters() -> dict[tuple[int, int], Path]:
    """The Pythons that lambda-lint supports and that are here, by version: on the path, or pyenv's."""
    found: dict[tuple[int, int], Path] = {}
    for directory in os.environ.get("PATH", "").split(os.pathsep):
        for minor in range(10, 20):
            path = Path(directory) / f"python3.{minor}"
            if path.is_file() and "shims" not in path.parts:
                found.setdefault((3, minor), path)
    for home in (Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions").glob("3.*"):
        version = tuple(int(part) for part in re.findall(r"\d+", home.name)[:2])
        if len(version) == 2 and version >= (3, 10) and (home / "bin" / "python").is_file():
            found.setdefault((version[0], version[1]), home / "bin" / "python")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a fresh environment that the wheel was installed in, with what it depends on, on the newest Python here."""
    environment = tmp_path_factory.mktemp("environment")
    known = interpreters()
    python = known[max(known)] if known else sys.executable
    subprocess.run([str(python), "-m", "venv", "--without-pip", str(environment)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(environment), "--disable-pip-version-check", "install", "-q"]
    subprocess.run([*pip, str(wheel)], check=True)
    return environment / "bin"


def test_the_wheel_holds_the_code_the_rules_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lint_lambda"}
    shipped = {name.removeprefix("lint_lambda/_rules/") for name in names if name.startswith("lint_lambda/_rules/")}
    sources = {path.relative_to(ROOT / "rules").as_posix() for path in (ROOT / "rules").rglob("*.*")}
    assert shipped == sources | {COMPILED}
    assert "lint_lambda/py.typed" in names


def test_the_source_archive_makes_the_same_wheel(wheel: Path, source: Path, tmp_path: Path) -> None:
    with tarfile.open(source) as tar:
        if hasattr(tarfile, "data_filter"):  # security releases of 2023 and later
            tar.extraction_filter = tarfile.data_filter
        tar.extractall(tmp_path)
    again = build(tmp_path / source.name.removesuffix(".tar.gz"), "wheel", tmp_path / "wheel")
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_an_installed_linter_finds_what_the_examples_show(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "lambda-lint"), str(EXAMPLES), "--output-format", "concise", "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "signup_thread.py" in done.stdout
    assert "LAM201" in done.stdout
    assert "_fixed.py" not in done.stdout


def test_an_installed_linter_knows_its_pages_and_its_version(installed: Path, tmp_path: Path) -> None:
    page = subprocess.run(
        [str(installed / "lambda-lint"), "rule", "LAM201"], cwd=tmp_path, capture_output=True, check=True
    )
    assert b"## Use instead" in page.stdout
    module = [str(installed / "python"), "-m", "lint_lambda", "--version"]
    version = subprocess.run(module, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert version.startswith("lambda-lint 0.")


def test_an_installed_linter_says_what_the_checkout_says(installed: Path, tmp_path: Path) -> None:
    arguments = ["-m", "lint_lambda", str(EXAMPLES), "--output-format", "json", "--no-cache", "--isolated"]
    said = [
        subprocess.run([python, *arguments], cwd=folder, capture_output=True, text=True, check=False).stdout
        for python, folder in ((str(installed / "python"), tmp_path), (sys.executable, ROOT))
    ]
    ours, theirs = (re.sub(r"file://[^\"]*/(?=LAM\d)", "", each) for each in said)  # each has its own pages
    assert ours == theirs
    assert "LAM201" in said[0]


def test_an_installed_linter_reads_the_compiled_file(installed: Path, tmp_path: Path) -> None:
    code = "from lint_lambda.knowledge import shipped; print(shipped.compiled() is not None)"
    command = [str(installed / "python"), "-c", code]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said == "True\n"


def test_the_source_archive_works_in_an_empty_environment_of_the_oldest_python(source: Path) -> None:
    """By the script that the release runs."""
    known = interpreters()
    if not known:
        pytest.skip("no Python is on the path under its version")
    script = str(ROOT / "ci" / "check-distribution")
    done = subprocess.run([script, str(known[min(known)]), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "works" in done.stdout
