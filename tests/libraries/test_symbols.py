"""Every name in the models exists in the library, as far as the library is installed."""

from __future__ import annotations

import importlib
import importlib.metadata

import pytest

from lint_lambda.knowledge.loader import load_languages
from lint_lambda.knowledge.models import Library

ONLY_IN_THE_MODELS = {
    "amplitude.Amplitude.result",  # the futures that flush() returns stand for their client
    *(f"langfuse.Langfuse.{name}" for name in ("trace", "span", "generation", "event", "score")),  # until 3
    *(f"langfuse.Langfuse.start_{name}" for name in ("span", "as_current_span")),  # until 4
    *(f"langfuse.Langfuse.start_{name}" for name in ("generation", "as_current_generation")),  # until 4
    "langfuse.decorators.observe",  # until 3
    "langfuse.decorators.langfuse_context.flush",  # until 3
    "logging_loki.LokiQueueHandler.listener",  # set by its constructor
    "logging_loki.LokiQueueHandler.stop",  # stop() of that listener
    "starlette.applications.Starlette.add_event_handler",  # until 1.0
    "starlette.applications.Starlette.on_event",  # until 1.0
    "typing.Annotated.__getitem__",  # how `Annotated[…]` is read
}
"""Names that a model needs and the library's classes do not have."""

MADE_AS_IT_RUNS = ("aiobotocore.client.AioBaseClient.",)
"""Classes whose methods are made for each instance, from the description of a service."""

LIBRARIES = [library for library in load_languages().of("python").libraries if library.package]


def missing(symbol: str) -> bool:
    """Whether the first dotted name that is no module has a part which its owner lacks."""
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


def why_broken(library: Library) -> str:
    """Why a package of the library cannot be imported though it is there: what it needs is there in another version."""
    for name in sorted({model.call.partition(".")[0] for model in library.models if getattr(model, "call", "")}):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            continue  # no module of that name: the test finds out whether there should be one
        except ImportError as error:
            return str(error)
    return ""


@pytest.mark.filterwarnings("ignore")  # libraries warn of their own deprecations as they are imported
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.package)
def test_the_library_has_what_the_models_name(library: Library) -> None:
    try:
        importlib.metadata.version(library.package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{library.package} is not installed")
    if library.package == "djangorestframework":  # its modules cannot be imported without settings
        conf = importlib.import_module("django.conf")
        if not conf.settings.configured:
            conf.settings.configure()
    broken = why_broken(library)
    if broken:
        pytest.skip(f"{library.package} is installed, but cannot be imported: {broken}")
    types = [name for type_ in library.types for name in (type_.name, *type_.made_by)]
    calls = [getattr(model, "call", "") or getattr(model, "type", "") for model in library.models]
    makers = [model.call for model in library.handlers]
    named = [symbol for symbol in (*types, *calls, *makers) if "()" not in symbol and symbol not in ONLY_IN_THE_MODELS]
    named = [symbol for symbol in named if not symbol.startswith(MADE_AS_IT_RUNS)]
    assert [symbol for symbol in dict.fromkeys(named) if missing(symbol)] == []
