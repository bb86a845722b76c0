"""Launches in odd places: whatever fix is offered parses, leaves nothing to report, and is made only once."""

from __future__ import annotations

import io
import tempfile
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, check, fix
from lint_lambda.scaffold import EXTENSION, SOURCES

ALLOWED = frozenset({Applicability.SAFE, Applicability.UNSAFE})

HEAD = '''\
"""Odd places."""
from __future__ import annotations

import asyncio
import functools
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2)


def work(*args):
    print("# not a comment", args)


async def later():
    await asyncio.sleep(0)


def plain(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper
'''

SYNC = [
    "threading.Thread(target=work).start()",
    "(t := threading.Thread(target=work)).start()",
    "pool.submit(work, 1)",
    "f = pool.submit(work, 'it''s')",
    "[pool.submit(work, i) for i in range(3)]",
    "subprocess.Popen(['true'])",
    "child = subprocess.Popen(['true'])",
    "threading.Timer(0.1, work).start()",
    "pool.map(work, [1, 2])",
    "event and pool.submit(work, 1)",
]
SYNC_LINES = [
    "t = threading.Thread(target=work)\nt.start()",
    "threading.Thread(  # the mail\n    target=work,  # slow\n    args=(1,\n          2),\n).start()",
    "pool.submit(\n    work,  # inside\n    '''two\n  lines''',\n)",
]
ASYNC = [
    "asyncio.create_task(later())",
    "later()",
    "task = asyncio.ensure_future(later())",
    "asyncio.gather(later(), later())",
]
AROUND = [
    "{0}",
    "if event:\n    {0}",
    "if event:\n    print(1)\nelse:\n    # why\n    {0}\n    print(2)",
    "for item in event:\n    {0}",
    "for item in event:\n    if item:\n        continue\n    {0}\n    if item == 2: return 5",
    "with open('/dev/null') as file:\n    {0}",
    "try:\n    {0}\n    print(int(event))\nexcept ValueError:\n    return None",
    "{0}\nif event: return 1",
    "{0}\nif event:\n    return [\n        1,  # one\n    ]\nprint('''a\nb''')",
    "while True:\n    {0}\n    break",
]
ONE_LINE = [
    "if event: {0}",
    "if event: print(1); {0}",
    "{0}; print(2)",
    "print(1); {0}; print(2)  # end",
    "for item in event: {0}",
]


@dataclass(frozen=True)
class Style:
    indent: str
    newline: str
    last_newline: bool
    comment: str


def indented(text: str, indent: str) -> str:
    return "\n".join(indent + line if line.strip() else line for line in text.split("\n"))


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    style = Style(
        draw(st.sampled_from(["    ", "\t", "  "])),
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.booleans()),
        draw(st.sampled_from(["", "  # behind: é 𝄞"])),
    )
    is_async = draw(st.booleans())
    if draw(st.booleans()):
        launch, around = draw(st.sampled_from(ASYNC if is_async else SYNC)), draw(st.sampled_from(ONE_LINE))
    else:
        launch = draw(st.sampled_from(ASYNC if is_async else SYNC + SYNC_LINES))
        around = draw(st.sampled_from(AROUND))
    lines = []
    for line in around.split("\n"):
        margin = line[: len(line) - len(line.lstrip())]
        lines.append(indented(line.strip().replace("{0}", launch), margin) if "{0}" in line else line)
    body = "\n".join(lines) + style.comment
    if draw(st.booleans()):
        body += "\nreturn {'statusCode': 200}"
    kind = draw(st.sampled_from(["plain", "decorated", "nested", "method"]))
    if is_async:
        code = f"async def main(event):\n{indented(body, '    ')}\n\n\ndef handler(event, context):\n    return asyncio.run(main(event))"
    elif kind == "nested":
        code = f"def handler(event, context):\n    def inner():\n{indented(body, '        ')}\n\n    return inner()"
    elif kind == "method":
        code = f"class Job:\n    def run(self, event):\n{indented(body, '        ')}\n\n\ndef handler(event, context):\n    return Job().run(event)"
    else:
        code = ("@plain\n" if kind == "decorated" else "") + f"def handler(event, context):\n{indented(body, '    ')}"
    text = HEAD + "\n\n" + code + ("\n" if style.last_newline else "")
    text = "\n".join(
        style.indent * ((len(line) - len(line.lstrip(" "))) // 4) + line.lstrip(" ")
        if line.startswith("    ")
        else line
        for line in text.split("\n")
    )
    return text.replace("\n", style.newline).encode()


def comments(source: bytes) -> list[str]:
    return sorted(t.string for t in tokenize.tokenize(io.BytesIO(source).readline) if t.type == tokenize.COMMENT)


def request(folder: Path, source: bytes, prefer: Literal["wait", "defer"]) -> Request:
    """With the scaffold at hand where work is to be deferred."""
    overlays = {"app.py": source}
    if prefer == "defer":
        overlays |= {name: (SOURCES / name).read_bytes() for name in EXTENSION}
    return Request([folder], Config(root=folder, prefer=prefer), overlays=overlays)


@pytest.mark.parametrize("prefer", ["wait", "defer"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_a_fix_in_an_odd_place_holds(prefer: Literal["wait", "defer"], source: bytes) -> None:
    compile(source, "app.py", "exec")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = check(request(folder, source, prefer))
        fixed = fix(request(folder, source, prefer), ALLOWED)
        assert found.problems == () and fixed.left == {}
        if not fixed.made:
            assert fixed.files == {}
            return
        [(path, (before, after))] = fixed.files.items()
        assert (path, before) == ("app.py", source)
        compile(after, "app.py", "exec")
        assert check(request(folder, after, prefer)).findings == ()
        assert fix(request(folder, after, prefer), ALLOWED).files == {}
    assert comments(after) == comments(source)
    if b"\r\n" in source:
        assert after.count(b"\n") == after.count(b"\r\n")
    assert after.endswith(b"\n") or not source.endswith(b"\n")
