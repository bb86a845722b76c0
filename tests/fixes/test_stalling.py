"""A wait for work that cannot go on before the wait has ended would keep the response back: none such is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, check, fix

HEAD = """\
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
go = threading.Event()
pool = ThreadPoolExecutor(1)
other = ThreadPoolExecutor(1)
done = []


"""

WORK = "def work():\n    with lock:\n        done.append(1)\n\n\n"
WAITS = "def work():\n    go.wait()\n    done.append(1)\n\n\n"
RECORD = "def record(value):\n    done.append(value)\n\n\n"

STALLS = {
    "the handler holds the lock": (
        f"{WORK}def handler(event, context):\n    with lock:\n        threading.Thread(target=work).start()\n        return len(done)\n",
        "the work needs `lock`",
    ),
    "it holds it without a block": (
        f"{WORK}def handler(event, context):\n    lock.acquire()\n    try:\n        t = threading.Thread(target=work)\n        t.start()\n"
        "    finally:\n        lock.release()\n    return 1\n",
        "the work needs `lock`",
    ),
    "the caller of a helper holds it": (
        f"{WORK}def start():\n    threading.Thread(target=work).start()\n\n\ndef handler(event, context):\n    with lock:\n        start()\n",
        "the work needs `lock`",
    ),
    "the lock is handed over": (
        "async def work(mine):\n    await asyncio.sleep(0.1)\n    async with mine:\n        done.append(1)\n\n\nasync def main():\n    ours = asyncio.Lock()\n"
        "    async with ours:\n        asyncio.create_task(work(ours))\n        return 1\n\n\n"
        "def handler(event, context):\n    return asyncio.run(main())\n",
        "the work needs `ours`",
    ),
    "a return comes before what the work waits for": (
        f"{WAITS}def handler(event, context):\n    threading.Thread(target=work).start()\n    if event:\n        return 0\n    go.set()\n    return 1\n",
        "the work needs `go`",
    ),
    "a callback starts it": (
        f"{RECORD}def ended(future):\n    other.submit(record, future.result())\n\n\ndef handler(event, context):\n"
        "    first = pool.submit(len, 'a')\n    first.add_done_callback(ended)\n    return first.result()\n",
        "a done-callback starts it",
    ),
    "a job of the same pool starts it": (
        f"{RECORD}def job():\n    pool.submit(record, 1)\n\n\ndef handler(event, context):\n    return pool.submit(job).result()\n",
        "`pool` runs the code that starts it",
    ),
    "the code deletes the handle": (
        f"{RECORD}def handler(event, context):\n    t = threading.Thread(target=record, args=(1,))\n    t.start()\n    del t\n    return 1\n",
        "the code deletes `t`",
    ),
}

GOES_ON = {
    "the lock is released before": (
        f"{WORK}def handler(event, context):\n    with lock:\n        t = threading.Thread(target=work)\n        t.start()\n    return 1\n",
        "        t.start()\n    t.join()\n",
    ),
    "another lock is held": (
        f"{WORK}def handler(event, context):\n    with threading.Lock():\n        t = threading.Thread(target=work)\n        t.start()\n        return 1\n",
        "        t.start()\n        t.join()\n",
    ),
    "what the work waits for is given before every return": (
        f"{WAITS}def handler(event, context):\n    t = threading.Thread(target=work)\n    t.start()\n    go.set()\n    return 1\n",
        "    go.set()\n    t.join()\n",
    ),
    "a job of another pool starts it": (
        f"{RECORD}def job():\n    other.submit(record, 1)\n\n\ndef handler(event, context):\n    return pool.submit(job).result()\n",
        "other.submit(record, 1).result()\n",
    ),
    "a timer that some paths take back is a watchdog": (
        "def handler(event, context):\n    t = threading.Timer(5, print)\n    t.start()\n    if event:\n        t.cancel()\n    return 1\n",
        "        t.cancel()\n    t.cancel()\n    return 1\n",
    ),
    "a default keeps what older loops ran, and the new one alone is awaited": (
        "async def work():\n    await asyncio.sleep(0.1)\n\n\nasync def main(tasks=[]):\n    tasks.append(asyncio.create_task(work()))\n    return 1\n\n\n"
        "def handler(event, context):\n    return asyncio.run(main())\n",
        "    tasks.append(task := asyncio.create_task(work()))\n    await task\n",
    ),
}


def _fixed(source: str, folder: Path) -> str:
    made = fix(Request([folder], Config(root=folder)), frozenset({Applicability.SAFE, Applicability.UNSAFE}))
    return next((new.decode() for _, new in made.files.values()), source)


@pytest.mark.parametrize(("code", "reason"), STALLS.values(), ids=STALLS)
def test_a_wait_that_would_stall_is_not_written(code: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HEAD + code)
    assert _fixed(HEAD + code, tmp_path) == HEAD + code
    findings = check(Request([tmp_path], Config(root=tmp_path), fixes=True)).findings
    assert any(reason in each.title for finding in findings for each in finding.fixes), findings


@pytest.mark.parametrize(("code", "words"), GOES_ON.values(), ids=GOES_ON)
def test_its_nearest_twin_is_mended(code: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HEAD + code)
    assert words in _fixed(HEAD + code, tmp_path)
