"""Handlers that names tell to launch nothing are counted, and their files are not lowered; all else is as if they had been."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.core import ir
from lint_lambda.engine import Request, check
from lint_lambda.engine.run import Run

LAUNCHES = "import threading\n\ndef launch():\n    threading.Thread(target=print).start()\n"
CANNOT = "import helper\n\ndef handler(event, context):\n    helper.other()\n    return 1\n"
CAN = CANNOT.replace("other", "launch")


def write(root: Path, **files: str) -> None:
    (root / "lambda-lint.toml").write_text("", encoding="utf-8")
    for name, text in files.items():
        (root / f"{name}.py").write_text(text, encoding="utf-8")


def lowered(root: Path) -> tuple[list[str], dict[str, int], set[str]]:
    """The handlers that are analysed, those that are counted by file, and the files that were lowered."""
    run = Run.of(Request([root], load_config(root)))
    asked: set[str] = set()
    lower = run.program._lower

    def noted(path: str) -> ir.Module | None:
        asked.add(path)
        return lower(path)

    run.program._lower = noted  # type: ignore[method-assign]
    points = run.entry_points(every=False)
    return [str(handler) for handler in points.handlers], points.counted, asked


def test_what_cannot_launch_is_counted_and_not_lowered(tmp_path: Path) -> None:
    write(tmp_path, helper=LAUNCHES, cannot=CANNOT, can=CAN)
    assert lowered(tmp_path) == (["can.py:handler"], {"cannot.py": 1}, {"can.py"})


@pytest.mark.parametrize(
    "source",
    [
        CANNOT + "\ndef other_handler(event, context): pass\n",
        CANNOT.replace("def handler", "handler = print\ndef handler"),
        CANNOT.replace("event, context", "event, context: LambdaContext"),
        CANNOT.replace("return 1", "yield 1"),
        CANNOT.replace("event, context", "payload, ctx"),
        CANNOT + "import again\n",
    ],
    ids=["two", "bound again", "annotated", "yields", "by its name", "imported by what it imports"],
)
def test_what_the_outline_does_not_tell_is_lowered(tmp_path: Path, source: str) -> None:
    write(tmp_path, helper=LAUNCHES, again="import cannot\n", cannot=source)
    assert "cannot.py" in lowered(tmp_path)[2]


def test_a_handler_that_calls_another_is_lowered_as_the_other_may_only_help(tmp_path: Path) -> None:
    helps = "import helper\n\ndef process(event, context):\n    helper.launch()\n"
    calls = "import part\n\ndef run():\n    part.process(1, 2)\n\ndef handler(event, context):\n    return 1\n"
    write(tmp_path, helper=LAUNCHES, part=helps, app=calls)
    assert lowered(tmp_path)[2] == {"part.py", "app.py"}


def test_answers_are_kept_by_what_they_depend_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, helper=LAUNCHES, cannot=CANNOT)
    told: list[str] = []

    def never(program: object, models: object, files: object, names: set[str]) -> bool:
        told.extend(names)
        return False

    monkeypatch.setattr("lint_lambda.engine.reaching.names_may_launch", never)
    for _ in range(2):
        assert check(Request([tmp_path], load_config(tmp_path))).handlers == 1
        (tmp_path / "unused.py").write_text("x = 1\n", encoding="utf-8")
    assert told == ["handler"]
    (tmp_path / "helper.py").write_text(f"{LAUNCHES}\nx = 1\n", encoding="utf-8")
    assert check(Request([tmp_path], load_config(tmp_path))).handlers == 1
    assert told == ["handler"] * 2


def test_comments_in_what_cannot_launch_have_been_looked_at(tmp_path: Path) -> None:
    write(tmp_path, helper=LAUNCHES.replace(".start()", ".start()  # lambda-lint: ignore[LAM201]"), cannot=CANNOT)
    found = check(Request([tmp_path], load_config(tmp_path))).findings
    assert [finding.code for finding in found] == ["LAM901"]
