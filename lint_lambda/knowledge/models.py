"""Library models as typed objects: what the calls of each library mean to the analysis.

One table of the TOML files under ``rules/libraries`` becomes one object here. The loader that reads and checks the
files is `lint_lambda.knowledge.loader`; the analysis only ever asks `Models` about a symbol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Union

from lint_lambda.core.finding import Fate
from lint_lambda.core.names import Symbol
from lint_lambda.knowledge.selectors import Condition, Selector


@dataclass(frozen=True, slots=True)
class TypeModel:
    """A class: its bases, its constructor's parameters by position, other names, and calls that return an instance.

    `pairs` are calls that return a tuple of two instances which are the ends of one thing (a pipe). `holds` are the
    handles given to the constructor that waiting for the instance waits for. `views` are attributes of handles that are such
    instances, and stand for the handle where something waits (a process's pid).
    """

    name: Symbol
    bases: tuple[Symbol, ...] = ()
    params: tuple[str, ...] = ()
    aliases: tuple[Symbol, ...] = ()
    made_by: tuple[Symbol, ...] = ()
    pairs: tuple[Symbol, ...] = ()
    holds: Selector | None = None
    views: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class LaunchModel:
    """The call starts work that can go on without its caller.

    - `work`: the callable or coroutine that is run; `args`/`kwargs`: what it is called with; `override`: the method
      that a subclass may override instead.
    - `handle`: what the work can be waited for by (`self`, `return`, or None for no handle); `returns`: the handle's type.
    - `scope`: the object whose end waits for the work, or ``loop`` for the running event loop (also when the selected
      object is None).
    - `holds`: further handles that waiting for this one waits for.
    - `lazy`: nothing happens until the result is awaited.
    - `fate`: what becomes of it when nothing waits.
    - `awaits`: a coroutine that `work` returns is run as part of it.
    - `step`: the work is a single step of the loop; it is done as soon as the loop runs on or stops.
    """

    call: Symbol
    kind: str
    work: Selector | None = None
    args: Selector | None = None
    kwargs: Selector | None = None
    override: str = ""
    handle: Selector | None = None
    returns: Symbol = ""
    scope: Selector | Literal["loop"] | None = None
    holds: Selector | None = None
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    lazy: bool = False
    step: bool = False
    fate: Fate = Fate.FROZEN
    awaits: bool = False


@dataclass(frozen=True, slots=True)
class JoinModel:
    """The call waits for work.

    - `of`: what `target` is: a ``handle``, a ``scope`` (everything launched on it), or a ``signal`` (an object the
      work signals).
    - `may_when`: conditions under which it may give up before the work is done; `raises`: giving up raises one of these.
    - `single`: the signal of one piece of work is enough for it to return.
    - `poll`: it does not wait but tells: the work is done when the result is truthy (``done``) or falsy (``alive``); `attribute`: an
      attribute that tells, not a call.
    - `lazy`: it waits only once awaited.
    - `latch`: the object stays signalled until somebody resets it, and means just one thing.
    """

    call: Symbol
    target: Selector
    of: Literal["handle", "scope", "signal"] = "handle"
    may_when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    raises: tuple[Symbol, ...] = ()
    single: bool = False
    poll: Literal["", "done", "alive"] = ""
    attribute: bool = False
    lazy: bool = False
    latch: bool = False


@dataclass(frozen=True, slots=True)
class CancelModel:
    """The call gives the work up on purpose; nothing is left pending by accident."""

    call: Symbol
    target: Selector
    of: Literal["handle", "scope"] = "handle"
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class PretenceModel:
    """The call looks as if it waited for `target`, and does not. What it leaves pending is laid at its door."""

    call: Symbol
    target: Selector
    unless: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class SignalModel:
    """The call signals an object that somebody may be waiting on."""

    call: Symbol
    target: Selector
    value: Selector | None = None


@dataclass(frozen=True, slots=True)
class ScopeModel:
    """An extent with an exit policy.

    Either `type`: a context manager whose exit applies `exit` to everything launched on it; or `call`: a call that
    runs `runs` to completion and then applies `exit` to what that left pending on the running loop. `exit` maps a
    launch kind (``*`` for any) to the fate it meets; kinds it does not name stay pending. `serves`: as the
    work of a thread it only runs what others hand it, and is nothing to lose by itself.
    """

    type: Symbol = ""
    call: Symbol = ""
    runs: Selector | None = None
    exit: Mapping[str, Fate] = field(default_factory=dict)
    serves: bool = False


@dataclass(frozen=True, slots=True)
class PassthroughModel:
    """The call returns (or forwards) what it was given. `collects`: a new container of that kind holding the selected values.

    `decorator`: the result, called with a function, gives that function back (`parameterised`: even when
    the call's own argument is a function; `memoises`: runs
    it once for equal arguments). `attribute`: not a call, an attribute
    that stands for the object itself.
    """

    call: Symbol
    returns: tuple[Selector, ...] = ()
    collects: str = ""
    decorator: bool = False
    parameterised: bool = False
    memoises: bool = False
    attribute: bool = False
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class CallbackModel:
    """The call invokes `work` (or its method `method`), with `passes` as its one argument where that is given.

    `when`: ``now`` (the result is what it returns), for ``each`` element (the result is a
    container of what it returns, of kind `collects`), as ``self`` exits (``exit``), or later where
    the result is called (``wraps``) or entered (``manager``); ``enter`` enters a context manager that `self` will exit, ``leave`` exits
    those that `work` has entered. `deferred`: only as the result is read. `awaits`: a coroutine that it returns is run to its end.
    """

    call: Symbol
    work: Selector
    args: Selector | None = None
    kwargs: Selector | None = None
    method: str = ""
    passes: Selector | None = None
    when: Literal["now", "each", "exit", "leave", "enter", "wraps", "manager"] = "now"
    collects: str = "list"
    lazy: bool = False
    deferred: bool = False
    awaits: bool = False
    unless: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class PutModel:
    """The call stores values in a container: `value` in `into`."""

    call: Symbol
    value: Selector
    into: Selector


@dataclass(frozen=True, slots=True)
class HarmlessModel:
    """The call looks at its arguments and keeps none of them; `fails`: it raises on input it does not like."""

    call: Symbol
    fails: bool = False


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What a call, a membership test or an attribute answers on Lambda: `truth`, or the text `value`, under `when`.

    With `asks`, whether the selected value is of `kind`.
    """

    call: Symbol
    truth: bool
    value: str = ""
    asks: Selector | None = None
    kind: Literal["", "coroutine function", "generator function", "awaitable"] = ""
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointModel:
    """A request to Lambda's own APIs: its URL ends in `path`; what it `means` to the life of the sandbox.

    `refuses`: words in the request for which it is refused.
    """

    path: str
    means: Meaning
    refuses: tuple[str, ...] = ()


Meaning = Literal["register", "next-event", "next-invocation"]


@dataclass(frozen=True, slots=True)
class ShutdownModel:
    """The call sets `work` to run when the process is told to end: when the `signal` selected is the one `named`."""

    call: Symbol
    signal: Selector
    named: Symbol
    work: Selector


@dataclass(frozen=True, slots=True)
class ShieldModel:
    """The call makes a context manager that swallows the exceptions it is given, `catches`."""

    call: Symbol
    catches: Selector


CallModel = Union[
    LaunchModel,
    JoinModel,
    CancelModel,
    PretenceModel,
    SignalModel,
    ScopeModel,
    PassthroughModel,
    CallbackModel,
    PutModel,
    HarmlessModel,
    KnownModel,
    ShutdownModel,
    ShieldModel,
]


@dataclass(frozen=True, slots=True)
class Library:
    """One TOML file: the library's name and documentation, for people.

    `package`: its distribution; empty for what comes with the language. `verified`: how its models were compared with the
    library itself, and with which version.
    """

    name: str
    docs: str
    source: str
    models: tuple[CallModel, ...]
    types: tuple[TypeModel, ...]
    package: str = ""
    verified: str = ""
    endpoints: tuple[EndpointModel, ...] = ()


class Models:
    """Every library model, indexed by the symbol it speaks of."""

    def __init__(self, libraries: tuple[Library, ...]) -> None:
        self.libraries = libraries
        self._calls: dict[Symbol, list[CallModel]] = {}
        self._types: dict[Symbol, TypeModel] = {}
        self._aliases: dict[Symbol, Symbol] = {}
        self._made: dict[Symbol, Symbol] = {}
        self._pairs: dict[Symbol, Symbol] = {}
        self._views: dict[Symbol, Symbol] = {}
        self._scopes: dict[Symbol, ScopeModel] = {}
        self._harmless_prefixes: list[str] = []
        self._ancestry: dict[Symbol, tuple[Symbol, ...]] = {}
        for library in libraries:
            for type_ in library.types:
                self._add_type(type_)
            for model in library.models:
                self._add_model(model)
        self.tokens = frozenset(token for library in libraries for token in _tokens(library)) | {"async"}
        self.endpoints = tuple(endpoint for library in libraries for endpoint in library.endpoints)
        self.polls = tuple(endpoint.path for endpoint in self.endpoints if endpoint.means == "next-invocation")

    def _add_type(self, type_: TypeModel) -> None:
        self._types[type_.name] = type_
        self._aliases.update(dict.fromkeys(type_.aliases, type_.name))
        self._made.update(dict.fromkeys(type_.made_by, type_.name))
        self._views.update(dict.fromkeys(type_.views, type_.name))
        self._pairs.update(dict.fromkeys(type_.pairs, type_.name))

    def _add_model(self, model: CallModel) -> None:
        if isinstance(model, ScopeModel) and model.type:
            self._scopes[model.type] = model
        elif isinstance(model, HarmlessModel) and model.call.endswith(".*"):
            self._harmless_prefixes.append(model.call[:-1])
        else:
            self._calls.setdefault(model.call, []).append(model)

    def canonical(self, symbol: Symbol) -> Symbol:
        """The name the models use for `symbol`: an alias of a type, or of a member of it, is replaced."""
        if symbol in self._aliases:
            return self._aliases[symbol]
        head, _, tail = symbol.rpartition(".")
        return f"{self._aliases[head]}.{tail}" if head in self._aliases else symbol

    def type(self, symbol: Symbol) -> TypeModel | None:
        return self._types.get(symbol)

    def ancestry(self, symbol: Symbol) -> tuple[Symbol, ...]:
        """`symbol` and its bases, nearest first."""
        cached = self._ancestry.get(symbol)
        if cached is None:
            order: list[Symbol] = []
            pending = [symbol]
            while pending:
                current = pending.pop(0)
                if current not in order:
                    order.append(current)
                    type_ = self._types.get(current)
                    pending.extend(type_.bases if type_ is not None else ())
            cached = self._ancestry[symbol] = tuple(order)
        return cached

    def member(self, type_: Symbol, name: str) -> Symbol:
        """The symbol of member `name` of `type_`: that of the nearest base which the models know it from."""
        for ancestor in self.ancestry(type_):
            symbol = f"{ancestor}.{name}"
            if symbol in self._calls or symbol in self._made or symbol in self._types or symbol in self._views:
                return symbol
        return f"{type_}.{name}"

    def made_type(self, symbol: Symbol) -> Symbol | None:
        """The type of which calling `symbol` returns an instance."""
        return symbol if symbol in self._types else self._made.get(symbol)

    def view_type(self, symbol: Symbol) -> Symbol | None:
        """The type of an attribute that stands for its handle."""
        return self._views.get(symbol)

    def pair_type(self, symbol: Symbol) -> Symbol | None:
        return self._pairs.get(symbol)

    def scope(self, type_: Symbol) -> ScopeModel | None:
        """The exit policy of a context manager of this type."""
        for ancestor in self.ancestry(type_):
            if ancestor in self._scopes:
                return self._scopes[ancestor]
        return None

    def main_loops(self) -> tuple[ScopeModel, ...]:
        """Calls that run one coroutine as a program's whole event loop."""
        return tuple(
            model
            for models in self._calls.values()
            for model in models
            if isinstance(model, ScopeModel) and model.runs is not None and model.exit
        )

    def of(self, symbol: Symbol) -> tuple[CallModel, ...]:
        """Everything known about calling `symbol`."""
        return tuple(self._calls.get(symbol, ()))

    def harmless(self, symbol: Symbol) -> bool:
        """Whether the call is known to keep none of its arguments."""
        return any(symbol.startswith(prefix) for prefix in self._harmless_prefixes)


def _tokens(library: Library) -> Iterator[str]:
    """Words of which a file must hold one for anything in `library` to be launched from it.

    What comes with the language is known by the names of its calls (``start``, ``submit``); a distribution by its
    packages, which whoever uses it imports: names like ``send`` or ``set`` stand in every file.
    """
    for endpoint in library.endpoints:
        yield endpoint.path.strip("/")
    calls = [model.call for model in library.models if isinstance(model, LaunchModel)]
    if not library.package:
        yield from (call.rsplit(".", 1)[-1] for call in calls)
    elif calls:
        names = {name for type_ in library.types for name in (type_.name, *type_.aliases, *type_.made_by)}
        yield from sorted({name.split(".", 1)[0] for name in (*calls, *names)})
