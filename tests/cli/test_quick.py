"""What is answered before anything heavy is imported: the whole program would say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lint_lambda import __version__
from lint_lambda.__main__ import HELP, answer
from lint_lambda.cli import cli
from lint_lambda.knowledge.rulebook import load_rules

RULES = list(load_rules())
COMMANDS = sorted(path.stem for path in Path(HELP).glob("*.txt"))


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("_LAMBDA_LINT_COMPLETE", raising=False)


def whole(*arguments: str) -> str:
    done = CliRunner().invoke(cli, arguments, prog_name="lambda-lint", terminal_width=78, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_every_command_has_its_help() -> None:
    assert {*COMMANDS} == {"lambda-lint", *cli.list_commands(None)}  # type: ignore[arg-type]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_the_help_is_that_of_the_commands(command: str, option: str) -> None:
    arguments = [option] if command == "lambda-lint" else [command, option]
    assert answer(arguments) == whole(*arguments), "run `python docs/help_texts.py`"


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_that_of_the_package(option: str) -> None:
    assert answer([option]) == whole(option) == f"lambda-lint {__version__}\n"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_page_is_that_of_the_rule(rule: object, monkeypatch: pytest.MonkeyPatch) -> None:
    code, name = rule.code, rule.name  # type: ignore[attr-defined]
    printed = whole("rule", code)
    assert printed.startswith(f"# {code} {name}\n\n")
    assert [answer(["rule", each]) for each in (code, code.lower(), name)] == [printed] * 3


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["."],
        ["check"],
        ["rule"],
        ["rule", "LAM999"],
        ["rule", "--all"],
        ["nothing", "--help"],
        ["check", ".", "--help"],
    ],
    ids=" ".join,
)
def test_all_else_is_up_to_the_whole_program(arguments: list[str]) -> None:
    assert answer(arguments) is None


@pytest.mark.parametrize(
    ("name", "value", "arguments"),
    [("COLUMNS", "60", ["--help"]), ("_LAMBDA_LINT_COMPLETE", "bash_complete", ["--version"])],
    ids=["a narrow terminal", "completion"],
)
def test_so_is_another_form(name: str, value: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert answer(arguments) is None


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["check", "--help"], ["rule", "LAM201"]], ids=" ".join
)
def test_nothing_heavy_is_imported_for_it(arguments: list[str]) -> None:
    code = f"""import sys
sys.argv[1:] = {arguments}
from lint_lambda.__main__ import main
main()
heavy = ("click", "rich", "libcst", "pathlib", "re", "json", "lint_lambda.cli", "lint_lambda.knowledge")
print([name for name in heavy if name in sys.modules and name not in before], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; before = set(sys.modules)\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == answer(arguments)
    assert done.stderr == "[]\n"


def test_what_a_terminal_cannot_print_is_left_to_the_whole_program() -> None:
    command = [sys.executable, "-m", "lint_lambda", "rule", "LAM201"]
    done = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii:replace"}, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith(b"# LAM201 ")


def test_a_reader_that_leaves_is_no_traceback() -> None:
    command = f"{sys.executable} -m lint_lambda rule LAM201 | :"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
