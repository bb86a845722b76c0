"""Small programs that enter one function in many ways, for the test that what it does is never lost on the way."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from lint_lambda.analysis.domain.effects import NO_EFFECTS, Effects, joined
from lint_lambda.analysis.domain.world import World
from lint_lambda.analysis.lifetimes import Analysis
from lint_lambda.knowledge.loader import load_models
from tests.analysis.one_file import OneFile

OBSERVED = {
    "signals": "done.set()",
    "early": "done.set(); unknown.work()",
    "through": "threading.Thread(target=done.set).start()",
    "waits": "done.wait()",
    "held": "gate.acquire()",
    "rests": "done.wait()",
    "hasty": "unknown.work()",
    "gives": "gate.acquire(); gate.release()",
    "stops": "\nwhile not done.is_set():\n    pass",
    "takes": "jobs.get()",
    "uses": "loop.run_until_complete(client.get('/'))",
    "works": "unknown.work()",
    "endless": "\nwhile not done.wait(1):\n    unknown.work()",
    "suspends": "await asyncio.sleep(1)",
    "ended": "thread = threading.Thread(target=print); thread.start(); thread.join()",
}
"""For each effect a statement that has it."""


class Entrance(NamedTuple):
    """`code` defines ``enter``, which comes to the statement that stands for ``{do}`` in it, and `returns`, or only raises."""

    name: str
    code: str
    returns: bool = True


def _entrance(name: str, code: str, returns: bool = True) -> Entrance:
    return Entrance(name, textwrap.dedent(code), returns)


ENTRANCES = (
    _entrance("a call", "{a}def effect():\n    {do}\n{a}def enter():\n    {w}effect()\n"),
    _entrance(
        "a method", "class Worker:\n    {a}def effect(self):\n        {do}\n{a}def enter():\n    {w}Worker().effect()\n"
    ),
    _entrance(
        "a context manager's entry",
        "@contextlib.{a_}contextmanager\n{a}def manager():\n    {do}\n    yield\n{a}def enter():\n    {a}with manager():\n        pass\n",
    ),
    _entrance(
        "a context manager's exit",
        "@contextlib.{a_}contextmanager\n{a}def manager():\n    yield\n    {do}\n{a}def enter():\n    {a}with manager():\n        pass\n",
    ),
    _entrance(
        "the body of a context manager",
        "@contextlib.{a_}contextmanager\n{a}def manager():\n    yield\n{a}def enter():\n    {a}with manager():\n        {do}\n",
    ),
    _entrance(
        "a class's entry",
        "class Manager:\n    {a}def __{a__}enter__(self):\n        {do}\n    {a}def __{a__}exit__(self, *error):\n        pass\n"
        "{a}def enter():\n    {a}with Manager():\n        pass\n",
    ),
    _entrance(
        "a class's exit",
        "class Manager:\n    {a}def __{a__}enter__(self):\n        pass\n    {a}def __{a__}exit__(self, *error):\n        {do}\n"
        "{a}def enter():\n    {a}with Manager():\n        pass\n",
    ),
    _entrance(
        "a decorator",
        "def around(function):\n    {a}def inner():\n        {do}\n        return {w}function()\n    return inner\n"
        "@around\n{a}def effect():\n    pass\n{a}def enter():\n    {w}effect()\n",
    ),
    _entrance("a comprehension", "{a}def effect():\n    {do}\n{a}def enter():\n    [{w}effect() for _ in range(3)]\n"),
    _entrance("a loop", "{a}def enter():\n    for _ in unknown.list():\n        {do}\n"),
    _entrance("a branch", "{a}def enter():\n    if unknown.flag:\n        {do}\n"),
    _entrance("a finally block", "{a}def enter():\n    try:\n        pass\n    finally:\n        {do}\n"),
    _entrance(
        "an exception handler", "{a}def enter():\n    try:\n        1 / 0\n    except Exception:\n        {do}\n"
    ),
    _entrance(
        "a function that only raises",
        "{a}def effect():\n    {do}\n    raise ValueError\n{a}def enter():\n    {w}effect()\n",
        returns=False,
    ),
    _entrance("a return inside a loop", "{a}def enter():\n    while True:\n        {do}\n        return 1\n"),
)
"""``{a}`` and its kin make the code async where the effect needs that."""

CALLED_BACK = (
    _entrance("a callback", "def effect(_):\n    {do}\ndef enter():\n    list(map(effect, [1]))\n"),
    _entrance(
        "an exit stack",
        "def effect():\n    {do}\ndef enter():\n    with contextlib.ExitStack() as stack:\n        stack.callback(effect)\n",
    ),
    _entrance("a constructor", "class Worker:\n    def __init__(self):\n        {do}\ndef enter():\n    Worker()\n"),
    _entrance(
        "a property",
        "class Worker:\n    @property\n    def effect(self):\n        {do}\ndef enter():\n    Worker().effect\n",
    ),
    _entrance(
        "a generator", "def effect():\n    {do}\n    yield 1\ndef enter():\n    for _ in effect():\n        pass\n"
    ),
)
"""Ways into plain functions only."""


def observed_by(entrance: Entrance, field: str) -> Effects:
    """What ``enter`` does, when it comes to a statement with this effect."""
    is_async = field == "suspends"
    words = (
        {"a": "async ", "a_": "async", "a__": "a", "w": "await "}
        if is_async
        else dict.fromkeys(("a", "a_", "a__", "w"), "")
    )
    lines = []
    for line in entrance.code.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        do = OBSERVED[field].replace("\n", f"\n{indent}") if "{do}" in line else ""
        lines.append(line.format(do=do.lstrip() if do else "", **words))
    run = "asyncio.run(enter())" if is_async else "enter()"
    text = "\n".join(
        [
            "import asyncio, contextlib, queue, threading",
            "import httpx, unknown",
            "done = threading.Event()",
            "gate = threading.Lock()",
            "jobs = queue.Queue()",
            "client = httpx.AsyncClient()",
            "loop = asyncio.new_event_loop()",
            *lines,
            f"def handler(event, context):\n    {run}",
        ]
    )
    program = OneFile(text)
    analysis = Analysis(program, load_models())
    analysis.handler(program.handler())
    return _effects_of("enter", analysis)


def _effects_of(name: str, analysis: Analysis) -> Effects:
    world: World = analysis._world
    found = [
        world.summaries[activation.number].effects
        for activation in world.activations
        if activation.callee.function.qualname == name and activation.number in world.summaries
    ]
    return joined(found) if found else NO_EFFECTS
