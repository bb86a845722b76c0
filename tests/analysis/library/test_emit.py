"""emit: a call calls the listeners of an event; what they leave going on is its launch."""

from __future__ import annotations

from typing import Any

import pytest

from lint_lambda.analysis.domain.heap import slot
from tests.analysis.library.bench import Bench

LISTEN: list[dict[str, Any]] = [
    {
        "call": "crane.Bell.on",
        "emitter": "self",
        "event": "arg:0",
        "work": "arg:1",
        "options": "arg:2",
        "wild": True,
    }
]
EMIT: list[dict[str, Any]] = [{"call": "crane.Bell.ring", "emitter": "self", "event": "arg:0", "args": "arg:1+"}]


def bench(**more: Any) -> Bench:
    return Bench(type=[{"name": "crane.Bell"}], listen=LISTEN, emit=[{**EMIT[0], **more}])


def kinds(of: Bench) -> list[str]:
    """The kinds of everything that is pending."""
    entries = [entry for entries in (of.frame.state or {}).values() for entry in entries]
    return [entry.launch.kind for entry in entries if entry.status == "pending" and entry.launch]


@pytest.mark.parametrize(
    ("name", "event", "heard"),
    [
        ("rings", "rings", True),
        ("rings", "falls", False),
        ("bell.*", "bell.rings", True),
        ("bell.*", "bell.rings.twice", False),
        ("bell.**", "bell.rings.twice", True),
    ],
)
def test_the_listeners_of_the_name_are_called(name: str, event: str, heard: bool) -> None:
    here = bench()
    bell = here.made("crane.Bell")
    here.call("crane.Bell.on", here.const(name), here.function("later"), on=bell)
    here.call("crane.Bell.ring", here.const(event), on=bell)
    assert kinds(here) == (["event"] if heard else [])
    assert here.pending() == ([("later", "")] if heard else [])


def test_a_handle_of_the_call_holds_what_they_leave() -> None:
    here = bench(returns="crane.Load")
    bell = here.made("crane.Bell")
    here.call("crane.Bell.on", here.const("rings"), here.function("later"), on=bell)
    (load,) = here.call("crane.Bell.ring", here.const("rings"), on=bell)
    here.machine.handles.join((load,), here.frame)
    assert here.pending() == []


def test_a_listener_that_it_does_not_wait_for_is_not_held() -> None:
    here = bench(returns="crane.Load", loses="later", keeps="all")
    bell, options = here.made("crane.Bell"), here.container("dict")
    here.heap.store(options, slot("later"), here.const(True))
    here.call("crane.Bell.on", here.const("rings"), here.function("later"), (options,), on=bell)
    (load,) = here.call("crane.Bell.ring", here.const("rings"), on=bell)
    here.machine.handles.join((load,), here.frame)
    assert here.pending() == [("later", "")]


def test_an_event_whose_name_is_not_known_may_be_any() -> None:
    here = bench()
    bell = here.made("crane.Bell")
    here.call("crane.Bell.on", here.const("rings"), here.function("later"), on=bell)
    here.call("crane.Bell.ring", here.universe.unknown, on=bell)
    assert here.pending() == [("later", "")]
