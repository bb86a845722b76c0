"""A few items of each campaign, and that the counting counts."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.campaigns.campaigns import ALL, mutated
from tests.campaigns.running import NEVER, Unavailable, Worker, count

ITEMS = 3


@pytest.mark.parametrize("name", ALL)
def test_what_must_never_happen_does_not(name: str, tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    campaign = ALL[name](tmp_path, random.Random(7))
    try:
        for number, told in enumerate(campaign, 1):
            counts = told
            if number == ITEMS:
                break
    except Unavailable as why:
        pytest.skip(str(why))
    campaign.close()  # type: ignore[attr-defined]
    assert {key: counts[key] for key in NEVER} == dict.fromkeys(NEVER, 0)
    assert counts["checked"] == ITEMS


def test_a_worker_that_dies_is_a_crash_and_the_next_answers(tmp_path: Path) -> None:
    with Worker() as worker:
        assert worker.ask(root=str(tmp_path), handlers="no pattern") == "crashes"
        assert isinstance(worker.ask(root=str(tmp_path)), dict)


def test_what_is_wrong_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    clean: dict[str, list[object]] = {"findings": [], "problems": [], "limits": []}
    error = ["LAM900", "app.py", 1, "invalid"]
    for answer in ("hangs", "crashes", {**clean, "problems": ["its analysis failed; this is a bug in lambda-lint"]}):
        count(answer, b"", counts, "app.py")
    count({**clean, "findings": [error]}, b"x = 1\n", counts, "app.py")
    count({**clean, "findings": [error]}, b"x = = 1\n", counts, "app.py")
    assert counts == {
        "checked": 5,
        "hangs": 1,
        "crashes": 1,
        "defects": 1,
        "wrong LAM900": 1,
        "findings": 1,
        "not analysed": 0,
    }
    assert "wrong LAM900: app.py" in capsys.readouterr().err


def test_mutations_change_the_text_and_repeat_by_seed() -> None:
    text = "def f(a):\n    return [a, 1]\n"
    made = {mutated(text, "x = 'y'\n", random.Random(seed)) for seed in range(20)}
    assert len(made) > 15
    assert mutated(text, text, random.Random(1)) == mutated(text, text, random.Random(1))
