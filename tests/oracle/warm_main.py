"""A warm process: it has loaded what functions load, and forks the first process of each sandbox that is asked for.

Run by `warm.py`, which asks over the socket that is standard input. A first process that comes from here forks again where it is to start
a Python function, instead of starting an interpreter, which costs ten times as much. Before the function's first line runs, its process is
given what a new interpreter would have had: arguments, environment, import path, streams, signals and a `__main__`. The modules that are
loaded already are what many fixtures import of the standard library, but for `multiprocessing`, which notes the directory in which it
is first imported; and of AWS's runtime client those that read nothing of the environment as they are loaded: its native part takes the
runtime API's address from there. Nothing of a fixture's has ever run in this process.
"""

from __future__ import annotations

import array
import asyncio  # noqa: F401
import atexit
import concurrent.futures.thread  # noqa: F401
import contextlib  # noqa: F401
import dataclasses  # noqa: F401
import gc
import http.client  # noqa: F401
import logging.handlers  # noqa: F401
import os
import queue  # noqa: F401
import random  # noqa: F401
import select
import signal
import socket
import subprocess  # noqa: F401
import sys
import tempfile  # noqa: F401
import threading
import time
import types
import typing  # noqa: F401
import urllib.request  # noqa: F401
import uuid  # noqa: F401
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import NoReturn

import awslambdaric.lambda_config
import awslambdaric.lambda_context
import awslambdaric.lambda_runtime_exception
import awslambdaric.lambda_runtime_log_utils
import awslambdaric.lambda_runtime_marshaller  # noqa: F401

EMULATOR = Path(__file__).parents[2] / "lint_lambda" / "emulator"
FUNCTION_MAIN = str(EMULATOR / "function_main.py")
IMPORT_PATH = sys.path[1:]
LIMIT = 1 << 20

_spec = spec_from_file_location("_lambda_lint_supervisor", EMULATOR / "supervisor.py")
assert _spec is not None and _spec.loader is not None
_supervisor = module_from_spec(_spec)
_spec.loader.exec_module(_supervisor)
_code = compile(Path(FUNCTION_MAIN).read_text(encoding="utf-8"), FUNCTION_MAIN, "exec")


def is_warm(argv: list[str], env: dict[str, str]) -> bool:
    """Whether a program is a function for which this process is as good as a new one.

    It is not for Managed Instances, whose workers are processes that the client makes by itself.
    """
    return argv[:2] == [sys.executable, FUNCTION_MAIN] and "AWS_LAMBDA_MAX_CONCURRENCY" not in env


def run(argv: list[str], env: dict[str, str]) -> NoReturn:
    """Run the function's first file in this process, which has just been forked, as a new interpreter would, and end as one does."""
    os.closerange(3, 256)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv[:] = argv[1:]
    beside = [folder for folder in env.get("PYTHONPATH", "").split(os.pathsep) if folder]
    sys.path[:] = [str(EMULATOR), *beside, *IMPORT_PATH]
    for name, descriptor, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        was = getattr(sys, name)
        new = open(descriptor, mode, -1 if name != "stderr" else 1, was.encoding, was.errors, closefd=False)  # noqa: SIM115
        new.buffer.raw.name = f"<{name}>"  # type: ignore[attr-defined]
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    main = types.ModuleType("__main__")
    loader = SourceFileLoader("__main__", FUNCTION_MAIN)
    vars(main).update(
        __annotations__={}, __builtins__=__builtins__, __cached__=None, __file__=FUNCTION_MAIN, __loader__=loader
    )
    sys.modules["__main__"] = main
    status = 0
    try:
        exec(_code, vars(main))
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 0 if ending.code is None else 1
        if status == 1 and not isinstance(ending.code, int):
            print(ending.code, file=sys.stderr)
    except BaseException as error:  # noqa: BLE001 - as an interpreter tells it
        sys.excepthook(type(error), error, error.__traceback__)
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(status & 0xFF)


class Supervisor(_supervisor.Supervisor):  # type: ignore[misc, name-defined]
    """The first process of a sandbox, for which a Python function is forked."""

    def become(self, argv: list[str], env: dict[str, str]) -> NoReturn:
        if is_warm(argv, env):
            run(argv, env)
        super().become(argv, env)
        raise AssertionError("another program runs here")


def supervise(max_processes: int, directory: str, descriptors: list[int]) -> NoReturn:
    """Be the first process of a sandbox, in a process that has just been forked."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number, descriptor in enumerate(descriptors[:2]):
        os.dup2(descriptor, number)
    os.closerange(3, 256)
    _supervisor._prctl(_supervisor.PR_SET_CHILD_SUBREAPER, 1)
    status = 1
    try:
        Supervisor(max_processes, directory).serve()
        status = 0
    finally:
        os._exit(status)


def serve(asked: socket.socket) -> None:
    """Fork what is asked for, tell how each ends, until nobody asks any more."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    ends: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([asked.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            reap(ends)
        if asked.fileno() in ready:
            request, descriptors, _, _ = socket.recv_fds(asked, LIMIT, 3)
            if not request:
                return
            limit, _, directory = request.decode().partition(" ")
            pid = os.fork()
            if pid == 0:
                supervise(int(limit), directory, descriptors)
            for descriptor in descriptors[:2]:
                os.close(descriptor)
            ends[pid] = descriptors[2]
            asked.send(str(pid).encode())


def reap(ends: dict[int, int]) -> None:
    """Tell of each process that has ended how it has."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        with os.fdopen(ends.pop(pid), "wb") as told:
            told.write(array.array("i", [os.waitstatus_to_exitcode(status)]).tobytes())


if __name__ == "__main__":
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as _asked:
        serve(_asked)
