"""``lambda-lint graph``: the picture of one handler, in each format."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lint_lambda.cli import cli

APP = """\
import threading
from concurrent.futures import ThreadPoolExecutor

from mail import send


def handler(event, context):
    if not event:
        return 400
    with ThreadPoolExecutor() as pool:
        pool.submit(print, "<&>")
    for to in event:
        send(to)
    send(None)
    return plain(event)


def plain(event):
    return 202
"""
MAIL = """\
import threading


def send(to):
    thread = threading.Thread(target=post, args=(to,))
    thread.start()
    if to:
        thread.join()
        send(None)


def post(to):
    print(to)
"""
TREE = """\
λ handler(event, context)          app.py:7
├─ ⏎ return 400                    app.py:9    response
├─ ▢ ThreadPoolExecutor()          app.py:10   scope
├─ ● pool.submit(print, "<&>")     app.py:11   future `print`: joined
├─ → send(to) → send               app.py:13
│  ├─ ❄ thread.start()             mail.py:6   thread `post`: frozen
│  ├─ ◷ thread.join()              mail.py:8   waits
│  └─ → send(None) → send (see above)  mail.py:9
├─ → send(None) → send (see above)  app.py:14
└─ ⏎ return plain(event)           app.py:15  response

unfinished when the response is sent: 1
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    (tmp_path / "mail.py").write_text(MAIL, encoding="utf-8")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def drawn(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["graph", *arguments, "--no-cache"])


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_tree_tells_what_becomes_of_each_launch(project: Path) -> None:
    result = drawn("app.py:handler")
    assert result.exit_code == 0
    assert squeezed(result.output) == squeezed(TREE)


def test_functions_that_launch_nothing_are_shown_on_request(project: Path) -> None:
    assert "plain(event) → plain" in drawn("handler", "--all").output


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_picture_is_well_formed_and_crosses_the_line_for_what_is_lost(project: Path, form: str) -> None:
    output = drawn("handler", "--output-format", form).output
    picture = ET.fromstring(output[output.index("<svg") : output.index("</svg>") + 6])
    texts = ["".join(each.itertext()) for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "the response is sent" in texts
    assert 'pool.submit(print, "<&>")' in texts
    assert texts.count("❄") == 1  # the sign below the line


def test_mermaid_and_dot_name_every_node(project: Path) -> None:
    mermaid = drawn("handler", "--output-format", "mermaid").output
    dot = drawn("handler", "--output-format", "dot").output
    assert "flowchart LR" in mermaid and "#60;#38;#62;" in mermaid and "classDef frozen" in mermaid
    assert dot.count("[shape=") == 10 and dot.count("->") == 9


def test_a_picture_is_written_to_a_file(project: Path) -> None:
    assert drawn("handler", "--output-format", "svg", "--output-file", "g.svg").exit_code == 0
    ET.fromstring((project / "g.svg").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("handlr", "there is no handler handlr"),
        ("mail.py:send", "there is no handler mail.py:send"),
        ("lambda_handler", "is the name of 2 handlers; name one of these:"),
    ],
)
def test_a_name_that_is_none_is_told_with_what_there_is(project: Path, name: str, said: str) -> None:
    for folder in ("a", "b"):
        (project / folder).mkdir()
        (project / folder / "fn.py").write_text("def lambda_handler(event, context):\n    return 1\n")
    result = drawn(name)
    assert result.exit_code == 2
    assert said in result.output


def test_a_function_in_javascript_is_drawn_too(project: Path) -> None:
    (project / "index.mjs").write_text(
        "export const handler = async (event) => {\n  setTimeout(() => fetch('https://a.example'), 1000);\n  return 1;\n};\n"
    )
    assert "❄ setTimeout(" in drawn("index.mjs:handler").output


@pytest.mark.parametrize(("given", "meant"), [("grpah", "graph"), ("handler", "handlers"), ("rules", "rule")])
def test_a_slip_in_the_name_of_a_command_is_told(project: Path, given: str, meant: str) -> None:
    result = CliRunner().invoke(cli, [given, "app.py"])
    assert result.exit_code == 2
    assert f"did you mean '{meant}'?" in result.output


def test_a_path_that_is_like_a_command_is_a_path(project: Path) -> None:
    (project / "handler").mkdir()
    assert "did you mean" not in CliRunner().invoke(cli, ["handler", "--no-cache"]).output
