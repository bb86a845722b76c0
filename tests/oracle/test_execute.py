"""The judge of fixtures: it must see through a fixture that tells less, more or other than what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.emulator.sandbox import Outcome
from tests.oracle.execute import Observed, Result, execute, unmet
from tests.oracle.fixture import Fixture, Invocation, Mark, read
from tests.oracle.run import verdict


def _result(
    invocations: list[Invocation], reached: list[list[str]], codes: tuple[str, ...] = (), fate: str | None = None
) -> Result:
    path = Path("case.py")
    marks = tuple(Mark("expect", path, 1, code, fate) for code in codes)
    fixture = Fixture(path, "S.", (path,), None, tuple(invocations), marks)
    outcome = Outcome("id", "response", b"null", None, "", None)
    return Result(fixture, tuple(Observed(tuple(names), outcome) for names in reached))


def _said(done: str = "", late: str = "", lost: str = "", errors: str | None = None) -> Invocation:
    return Invocation("handler", {}, tuple(done.split()), tuple(late.split()), tuple(lost.split()), errors)


@pytest.mark.parametrize(
    ("invocations", "reached", "problems"),
    [
        ([_said(done="a b")], [["b", "a"]], []),
        ([_said(done="a")], [["a", "a"]], []),
        ([_said(done="a")], [[]], ["invocation 1: done=a, but it was reached never"]),
        ([_said(done="a"), _said()], [[], ["a"]], ["invocation 1: done=a, but it was reached late", "invocation 2: a was reached, which nothing says"]),
        ([_said(lost="a")], [[]], []),
        ([_said(lost="a")], [["a"]], ["invocation 1: lost=a, but it was reached before the freeze"]),
        ([_said(lost="a"), _said()], [[], ["a"]], ["invocation 2: a was reached, which nothing says", "invocation 1: lost=a, but invocation 2 reached it"]),
        ([_said(lost="a"), _said(done="a")], [[], ["a"]], []),
        ([_said(lost="a"), _said(done="a")], [[], ["a", "a"]], ["invocation 1: lost=a, but invocation 2 reached it"]),
        ([_said(late="a"), _said()], [[], ["a"]], []),
        ([_said(late="a"), _said(done="a")], [[], ["a", "a"]], []),
        ([_said(late="a"), _said()], [["a"], []], ["invocation 1: late=a, but it was reached before the freeze"]),
        ([_said(late="a"), _said()], [[], []], ["invocation 1: late=a, but it was never reached"]),
        ([_said()], [["a"]], ["invocation 1: a was reached, which nothing says"]),
        ([_said(errors="KeyError")], [[]], ["invocation 1: ended with a response, not KeyError"]),
    ],
)  # fmt: skip
def test_disagreements(invocations: list[Invocation], reached: list[list[str]], problems: list[str]) -> None:
    assert _result(invocations, reached).disagreements == problems


def test_findings_and_losses_must_go_together() -> None:
    lost, done = [_said(lost="a")], [_said(done="a")]
    assert verdict(_result(lost, [[]], ("LAM201",))) == []
    assert verdict(_result(done, [["a"]])) == []
    assert verdict(_result(lost, [[]])) == ["work was lost or late, but no finding is expected"]
    assert verdict(_result(done, [["a"]], ("LAM201",))) == ["it has findings, but nothing was lost or late"]


def test_findings_of_repeated_work_and_repetitions_must_go_together() -> None:
    done = [_said(done="a"), _said(done="a")]
    assert verdict(_result(done, [["a"], ["a"]], ("LAM404",), fate="repeats")) == []
    assert verdict(_result([*done[:1], _said()], [["a"], []], ("LAM404",), fate="repeats")) == [
        "it has findings of repeated work, but nothing was reached twice"
    ]


def test_the_sandbox_contradicts_a_fixture_that_is_wrong(tmp_path: Path) -> None:
    body = (
        "import threading, time\nfrom probe import reached\n"
        "def work():\n    time.sleep(0.05)\n    reached('work')\n"
        "def handler(event, context):\n"
        "    thread = threading.Thread(target=work)\n    thread.start()\n    if event: thread.join()\n"
    )
    path = tmp_path / "case.py"
    path.write_text('"""It says the thread is done."""\n# lambda: event=false\n# oracle: done=work\n' + body)
    assert verdict(execute(read(path))) == [
        "invocation 1: done=work, but it was reached never",
        "work was lost or late, but no finding is expected",
    ]
    path.write_text('"""It says the thread is lost."""\n# lambda: event=true\n# oracle: lost=work\n' + body)
    assert verdict(execute(read(path))) == ["invocation 1: lost=work, but it was reached before the freeze"]


def test_several_handlers_share_one_process(tmp_path: Path) -> None:
    path = tmp_path / "case.py"
    path.write_text(
        '"""S."""\n# lambda: handler=first event="x"\n# oracle: done=x\n# lambda: handler=second\n# oracle: done=kept\n'
        "from probe import reached\nkept = []\n"
        "def first(event, context):\n    kept.append('kept')\n    reached(event)\n"
        "def second(event, context):\n    reached(kept[0])\n"
    )
    assert execute(read(path)).disagreements == []


def test_a_folder_runs_from_its_root(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "helper.py").write_text("from probe import reached\ndef handler(e, c): reached('helper')\n")
    (source / "app.py").write_text('"""S."""\n# root: src\n# lambda: handler=helper.handler\n# oracle: done=helper\n')
    assert execute(read(source / "app.py")).disagreements == []


def test_requirements() -> None:
    path = Path("case.py")

    def asks(requirement: str) -> str | None:
        return unmet(Fixture(path, "S.", (path,), None, (), (), requires=(requirement,)))

    assert asks("python>=3.10") is None and asks("pytest") is None and asks("Awslambdaric") is None
    assert asks("python>=9.0") == "python>=9.0" and asks("no-such-distribution") == "no-such-distribution"
