"""`lambda-lint [check]`: what is printed where, and with which status it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import LOST, WAITS, Run

CONCISE = "orders/app.py:9:5: LAM201 "


def test_check_is_what_a_path_alone_means(project: Path, run: Run) -> None:
    alone, spelt, here = run("orders", "--quiet"), run("check", "orders", "--quiet"), run("--quiet")
    assert "error[LAM201]" in alone.stdout
    assert alone.stdout == spelt.stdout == here.stdout
    assert alone.exit_code == spelt.exit_code == here.exit_code == 1


def test_nothing_found_is_status_0(project: Path, run: Run) -> None:
    done = run("users")
    assert done.exit_code == 0
    assert done.stdout.startswith("No findings in 1 file (1 handler) in ")


def test_exit_zero_prints_the_same_and_ends_with_0(project: Path, run: Run) -> None:
    assert run("-q", "--exit-zero").exit_code == 0
    assert run("-q", "--exit-zero").stdout == run("-q").stdout


def test_the_text_report_frames_the_launch_and_sums_up(project: Path, run: Run) -> None:
    lines = run("orders").stdout.split("\n")
    assert "  --> orders/app.py:9:5" in lines
    assert " 9 |     threading.Thread(target=work).start()" in lines
    assert re.fullmatch(r"Found 1 finding in 1 file\. Checked 1 file with 1 handler in \d+\.\d\d s\.", lines[-3])
    assert (
        lines[-2]
        == "1 fixable with `--fix --unsafe-fixes` (the response may be sent later; API Gateway waits 29 s for it)."
    )
    assert lines[0].endswith("nothing waits for it [fix]")


def test_concise_output_is_one_line_and_the_summary_is_aside(project: Path, run: Run) -> None:
    done = run("--output-format", "concise")
    [line] = done.stdout.splitlines()
    assert line.startswith(CONCISE)
    assert line.endswith(" [frozen, high]")
    assert done.stderr.startswith("Found 1 finding in 1 file.")


def test_json_output_is_json_and_the_summary_is_aside(project: Path, run: Run) -> None:
    done = run("--output-format", "json")
    [params] = json.loads(done.stdout)
    assert params["uri"] == (project / "orders" / "app.py").as_uri()
    [diagnostic] = params["diagnostics"]
    assert diagnostic["range"]["start"] == {"line": 8, "character": 4}
    assert diagnostic["codeDescription"]["href"].endswith("/LAM201-orphan-thread/")
    assert diagnostic["data"]["handlers"] == ["orders/app.py:handler"]
    assert done.stderr.startswith("Found 1 finding")
    assert json.loads(run("users", "--output-format", "json").stdout) == []


def test_output_file_takes_the_report(project: Path, run: Run) -> None:
    done = run("--output-format", "concise", "--output-file", "report.txt")
    assert (done.stdout, done.exit_code) == ("", 1)
    assert (project / "report.txt").read_text().startswith(CONCISE)


def test_quiet_leaves_out_everything_but_findings(project: Path, run: Run) -> None:
    done = run("-q", "--output-format", "concise")
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
    assert run("users", "-q").output == ""


def test_statistics_count_rules(project: Path, run: Run) -> None:
    assert "    1 LAM201 orphan-thread\n" in run("--statistics").stdout
    assert "    1 LAM201 orphan-thread\n" in run("--statistics", "--output-format", "json").stderr


def test_verbose_tells_settings_and_handlers(project: Path, run: Run) -> None:
    told = run("-v").stderr
    assert f"project: {project}\n" in told
    assert f"configuration: {project / 'pyproject.toml'}\n" in told
    assert "handler: orders/app.py:handler (" in told


def test_a_project_without_handlers_says_how_to_name_them(project: Path, run: Run) -> None:
    for app in project.glob("*/app.py"):
        app.write_text("import threading\n\n\ndef main():\n    threading.Thread(target=print).start()\n")
    done = run()
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: no Lambda handlers found, so nothing was checked")
    assert "--handler" in done.stderr
    assert run("--quiet").stderr.startswith("warning: no Lambda handler")


def test_a_run_that_checked_nothing_is_not_what_was_asked_for(project: Path, run: Run) -> None:
    (project / "orders" / "app.py").write_text("def main():\n    pass\n")
    assert run("orders").exit_code == 0, "the project has a handler elsewhere"
    assert run("orders", "--require-handlers").exit_code == 2
    for app in project.glob("*/app.py"):
        app.write_text("def main():\n    pass\n")
    assert run().exit_code == 0
    assert run("--require-handlers").exit_code == 2
    assert run("orders").exit_code == 2
    assert run("orders/app.py").exit_code == 2


# --- what is looked at -----------------------------------------------------------------------------------------------


def test_a_file_given_filters_the_report_of_the_whole_project(project: Path, run: Run) -> None:
    (project / "jobs.py").write_text("import threading\n\n\ndef begin():\n    threading.Thread(target=print).start()\n")
    (project / "main.py").write_text("import jobs\n\n\ndef handler(event, context):\n    jobs.begin()\n    return {}\n")
    done = run("jobs.py", "--output-format", "concise")
    [line] = done.stdout.splitlines()
    assert line.startswith("jobs.py:5:5: LAM201 ")
    assert run("main.py", "--output-format", "concise").stdout == done.stdout, (
        "a finding belongs to all files it leads through"
    )
    assert run("orders/app.py", "--output-format", "concise").stdout.startswith("orders/app.py")


def test_excluded_and_ignored_files_are_left_out(project: Path, run: Run) -> None:
    assert run("--exclude", "orders/").exit_code == 0
    (project / ".git").mkdir()
    (project / ".gitignore").write_text("orders/\n")
    assert run().exit_code == 0
    assert run("--no-respect-gitignore").exit_code == 1


def test_standard_input_stands_for_a_file(project: Path, run: Run) -> None:
    lost = run("-", "--stdin-filename", "users/app.py", "--output-format", "concise", stdin=LOST)
    assert lost.stdout.startswith("users/app.py:9:5: LAM201 ")
    waits = run("-", "--stdin-filename", "orders/app.py", stdin=WAITS)
    assert waits.exit_code == 0
    unnamed = run("-", "--output-format", "concise", stdin=LOST)
    assert unnamed.stdout.startswith("stdin.py:9:5: LAM201 ")


def test_standard_input_is_shown_in_the_frame(project: Path, run: Run) -> None:
    text = LOST.replace("threading.Thread(target=work)", 'threading.Thread(target=work, name="ünïcode")')
    done = run("-", "--stdin-filename", "users/app.py", stdin=text)
    assert 'threading.Thread(target=work, name="ünïcode").start()\n' in done.stdout


# --- what is found ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--select", "LAM201"], 1),
        (["--select", "LAM1,LAM2"], 1),
        (["--select", "LAM1", "--select", "lam3"], 0),
        (["--select", "LAM1", "--extend-select", "LAM201"], 1),
        (["--ignore", "LAM2"], 0),
        (["--ignore", "LAM2", "--extend-select", "LAM201"], 1),
        (["--min-confidence", "high"], 1),
    ],
)
def test_rules_are_chosen(project: Path, run: Run, arguments: list[str], status: int) -> None:
    assert run(*arguments).exit_code == status


def test_a_comment_silences_a_finding(project: Path, run: Run) -> None:
    app = project / "orders" / "app.py"
    app.write_text(LOST.replace(".start()", ".start()  # lambda-lint: ignore[LAM201] best effort"))
    assert run().exit_code == 0
    app.write_text(LOST.replace(".start()", ".start()  # noqa: LAM201, LAM102"))
    done = run("--output-format", "concise")
    [line] = done.stdout.splitlines()
    assert line.startswith("orders/app.py:9:60: LAM901 ")


def test_handlers_can_be_named_in_the_options_and_the_configuration(project: Path, run: Run) -> None:
    (project / "orders" / "app.py").write_text(LOST.replace("handler(event, context)", "main()"))
    assert run().exit_code == 0
    assert run("--handler", "orders/app.py:main").exit_code == 1
    assert run("--handler", "*/app.py:ma*").exit_code == 1
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nhandlers = ["orders/*.py:main"]\n')
    assert run().exit_code == 1
    assert run("--isolated").exit_code == 0


def test_options_override_the_configuration(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nselect = ["LAM1"]\noutput-format = "json"\n')
    assert run().stdout == "[]\n"
    assert run("--select", "LAM2", "--output-format", "concise").stdout.startswith(CONCISE)


def test_another_configuration_can_be_named_or_none(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nignore = ["LAM2"]\n')
    (project / "other.toml").write_text('min-confidence = "high"\n')
    assert run().exit_code == 0
    assert run("--config", "other.toml").exit_code == 1
    assert run("--isolated").exit_code == 1


def test_the_cache_is_kept_unless_it_is_not_wanted(project: Path, run: Run) -> None:
    run("--no-cache")
    assert not (project / ".lambda-lint-cache").exists()
    first = run("-q").stdout
    assert (project / ".lambda-lint-cache").is_dir()
    assert run("-q").stdout == first


# --- what cannot be done ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no/such/path"], "'no/such/path' does not exist"),
        (["--select", "E501"], "must be a list of rule codes (LAM201) or prefixes (LAM2)"),
        (["--select", "LAM299"], "LAM299 matches no rule; run `lambda-lint rule` to list all codes"),
        (["--handler", "main"], "must be written path:name"),
        (["--min-confidence", "sure"], "'sure' is not one of"),
        (["--isolated", "--config", "pyproject.toml"], "--config and --isolated are mutually exclusive"),
        (["--quiet", "--verbose"], "--quiet and --verbose are mutually exclusive"),
        (["-", "orders"], "must be the only path"),
        (["--stdin-filename", "x.py"], "--stdin-filename requires the path `-`"),
        (["--no-such-option"], "No such option"),
    ],
)
def test_what_cannot_be_done_is_status_2(project: Path, run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


def test_a_mistake_in_the_configuration_is_status_2(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nselct = ["LAM1"]\n')
    done = run()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "Error: pyproject.toml:2: unknown key `selct`; did you mean `select`?\n"


def test_a_mistake_in_a_library_model_is_status_2(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[[tool.lambda-lint.library]]\nlibrary = { name = "ours" }\n')
    done = run()
    assert done.exit_code == 2
    assert "[[tool.lambda-lint.library]]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_code_in_the_configuration_that_no_rule_has_is_status_2(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint.per-file-ignores]\n"a" = ["LAM7"]\n')
    assert "LAM7 matches no rule" in run().stderr


# --- silence is an answer only when it is said -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["def handler(event, context:\n", "x = (\n", "print 1\n"], ids=["handler", "other", "python 2"]
)
def test_a_syntax_error_in_a_file_that_was_named_is_a_finding(project: Path, run: Run, text: str) -> None:
    (project / "bad.py").write_text(text)
    done = run("bad.py")
    assert done.exit_code == 1
    assert done.stdout.startswith("error[LAM900]: ") and " --> bad.py:" in done.stdout
    assert "1 file not analysed.\n" in done.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [("nb.ipynb", "notebooks are not analysed"), ("notes.txt", "not a Python, JavaScript or TypeScript file")],
)
def test_what_is_no_python_file_is_an_error_when_it_was_named(project: Path, run: Run, name: str, said: str) -> None:
    (project / name).write_text('{"cells": []}')
    done = run(name)
    assert done.exit_code == 2
    assert f"error: {name}: {said}" in done.stderr
    assert run().exit_code == 1, "nobody asks for it in a folder"


def test_a_run_without_handlers_does_not_say_that_nothing_was_found(project: Path, run: Run) -> None:
    for app in project.glob("*/app.py"):
        app.write_text("def main():\n    pass\n")
    done = run()
    assert re.fullmatch(r"Nothing checked: no handlers in 2 files \(\d+\.\d\d s\)\.\n", done.stdout)


def test_where_there_is_nothing_to_check_the_reason_is_said(project: Path, run: Run) -> None:
    (project / "docs").mkdir()
    for app in project.glob("*/app.py"):
        app.unlink()
    done = run("docs")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: there is no Python, JavaScript or TypeScript file to check")
    (project / "bad.py").write_text("def handler(event, context:\n")
    assert "nothing was checked, and 1 file could not be analysed" in run("bad.py").stderr
    assert "1 file not analysed; `--extend-select LAM900` reports why.\n" in run("bad.py", "--select", "LAM2").stdout
    assert "1 file could not be analysed" in run("handlers", "bad.py").stderr


def test_a_handler_is_named_from_the_current_directory_too(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "orders")
    assert "app.py:work" in run("handlers", "--handler", "app.py:work").stdout
    done = run("--handler", "gone.py:work")
    assert f"paths are relative to the project root, {project}" in done.stderr.replace("\n", " ")


def test_a_word_that_is_neither_command_nor_path_is_refused(project: Path, run: Run) -> None:
    assert "there is no command and no path 'handlrs'; did you mean 'handlers'?" in run("handlrs").stderr
    assert "there is no command and no path 'lsp'; `lambda-lint --help` lists the commands" in run("lsp").stderr
    assert "Path 'gone/app.py' does not exist" in run("gone/app.py").stderr


def test_findings_of_lower_confidence_are_counted(project: Path, run: Run) -> None:
    escaping = LOST.replace(
        "    threading.Thread(target=work).start()",
        "    t = threading.Thread(target=work)\n    t.start()\n    event[0](t)",
    )
    (project / "orders" / "app.py").write_text(escaping)
    done = run("orders")
    assert done.exit_code == 0
    assert "1 finding of lower confidence not shown; `--min-confidence low` shows them.\n" in done.stdout
    assert "lower confidence" not in run("orders", "--min-confidence", "low").stdout


def test_a_timeout_that_is_no_number_is_refused(project: Path, run: Run) -> None:
    assert run("--timeout", "nan").exit_code == run("--timeout", "0").exit_code == 2
    assert run("--timeout", "inf").exit_code == 1
