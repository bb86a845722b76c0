"""Read the library models (``rules/libraries/**/*.toml`` and the user's own) into typed objects: `lint_lambda.knowledge.verbs`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args

from lint_lambda.core.finding import Fate
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.models import Library, Models
from lint_lambda.knowledge.selectors import parse_condition, parse_selector

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


_HEADER = ("name", "docs", "package", "verified")


class ModelError(Exception):
    """A library model that cannot be used; the message names the file, the table and the remedy."""


def load_models(extra: Sequence[Mapping[str, Any]] = ()) -> Models:
    """Every model shipped with the linter, then the user's own (``[[tool.lambda-lint.library]]``, the same schema).

    Raises `ModelError` naming the file (or configuration table) and the entry that is wrong.
    """
    if not extra:
        return _shipped_models()
    own = [
        read_library(table, f"[[tool.lambda-lint.library]] number {number}") for number, table in enumerate(extra, 1)
    ]
    return Models((*_shipped_models().libraries, *own))


@cache
def _shipped_models() -> Models:
    """Read once a process: nothing changes them while the linter runs, and most runs want them more than once."""
    paths = sorted((rules_directory() / "libraries").rglob("*.toml"))
    return Models(tuple(read_library(read_toml(path), f"{path.parent.name}/{path.name}") for path in paths))


def read_toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{path}: not valid TOML: {error}") from error


def read_library(table: Mapping[str, Any], source: str) -> Library:
    """One library from its tables. Raises `ModelError`, which calls them `source`."""
    header = table.get("library")
    if not isinstance(header, Mapping) or not isinstance(header.get("name"), str) or not header.get("docs"):
        raise ModelError(f"{source}: a [library] table with `name` and `docs` is needed")
    for key, value in header.items():
        if key not in _HEADER or not isinstance(value, str):
            raise ModelError(f"{source}: [library] {key}: the keys are {', '.join(_HEADER)}, each a string")
    unknown = set(table) - set(_VERBS) - {"library", *_OTHERS}
    if unknown:
        raise ModelError(f"{source}: unknown table {sorted(unknown)[0]!r}; the verbs are {', '.join(sorted(_VERBS))}")
    found = [
        _entry(build, entry, source, verb)
        for verb, build in _VERBS.items()
        for given in table.get(verb, ())
        for entry in _spread_calls(given)
    ]
    package, verified = header.get("package", ""), header.get("verified", "")
    others = {
        f"{key}s": tuple(_entry(build, entry, source, key) for entry in table.get(key, ()))
        for key, build in _OTHERS.items()
    }
    return Library(header["name"], header["docs"], source, tuple(found), package, verified, **others)


def _spread_calls(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """An entry may name several calls that mean the same."""
    calls = entry.get("call")
    return [{**entry, "call": call} for call in calls] if isinstance(calls, list) else [entry]


def _entry(build: Callable[[_Reader], Any], entry: Mapping[str, Any], source: str, verb: str) -> Any:
    name = entry.get("call") or entry.get("type") or entry.get("name") or "?"
    reader = _Reader(entry)
    try:
        built = build(reader)
        reader.finish()
    except (ValueError, KeyError, TypeError) as error:
        message = f"needs {error}" if isinstance(error, KeyError) else str(error)
        raise ModelError(f"{source}: [[{verb}]] {name}: {message}") from error
    return built


class _Reader:
    """One table being read: typed access, and a complaint about keys nobody asked for."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self._entry = entry
        self._read = {"fixture", "note", "docs"}

    def _get(self, key: str) -> Any:
        self._read.add(key)
        return self._entry.get(key)

    def text(self, key: str, default: str = "", choices: Sequence[str] = ()) -> str:
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, str) or (choices and value not in choices):
            wanted = f"one of {', '.join(choices)}" if choices else "a string"
            raise ValueError(f"`{key}` must be {wanted}")
        return value

    def required(self, key: str) -> str:
        if key not in self._entry:
            raise KeyError(key)
        return self.text(key)

    def flag(self, key: str) -> bool:
        value = self._get(key)
        if value not in (None, True, False):
            raise ValueError(f"`{key}` must be true or false")
        return bool(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"`{key}` must be a list of strings")
        return tuple(value)

    def selector(self, key: str) -> Any:
        value = self.text(key)
        return parse_selector(value) if value else None

    def needed(self, key: str) -> Any:
        return parse_selector(self.required(key))

    def conditions(self, key: str) -> tuple[Any, ...]:
        return tuple(parse_condition(text) for text in self.texts(key))

    def fates(self, key: str) -> dict[str, Fate]:
        value = self._get(key)
        if isinstance(value, str):
            value = {"*": value}
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise ValueError(f"`{key}` must be a fate or a table of launch kind = fate")
        return {kind: Fate(fate) for kind, fate in value.items()}

    def regex(self, key: str) -> str:
        value = self.required(key)
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"`{key}` is not a regular expression: {error}") from error
        return value

    def tables(self, key: str) -> Iterator[_Reader]:
        value = self._get(key)
        if value is not None and not isinstance(value, list):
            raise ValueError(f"`{key}` must be a list of tables")
        for entry in value or ():
            reader = _Reader(entry)
            yield reader
            reader.finish()

    def finish(self) -> None:
        unknown = set(self._entry) - self._read
        if unknown:
            raise ValueError(f"unknown key `{sorted(unknown)[0]}`; known here: {', '.join(sorted(self._read))}")


def _type(read: _Reader) -> m.TypeModel:
    return m.TypeModel(
        read.required("name"),
        read.texts("bases"),
        read.texts("params"),
        read.texts("aliases"),
        read.texts("made_by"),
        read.texts("pairs"),
        read.selector("holds"),
        read.texts("views"),
    )


def _launch(read: _Reader) -> m.LaunchModel:
    scope: Any = read.text("scope")
    takes: Any = read.text("takes", "", ("function", "coroutine"))
    return m.LaunchModel(
        call=read.required("call"),
        kind=read.required("kind"),
        work=read.selector("work"),
        args=read.selector("args"),
        kwargs=read.selector("kwargs"),
        override=read.text("override"),
        handle=read.selector("handle"),
        returns=read.text("returns"),
        scope=scope if scope == "loop" else (parse_selector(scope) if scope else None),
        holds=read.selector("holds"),
        when=read.conditions("when"),
        unless=read.conditions("unless"),
        lazy=read.flag("lazy"),
        waits=read.flag("waits"),
        step=read.flag("step"),
        passive=read.flag("passive"),
        fate=Fate(read.text("fate", Fate.FROZEN.value)),
        awaits=read.flag("awaits"),
        eager=read.flag("eager"),
        exit=read.fates("exit"),
        takes=takes,
        no_edit=read.text("no_edit"),
    )


def _join(read: _Reader) -> m.JoinModel:
    of: Any = read.text("of", "handle", ("handle", "scope", "signal"))
    poll: Any = read.text("poll", "", ("done", "alive"))
    return m.JoinModel(
        call=read.required("call"),
        target=read.needed("target"),
        of=of,
        may_when=read.conditions("may_when"),
        when=read.conditions("when"),
        unless=read.conditions("unless"),
        raises=read.texts("raises"),
        single=read.flag("single"),
        poll=poll,
        attribute=read.flag("attribute"),
        lazy=read.flag("lazy"),
        each=read.flag("each"),
        latch=read.flag("latch"),
        write=read.text("write"),
        decorates=read.selector("decorates"),
    )


def _cancel(read: _Reader) -> m.CancelModel:
    of: Any = read.text("of", "handle", ("handle", "scope"))
    return m.CancelModel(read.required("call"), read.needed("target"), of, read.conditions("when"))


def _pretence(read: _Reader) -> m.PretenceModel:
    of: Any = read.text("of", "handle", ("handle", "scope"))
    unless = read.conditions("unless")
    return m.PretenceModel(read.required("call"), read.needed("target"), of, unless, read.text("no_edit"))


def _signal(read: _Reader) -> m.SignalModel:
    return m.SignalModel(read.required("call"), read.needed("target"), read.selector("value"))


def _scope(read: _Reader) -> m.ScopeModel:
    model = m.ScopeModel(
        read.text("type"),
        read.text("call"),
        read.selector("runs"),
        read.fates("exit"),
        read.flag("serves"),
        read.selector("around"),
        calls=read.flag("calls"),
        decorates=read.selector("decorates"),
        unless=read.conditions("unless"),
    )
    if model.around is not None and model.decorates is None:
        raise ValueError("`around` needs `decorates`, the function that it is around")
    if bool(model.type) == bool(model.call):
        raise ValueError("give either `type` (a context manager) or `call` (a call that runs something)")
    return model


def _passthrough(read: _Reader) -> m.PassthroughModel:
    returns = tuple(parse_selector(text) for text in read.texts("returns"))
    return m.PassthroughModel(
        read.required("call"),
        returns,
        read.text("collects", "", ("list", "tuple", "set", "dict")),
        read.flag("decorator"),
        read.flag("parameterised"),
        read.flag("memoises"),
        read.flag("attribute"),
        read.flag("lazy"),
    )


def _callback(read: _Reader) -> m.CallbackModel:
    when: Any = read.text("when", "now", get_args(m.CallbackMoment))
    return m.CallbackModel(
        call=read.required("call"),
        work=read.needed("work"),
        args=read.selector("args"),
        kwargs=read.selector("kwargs"),
        method=read.text("method"),
        passes=read.selector("passes"),
        when=when,
        collects=read.text("collects", "list", ("list", "dict")),
        lazy=read.flag("lazy"),
        deferred=read.flag("deferred"),
        awaits=read.flag("awaits"),
        unless=read.conditions("unless"),
        decorates=read.selector("decorates"),
    )


def _put(read: _Reader) -> m.PutModel:
    return m.PutModel(read.required("call"), read.needed("value"), read.needed("into"), read.conditions("when"))


def _harmless(read: _Reader) -> m.HarmlessModel:
    return m.HarmlessModel(read.required("call"), read.flag("fails"))


def _known(read: _Reader) -> m.KnownModel:
    kind: Any = read.text("kind", "", ("coroutine function", "generator function", "awaitable"))
    return m.KnownModel(
        call=read.required("call"),
        truth=read.flag("truth"),
        value=read.text("value"),
        asks=read.selector("asks"),
        kind=kind,
        when=read.conditions("when"),
        unless=read.conditions("unless"),
    )


def _failure(read: _Reader) -> m.FailureModel:
    return m.FailureModel(read.required("call"), read.texts("raises"), read.conditions("when"))


def _shutdown(read: _Reader) -> m.ShutdownModel:
    return m.ShutdownModel(read.required("call"), read.needed("signal"), read.required("named"), read.needed("work"))


def _shield(read: _Reader) -> m.ShieldModel:
    return m.ShieldModel(read.required("call"), read.needed("catches"))


def _application(read: _Reader) -> m.ApplicationModel:
    return m.ApplicationModel(
        type=read.required("type"),
        registry=read.text("registry"),
        lifespan=read.selector("lifespan"),
        stop=tuple(parse_selector(text) for text in read.texts("stop")),
        hooks=read.selector("hooks"),
        endpoints=read.selector("endpoints"),
        methods=read.texts("methods"),
        waits=read.selector("waits"),
        handles=read.flag("handles"),
    )


def _view(read: _Reader) -> m.ViewModel:
    return m.ViewModel(read.required("type"), read.texts("methods"), read.selector("marked"))


def _adapter(read: _Reader) -> m.AdapterModel:
    background: Any = read.text("background", "before", ("before", "after"))
    close: Any = read.text("close", "before", ("before", "after", "never"))
    lifespan: Any = read.text("lifespan", "never", ("invocation", "process", "never"))
    signs = tuple(m.SignModel(sign.required("file"), sign.regex("pattern")) for sign in read.tables("sign"))
    return m.AdapterModel(
        read.required("name"), read.text("module"), signs, background, close, lifespan, read.conditions("unless")
    )


def _module(read: _Reader) -> m.ModuleModel:
    return m.ModuleModel(read.required("name"), read.required("marker"))


def _endpoint(read: _Reader) -> m.EndpointModel:
    means: Any = read.text("means", "", get_args(m.Meaning))
    path = read.required("path")
    if not path.startswith("/"):
        raise ValueError(f"`path` must begin with a slash, not {path!r}")
    return m.EndpointModel(path, means, read.texts("refuses"), read.texts("refuses_managed"))


_VERBS: dict[str, Callable[[_Reader], m.CallModel]] = {
    "launch": _launch,
    "join": _join,
    "cancel": _cancel,
    "pretence": _pretence,
    "signal": _signal,
    "scope": _scope,
    "passthrough": _passthrough,
    "callback": _callback,
    "put": _put,
    "harmless": _harmless,
    "known": _known,
    "failure": _failure,
    "shutdown": _shutdown,
    "shield": _shield,
}

_OTHERS: dict[str, Callable[[_Reader], Any]] = {
    "type": _type,
    "endpoint": _endpoint,
    "application": _application,
    "view": _view,
    "adapter": _adapter,
    "module": _module,
}
"""Tables that say something of no call."""
