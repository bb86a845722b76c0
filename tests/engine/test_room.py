"""Deep calls have room, and what happens in there is what would have happened outside."""

from __future__ import annotations

import sys
import threading

import pytest

from lint_lambda.engine.room import CALLS, with_room


def depth(calls: int) -> int:
    return 0 if calls == 0 else 1 + depth(calls - 1)


def test_thousands_of_calls_may_be_open() -> None:
    before = sys.getrecursionlimit(), threading.stack_size()
    assert with_room(depth)(CALLS - 500) == CALLS - 500
    assert (sys.getrecursionlimit(), threading.stack_size()) == before


def test_more_end_in_an_error_that_can_be_caught() -> None:
    with pytest.raises(RecursionError):
        with_room(depth)(CALLS + 500)


def test_an_error_comes_out_as_it_is() -> None:
    error = KeyError("x")

    def fail() -> None:
        raise error

    with pytest.raises(KeyError) as caught:
        with_room(fail)()
    assert caught.value is error


def test_room_within_room_is_the_same() -> None:
    threads = with_room(lambda: (threading.current_thread(), with_room(threading.current_thread)()))()
    assert threads[0] is threads[1]
