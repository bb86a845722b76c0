"""A fix over several files: all of its edits are made, or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from lint_lambda.cli import cli
from lint_lambda.fixes import NotReplaced, replace_files

APP = """import asyncio

from mail import notify


async def main(event):
    notify(event)
    return {"statusCode": 202}


def handler(event, context):
    return asyncio.run(main(event))
"""
MAIL = """import asyncio


async def send(event):
    await asyncio.sleep(1)


def notify(event):
    asyncio.create_task(send(event))
"""
FIXED_APP = APP.replace("    notify(event)\n", "    await notify(event)\n")
FIXED_MAIL = MAIL.replace("    asyncio.create_task", "    return asyncio.create_task")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "mail.py").write_text(MAIL)
    (tmp_path / "lambda-lint.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["--no-cache", *arguments])
    return result.exit_code, result.output


def texts(project: Path) -> tuple[str, str]:
    return (project / "app.py").read_text(), (project / "mail.py").read_text()


def test_the_helper_gives_the_task_back_and_its_caller_awaits_it(project: Path) -> None:
    assert run("--fix", "--unsafe-fixes", ".")[0] == 0
    assert texts(project) == (FIXED_APP, FIXED_MAIL)


def test_the_patch_holds_both_files(project: Path) -> None:
    code, output = run("--diff", "--unsafe-fixes", ".")
    assert code == 1 and "+++ b/app.py" in output and "+++ b/mail.py" in output
    assert texts(project) == (APP, MAIL)


def test_a_file_that_was_not_named_is_not_changed_nor_half_of_the_fix_made(project: Path) -> None:
    run("--fix", "--unsafe-fixes", "mail.py")
    assert texts(project) == (APP, MAIL)


@pytest.mark.parametrize("name", ["app.py", "mail.py"])
def test_where_one_file_cannot_be_written_the_other_is_left_as_well(name: str, project: Path) -> None:
    os.link(project / name, project / "second-name.txt")
    code, output = run("--fix", "--unsafe-fixes", ".")
    assert code == 2 and "left alone" in output and "hard links" in output
    assert texts(project) == (APP, MAIL)


def test_what_was_written_first_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"changed in the meantime")
    with pytest.raises(NotReplaced) as raised:
        replace_files(tmp_path, {"a": (b"old", b"new"), "b": (b"old", b"new")})
    assert raised.value.path == "b" and (tmp_path / "a").read_bytes() == b"old"
