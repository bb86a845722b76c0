"""Every library model, by the symbol it speaks of: the analysis only ever asks `Models`.

The loader that reads and checks the files is `lint_lambda.knowledge.loader`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property

from lint_lambda.core.kinds import Kinds
from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass
from lint_lambda.knowledge.tables import (
    AdapterModel,
    ApplicationModel,
    EndpointModel,
    FunctionModel,
    HandlerModel,
    LoopBoundModel,
    ModuleModel,
    PlatformModel,
    TypeModel,
    ViewModel,
)
from lint_lambda.knowledge.verbs import (
    CallModel,
    HarmlessModel,
    JoinModel,
    LaunchModel,
    PassthroughModel,
    ScopeModel,
    SignalModel,
)


def _waits_for_all_signals(model: CallModel) -> bool:
    return (
        isinstance(model, JoinModel)
        and (model.of, model.target.base) == ("signal", "self")
        and not (model.single or model.latch or model.poll or model.attribute or model.may_when)
    )


class Row:
    """A row about `symbol`, a call (or, of a scope, the type of a context manager); its model is made when it is asked for.

    There are over a thousand rows, and a project needs those of the few libraries that it uses.
    """

    __slots__ = ("_make", "_model", "symbol", "verb")

    def __init__(self, verb: type[CallModel], symbol: Symbol, make: Callable[[], CallModel]) -> None:
        self.verb = verb
        self.symbol = symbol
        self._make = make
        self._model: CallModel | None = None

    @property
    def is_made(self) -> bool:
        return self._model is not None

    @property
    def model(self) -> CallModel:
        if self._model is None:
            self._model = self._make()
        return self._model


@dataclass(frozen=True, slots=True)
class Library:
    """One TOML file: the library's name and documentation, for people, and its rows.

    `words`: further words of which a file may hold one that comes to a launch of the library.
    `package`: its distribution; empty for what comes with the language, which is then `of_language`, and where a user names none.
    `verified`: how its models were compared with the library itself, and with which version. `language`: that of the programs that
    use it.
    """

    name: str
    docs: str
    source: str
    rows: tuple[Row, ...]
    package: str = ""
    verified: str = ""
    of_language: bool = False
    language: str = "python"
    words: tuple[str, ...] = ()
    types: tuple[TypeModel, ...] = ()
    functions: tuple[FunctionModel, ...] = ()
    loop_bounds: tuple[LoopBoundModel, ...] = ()
    endpoints: tuple[EndpointModel, ...] = ()
    applications: tuple[ApplicationModel, ...] = ()
    views: tuple[ViewModel, ...] = ()
    adapters: tuple[AdapterModel, ...] = ()
    modules: tuple[ModuleModel, ...] = ()
    handlers: tuple[HandlerModel, ...] = ()
    platforms: tuple[PlatformModel, ...] = ()

    @property
    def models(self) -> tuple[CallModel, ...]:
        """What all of its rows say."""
        return tuple(row.model for row in self.rows)


@dataclass(frozen=True, slots=True)
class HandlerSigns:
    """What tells handlers in a file beside the shape of its functions.

    - `makers`: last parts of the names of decorators, functions and classes that make handlers.
    - `others`: those under which a function is something else.
    - `platforms`: whose files hold no handlers.
    """

    makers: frozenset[str]
    others: frozenset[str]
    platforms: tuple[PlatformModel, ...]


class Languages:
    """The libraries of all languages. Which models a program is asked about, its language says."""

    def __init__(self, libraries: tuple[Library, ...], kinds: Kinds) -> None:
        self.libraries = libraries
        self.kinds = kinds
        self._of: dict[str, Models] = {}

    def of(self, language: str) -> Models:
        """The models of one language; there are none of a language of which nothing is known."""
        if language not in self._of:
            spoken = tuple(library for library in self.libraries if library.language == language)
            self._of[language] = Models(spoken, self.kinds)
        return self._of[language]

    @cached_property
    def together(self) -> Models:
        """Those of every language, as one."""
        return Models(self.libraries, self.kinds)


class Models:
    """Every library model of a language, indexed by the symbol it speaks of; and the kinds of work that they name."""

    def __init__(self, libraries: tuple[Library, ...], kinds: Kinds) -> None:
        self.libraries = libraries
        self.kinds = kinds
        self._rows: dict[Symbol, list[Row]] = {}
        self._calls: dict[Symbol, tuple[CallModel, ...]] = {}
        self._types: dict[Symbol, TypeModel] = {}
        self._aliases: dict[Symbol, Symbol] = {}
        self._made: dict[Symbol, Symbol] = {}
        self._drains: dict[Symbol, Symbol | None] = {}
        self._pairs: dict[Symbol, Symbol] = {}
        self._views: dict[Symbol, Symbol] = {}
        self._scopes: dict[Symbol, ScopeModel] = {}
        self._harmless_prefixes: list[str] = []
        self._patterns: list[tuple[str, re.Pattern[str], Symbol]] = []
        self._spelled: dict[Symbol, Symbol] = {}
        self._of_language: set[Symbol] = set()
        self._ancestry: dict[Symbol, tuple[Symbol, ...]] = {}
        self._makers: dict[Symbol, tuple[Symbol, ...]] = {}
        for library in libraries:
            for type_ in library.types:
                self._add_type(type_)
            for function in library.functions:
                self._aliases.update(dict.fromkeys(function.aliases, function.name))
            for row in library.rows:
                self._add_row(row)
            if library.of_language:
                self._of_language.update(row.symbol for row in library.rows)
        self._loop_bound = {row.type: row for library in libraries for row in library.loop_bounds}
        self.launching = _launching(libraries)
        self.tokens = frozenset(self.launching) | {"async"}
        self.endpoints = tuple(endpoint for library in libraries for endpoint in library.endpoints)
        self.applications = {model.type: model for library in libraries for model in library.applications}
        self.views = {model.type: model for library in libraries for model in library.views}
        self.adapters = {adapter.name: adapter for library in libraries for adapter in library.adapters}
        self.registries = frozenset(model.registry for model in self.applications.values() if model.registry)
        words, itself = set(self.registries), set[str]()
        for made in (*self._types, *self._made):
            for model in self._made_applications(made):
                words.add(made.partition(".")[0])
                itself.update([made.partition(".")[0]] if model.handles else ())
        self.application_words = frozenset(map(str.encode, words))
        self.handler_words = frozenset(map(str.encode, itself))
        self.handlers = _handler_signs(libraries)
        self.modules = tuple(module for library in libraries for module in library.modules)
        self.polls = tuple(endpoint.path for endpoint in self.endpoints if endpoint.means == "next-invocation")

    def _add_type(self, type_: TypeModel) -> None:
        self._types[type_.name] = type_
        self._aliases.update(dict.fromkeys((alias for alias in type_.aliases if "*" not in alias), type_.name))
        for alias in type_.aliases:
            if "*" in alias:
                pattern = re.escape(alias).replace(r"\*", "[^.]*")
                self._patterns.append((alias.partition("*")[0], re.compile(pattern), type_.name))
        self._made.update(dict.fromkeys(type_.made_by, type_.name))
        self._views.update(dict.fromkeys(type_.views, type_.name))
        self._pairs.update(dict.fromkeys(type_.pairs, type_.name))

    def _add_row(self, row: Row) -> None:
        if row.verb is ScopeModel and isinstance(model := row.model, ScopeModel) and model.type:
            self._scopes[model.type] = model
        elif row.verb is HarmlessModel and row.symbol.endswith(".*"):
            self._harmless_prefixes.append(row.symbol[:-1])
        else:
            self._rows.setdefault(row.symbol, []).append(row)

    def canonical(self, symbol: Symbol) -> Symbol:
        """The name the models use for `symbol`: an alias of a type or a function, or of a member of it, is replaced."""
        if symbol in self._aliases:
            return self._aliases[symbol]
        if self.is_known(symbol):
            return symbol
        head, _, tail = symbol.rpartition(".")
        if head in self._aliases:
            return f"{self._aliases[head]}.{tail}"
        if not self._patterns:
            return symbol
        if symbol not in self._spelled:
            self._spelled[symbol] = self._by_pattern(symbol, head, tail)
        return self._spelled[symbol]

    def is_known(self, symbol: Symbol) -> bool:
        """Whether anything is said of this very symbol, or it is another name of one of which something is."""
        return symbol in self._aliases or symbol in self._rows or symbol in self._types or symbol in self._made

    def _by_pattern(self, symbol: Symbol, head: Symbol, tail: str) -> Symbol:
        """As `canonical`, of names that an alias with a ``*`` stands for."""
        for start, pattern, name in self._patterns:
            if symbol.startswith(start):
                if pattern.fullmatch(symbol):
                    return name
                if pattern.fullmatch(head):
                    return f"{name}.{tail}"
        return symbol

    def is_application(self, symbol: Symbol) -> bool:
        """Whether calling `symbol` makes a web application."""
        return any(True for _ in self._made_applications(symbol))

    def is_handler(self, symbol: Symbol) -> bool:
        """Whether calling `symbol` makes a web application that Lambda calls as it is."""
        return any(model.handles for model in self._made_applications(symbol))

    def _made_applications(self, symbol: Symbol) -> Iterator[ApplicationModel]:
        made = self.made_type(self.canonical(symbol)) or self._given_later(self.canonical(symbol))
        ancestors = () if made is None else self.ancestry(made)
        return (self.applications[ancestor] for ancestor in ancestors if ancestor in self.applications)

    def _given_later(self, symbol: Symbol) -> Symbol | None:
        """The type of what a call gives to whoever awaits it."""
        given = (row.model.value for row in self._rows.get(symbol, ()) if isinstance(row.model, LaunchModel))
        return next((value for value in given if isinstance(value, str) and value in self._types), None)

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
            if symbol in self._rows or symbol in self._made or symbol in self._types or symbol in self._views:
                return symbol
            if f"{ancestor}.*" in self._rows or f"{ancestor}.*" in self._views:
                return symbol
        return f"{type_}.{name}"

    def of_language(self, call: Symbol) -> bool:
        """Whether the language brings what the models know of this call."""
        return call in self._of_language

    def makers(self, type_: Symbol) -> tuple[Symbol, ...]:
        """Calls that make an object of the type or of one that inherits from it."""
        if type_ not in self._makers:
            kinds = (each for each in self._types.values() if type_ in self.ancestry(each.name))
            names = (name for each in kinds for name in (each.name, *each.aliases, *each.made_by))
            self._makers[type_] = tuple(dict.fromkeys(names))
        return self._makers[type_]

    def drain(self, type_: Symbol) -> Symbol | None:
        """The call on an object of the type that waits for all the signals that are due, not just for one."""
        type_ = self.canonical(type_)
        if type_ not in self._drains:
            rows = (row for library in self.libraries for row in library.rows if row.verb is JoinModel)
            models = (row.model for row in rows if row.symbol.rpartition(".")[0] == type_)
            self._drains[type_] = next((model.call for model in models if _waits_for_all_signals(model)), None)
        return self._drains[type_]

    @cached_property
    def _given_back(self) -> frozenset[Symbol]:
        """Types whose objects are taken and given back: there is something to take before anybody has given it."""
        rows = (row for library in self.libraries for row in library.rows if row.verb is SignalModel)
        models = (row.model for row in rows)
        return frozenset(
            model.call.rpartition(".")[0] for model in models if isinstance(model, SignalModel) and model.gives_back
        )

    def is_given_back(self, type_: Symbol) -> bool:
        """Whether objects of the type are taken and given back, as a lock is."""
        return not self._given_back.isdisjoint(self.ancestry(self.canonical(type_)))

    def made_type(self, symbol: Symbol) -> Symbol | None:
        """The type of which calling `symbol` returns an instance."""
        return symbol if symbol in self._types else self._made.get(symbol)

    def view_type(self, symbol: Symbol) -> Symbol | None:
        """The type of an attribute that stands for its handle."""
        found = self._views.get(symbol)
        if found is None and symbol not in self._rows and symbol not in self._made:
            found = self._views.get(f"{symbol.rpartition('.')[0]}.*")
        return found

    def pair_type(self, symbol: Symbol) -> Symbol | None:
        return self._pairs.get(symbol)

    def loop_bound(self, type_: Symbol) -> LoopBoundModel | None:
        """What is said of instances of `type_` that belong to one event loop."""
        rows = (self._loop_bound.get(ancestor) for ancestor in self.ancestry(type_))
        return next((row for row in rows if row is not None), None)

    def scope(self, type_: Symbol) -> ScopeModel | None:
        """The exit policy of a context manager of this type."""
        for ancestor in self.ancestry(type_):
            if ancestor in self._scopes:
                return self._scopes[ancestor]
        return None

    def main_loops(self) -> tuple[ScopeModel, ...]:
        """Calls that run one coroutine as a program's whole event loop."""
        found = (row.model for rows in self._rows.values() for row in rows if row.verb is ScopeModel)
        return tuple(
            model for model in found if isinstance(model, ScopeModel) and model.runs is not None and model.exit
        )

    def of(self, symbol: Symbol) -> tuple[CallModel, ...]:
        """Everything known about calling `symbol`."""
        models = self._calls.get(symbol)
        if models is None:
            models = self._calls[symbol] = tuple(row.model for row in self._rows_of(symbol))
        return models

    def _rows_of(self, symbol: Symbol) -> list[Row]:
        """The rows about a call; where there are none, those about any call of a member of its type."""
        rows = self._rows.get(symbol)
        if rows is None and symbol not in self._types and symbol not in self._made:
            owner, _, name = symbol.rpartition(".")
            rows = None if name[:1].isupper() else self._rows.get(f"{owner}.*")  # that is a class
        return rows or []

    @cached_property
    def packages(self) -> frozenset[str]:
        """The top-level names of the libraries; but for modules that are meant to be among the project's own files."""
        types = (
            symbol for library in self.libraries for each in library.types for symbol in (each.name, *each.aliases)
        )
        calls = (row.symbol for library in self.libraries for row in library.rows)
        return frozenset(symbol.partition(".")[0] for symbol in (*types, *calls)) - {each.name for each in self.modules}

    def harmless(self, symbol: Symbol) -> bool:
        """Whether the call is known to keep none of its arguments."""
        return any(symbol.startswith(prefix) for prefix in self._harmless_prefixes)


def _handler_signs(libraries: tuple[Library, ...]) -> HandlerSigns:
    named: dict[str, set[str]] = {"handler": set(), "other": set()}
    for library in libraries:
        for model in library.handlers:
            named[model.makes].add(model.call.rpartition(".")[2])
    platforms = tuple(platform for library in libraries for platform in library.platforms)
    return HandlerSigns(frozenset(named["handler"]), frozenset(named["other"]), platforms)


def _launching(libraries: tuple[Library, ...]) -> dict[str, frozenset[str]]:
    """The tokens of all libraries, each with the packages of which one must be imported for it to launch anything; none for any.

    What comes with the language is imported for much else: that a library has functions for it, too, tells nothing.
    """
    language = {row.symbol.partition(".")[0] for library in libraries if library.of_language for row in library.rows}
    found: dict[str, frozenset[str]] = {}
    for library in libraries:
        packages = frozenset(_packages(library)) if library.of_language and not library.modules else frozenset()
        for token in _tokens(library):
            if not library.package or token not in language:
                known = found.get(token, packages)
                found[token] = known | packages if known and packages else frozenset()
    return found


def _packages(library: Library) -> Iterator[str]:
    """The packages that the names in a library begin with."""
    types = (name for type_ in library.types for name in (type_.name, *type_.aliases, *type_.made_by))
    for name in (*(row.symbol for row in library.rows), *types):
        yield name.partition(".")[0]


def _tokens(library: Library) -> Iterator[str]:
    """Words of which a file must hold one for anything in `library` to be launched from it.

    What comes with the language is known by the names of its calls (``start``, ``submit``); a distribution by its
    packages, which whoever uses it imports: names like ``send`` or ``set`` stand in every file. So does what is kept in files.
    """
    for endpoint in library.endpoints:
        yield endpoint.path.strip("/")
    yield from (module.name for module in library.modules)
    calls = [row.symbol for row in library.rows if row.verb is LaunchModel]
    lazy = [row.symbol for row in library.rows if row.verb is PassthroughModel]  # what makes coroutines, among others
    if library.modules:
        return
    if not library.package:
        yield from (call.rsplit(".", 1)[-1] for call in calls)
        yield from library.words
    elif calls or lazy:
        names = {name for type_ in library.types for name in (type_.name, *type_.aliases, *type_.made_by)}
        others = {name for function in library.functions for name in function.aliases}
        yield from sorted({_word(name.split(".", 1)[0]) for name in (*calls, *lazy, *names, *others)})


def _word(package: str) -> str:
    """A word that stands wherever a package is imported: what is no word in a name may divide it, and parts may be left open."""
    scope = package.partition("/")[0] if package.startswith("@") else package
    return package if package.isidentifier() else max(re.findall(r"\w+", scope), key=len)
