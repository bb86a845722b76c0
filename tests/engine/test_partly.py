"""What a handler's analysis takes is bounded by steps, and what is therefore not followed is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.analysis.domain.world import MOST_ACTIVATIONS
from lint_lambda.config import Config
from lint_lambda.core.finding import Confidence
from lint_lambda.engine import Report, Request, check

FIRST = "    threading.Thread(target=print).start()\n"
MANY = MOST_ACTIVATIONS + 8
"""More calls of one function than are told apart."""


def report(root: Path, text: str, steps: int = 0, *, cached: bool = False) -> Report:
    (root / "app.py").write_text(text, encoding="utf-8")
    cache = root / ".lambda-lint-cache" if cached else None
    config = Config(root, handler_steps=steps, min_confidence=Confidence.LOW, cache_dir=cache)
    return check(Request(paths=(root,), config=config))


def steps_of_many_functions(last: str) -> str:
    """A handler that launches, and then calls many functions of many statements, at the end `last`."""
    functions = "".join(f"def f{n}(x):\n" + "    x = x + 1\n" * 20 + "    return x\n\n\n" for n in range(MANY))
    calls = "".join(f"    f{n}({n})\n" for n in range(MANY))
    return f"import threading\n\n\n{functions}def handler(event, context):\n{FIRST}{calls}{last}    return 1\n"


def test_what_was_found_until_the_steps_are_used_up_is_kept_and_is_not_sure(tmp_path: Path) -> None:
    text = steps_of_many_functions("")
    whole, part = report(tmp_path, text), report(tmp_path, text, steps=400)
    assert [(found.code, found.confidence) for found in whole.findings] == [("LAM201", Confidence.HIGH)]
    assert [(found.code, found.confidence) for found in part.findings] == [("LAM201", Confidence.MEDIUM)]
    assert (whole.partly, part.partly) == (0, 1)
    assert any("app.py:handler" in warning and "handler-steps" in warning for warning in part.warnings)
    assert any("app.py:handler" in note for note in part.notes)
    assert not any("handler-steps" in warning for warning in whole.warnings)


def test_steps_that_are_enough_change_nothing(tmp_path: Path) -> None:
    text = steps_of_many_functions("")
    found = report(tmp_path, text, steps=1_000_000)
    assert found.findings == report(tmp_path, text).findings
    assert found.partly == 0


def test_a_handle_that_goes_into_a_call_which_is_not_followed_may_be_waited_for_there(tmp_path: Path) -> None:
    text = steps_of_many_functions(
        "    thread = threading.Thread(target=print)\n    thread.start()\n    wait(thread)\n"
    )
    text += "\n\ndef wait(thread):\n    thread.join()\n"
    assert len(report(tmp_path, text).findings) == 1
    sure = [found for found in report(tmp_path, text, steps=400).findings if found.confidence > Confidence.LOW]
    assert len(sure) == 1


def test_another_handler_of_the_process_is_analysed_by_steps_of_its_own(tmp_path: Path) -> None:
    text = steps_of_many_functions("") + f"\n\ndef other_handler(event, context):\n{FIRST}    return 1\n"
    found = report(tmp_path, text, steps=400)
    assert [each.confidence for each in found.findings] == [Confidence.MEDIUM, Confidence.HIGH]
    assert found.partly == 1


def test_one_step_is_enough_to_end_in_order_or_to_be_named(tmp_path: Path) -> None:
    for steps in (1, 2, 10, 100):
        found = report(tmp_path, steps_of_many_functions(""), steps=steps)
        assert found.problems == ()
        assert any("app.py:handler" in warning for warning in found.warnings)


@pytest.mark.parametrize("steps", [0, 400])
def test_what_is_kept_of_a_run_says_the_same(tmp_path: Path, steps: int) -> None:
    text = steps_of_many_functions("")
    first = report(tmp_path, text, steps, cached=True)
    again = report(tmp_path, text, steps, cached=True)
    assert (again.partly, again.warnings, again.notes) == (first.partly, first.warnings, first.notes)
    assert report(tmp_path, text, 0, cached=True).partly == 0


def test_a_handle_that_a_function_of_too_many_callers_is_given_may_be_waited_for_there(tmp_path: Path) -> None:
    functions = "".join(
        f"def f{n}():\n    thread = threading.Thread(target=print)\n    thread.start()\n    wait(thread)\n\n\n"
        for n in range(MANY)
    )
    calls = "".join(f"    f{n}()\n" for n in range(MANY))
    text = f"import threading\n\n\ndef wait(thread):\n    thread.join()\n\n\n{functions}def handler(event, context):\n{calls}    return 1\n"
    found = report(tmp_path, text)
    assert [each.confidence for each in found.findings if each.confidence > Confidence.LOW] == []
    assert found.partly == 1
    assert any("not told apart" in note for note in found.notes)
