"""The scaffolds where there is no Lambda: in somebody's unit tests, as their documentation shows, and in a local server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from lint_lambda.scaffold.sources.lambda_after_response import after_response, invocation, wait_until
from lint_lambda.scaffold.sources.lambda_defer import defer, deferring, remaining_seconds

sent: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_sent() -> Iterator[None]:
    sent.clear()
    yield


async def send(number: int) -> None:
    await asyncio.sleep(0)
    sent.append(number)


def fail() -> None:
    raise SystemExit("no")


# lambda_defer


@deferring
def deferred(event: dict[str, int], context: None) -> str:
    defer(send, event["order"])
    defer(fail)
    defer(sent.append, "last")
    assert remaining_seconds() == float("inf")
    sent.append("handled")
    if event["order"] < 0:
        raise ValueError
    return "ok"


def test_what_a_handler_defers_is_done_when_it_returns(caplog: pytest.LogCaptureFixture) -> None:
    assert deferred({"order": 7}, None) == "ok"
    assert sent == ["handled", 7, "last"]
    assert [record.getMessage() for record in caplog.records] == ["deferred work failed: fail"]
    assert caplog.records[0].levelno == logging.ERROR


def test_and_when_it_raises() -> None:
    with pytest.raises(ValueError):
        deferred({"order": -1}, None)
    assert sent == ["handled", -1, "last"]


@pytest.fixture
def current_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that a handler keeps, as code does that asks `get_event_loop` in each invocation."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


async def leave_a_task() -> None:
    asyncio.get_running_loop().create_task(note_the_end())
    await asyncio.sleep(0)


async def note_the_end() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        sent.append("cancelled")


def test_the_handler_keeps_its_current_event_loop(current_loop: asyncio.AbstractEventLoop) -> None:
    deferred({"order": 7}, None)
    with invocation():
        wait_until(send(8))
        after_response(send, 9)
    assert asyncio.get_event_loop() is current_loop
    assert current_loop.run_until_complete(send(10)) is None
    assert [number for number in sent if isinstance(number, int)] == [7, 8, 9, 10]


def test_tasks_that_are_left_are_cancelled_with_their_loop() -> None:
    with invocation():
        wait_until(leave_a_task())
    deferring(lambda event, context: defer(leave_a_task))({}, None)
    assert sent == ["cancelled", "cancelled"]


def test_deferring_outside_a_handler_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="while no @deferring handler is running"):
        defer(sent.append, 1)


def test_a_coroutine_is_not_a_function() -> None:
    """With warnings as errors, this also shows that it does not complain a second time."""
    for take in (defer, after_response):
        with pytest.raises(TypeError, match="function and its arguments"):
            take(send(1))  # type: ignore[arg-type]


def test_an_async_handler_is_refused() -> None:
    async def handler(event: object, context: object) -> None: ...

    with pytest.raises(TypeError, match="Lambda does not await handlers"):
        deferring(handler)


# lambda_after_response


def handler(event: dict[str, int], context: None) -> str:
    after_response(send, event["order"])
    after_response(fail)
    wait_until(send(event["order"] + 1))
    sent.append("handled")
    if event["order"] < 0:
        raise ValueError
    return "ok"


def test_what_was_handed_over_is_done_when_the_invocation_ends(caplog: pytest.LogCaptureFixture) -> None:
    with invocation():
        assert handler({"order": 7}, None) == "ok"
        assert sent == ["handled"]
    assert sent == ["handled", 7, 8]
    assert [record.getMessage() for record in caplog.records] == ["work after the response failed: fail"]


def test_and_when_the_handler_raises() -> None:
    with pytest.raises(ValueError), invocation():
        handler({"order": -5}, None)
    assert sent == ["handled", -5, -4]


def test_where_nothing_would_run_it_both_say_so() -> None:
    with pytest.raises(RuntimeError, match="nothing here runs work after the response"):
        after_response(sent.append, 1)
    with pytest.raises(RuntimeError, match="nothing here runs work after the response"):
        wait_until(send(1))


def test_what_cannot_be_awaited_later_is_refused() -> None:
    with invocation():
        with pytest.raises(TypeError, match="takes a coroutine, not 1"):
            wait_until(1)  # type: ignore[arg-type]

        async def hand_over() -> None:
            task = asyncio.create_task(send(1))
            with pytest.raises(TypeError, match="takes the coroutine"):
                wait_until(task)
            await task

        asyncio.run(hand_over())
