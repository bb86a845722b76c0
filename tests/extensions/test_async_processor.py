"""The copied async processor draws one finding for each of its faults; each mend takes away just its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extensions.lint import codes

PROCESSOR = """
import os
import queue
import signal
import threading

import requests

API = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension"
tasks = queue.Queue()


def start():
    answer = requests.post(url=f"{API}/register", json={"events": ["INVOKE"]}, headers={"Lambda-Extension-Name": "x"})
    identity = {"Lambda-Extension-Identifier": answer.headers["Lambda-Extension-Identifier"]}

    def process():
        while True:
            requests.get(url=f"{API}/event/next", headers=identity, timeout=None)
            task, argument = tasks.get()
            if task is None:
                print("nothing to do")
            else:
                task(argument)

    threading.Thread(target=process, daemon=True, name="x").start()


def submit(task=None, argument=None):
    tasks.put((task, argument))


start()
"""
HANDLER = """
import json

import processor


def compute(event):
    return {"size": len(json.dumps(event))}


def work(result):
    print(json.dumps(result))


def handler(event, context):
    result = compute(event)
    processor.submit(work, result)
    return {"statusCode": 200}
"""
CAUGHT = (
    "try:\n                    task(argument)\n                except Exception:\n                    print('failed')"
)
DRAIN = "def drain(number, frame):\n    while not tasks.empty():\n        tasks.get_nowait()\n\n\nsignal.signal(signal.SIGTERM, drain)\nstart()\n"


def found(directory: Path, processor: str, handler: str) -> set[str]:
    """The codes; each must stand in the processor."""
    places = codes(directory, app=handler, processor=processor)
    assert {path for path, _, _ in places} <= {"processor.py"}
    return {code for _, _, code in places}


def test_it_starves_crashes_and_loses_what_is_left(tmp_path: Path) -> None:
    places = codes(tmp_path, app=HANDLER, processor=PROCESSOR)
    lines = PROCESSOR.splitlines()
    expected = [("tasks.get()", "LAM602"), (" task(argument)", "LAM603"), ("threading.Thread(", "LAM605")]
    assert places == {
        ("processor.py", next(number for number, line in enumerate(lines, 1) if text in line), code)
        for text, code in expected
    }


def test_catching_what_a_task_raises_mends_the_crash(tmp_path: Path) -> None:
    mended = PROCESSOR.replace("task(argument)\n", f"{CAUGHT}\n", 1)
    assert found(tmp_path, mended, HANDLER) == {"LAM602", "LAM605"}


def test_draining_at_sigterm_mends_the_loss(tmp_path: Path) -> None:
    head, _, _ = PROCESSOR.rpartition("start()\n")
    assert found(tmp_path, head + DRAIN, HANDLER) == {"LAM602", "LAM603"}


STARVING = {
    "a path without": "    if event:\n        processor.submit(work)\n",
    "nothing": "    processor.tasks.qsize()\n",
    "a raise before": "    if not event:\n        raise ValueError(event)\n    processor.submit(work)\n",
    "a key that may be missing": "    name = event['name']\n    processor.submit(work, name)\n",
    "a caught exception before": "    try:\n        compute(event)\n        processor.submit(work)\n    except ValueError:\n        pass\n",
    "two": "    processor.submit(work)\n    processor.submit(work)\n",
    "one in a loop": "    processor.submit(work)\n    for part in event:\n        processor.submit(work, part)\n",
}
FED = {
    "first of all": "    processor.submit(work)\n",
    "in a finally": "    try:\n        result = compute(event)\n    finally:\n        processor.submit(work, 1)\n",
    "one of two": "    if event:\n        processor.submit(work)\n    else:\n        processor.submit()\n",
    "in both ends": "    try:\n        compute(event)\n    except BaseException:\n        processor.submit()\n        raise\n    processor.submit(work)\n",
    "an exception after": "    processor.submit(work)\n    compute(event)\n",
}


def handling(body: str) -> str:
    head, _, _ = HANDLER.partition("    result = compute")
    return head + body + "    return {'statusCode': 200}\n"


@pytest.mark.parametrize("body", STARVING.values(), ids=STARVING)
def test_a_handler_that_starves_it(body: str, tmp_path: Path) -> None:
    assert found(tmp_path, PROCESSOR, handling(body)) == {"LAM602", "LAM603", "LAM605"}


@pytest.mark.parametrize("body", FED.values(), ids=FED)
def test_a_handler_that_feeds_it(body: str, tmp_path: Path) -> None:
    assert found(tmp_path, PROCESSOR, handling(body)) == {"LAM603", "LAM605"}
