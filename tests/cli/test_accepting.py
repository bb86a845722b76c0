"""`--baseline` and its kin, `--add-ignores`, `--diff-base`: findings that are accepted, and what stays reported."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import LOST, WAITS, Run

BASELINE = ("--baseline", "known.json")
SECOND = LOST + "\n\ndef lambda_handler(event, context):\n    threading.Thread(target=work, daemon=True).start()\n"


def codes(output: str) -> list[str]:
    return [line.split(" ")[1] for line in output.splitlines() if ": LAM" in line]


def concise(run: Run, *options: str) -> list[str]:
    return codes(run("-q", "--output-format", "concise", *options).stdout)


# --- baselines -------------------------------------------------------------------------------------------------------


def test_a_written_baseline_leaves_only_what_is_new(project: Path, run: Run) -> None:
    wrote = run(*BASELINE, "--write-baseline")
    assert (wrote.exit_code, wrote.stdout) == (0, "")
    assert "Wrote 1 finding to " in wrote.stderr
    clean = run(*BASELINE)
    assert clean.exit_code == 0
    assert "1 finding not shown: listed in the baseline.\n" in clean.stdout
    (project / "users" / "app.py").write_text(LOST)
    new = run(*BASELINE, "--output-format", "concise")
    assert new.exit_code == 1
    assert [line.split(":")[0] for line in new.stdout.splitlines()] == ["users/app.py"]


def test_an_entry_survives_moved_lines_and_edits_elsewhere(project: Path, run: Run) -> None:
    run(*BASELINE, "--write-baseline")
    moved = LOST.replace("import threading", '"""Orders."""\nimport json\nimport threading').replace(
        "print(", "json.dumps("
    )
    (project / "orders" / "app.py").write_text(moved.replace("target=work)", "target=work,  # soon\n    )"))
    assert concise(run, *BASELINE) == []


def test_a_second_launch_like_a_known_one_is_new(project: Path, run: Run) -> None:
    run(*BASELINE, "--write-baseline")
    twice = LOST.replace(
        "    threading.Thread(target=work).start()\n", "    threading.Thread(target=work).start()\n" * 2
    )
    (project / "orders" / "app.py").write_text(twice)
    assert concise(run, *BASELINE) == ["LAM201"]


def test_an_entry_that_nothing_matches_is_stale_until_it_is_pruned(project: Path, run: Run) -> None:
    run(*BASELINE, "--write-baseline")
    (project / "orders" / "app.py").write_text(WAITS)
    warned = run(*BASELINE)
    assert warned.exit_code == 0
    assert "known.json: 1 entry without a matching finding; `--prune-baseline` removes them" in warned.stderr
    assert run(*BASELINE, "--fail-on-stale").exit_code == 1
    assert run(*BASELINE, "--fail-on-stale", "--exit-zero").exit_code == 0
    pruned = run(*BASELINE, "--prune-baseline", "--fail-on-stale")
    assert pruned.exit_code == 0
    assert "Removed 1 stale entry from " in pruned.stderr
    assert json.loads((project / "known.json").read_text())["findings"] == []
    assert "without a matching finding" not in run(*BASELINE, "--fail-on-stale").stderr


@pytest.mark.parametrize("options", [["users"], ["--ignore", "LAM2"], ["--diff-base", "HEAD"]], ids=" ".join)
def test_what_a_run_was_not_about_is_not_stale(project: Path, run: Run, options: list[str]) -> None:
    committed(project)
    run(*BASELINE, "--write-baseline")
    assert "without a matching finding" not in run(*BASELINE, "--fail-on-stale", *options).stderr
    if options == ["users"]:
        run(*BASELINE, "--write-baseline", *options)
        assert len(json.loads((project / "known.json").read_text())["findings"]) == 1, (
            "kept, since it was not looked at"
        )


def test_the_entry_of_a_deleted_file_is_stale(project: Path, run: Run) -> None:
    run(*BASELINE, "--write-baseline")
    (project / "orders" / "app.py").unlink()
    assert run(*BASELINE, "--fail-on-stale").exit_code == 1


def test_the_baseline_may_be_a_setting(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nbaseline = "known.json"\n')
    assert run().exit_code == 2, "there is none yet"
    assert run("--write-baseline").exit_code == 0
    assert run().exit_code == 0
    assert run("orders").exit_code == 0


def test_sarif_says_what_is_known(project: Path, run: Run) -> None:
    run(*BASELINE, "--write-baseline")
    (project / "users" / "app.py").write_text(LOST)
    [log] = json.loads(run(*BASELINE, "--output-format", "sarif").stdout)["runs"]
    assert [result["baselineState"] for result in log["results"]] == ["unchanged", "new"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such baseline; --write-baseline creates it"),
        ("{", "known.json:1: not valid JSON"),
        ("[]", "not a baseline of lambda-lint; name another file"),
        ('{"tool": "lambda-lint baseline", "version": 9, "findings": []}', "another version"),
        ('{"tool": "lambda-lint baseline", "version": 1}', "`findings` must be a list"),
        ('{"tool": "lambda-lint baseline", "version": 1, "findings": [{}]}', "finding 1 needs the texts"),
    ],
)
def test_what_is_no_baseline_is_refused(project: Path, run: Run, text: str | None, said: str) -> None:
    if text is not None:
        (project / "known.json").write_text(text)
    done = run(*BASELINE)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("target", ["pyproject.toml", "orders", "no/such/folder.json", "link.json"])
def test_nothing_but_a_baseline_is_overwritten(project: Path, run: Run, target: str) -> None:
    (project / "kept.json").write_text('{"tool": "lambda-lint baseline"}')
    (project / "link.json").symlink_to("kept.json")
    before = (project / "pyproject.toml").read_text()
    assert run("--baseline", target, "--write-baseline").exit_code == 2
    assert (project / "pyproject.toml").read_text() == before
    assert (project / "kept.json").read_text() == '{"tool": "lambda-lint baseline"}'


def test_a_baseline_is_not_written_of_what_could_not_be_done(project: Path, run: Run) -> None:
    done = run(*BASELINE, "--write-baseline", "--handler", "orders/app.py:absent")
    assert done.exit_code == 2
    assert not (project / "known.json").exists()


# --- ignores ---------------------------------------------------------------------------------------------------------


def test_ignores_are_added_with_their_reason_and_silence(project: Path, run: Run) -> None:
    (project / "orders" / "app.py").write_text(SECOND)
    done = run("--add-ignores", "best effort")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "Added ignore comments for 2 findings in 1 file.\n"
    lines = (project / "orders" / "app.py").read_text().splitlines()
    assert lines[8] == "    threading.Thread(target=work).start()  # lambda-lint: ignore[LAM201] best effort"
    assert len([line for line in lines if "ignore[LAM201] best effort" in line]) == 2
    assert (project / "users" / "app.py").read_text() == WAITS
    assert run().exit_code == 0


ODD = {
    "several lines": (
        "    threading.Thread(\n        target=work,\n    ).start()\n",
        "    threading.Thread(\n        target=work,\n    ).start()  # lambda-lint: ignore[LAM201] why\n",
    ),
    "a string at the end": (
        '    threading.Thread(target=work, name="""a\nb""").start()\n',
        '    threading.Thread(target=work, name="""a\nb""").start()  # lambda-lint: ignore[LAM201] why\n',
    ),
    "a backslash": (
        "    threading.Thread(target=work).start(); x = \\\n        1\n",
        None,
    ),
    "a comment": (
        "    threading.Thread(target=work).start()  # soon\n",
        "    threading.Thread(target=work).start()  # soon  # lambda-lint: ignore[LAM201] why\n",
    ),
    "an ignore of another rule": (
        "    threading.Thread(target=work).start()  # lambda-lint: ignore[LAM202] no\n",
        "    threading.Thread(target=work).start()  # lambda-lint: ignore[LAM202, LAM201] no\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), ODD.values(), ids=ODD)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_ignores_fit_in_odd_places_or_are_refused(
    project: Path, run: Run, before: str, after: str | None, newline: str
) -> None:
    file = project / "orders" / "app.py"
    text = LOST.replace("    threading.Thread(target=work).start()\n", before).replace("\n", newline)
    file.write_bytes(text.encode())
    done = run("--add-ignores", "why", "--ignore", "LAM901")
    if after is None:
        assert done.exit_code == 2
        assert "orders/app.py: line 9 has no room for a comment" in done.stderr
        assert file.read_bytes() == text.encode()
        return
    assert done.exit_code == 0
    assert after.replace("\n", newline).encode() in file.read_bytes()
    assert concise(run, "--ignore", "LAM901") == []


def test_what_no_comment_can_silence_is_counted(project: Path, run: Run) -> None:
    (project / "orders" / "app.py").write_text("def handler(event, context:\n")
    assert "1 finding cannot be ignored by a comment.\n" in run("--add-ignores", "why").stderr


def test_code_inside_a_template_gets_no_comments(project: Path, run: Run) -> None:
    inline = LOST.replace("\n", "\n        ")
    template = (
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Handler: index.handler\n      Runtime: python3.12\n"
        f"      Code:\n       ZipFile: |\n        {inline}\n"
    )
    (project / "template.yaml").write_text(template)
    (project / "orders" / "app.py").write_text(WAITS)
    assert concise(run) == ["LAM201"]
    done = run("--add-ignores", "why")
    assert done.exit_code == 2
    assert "template.yaml: the code is inside another file" in done.stderr
    assert (project / "template.yaml").read_text() == template


# --- changes ---------------------------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def committed(folder: Path) -> None:
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")


def test_only_findings_that_changed_lines_concern_are_shown(project: Path, run: Run) -> None:
    committed(project)
    none = run("--diff-base", "HEAD")
    assert none.exit_code == 0
    assert "1 finding not shown: not in the changes.\n" in none.stdout
    (project / "orders" / "app.py").write_text(LOST.replace('print("done")', 'print("sent")'))
    assert concise(run, "--diff-base", "HEAD") == [], "the work is not part of the witness"
    (project / "orders" / "app.py").write_text(LOST.replace('"statusCode": 200', '"statusCode": 201'))
    assert concise(run, "--diff-base", "HEAD") == ["LAM201"], "the return is"
    git(project, "commit", "-qam", "two")
    assert concise(run, "--diff-base", "HEAD") == []
    assert concise(run, "--diff-base", "HEAD~1") == ["LAM201"]


def test_a_deleted_wait_and_a_new_file_are_changes(project: Path, run: Run) -> None:
    committed(project)
    (project / "users" / "app.py").write_text(WAITS.replace("    worker.join()\n", ""))
    (project / "new dir").mkdir()
    (project / "new dir" / "äpp,1.py").write_text(LOST)
    shown = run("-q", "--output-format", "concise", "--diff-base", "main").stdout
    assert [line.split(":")[0] for line in shown.splitlines()] == ["new dir/äpp,1.py", "users/app.py"]
    git(project, "add", "-A")
    again = run("-q", "--output-format", "concise", "--diff-base", "main").stdout
    assert again == shown, "whether or not git knows the file"


def test_a_branch_is_compared_with_where_it_began(project: Path, run: Run) -> None:
    committed(project)
    git(project, "checkout", "-q", "-b", "topic")
    (project / "orders" / "app.py").write_text(LOST.replace('"statusCode": 200', '"statusCode": 201'))
    git(project, "commit", "-qam", "two")
    git(project, "checkout", "-q", "main")
    (project / "users" / "app.py").write_text(LOST)
    git(project, "commit", "-qam", "three")
    git(project, "checkout", "-q", "topic")
    shown = run("-q", "--output-format", "concise", "--diff-base", "main").stdout
    assert [line.split(":")[0] for line in shown.splitlines()] == ["orders/app.py"]


@pytest.mark.parametrize("reference", ["absent", "--output=pwned", "-h"])
def test_a_commit_that_is_not_there_is_an_error(project: Path, run: Run, reference: str) -> None:
    committed(project)
    done = run(f"--diff-base={reference}")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"--diff-base {reference}: " in done.stderr
    assert not (project / "pwned").exists()


def test_without_a_repository_there_are_no_changes(project: Path, run: Run) -> None:
    assert run("--diff-base", "HEAD").exit_code == 2


# --- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["--write-baseline"],
        ["--fail-on-stale"],
        [*BASELINE, "--write-baseline", "--prune-baseline"],
        [*BASELINE, "--write-baseline", "--fix"],
        ["--add-ignores", "x", "--diff-base", "HEAD"],
        ["--add-ignores", " "],
        ["--add-ignores", "a\nb"],
        ["--add-ignores", "x", "-"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together(project: Path, run: Run, arguments: list[str]) -> None:
    done = run(*arguments, stdin=LOST)
    assert (done.exit_code, done.stdout) == (2, "")
    assert not (project / "known.json").exists()
    assert (project / "orders" / "app.py").read_text() == LOST


def test_github_actions_get_annotations_by_themselves(project: Path, run: Run) -> None:
    actions = {"GITHUB_ACTIONS": "true"}
    assert run(env=actions).stdout.startswith("::error file=orders/app.py,line=9,")
    assert run("--output-format", "text", env=actions).stdout.startswith("error[LAM201]")
    assert run("--output-file", "report", env=actions).exit_code == 1
    assert (project / "report").read_text().startswith("error[LAM201]")
