"""A project looked at while it is edited: the same is found as by looking at it afresh, and little is analysed for it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lint_lambda.analysis.lifetimes import Analysis
from lint_lambda.config import load_config
from lint_lambda.core.finding import Finding
from lint_lambda.core.verdict import Handler
from lint_lambda.engine import Request, check
from lint_lambda.engine.live import Live, View

LOSES = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n    return 1\n"
SHARED = (
    "import threading\n\n\ndef later():\n    threading.Thread(target=print).start()\n\n\ndef now():\n    print(1)\n"
)
CALLS = "from shared import {name}\n\n\ndef handler(event, context):\n    {name}()\n    return 1\n"
FILES = {
    "a/app.py": LOSES,
    "b/app.py": CALLS.format(name="later"),
    "c/app.py": CALLS.format(name="now"),
    "shared.py": SHARED,
    "template.yaml": "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: python3.12, Handler: shared.now}\n",
}
EDITS = {
    "a/app.py": [LOSES, "", LOSES.replace("handler", "lambda_handler"), LOSES.replace("return 1", "return ("), "# x\n" + LOSES],
    "b/app.py": [CALLS.format(name="later"), CALLS.format(name="now"), CALLS.format(name="missing"), "import a.app\n"],
    "c/app.py": [
        CALLS.format(name="now"),
        CALLS.format(name="later"),
        LOSES.replace("start()", "start()  # lambda-lint: ignore[LAM201] why"),
        "from shared import later as handler\n",
        "import b.app\n\n\ndef handler(event, context):\n    return b.app.handler(event, context)\n",
    ],
    "shared.py": [SHARED, SHARED.replace("print(1)", "later()"), SHARED.replace("threading.Thread(target=print).start()", "pass")],
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def told(findings: tuple[Finding, ...]) -> list[tuple[str, ...]]:
    return [
        (str(each.location), each.code, each.message, each.confidence.label, *each.handlers)
        for each in sorted(findings, key=lambda each: each.sort_key)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_after_any_edits_the_same_is_found_as_afresh(root: Path, seed: int) -> None:
    chance = random.Random(seed)
    live = Live(load_config(root))
    live.look({})
    contents: dict[str, bytes] = {}
    for _ in range(12):
        name = chance.choice(sorted(EDITS))
        contents[name] = chance.choice(EDITS[name]).encode()
        view = live.change({name: contents[name]})
        afresh = check(Request((root,), load_config(root), overlays=contents))
        assert told(view.findings) == told(afresh.findings), contents


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The handlers that are analysed."""
    found: list[str] = []
    real = Analysis.handler

    def spy(self: Analysis, handler: Handler) -> None:
        found.append(str(handler))
        real(self, handler)

    monkeypatch.setattr(Analysis, "handler", spy)
    return found


def edited(live: Live, name: str, text: str, analysed: list[str]) -> View:
    analysed.clear()
    return live.change({name: text.encode()})


def test_only_handlers_that_load_an_edited_file_are_analysed(root: Path, analysed: list[str]) -> None:
    live = Live(load_config(root))
    live.look({})
    edited(live, "a/app.py", LOSES.replace("return 1", "return 2"), analysed)
    assert analysed == ["a/app.py:handler"]
    edited(live, "shared.py", SHARED.replace("print(1)", "print(2)"), analysed)
    assert set(analysed) == {"b/app.py:handler"}  # the others call nothing there that launches


def test_layout_and_comments_move_findings_without_an_analysis(root: Path, analysed: list[str]) -> None:
    live = Live(load_config(root))
    live.look({})
    view = edited(live, "a/app.py", "# one line\n# and one more\n" + LOSES, analysed)
    assert analysed == []
    assert [each.location.span.line for each in view.findings if each.location.path == "a/app.py"] == [7]
    view = edited(live, "a/app.py", LOSES.replace("start()", "start()  # noqa: LAM201"), analysed)
    assert analysed == []
    assert not [each for each in view.findings if each.location.path == "a/app.py"]


def test_a_look_that_is_ended_loses_nothing(root: Path) -> None:
    class Enough(BaseException):
        pass

    def end(done: int, total: int) -> None:
        raise Enough

    live = Live(load_config(root))
    live.look({})
    with pytest.raises(Enough):
        live.change({"a/app.py": b"pass\n"}, end)
    view = live.change({"c/app.py": CALLS.format(name="later").encode()})
    assert not [each for each in view.findings if each.location.path == "a/app.py"]
    assert any("c/app.py:handler" in each.handlers for each in view.findings)


def test_files_that_are_no_part_of_the_project_are_not_known(root: Path) -> None:
    (root / "lambda-lint.toml").write_text('extend-exclude = ["a/"]\n', encoding="utf-8")
    live = Live(load_config(root))
    view = live.look({"a/app.py": LOSES.encode()})
    assert not live.knows("a/app.py") and live.knows("shared.py")
    assert live.declares("template.yaml") and not live.declares("shared.py")
    assert not live.may_find("a/new.py") and live.may_find("new.py") and not live.may_find("notes.txt")
    assert all(each.location.path != "a/app.py" for each in view.findings)
