"""What an editor is told of an edit before all handlers that it bears on have been analysed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import glimpses
from lint_lambda.engine.glimpses import Glimpse
from lint_lambda.engine.live import Live

SHARED = "import threading\n\n\ndef later():\n    t = threading.Thread(target=print)\n    t.start()\n{wait}\n\ndef other():\n    threading.Thread(target=print).start()\n"
LOSES, WAITS = SHARED.format(wait=""), SHARED.format(wait="    t.join()\n")
CALLS = "from shared import {name}\n\n\ndef handler(event, context):\n    {name}()\n    return 1\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(glimpses, "SOON", -1)  # after the first process, it is late
    (tmp_path / ".git").mkdir()
    for place, name in (("a", "other"), ("b", "later"), ("c", "later")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "app.py").write_text(CALLS.format(name=name), encoding="utf-8")
    (tmp_path / "shared.py").write_text(WAITS, encoding="utf-8")
    return tmp_path


def edited(live: Live, text: str) -> tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]]:
    """What is seen soon, and in the end: the code of each finding, its line, and how many handlers it names."""
    soon: list[Glimpse] = []
    view = live.change({"shared.py": text.encode()}, told=soon.append)
    [seen] = soon
    assert seen.texts == {"shared.py": text}
    return tuple(  # type: ignore[return-value]
        sorted((each.code, each.location.span.line, len(each.handlers)) for each in found)
        for found in (seen.findings, view.findings)
    )


def test_an_earlier_finding_goes_first_and_moves_with_its_lines(root: Path) -> None:
    live = Live(load_config(root))
    live.look({})
    soon, at_last = edited(live, LOSES)
    assert soon == [("LAM201", 10, 1)]  # a/app.py comes first: it has reported something here
    assert at_last == [("LAM201", 6, 2), ("LAM201", 10, 1)]
    soon, at_last = edited(live, f"LIMIT = 1\n{LOSES}")
    assert soon == [("LAM201", 7, 2), ("LAM201", 11, 1)]
    assert at_last == soon


def test_a_finding_is_taken_for_gone_when_one_of_its_handlers_no_longer_reports_it(root: Path) -> None:
    live = Live(load_config(root))
    (root / "a" / "app.py").unlink()
    (root / "shared.py").write_text(LOSES, encoding="utf-8")
    live.look({})
    soon, at_last = edited(live, WAITS.replace("target=print)", "target=repr)", 1))
    assert soon == at_last == []


def test_what_is_known_at_once_is_told_once(root: Path) -> None:
    live = Live(load_config(root))
    live.look({})
    soon: list[Glimpse] = []
    live.change({"a/app.py": CALLS.format(name="later").encode()}, told=soon.append)
    assert soon == []


def test_a_finding_on_edited_lines_waits_for_the_whole_look(root: Path) -> None:
    live = Live(load_config(root))
    (root / "shared.py").write_text(LOSES, encoding="utf-8")
    live.look({})
    soon, at_last = edited(live, LOSES.replace("target=print).start()", "target=repr).start()"))
    assert ("LAM201", 6, 2) in soon and ("LAM201", 6, 2) in at_last
    assert ("LAM201", 10, 1) in at_last
