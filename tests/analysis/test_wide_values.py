"""Many lists in one table: what waits for the work in one of them waits for no other's, though they are not told apart."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.lifetimes import analyse
from lint_lambda.core.finding import Confidence, Fate
from lint_lambda.core.verdict import Verdict
from lint_lambda.knowledge.loader import load_models
from tests.analysis.one_file import OneFile

MANY = 40


def losses(*statements: str) -> list[Fate]:
    return [verdict.fate for verdict in verdicts(*statements)]


def verdicts(*statements: str) -> list[Verdict]:
    """What is lost where a table has many lists, the first of which are called `first` and `second`."""
    names = ["first", "second", *(f"other{number}" for number in range(MANY))]
    made = [f"    {name} = [{number}]\n    tables.append({name})\n" for number, name in enumerate(names)]
    text = "import threading\n\n\ndef handler(event, context):\n    tables = []\n" + "".join(made)
    text += "".join(f"    {statement}\n" for statement in statements) + "    return 1\n"
    program = OneFile(text)
    return analyse(program, [program.handler("handler")], load_models())


LAUNCHES = (
    "one = threading.Thread(target=print)",
    "two = threading.Thread(target=print)",
    "one.start()",
    "two.start()",
)


@pytest.mark.parametrize("joined", ["first", "second"])
def test_work_in_another_list_is_lost(joined: str) -> None:
    puts = ("first.append(one)", "second.append(two)")
    assert Fate.FROZEN in losses(*LAUNCHES, *puts, f"for each in {joined}:", "    each.join()")


def test_work_that_nothing_waits_for_is_lost() -> None:
    assert losses(*LAUNCHES, "first.append(one)", "second.append(two)") == [Fate.FROZEN, Fate.FROZEN]


def test_work_in_a_list_of_its_own_is_waited_for() -> None:
    assert losses(*LAUNCHES, "mine = [one, two]", "for each in mine:", "    each.join()") == []


def test_a_wait_for_a_list_that_is_not_told_apart_is_no_sure_loss() -> None:
    puts = ("first.append(one)", "for each in first:", "    each.join()")
    found = verdicts("one = threading.Thread(target=print)", "one.start()", *puts)
    assert all(verdict.confidence < Confidence.HIGH for verdict in found)
