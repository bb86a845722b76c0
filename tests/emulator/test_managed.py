"""Lambda Managed Instances: nothing is frozen, and what is left over is what is still alive some time later."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lint_lambda.emulator import prove as proving
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.picture import page
from lint_lambda.emulator.prove import prove
from lint_lambda.emulator.story import Finding

SOURCE = """
import asyncio, subprocess, threading, time
loop = asyncio.new_event_loop()
async def audit(seconds):
    await asyncio.sleep(seconds)
async def main(leave):
    task = leave(audit(0.1))
    await asyncio.sleep(0)
    return str(task)
def handler(event, context):
    if event == "thread":
        threading.Thread(target=time.sleep, args=(0.2,)).start()
    elif event == "for ever":
        threading.Thread(target=time.sleep, args=(60,)).start()
    elif event == "child":
        subprocess.Popen(["sleep", "0.2"])
    elif event == "stuck child":
        subprocess.Popen(["sleep", "60"])
    elif event == "run":
        asyncio.run(main(asyncio.ensure_future))
    elif event == "loop":
        loop.run_until_complete(main(asyncio.ensure_future))
    elif event == "coroutine":
        audit(1)
"""


@pytest.mark.parametrize(
    ("event", "left"),
    [
        ("thread", []),
        ("for ever", [("thread", "lost")]),
        ("child", []),
        ("stuck child", [("process", "lost")]),
        ("run", [("task", "cancelled")]),
        ("loop", [("task", "lost")]),
        ("coroutine", [("coroutine", "never-started")]),
    ],
)
def test_what_is_left_over_where_nothing_freezes(
    function: Callable[..., Function], monkeypatch: pytest.MonkeyPatch, event: str, left: list[tuple[str, str]]
) -> None:
    if event in ("thread", "child"):  # it ends, and shall have the time for it
        monkeypatch.setattr(proving, "GRACE", 3 * proving.GRACE)
    made = function(source=SOURCE, observe=True, managed=1)
    line = next(number for number, text in enumerate(SOURCE.splitlines(), 1) if "60,)" in text)
    finding = Finding("LAM201", str(made.task_root / "app.py"), line, line, "")
    story = prove(made, [event, None], [finding])
    assert [(item.work.kind, item.fate) for item in story.lost] == left
    assert (story.verdicts[0].verdict == "confirmed") is (event == "for ever")
    assert not [one for step in story.steps for one in step.events if one.kind in ("freeze", "thaw")]
    assert "invocation 2" in page(story)
