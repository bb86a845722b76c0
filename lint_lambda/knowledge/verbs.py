"""What a library model can say of a call: a closed set of verbs, one class each.

One table of the TOML files under ``rules/libraries`` becomes one object here.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    - `lazy`: nothing happens until the result is awaited; `waits`: awaiting it waits for the work, too.
    - `fate`: what becomes of it when nothing waits.
    - `awaits`: a coroutine that `work` returns is run as part of it; `exit`: what that leaves on its loop meets these fates.
    - `eager`: `work` is called at once; what goes on are the coroutines that it returns.
    - `takes`: what of `work` is run, functions or coroutines; what it does not take it refuses, and does nothing at all.
    - `passive`: nothing but a later call of the handler ever moves the work on: no thread sends what is in the buffer.
    - `step`: the work, if it never gives way, is a single step of the loop: it is done as soon as the loop runs on or stops.
    - `no_edit`: why no fix can wait for it, as a sentence without a full stop.
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
    waits: bool = False
    step: bool = False
    passive: bool = False
    fate: Fate = Fate.FROZEN
    awaits: bool = False
    eager: bool = False
    exit: Mapping[str, Fate] = field(default_factory=dict)
    takes: Literal["", "function", "coroutine"] = ""
    no_edit: str = ""


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
    - `each`: what `target` holds it gives out one by one, each when its work is done.
    - `latch`: the object stays signalled until somebody resets it, and means just one thing.
    - `write`: how a fix writes it where that is more than the call without arguments: see `lint_lambda.core.remedy.Join`.
    - `decorates`: the function that the call is a decorator of: it is at the end of that function that it waits.
    """

    call: Symbol
    target: Selector
    of: Literal["handle", "scope", "signal"] = "handle"
    may_when: tuple[Condition, ...] = ()
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    raises: tuple[Symbol, ...] = ()
    single: bool = False
    poll: Literal["", "done", "alive"] = ""
    attribute: bool = False
    lazy: bool = False
    each: bool = False
    latch: bool = False
    write: str = ""
    decorates: Selector | None = None


@dataclass(frozen=True, slots=True)
class CancelModel:
    """The call gives the work up on purpose; nothing is left pending by accident."""

    call: Symbol
    target: Selector
    of: Literal["handle", "scope"] = "handle"
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class PretenceModel:
    """The call looks as if it waited for `target`, and does not. What it leaves pending is laid at its door.

    `of`: what `target` is, as in `JoinModel`. `no_edit`: as in `LaunchModel`.
    """

    call: Symbol
    target: Selector
    of: Literal["handle", "scope"] = "handle"
    unless: tuple[Condition, ...] = ()
    no_edit: str = ""


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
    launch kind (``*`` for any) to the fate it meets; kinds it does not name stay pending. `calls`: what it runs is a function,
    called with the arguments that follow it. `decorates`: the function that the call is a decorator of: it is before
    each call of that function that it runs `runs`, and at the end of it everything launched on the scope `around` is waited
    for. `serves`: as the work of a thread it only runs what others hand it, and is nothing to lose by itself. `unless`: when a call
    applies no `exit` and leaves its loop as it stands.
    """

    type: Symbol = ""
    call: Symbol = ""
    runs: Selector | None = None
    exit: Mapping[str, Fate] = field(default_factory=dict)
    serves: bool = False
    around: Selector | None = None
    calls: bool = False
    decorates: Selector | None = None
    unless: tuple[Condition, ...] = ()


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


CallbackMoment = Literal[
    "now", "each", "exit", "leave", "enter", "wraps", "manager", "provides", "serves", "middleware"
]


@dataclass(frozen=True, slots=True)
class CallbackModel:
    """The call invokes `work` (or its method `method`), with `passes` as its one argument where that is given.

    `when`: ``now`` (the result is what it returns), for ``each`` element (the result is a
    container of what it returns, of kind `collects`), where the result is a parameter's default and the framework calls the
    function (``provides``), as ``self`` exits (``exit``), or later where
    the result is called (``wraps``) or entered (``manager``); ``enter`` enters a context manager that `self` will exit, ``leave`` exits
    those that `work` has entered; ``serves`` calls whatever the library object `work` was handed; ``middleware``: `work` is
    a decorator from now on, which calls it with the function that it is given before that function's arguments.
    `deferred`: only as the result is read. `awaits`: a coroutine that it returns is run to its end. `decorates`: the
    function that the call is a decorator of: it is before each call of that function that it invokes `work`.
    """

    call: Symbol
    work: Selector
    args: Selector | None = None
    kwargs: Selector | None = None
    method: str = ""
    passes: Selector | None = None
    when: CallbackMoment = "now"
    collects: str = "list"
    lazy: bool = False
    deferred: bool = False
    awaits: bool = False
    unless: tuple[Condition, ...] = ()
    decorates: Selector | None = None


@dataclass(frozen=True, slots=True)
class PutModel:
    """The call stores values in a container: `value` in `into`."""

    call: Symbol
    value: Selector
    into: Selector
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class HarmlessModel:
    """The call looks at its arguments and keeps none of them; `fails`: it raises on input it does not like."""

    call: Symbol
    fails: bool = False


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What a call, a membership test or an attribute answers on Lambda: `truth`, or the text `value`, under `when`, not `unless`.

    With `asks`, whether the selected value is of `kind`.
    """

    call: Symbol
    truth: bool
    value: str = ""
    asks: Selector | None = None
    kind: Literal["", "coroutine function", "generator function", "awaitable"] = ""
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class FailureModel:
    """The call raises one of `raises`, always `when` the conditions hold."""

    call: Symbol
    raises: tuple[Symbol, ...]
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointModel:
    """A request to Lambda's own APIs: its URL ends in `path`; what it `means` to the life of the sandbox.

    `refuses`: words in the request for which it is refused; `refuses_managed`: on Managed Instances.
    """

    path: str
    means: Meaning
    refuses: tuple[str, ...] = ()
    refuses_managed: tuple[str, ...] = ()


Meaning = Literal["register", "next-event", "next-invocation"]


@dataclass(frozen=True, slots=True)
class ModuleModel:
    """A module of the library that people keep among their own files: of that `name`, and with the text `marker` in it."""

    name: Symbol
    marker: str


@dataclass(frozen=True, slots=True)
class ApplicationModel:
    """Instances of `type` are web applications, which an adapter serves; with `handles`, they are what Lambda calls.

    - `registry`: the name under which a module holds all endpoints of one.
    - `endpoints`: functions and views, beside those that the application was handed by calls that no model knows; `methods`: those
      of an object among them that requests come to.
    - `lifespan`: a context manager around everything that is served; `waits`: as it ends, what was launched on this scope is waited
      for, but not for long; `stop`: functions that are called after that.
    - `hooks`: functions that are called at the end of a request.
    """

    type: Symbol
    registry: str = ""
    lifespan: Selector | None = None
    stop: tuple[Selector, ...] = ()
    hooks: Selector | None = None
    endpoints: Selector | None = None
    methods: tuple[str, ...] = ()
    waits: Selector | None = None
    handles: bool = False


@dataclass(frozen=True, slots=True)
class ViewModel:
    """Classes of `type`, given to an application, are endpoints: requests come to their `methods`, and to those in `marked`."""

    type: Symbol
    methods: tuple[str, ...]
    marked: Selector | None = None


@dataclass(frozen=True, slots=True)
class SignModel:
    """A file beside the application that shows how it is served: its name fits `file`, its text has `pattern`."""

    file: str
    pattern: str


@dataclass(frozen=True, slots=True)
class AdapterModel:
    """What stands between Lambda and a web application, and when it runs what the application leaves for later.

    - `module`: a file that imports it serves its applications with it. `signs`: so do those in and below a directory with
      one of these files.
    - `background`: background tasks run ``before`` the response or ``after`` it.
    - `close`: so do hooks for the closing of the response, or they ``never`` run.
    - `lifespan`: start-up and shutdown run at each ``invocation``, with the ``process``, or ``never``; `unless` says when not,
      of the adapter's own arguments.
    """

    name: str
    module: Symbol = ""
    signs: tuple[SignModel, ...] = ()
    background: Literal["before", "after"] = "before"
    close: Literal["before", "after", "never"] = "before"
    lifespan: Literal["invocation", "process", "never"] = "never"
    unless: tuple[Condition, ...] = ()


UNKNOWN_ADAPTER = AdapterModel("")
"""Where nothing is known to serve an application: what it leaves for later may all be in time."""


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
    FailureModel,
    ShutdownModel,
    ShieldModel,
]
