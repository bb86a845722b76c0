"""A handler that does with `lambda_defer` what its event says."""

import asyncio
import multiprocessing
import os
import signal
import time

from lambda_defer import defer, deferring, remaining_seconds


def record(name, seconds=0.05):
    time.sleep(seconds)
    print(f"did {name}")


def crash(name):
    raise RuntimeError(name)


def leave(name):
    raise SystemExit(name)


def more(name):
    record(name)
    defer(record, f"{name}+")


async def later(name):
    await asyncio.sleep(0.05)
    print(f"did {name}")


def tell_time():
    print(f"left {remaining_seconds():.1f}")


def fork(name):
    """Work, too, may start processes and end them."""
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
    child.start()
    child.terminate()
    child.join()
    print(f"child ended by {signal.Signals(-child.exitcode).name}")


WORK = {"fork": fork, "crash": crash, "leave": leave, "more": more, "later": later}


def defer_there(name):
    defer(record, name)


CHILDREN = {"record": record, "defer": defer_there}


@deferring
def handler(event, context):
    time.sleep(event.get("think", 0))
    for name in event.get("submit", ()):
        defer(WORK.get(name, record), name)
    for seconds in event.get("sleep", ()):
        defer(record, f"{seconds} s", seconds)
    if event.get("tell_time"):
        defer(tell_time)
    if event.get("raise"):
        raise ValueError("after the submit")
    if event.get("hang"):
        time.sleep(600)
    for _ in range(event.get("fork", 0)):
        fork("")
    if event.get("start"):
        child = multiprocessing.get_context(event["start"]).Process(target=CHILDREN[event["target"]], args=("child",))
        child.start()
        child.join()
        print(f"child ended with {child.exitcode}")
    if event.get("unserialisable"):
        return object()
    return {"pid": os.getpid()}


@deferring
def outer(event, context):
    """Calls another decorated handler, and defers after that has ended."""
    handler(event, context)
    defer(record, "outer")
    return {}


def undecorated(event, context):
    """What Lambda calls by mistake, instead of `handler`."""
    return {}
