"""Every name in the models exists in the library, as far as the library is installed.

Each library is looked at in a process of its own: some patch the standard library as they are imported, and others then fail.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys

import pytest

from lint_lambda.knowledge.loader import load_languages
from lint_lambda.knowledge.models import Library
from tests.rules.pages import ROOT

ONLY_IN_THE_MODELS = {
    "amplitude.Amplitude.result",  # the futures that flush() returns stand for their client
    *(  # given by its __getattr__
        f"coralogix.handlers.CoralogixLogger.{name}"
        for name in ("verbose", "debug", "info", "warning", "error", "critical")
    ),
    *(f"langfuse.Langfuse.{name}" for name in ("trace", "span", "generation", "event", "score")),  # until 3
    *(f"langfuse.Langfuse.start_{name}" for name in ("span", "as_current_span")),  # until 4
    *(f"langfuse.Langfuse.start_{name}" for name in ("generation", "as_current_generation")),  # until 4
    *(f"langfuse.callback.CallbackHandler{name}" for name in ("", ".flush")),  # until 3
    "graphyte.default_sender.stop",  # None until init() has made it
    "langfuse.decorators.observe",  # until 3
    "langfuse.decorators.langfuse_context.flush",  # until 3
    "logging_loki.LokiQueueHandler.listener",  # set by its constructor
    "logging_loki.LokiQueueHandler.stop",  # stop() of that listener
    *(f"posthog.{name}" for name in ("identify", "page", "Posthog.identify", "Posthog.page")),  # until 6
    *(
        f"sentry_sdk.Hub.current.{name}" for name in ("capture_exception", "capture_message", "capture_event")
    ),  # until 2
    *(f"sentry_sdk.Hub.current.{name}" for name in ("flush", "client.flush")),  # until 2
    "starlette.applications.Starlette.add_event_handler",  # until 1.0
    "starlette.applications.Starlette.on_event",  # until 1.0
    "typing.Annotated.__getitem__",  # how `Annotated[…]` is read
}
"""Names that a model needs and the library's classes do not have."""

MADE_AS_IT_RUNS = ("aiobotocore.client.AioBaseClient.", "aioboto3.resources.base.AIOBoto3ServiceResource.")
"""Classes whose methods are made for each instance, from the description of a service."""

OF_ANOTHER_VERSION = ("rudderstack.analytics.",)  # since 2
"""Modules that another version of the library has than the one that is locked."""

ENVIRONMENT = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
"""litellm otherwise asks the internet for prices as it is imported, and again when there is none."""

LIBRARIES = [library for library in load_languages().of("python").libraries if library.package]

LOOK = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")  # libraries warn of their own deprecations as they are imported
if "rest_framework" in sys.argv[1]:  # its modules cannot be imported without settings
    from django.conf import settings
    settings.configure()

def missing(symbol):
    # Whether the first dotted name that is no module has a part which its owner lacks.
    parts = symbol.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError as error:
            if not symbol.startswith(error.name or symbol):
                return False  # the module is there, and needs a package that is not installed
            continue
        except ImportError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return True
            found = getattr(found, part)
        return False
    return True

def broken(names):
    # Why a package cannot be imported though it is there: what it needs is there in another version.
    for name in sorted({name.partition(".")[0] for name in names}):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            continue  # no module of that name: the test finds out whether there should be one
        except ImportError as error:
            return str(error)
    return ""

names = json.loads(sys.argv[1])
why = broken(names)
print("\\n" + json.dumps([why, [] if why else [name for name in names if missing(name)]]), flush=True)
import os; os._exit(0)  # some leave threads that never end
"""
"""What looks: it is given names as JSON, and prints why their packages cannot be imported, and the names that are not there."""


@pytest.mark.parametrize(
    "library",
    [pytest.param(each, id=each.package, marks=pytest.mark.requires(each.package)) for each in LIBRARIES],
)
def test_the_library_has_what_the_models_name(library: Library) -> None:
    try:
        importlib.metadata.version(library.package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{library.package} is not installed")
    types = [name for type_ in library.types for name in (type_.name, *type_.made_by)]
    calls = [getattr(model, "call", "") or getattr(model, "type", "") for model in library.models]
    makers = [model.call for model in library.handlers]
    named = [symbol for symbol in (*types, *calls, *makers) if symbol and "()" not in symbol]
    named = [symbol.removesuffix(".*") for symbol in named]  # every method of a class
    named = [
        symbol
        for symbol in named
        if symbol not in ONLY_IN_THE_MODELS and not symbol.startswith((*MADE_AS_IT_RUNS, *OF_ANOTHER_VERSION))
    ]
    command = [sys.executable, "-c", LOOK, json.dumps(list(dict.fromkeys(named)))]
    looked = subprocess.run(
        command, cwd=ROOT, capture_output=True, env=ENVIRONMENT, text=True, timeout=600, check=False
    )
    assert looked.returncode == 0, looked.stderr
    broken, missing = json.loads(looked.stdout.splitlines()[-1])
    assert broken == ""
    assert missing == []
