"""A handler that hands each event to the function it names: for fixtures that invoke several handlers in one sandbox.

Only this can be done from outside: a sandbox has one handler for its life. What the function returns, a coroutine too,
goes back to the runtime client as it is.
"""

import importlib
import os

_modules = {name: importlib.import_module(name) for name in os.environ["FIXTURE_MODULES"].split(",")}


def handler(event, context):  # type: ignore[no-untyped-def]
    module, _, function = event["handler"].rpartition(".")
    return getattr(_modules[module], function)(event["event"], context)
