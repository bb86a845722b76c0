"""What comes from the code under analysis steers nothing, in no output."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lint_lambda.cli import cli
from lint_lambda.core.printable import printable, printable_line, quiet_json
from lint_lambda.output.telling import never_fail
from lint_lambda.settings import OUTPUT_FORMATS

LOST = """\
import threading


def {name}(event, context):
    "\x1b]0;title\x07 ##[error]x ##vso[task.complete]"
    threading.Thread(target=print, name="\x1b[2J ##[add-mask]1 \u202e").start(); "\x9b31m ##teamcity[x]"
"""

needs_odd_names = pytest.mark.skipif(sys.platform != "linux", reason="only there a name may be any bytes")


def test_each_character_keeps_its_place() -> None:
    for text in ("\x1b[31m", "a\rb\x00", "\u202e\u2066", "##[group]", "##vso[x]", "\ud800"):
        assert len(printable(text)) == len(text)
        assert printable(text) != text
    for text in ("# [x]", "##", "### title", "caf\u00e9 \u2026", "a::b"):
        assert (printable(text), printable_line(text)) == (text, text)


@pytest.mark.parametrize("text", ["::error::x", "  ::set-env name=x::y", "\t::warning::", "\u3000::x"])
def test_no_line_begins_with_a_command(text: str) -> None:
    assert not printable_line(text).lstrip().startswith("::")


def test_a_json_document_means_the_same() -> None:
    value = ["##[error]", "#####[", "\x1b \x9b \u202e \u2028 \ud800", "caf\u00e9", {"##": "a##b"}]
    quiet = quiet_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(quiet) == value
    assert "##" not in quiet and quiet.isprintable()


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("a \u2026 b \u2192 c", "ascii", "a ... b -> c"),
        ("caf\u00e9 \u2026", "latin-1", "caf\u00e9 ..."),
        ("\u65e5 \U0001f600 \ud800", "ascii", "\\u65e5 \\ud83d\\ude00 \\ud800"),
        (printable("\x1b[0m"), "ascii", "?[0m"),
        (printable_line("::x ##[y"), "ascii", ".:x ##-[y"),
    ],
)
def test_what_an_encoding_lacks_is_said_in_ascii(text: str, encoding: str, said: str) -> None:
    assert text.encode(encoding, "lambda-lint").decode(encoding) == said
    assert json.loads(f'"{said}"')  # it can be a part of a JSON document


def test_a_stream_never_fails(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="ascii") as stream:
        never_fail(stream)
        stream.write("\u2026")
    assert (tmp_path / "out").read_bytes() == b"..."


@needs_odd_names
@pytest.mark.parametrize(
    "name", ["::error::x.py", "  ::x.py", "\x1b[31m.py", "##[group]x.py", "a\nb::c.py", os.fsdecode(b"\xff.py")]
)
@pytest.mark.parametrize("command", [*OUTPUT_FORMATS, "handlers", "diff", "verbose"])
def test_no_output_steers_a_terminal_or_a_runner(tmp_path: Path, name: str, command: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / name).write_text(LOST.format(name="handler"), encoding="utf-8", newline="")
    (tmp_path / "broken.py").write_text(f"def handler(event, context):\n    {chr(27)}[0m\n", encoding="utf-8")
    options = {
        "handlers": ["handlers", "."],
        "diff": [".", "--diff", "--unsafe-fixes"],
        "verbose": [".", "-v", "--handler", "\x1b[2J:x"],
    }.get(command, [".", "--output-format", command])
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        done = CliRunner().invoke(cli, [*options, "--isolated", "--no-cache"])
    finally:
        os.chdir(here)
    assert not isinstance(done.exception, Exception), done.exception
    assert done.output
    own = 0
    for line in done.output.split("\n"):
        assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", line) is None, line
        assert re.search(r"##(?:\[|vso\[|teamcity\[)", line) is None, line
        if re.match(r"\s*::(?!:)", line):
            own += 1
            assert command == "github" and re.match(
                r"::(?:error|warning|notice) (?:file|title)=[^:]*::[^\r\n]*\Z", line
            ), line
    assert (own > 0) == (command == "github")
