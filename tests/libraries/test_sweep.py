"""What the models say of a symbol holds for every public name of it, and of a decorator in every form.

The names are read off the installed packages; what is not installed is skipped.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import Request, check
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.loader import load_languages
from lint_lambda.knowledge.models import Library

MODELS = load_languages().of("python")
LIBRARIES = [library for library in MODELS.libraries if library.package]

NO_OTHER_NAME = {
    "opentelemetry.sdk.trace.export.get_meter_provider",
    "django.dispatch.dispatcher.receiver",
    "fastapi.param_functions.Depends",
    "fastapi.param_functions.Security",
}
"""Names under which modules of the library import it themselves, and nobody else does."""


def _installed(library: Library) -> None:
    try:
        importlib.metadata.version(library.package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{library.package} is not installed")


def _modelled(library: Library) -> list[str]:
    """Every symbol that the models of a library speak of, by the name they use."""
    types = [name for type_ in library.types for name in (type_.name, *type_.made_by)]
    calls = [getattr(model, "call", "") or getattr(model, "type", "") for model in library.models]
    return [symbol for symbol in dict.fromkeys((*types, *calls)) if symbol and "()" not in symbol]


def _resolve(symbol: str) -> object | None:
    """The function or class of that name, and none of its members."""
    owner, _, name = symbol.rpartition(".")
    try:
        module = importlib.import_module(owner)
    except ImportError:
        return None
    found = vars(module).get(name)
    return found if inspect.isfunction(found) or inspect.isclass(found) else None


def _public_names(found: object, package: str) -> Iterator[str]:
    """Where among the modules that are loaded of a package this object is to be had."""
    for name, module in sorted(sys.modules.items()):
        parts = name.split(".")
        if parts[0] != package or any(part.startswith("_") or part == "tests" for part in parts) or module is None:
            continue
        exported = getattr(module, "__all__", None)
        for attribute in [*vars(module)] if exported is None else exported:
            if not attribute.startswith("_") and getattr(module, attribute, None) is found:
                yield f"{name}.{attribute}"


@pytest.mark.filterwarnings("ignore")  # libraries warn of their own deprecations as they are imported
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.package)
def test_every_public_name_of_a_modelled_symbol_is_known(library: Library) -> None:
    _installed(library)
    unknown = []
    for symbol in _modelled(library):
        found = _resolve(symbol)
        # A package re-exports what it is known for at its top; where modules use it of each other, nobody else imports it.
        for name in _public_names(found, symbol.partition(".")[0]) if found is not None else ():
            home = f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', '')}"
            shown = hasattr(sys.modules[name.rpartition(".")[0]], "__path__") or name == home
            if shown and MODELS.canonical(name) != MODELS.canonical(symbol) and name not in NO_OTHER_NAME:
                unknown.append(f"{name} is {symbol}")
    assert unknown == []


def _decorators() -> Iterator[tuple[Library, str]]:
    """The functions that are decorators."""
    for library in LIBRARIES:
        for symbol in dict.fromkeys(getattr(model, "call", "") for model in library.models):
            models = MODELS.of(symbol)
            decorating = any(isinstance(model, m.PassthroughModel) and model.decorator for model in models)
            decorating |= any(getattr(model, "decorates", None) is not None for model in models)
            if decorating and MODELS.type(symbol.rpartition(".")[0]) is None:
                yield library, symbol


DECORATORS = list(_decorators())

PROGRAM = """
import threading

import {module}


def work(event, context):
    threading.Thread(target=print).start()


work = {decorated}


def handler(event, context):
    return work(event, context)
"""


def _forms(symbol: str) -> Iterator[str]:
    """How the library lets its decorator be written."""
    owner, _, name = symbol.rpartition(".")
    parameters = list(inspect.signature(getattr(importlib.import_module(owner), name)).parameters.values())
    first = parameters[0]
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    optional = all(each.default is not each.empty or each.kind in variadic for each in parameters)
    takes_function = first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD, first.VAR_POSITIONAL)
    if takes_function and first.default in (first.empty, None):
        yield f"{symbol}(work)"
    if optional:
        yield f"{symbol}()(work)"
    if takes_function and first.kind is first.POSITIONAL_OR_KEYWORD and first.default in (first.empty, None):
        yield f"{symbol}({first.name}=work)"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("library", "symbol"), DECORATORS, ids=[symbol for _, symbol in DECORATORS])
def test_a_decorated_function_is_followed_in_every_form(library: Library, symbol: str, tmp_path: Path) -> None:
    _installed(library)
    lost = []
    for number, decorated in enumerate(_forms(symbol)):
        folder = tmp_path / str(number)
        folder.mkdir()
        module = symbol.rpartition(".")[0]
        (folder / "app.py").write_text(PROGRAM.format(module=module, decorated=decorated), encoding="utf-8")
        findings = check(Request([folder], load_config(folder))).findings
        if "LAM201" not in [finding.code for finding in findings]:
            lost.append(decorated)
    assert lost == []
