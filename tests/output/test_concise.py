"""One line a finding."""

from __future__ import annotations

from lint_lambda.output import concise
from tests.output.sample import ROOT, SOURCES, THREAD, context, finding


def test_a_line_has_place_code_message_fate_and_confidence() -> None:
    assert concise.render([THREAD], context(SOURCES)) == (
        "app.py:9:5: LAM201 thread `send_mail` is frozen when `handler` returns [frozen, high]\n"
    )


def test_a_finding_about_no_launch_has_no_fate() -> None:
    found = finding(SOURCES, "from threading", fate=None, code="LAM900", message="cannot be parsed")
    assert concise.render([found], context(SOURCES)) == "app.py:1:1: LAM900 cannot be parsed [high]\n"


def test_a_message_stays_on_its_line() -> None:
    found = finding(SOURCES, "from threading", message="thread `a\nb` is frozen")
    assert concise.render([found], context(SOURCES)).count("\n") == 1


def test_paths_are_relative_to_where_one_is() -> None:
    sources = {"functions/orders/app.py": SOURCES["app.py"]}
    found = finding(sources, "Thread(target", "functions/orders/app.py")
    line = concise.render([found], context(sources, ROOT / "functions"))
    assert line.startswith("orders/app.py:9:5: ")
    line = concise.render([found], context(sources, ROOT / "functions" / "users"))
    assert line.startswith("../orders/app.py:9:5: ")
