"""The report for people: frames, labels, narrow windows, colours only where they belong."""

from __future__ import annotations

import io
import itertools

import pytest
from rich.console import Console

from lint_lambda.core.finding import Confidence, Fate, Finding, Related, Role
from lint_lambda.core.source import Location, Span
from lint_lambda.knowledge.texts import say
from lint_lambda.output import text
from lint_lambda.output.context import Context
from lint_lambda.output.terminal import Terminal
from tests.output.sample import APP, SOURCES, THREAD, context, finding, where


def plain(found: Finding, about: Context) -> str:
    file = io.StringIO()
    text.write([found], about, text.paper(file))
    return file.getvalue()


def on_terminal(found: Finding, about: Context, width: int, color: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=True, width=width, highlight=False, color_system="standard" if color else None
    )
    text.write([found], about, Terminal(console))
    return file.getvalue()


def test_a_finding_is_a_frame_with_the_launch_the_handler_and_the_response() -> None:
    assert plain(THREAD, context(SOURCES)) == (
        "error[LAM201]: thread `send_mail` is frozen when `handler` returns\n"
        "  --> app.py:9:5\n"
        "   |\n"
        " 8 | def handler(event, context):\n"
        "   |     ------- the handler\n"
        ' 9 |     Thread(target=send_mail, args=(event["user"],)).start()\n'
        "   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ frozen\n"
        '10 |     return {"statusCode": 201}\n'
        "   |     -------------------------- the response goes out here\n"
        "   |\n"
        "   = fate: frozen on every path (high confidence): it stops when the response is sent; "
        "it resumes during a later invocation, or never\n"
        "   = help: wait for it before the response: `t.join()`\n"
        "   = help: hand the work to a queue\n"
        "\n"
    )


def test_a_call_in_a_return_is_told_before_the_return() -> None:
    sources = {"app.py": "go()\nreturn run()\n"}
    related = (
        Related(Role.CALL, where(sources, "app.py", "run()"), "through `run()`"),
        Related(Role.RETURN, where(sources, "app.py", "return run()"), "returns here"),
    )
    lines = plain(finding(sources, "go()", related=related), context(sources)).split("\n")
    assert lines[5:8] == ["2 | return run()", "  |        ----- through `run()`", "  | ------------ returns here"]


def test_a_launch_over_several_lines_is_shown_whole() -> None:
    sources = {"app.py": "x = 1\nThread(\n    target=f,\n).start()\n"}
    lines = plain(finding(sources, "Thread(\n    target=f,\n).start()"), context(sources)).split("\n")
    assert lines[3:7] == ["2 | Thread(", "3 |     target=f,", "4 | ).start()", "  | ^^^^^^^^^ frozen"]


def test_a_very_long_launch_is_shown_by_its_first_and_last_line() -> None:
    launch = "Thread(\n" + "    x,\n" * 20 + ").start()"
    lines = plain(finding({"app.py": launch}, launch), context({"app.py": launch})).split("\n")
    assert lines[3:7] == [" 1 | Thread(", "...", "22 | ).start()", "   | ^^^^^^^^^ frozen"]


def test_a_call_in_another_file_is_shown_there() -> None:
    sources = {"app.py": APP, "jobs.py": "\n\ndef run():\n    Thread(target=work).start()\n"}
    hop = Related(Role.CALL, where(sources, "app.py", "Thread(target=send_mail"), "`handler` calls `run` here")
    found = finding(sources, "Thread(target=work).start()", "jobs.py", related=(hop,))
    printed = plain(found, context(sources))
    assert "--> jobs.py:4:5" in printed
    assert "::: app.py:9:5" in printed
    assert printed.index("-->") < printed.index(":::")
    assert "----------------------- `handler` calls `run` here" in printed


def test_marks_stand_below_what_they_mark_with_tabs_and_wide_characters() -> None:
    source = 'if x:\n\tf("日本"); go()\n'
    lines = plain(finding({"app.py": source}, "go()"), context({"app.py": source})).split("\n")
    assert lines[3:5] == ['2 |     f("日本"); go()', "  |                ^^^^ frozen"]  # four cells for 日本


def test_form_feeds_do_not_shift_the_lines() -> None:
    source = "x = 1\x0c\ny = '\u2028'\nstart()\n"
    assert "3 | start()" in plain(finding({"app.py": source}, "start()"), context({"app.py": source}))


@pytest.mark.parametrize("nasty", ["\x1b[31m", "\x9b31m", "\u202e", "\x00", "\x07"])
def test_source_text_cannot_steer_the_terminal(nasty: str) -> None:
    source = f"start('{nasty}')\n"
    found = finding({"app.py": source}, f"start('{nasty}')", message=f"`{nasty}` is frozen")
    assert nasty not in plain(found, context({"app.py": source}))


def test_a_file_that_is_gone_still_has_its_finding() -> None:
    gone = Related(Role.CALL, Location("gone.py", Span(3, 0, 3, 4)), "called here")
    found = finding(SOURCES, "Thread(target=send_mail", related=(gone,), location=Location("lost.py", Span(7, 2, 7, 9)))
    printed = plain(found, context(SOURCES))
    assert "--> lost.py:7:3" in printed
    assert "line 7: frozen" in printed
    assert "line 3: called here" in printed


def test_every_handler_is_named_when_there_are_several() -> None:
    several = finding(SOURCES, "Thread(target", handlers=tuple(f"app.py:h{number}" for number in range(7)))
    assert "= handlers: app.py:h0, app.py:h1, app.py:h2, app.py:h3, app.py:h4 and 2 more\n" in plain(
        several, context(SOURCES)
    )
    assert "= handlers:" not in plain(THREAD, context(SOURCES))


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate is not Fate.JOINED])
@pytest.mark.parametrize("confidence", list(Confidence))
def test_fate_and_confidence_are_always_said(fate: Fate, confidence: Confidence) -> None:
    printed = plain(finding(SOURCES, "Thread(target", fate=fate, confidence=confidence), context(SOURCES))
    possibly = "possibly " if confidence is Confidence.LOW else ""
    assert f"= fate: {possibly}{say(f'fate_names.{fate.value}')} " in printed
    assert f"({confidence.label} confidence): " in printed


def test_remedies_that_findings_share_are_printed_once_at_the_end() -> None:
    shared = "send a message to a queue"
    found = [finding(SOURCES, "Thread(target", general=(shared,), code=code) for code in ("LAM201", "LAM102", "LAM201")]
    file = io.StringIO()
    text.write(found, context(SOURCES), text.paper(file))
    assert file.getvalue().count(shared) == 1
    assert file.getvalue().endswith(f"help: {say('report.general')}\n  - {shared} (LAM102, LAM201)\n\n")


@pytest.mark.parametrize("width", [30, 40, 60, 100])
def test_nothing_is_wider_than_the_window(width: int) -> None:
    long = f'x = 1\n    {"a" * 50}("{"b" * 70}").start()\n'
    found = finding({"app.py": long}, long.split("\n")[1].strip())
    for line in on_terminal(found, context({"app.py": long}), width).split("\n"):
        assert len(line) <= width, line


def test_a_narrow_window_shows_the_launch_even_far_to_the_right() -> None:
    source = f"{'x' * 90} = start()\n"
    printed = on_terminal(finding({"app.py": source}, "start()"), context({"app.py": source}), 40)
    code, mark = next(pair for pair in itertools.pairwise(printed.split("\n")) if "^" in pair[1])
    assert code.endswith("start()")
    assert mark.index("^") == code.index("start()")


def test_a_terminal_gets_colours_and_links_and_a_file_gets_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = on_terminal(THREAD, context(SOURCES), 100, color=True)
    assert "\x1b[1;31m" in coloured
    assert "https://example.org/LAM201" in coloured
    assert "\x1b" not in plain(THREAD, context(SOURCES))


def test_no_color_is_honoured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m" not in on_terminal(THREAD, context(SOURCES), 100, color=True)
