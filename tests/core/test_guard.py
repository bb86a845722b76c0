"""What goes wrong with one item is told, and ends nothing."""

from __future__ import annotations

import pytest

from lint_lambda.core.guard import DEFECT, TRACEBACKS, Guard


class PanicException(BaseException):
    """As the parser's native half raises it."""


@pytest.mark.parametrize("error", [ValueError("a\nb"), PanicException("a\nb"), MemoryError()])
def test_a_failure_is_told_in_one_line(error: BaseException) -> None:
    guard = Guard()
    with guard("app.py", "reading it") as done:
        raise error
    assert done.failed
    (problem,) = guard.problems
    said = ": a b" if error.args else ""
    assert problem.startswith(f"app.py: reading it failed ({type(error).__name__}{said}, at test_guard.py:")
    assert problem.endswith(f"); {DEFECT}")


def test_what_goes_well_tells_nothing() -> None:
    guard = Guard()
    with guard("app.py", "reading it") as done:
        pass
    assert (done.failed, guard.problems) == (False, [])


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_wish_to_end_is_no_failure(error: type[BaseException]) -> None:
    guard = Guard()
    with pytest.raises(error), guard("app.py", "reading it"):
        raise error
    assert guard.problems == []


def test_the_same_is_told_once() -> None:
    guard = Guard()
    for _ in range(3):
        guard.tell("the disk is full")
    assert guard.problems == ["the disk is full"]


def test_the_traceback_is_shown_to_who_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TRACEBACKS, "1")
    with Guard()("app.py", "reading it"):
        raise ValueError("odd")
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_what_is_nested_too_deeply_is_a_limit_and_no_defect() -> None:
    guard = Guard()
    for _ in range(2):
        with guard("app.py", "reading it") as done:
            raise RecursionError
        assert done.failed
    assert guard.problems == []
    assert guard.limits == ["app.py: reading it was given up: the code is nested, or calls itself, too deeply"]
