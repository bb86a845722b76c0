"""A handler that does with `lambda_after_response` what its event says."""

import asyncio
import os
import time

from lambda_after_response import after_response, remaining_seconds, wait_until


def record(name, seconds=0.05):
    time.sleep(seconds)
    print(f"did {name}", flush=True)


def crash(name):
    raise RuntimeError(name)


def leave(name):
    raise SystemExit(name)


def more(name):
    record(name)
    after_response(record, f"{name}+")


async def later(name):
    await asyncio.sleep(0.05)
    print(f"did {name}", flush=True)


async def sleep(seconds):
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        print("did cancel", flush=True)
        raise


def tell_time():
    print(f"left {remaining_seconds():.1f}", flush=True)


WORK = {"crash": crash, "leave": leave, "more": more, "later": later}


def handler(event, context):
    for name in event.get("submit", ()):
        after_response(WORK.get(name, record), name)
    for name in event.get("wait", ()):
        wait_until(later(name))
    for seconds in event.get("sleep", ()):
        after_response(record, f"{seconds} s", seconds)
    for seconds in event.get("wait_for", ()):
        wait_until(sleep(seconds))
    if event.get("tell_time"):
        after_response(tell_time)
    if event.get("raise"):
        raise ValueError("after the submit")
    if event.get("hang"):
        time.sleep(600)
    if event.get("unserialisable"):
        return object()
    if event.get("task"):
        asyncio.run(hand_over_a_task())
    return {"pid": os.getpid(), "left": context.get_remaining_time_in_millis()}


async def hand_over_a_task():
    wait_until(asyncio.create_task(later("never")))
