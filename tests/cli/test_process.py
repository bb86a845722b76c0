"""The program as a process: what a CliRunner cannot show."""

from __future__ import annotations

import itertools
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import lint_lambda
from lint_lambda.core.guard import DEFECT

LINT = [sys.executable, "-m", "lint_lambda"]


def test_status_of_a_process(project: Path) -> None:
    found = subprocess.run([*LINT, "orders"], capture_output=True, check=False)
    clean = subprocess.run([*LINT, "users"], capture_output=True, check=False)
    wrong = subprocess.run([*LINT, "--config", "nowhere.toml"], capture_output=True, text=True, check=False)
    assert (found.returncode, clean.returncode, wrong.returncode) == (1, 0, 2)
    assert "Traceback" not in wrong.stderr


def test_a_defect_is_status_2_and_one_line(project: Path) -> None:
    broken = "import lint_lambda.cli as c; c.cli.callback = lambda: 1 / 0; c.main()"
    done = subprocess.run([sys.executable, "-c", broken, "check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("error: lambda-lint failed (ZeroDivisionError: division by zero, at ")
    assert DEFECT in done.stderr


def test_nothing_is_imported_from_the_working_directory(project: Path) -> None:
    loaded = project / "loaded"
    for name in ("typing", "re", "ast", "json", "signal", "click", "libcst", "yaml", "rich", "pathspec", "__future__"):
        (project / f"{name}.py").write_text(f"open({str(loaded)!r}, 'w')")
    home = str(Path(lint_lambda.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": home, "PYTHONSAFEPATH": ""}
    for arguments in (["--version"], ["orders", "--output-format", "json", "--no-cache"]):
        done = subprocess.run([*LINT, *arguments], capture_output=True, text=True, env=env, check=False)
        assert (done.returncode, loaded.exists()) == (len(arguments) > 1, False), done.stderr


STOPS = {
    "analysing": "import lint_lambda.engine as e; e.check = wait",
    "importing": "import builtins; real = builtins.__import__\n"
    "def load(name, *rest, **more): return wait() if name == 'lint_lambda.engine' else real(name, *rest, **more)\n"
    "builtins.__import__ = load",
    "in a destructor": "import lint_lambda.engine as e\n"
    "class Odd:\n    def __del__(self): wait()\n"
    "def check(request): Odd(); wait()\n"
    "e.check = check",
    "writing": "import os; os.fsync = wait",
    "ending": "import atexit; atexit.register(wait)",
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another thing there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", STOPS)
def test_a_signal_ends_the_process_quietly_at_any_moment(project: Path, moment: str, number: signal.Signals) -> None:
    program = (
        "import os, sys, time, lint_lambda.__main__ as m\n"
        # In turns: a signal that comes just before a single endless wait would not end it.
        "def wait(*given):\n"
        "    os.write(2, b'ready')\n"
        "    while True: time.sleep(0.05)\n"
        f"{STOPS[moment]}\n"
        "m.main()"
    )
    before = sorted(project.rglob("*"))
    command = [sys.executable, "-c", program, "orders", "-q", "--no-cache", "--output-file", str(project / "report")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None and process.stdout is not None
        assert process.stderr.read(5) == b"ready"
        process.send_signal(number)
        said = process.stderr.read()
        assert (process.wait(), said.replace(b"ready", b""), process.stdout.read()) == (128 + number, b"", b"")
    left = sorted(path for path in project.rglob("*") if path not in before)
    assert left == ([project / "report"] if moment == "ending" else [])


def test_who_has_read_enough_ends_the_process_quietly(project: Path) -> None:
    with subprocess.Popen([*LINT, "orders"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("asked", [["."], ["--help"], ["rule", "LAM201"], ["--version"], ["handlers"]], ids=" ".join)
def test_output_that_cannot_be_written_is_told(asked: list[str], project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*LINT, *asked], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "Error: the output cannot be written: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_process_without_an_output_says_nothing_there(closed: str, project: Path) -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m lint_lambda -q . {closed}', shell=True, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("form", "encoding"),
    [
        *itertools.product(["text"], ["ascii", "latin-1", "cp1252"]),
        *itertools.product(["concise", "json", "sarif", "junit"], ["ascii"]),
    ],
)
def test_an_encoding_that_lacks_characters_falls_back_to_ascii(project: Path, form: str, encoding: str) -> None:
    (project / "orders/app.py").rename(project / "orders/arbeit_\u017c.py")
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([*LINT, "orders", "--output-format", form], capture_output=True, env=env, check=False)
    assert (done.returncode, done.stderr.count(b"Traceback")) == (1, 0)
    said = done.stdout.decode(encoding)
    assert "\\u017c" in said
    if form == "json":
        assert json.loads(said)[0]["uri"] == (project / "orders/arbeit_\u017c.py").as_uri()
    if form == "text":
        assert ("..." in said) == (encoding != "cp1252")


def test_rich_is_loaded_only_for_a_terminal(project: Path) -> None:
    loaded = "import sys; from lint_lambda.cli import cli; cli({}, standalone_mode=False); print('rich' in sys.modules)"
    for arguments, expected in (
        (["users", "--output-format", "concise", "-q"], "False"),
        (["orders", "--exit-zero"], "False"),
        (["rule", "LAM201"], "False"),
    ):
        code = loaded.format(arguments)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == expected, arguments


def on_terminal(command: list[str], directory: Path, env: dict[str, str]) -> str:
    """What a program prints to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=directory, stdout=theirs, stderr=theirs, stdin=theirs, env=env) as process:
        os.close(theirs)
        printed = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if not chunk:
                break
            printed += chunk
        process.wait()
    os.close(ours)
    return printed.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_colours_on_a_terminal_unless_no_color(project: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    env |= {"TERM": "xterm-256color", "COLUMNS": "100"}
    coloured = on_terminal([*LINT, "orders"], project, env)
    assert "\x1b[1;31m" in coloured
    assert "LAM201-orphan-thread" in coloured  # the code is a link to its page
    plain = on_terminal([*LINT, "orders"], project, {**env, "NO_COLOR": "1"})
    assert "31m" not in plain
    assert "error[" in plain
