"""What a library model can say: a closed set of verbs, one class each.

One row of the TOML files under ``rules/libraries`` becomes one object here. The classes *are* the schema:
`lint_lambda.knowledge.schema` derives the reader of each row from its fields, and the JSON schema for editors from its fields and
from what the docstring says of each (a list item that begins with the field's name).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Union

from lint_lambda.core.finding import Fate
from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass, field
from lint_lambda.knowledge.selectors import Condition, Selector
from lint_lambda.knowledge.tables import KindName, Regex

CallbackMoment = Literal[
    "now",
    "each",
    "fold",
    "exit",
    "leave",
    "enter",
    "wraps",
    "manager",
    "provides",
    "serves",
    "middleware",
    "after",
    "moves",
    "streams",
    "ties",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """What every row about calls has.

    - `call`: the call's full name, of which ``*`` in place of the last part means any member of a type of which nothing else is said;
      a list of names makes a row of each.
    - `when`: conditions that must all hold for the row to count.
    - `unless`: conditions of which none may hold.
    """

    call: Symbol
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchModel(CallRow):
    """The call starts work that can go on without its caller.

    - `kind`: what is started: one of the kinds of ``rules/kinds.toml``.
    - `work`: the callable or coroutine that is run.
    - `args`: the positional arguments that it is called with; ``self`` is the only one.
    - `kwargs`: its keyword arguments.
    - `override`: the method that a subclass may override instead of giving `work`.
    - `handle`: what the work can be waited for by (``self``, ``return`` …); without one, nothing can wait for it.
    - `returns`: the type of the handle that the call returns.
    - `scope`: the object whose end waits for the work, or ``loop`` for the running event loop (also when the selected object is
      None).
    - `in_turn`: it is done after what was launched on the same `scope` before, so that waiting for it waits for that.
    - `holds`: further handles that waiting for this one waits for.
    - `lazy`: nothing happens until the result is awaited.
    - `waits`: awaiting the result waits for the work, too.
    - `calls`: to call `work` is all that it does: where that does nothing, there is nothing to lose.
    - `step`: the work, if it never gives way, is a single step of the loop: it is done as soon as the loop runs on or stops.
    - `passive`: nothing but a later call of the handler ever moves the work on: no thread sends what is in the buffer.
    - `fate`: what becomes of it when nothing waits.
    - `awaits`: a coroutine that `work` returns is run as part of it.
    - `eager`: `work` is called at once; what goes on are the coroutines that it returns.
    - `exit`: the fates that what a coroutine leaves on its loop meets at the end of the work, by kind.
    - `takes`: what of `work` is run, functions or coroutines; what it does not take it refuses, and does nothing at all.
    - `decorates`: the function that the call is a decorator of: each call of that function is a launch, at its end; or, with a
      `work`, instead: that is selected from the call's arguments after the function.
    - `no_edit`: why no fix can wait for it, as a sentence without a full stop.
    - `begins`: what the argument before `work` says: ``after`` how many seconds it is called, or ``at`` what time of its loop.
    - `direct`: a fix calls `work` itself in its place, as nothing could wait for it.
    - `flush`: code that waits for it wherever it stands, after the name of its module and a colon; a fix writes it in the handler.
    - `made`: with what the work is done at once, as a fix writes it: ``pkg.Client(sync=True)``, ``pkg.Client(write=pkg.modes:SYNC)``
      with a name that is imported, ``pkg.Client(-threads)`` to leave an argument out, ``pkg.Client -> pkg.Other`` for another class.
    - `background`: it is the last ``&`` of the command, its first argument, that starts the work; a fix takes that away.
    - `frees_unless`: an exception of one piece of work ends the wait for all, and the others go on, unless one of these holds.
    - `gives`: waiting gives a ``list`` of what the pieces of work give; else it gives what the work gives.
    - `remedy`: the library's own way to have such work done, as an imperative without a full stop.
    - `prompt`: what is called has to answer at once, so nothing may wait there.
    - `adopts`: what `work` gives, if it can be waited for, waiting for the handle waits for, too.
    - `bare`: it only lets time pass: by itself it is nothing to lose.
    - `value`: the type of which waiting gives an instance, made with the call's arguments, or a list of such, as `gives` says.
    - `once`: it is not run again where a handler is called anew after a suspension: its result is kept.
    - `block`: what it returns is a context manager: at the end of its block the work is launched again.
    - `reads`: it changes nothing elsewhere where the name of the call matches, or its first argument: its text, or the name of the
      call which made it.
    - `reads_unless`: nor where none of these conditions may hold.
    """

    kind: KindName
    work: Selector | None = None
    args: Selector | None = None
    kwargs: Selector | None = None
    override: str = ""
    handle: Selector | None = None
    returns: Symbol = ""
    scope: Selector | Literal["loop"] | None = None
    in_turn: bool = False
    holds: Selector | None = None
    lazy: bool = False
    waits: bool = False
    calls: bool = False
    step: bool = False
    passive: bool = False
    fate: Fate = Fate.FROZEN
    awaits: bool = False
    eager: bool = False
    exit: Mapping[KindName, Fate] = field(default_factory=dict)
    takes: Literal["", "function", "coroutine"] = ""
    decorates: Selector | None = None
    no_edit: str = ""
    begins: Literal["", "after", "at"] = ""
    direct: bool = False
    flush: str = ""
    made: tuple[str, ...] = ()
    background: bool = False
    frees_unless: tuple[Condition, ...] = ()
    gives: Literal["", "list"] = ""
    remedy: str = ""
    prompt: bool = False
    adopts: bool = False
    bare: bool = False
    value: Symbol = ""
    once: bool = False
    block: bool = False
    reads: Regex = ""
    reads_unless: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinModel(CallRow):
    """The call waits for work.

    - `target`: what is waited for.
    - `of`: what `target` is: a ``handle``, a ``scope`` (everything launched on it), or a ``signal`` (an object that the work
      signals).
    - `may_when`: conditions under which it may give up before the work is done.
    - `raises`: giving up raises one of these.
    - `single`: the signal of one piece of work is enough for it to return; or, of a handle, one piece of what the work gives, so
      that only a loop waits for all of it.
    - `poll`: it does not wait but tells: the work is done when the result is truthy (``done``) or falsy (``alive``).
    - `attribute`: it is an attribute that tells, not a call.
    - `lazy`: it waits only once awaited.
    - `each`: what `target` holds it gives out one by one, each when its work is done.
    - `latch`: the object stays signalled until somebody resets it, and means just one thing.
    - `rethrows`: an exception of the work comes out of it.
    - `write`: how a fix writes it where that is more than the call without arguments: see `lint_lambda.core.remedy.Join`.
    - `decorates`: the function that the call is a decorator of: it is at the end of that function that it waits.
    - `starts`: it does not wait, but begins what had only been built: that is not lost any more.
    """

    target: Selector
    of: Literal["handle", "scope", "signal"] = "handle"
    may_when: tuple[Condition, ...] = ()
    raises: tuple[Symbol, ...] = ()
    single: bool = False
    poll: Literal["", "done", "alive"] = ""
    attribute: bool = False
    lazy: bool = False
    each: bool = False
    latch: bool = False
    rethrows: bool = False
    write: str = ""
    decorates: Selector | None = None
    starts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelModel(CallRow):
    """The call gives the work up on purpose; nothing is left pending by accident.

    - `target`: what is given up.
    - `of`: what `target` is: a ``handle``, or a ``scope`` (everything launched on it).
    - `begun`: what becomes of work that has begun: it ``ends`` with the call, or ``goes-on`` all the same, as in a thread.
    """

    target: Selector
    of: Literal["handle", "scope"] = "handle"
    begun: Literal["ends", "goes-on"] = "ends"


@dataclass(frozen=True, slots=True, kw_only=True)
class NonWaitingFlushModel(CallRow):
    """The call looks as if it waited for `target`, and does not. What it leaves pending is laid at its door.

    - `target`: what it seems to wait for.
    - `of`: what `target` is: a ``handle``, or a ``scope`` (everything launched on it).
    - `no_edit`: why no fix can wait for it, as a sentence without a full stop.
    """

    target: Selector
    of: Literal["handle", "scope"] = "handle"
    no_edit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalModel(CallRow):
    """The call signals an object that somebody may be waiting on.

    - `target`: the object.
    - `value`: what is passed on with the signal.
    - `gives_back`: where the same code has waited on the object before, it only gives back what it took: that is news to nobody.
    - `excludes`: nobody else can take it meanwhile, so that whoever takes it next has waited for work that took it first and has kept it to its end.
    """

    target: Selector
    value: Selector | None = None
    gives_back: bool = False
    excludes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeModel(CallRow):
    """An extent with an exit policy: a context manager (`type`), or a call that runs something to completion (`call`).

    - `type`: a context manager whose exit applies `exit` to everything launched on it.
    - `runs`: what the call runs to completion, before it applies `exit` to what that left pending on the running loop.
    - `exit`: the fate that each kind of launch meets (``*``, or one fate, for any); kinds that it does not name stay pending.
    - `serves`: as the work of a thread it only runs what others hand it, and is nothing to lose by itself.
    - `around`: the scope whose work is all waited for at the end of the function that is decorated.
    - `calls`: what it runs is a function, called with the arguments that follow it.
    - `decorates`: the function that the call is a decorator of: it is before each call of that function that it runs `runs`.
    - `unless`: conditions under which the call applies no `exit` and leaves its loop as it is.
    """

    call: Symbol = ""
    type: Symbol = ""
    runs: Selector | None = None
    exit: Mapping[KindName, Fate] = field(default_factory=dict)
    serves: bool = False
    around: Selector | None = None
    calls: bool = False
    decorates: Selector | None = None

    def validate(self) -> None:
        """Raises `ValueError` for a row that contradicts itself."""
        if self.around is not None and self.decorates is None:
            raise ValueError("`around` needs `decorates`, the function that it is around")
        if bool(self.type) == bool(self.call):
            raise ValueError("give either `type` (a context manager) or `call` (a call that runs something)")
        if self.type and (self.when or self.unless):
            raise ValueError(
                "`when` and `unless` go with `call`: the exit of a context manager is not asked about arguments"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PassthroughModel(CallRow):
    """The call returns (or forwards) what it was given.

    - `returns`: the values that it returns.
    - `collects`: it returns a new container of that kind, which holds the selected values.
    - `decorator`: the result, called with a function, gives that function back.
    - `parameterised`: a decorator even when the call's own argument is a function.
    - `memoises`: the function is run once for equal arguments.
    - `shows`: whoever asks the function for its signature is told that of this one.
    - `attribute`: it is not a call but an attribute that stands for the object itself.
    - `lazy`: nothing happens until the result is awaited.
    - `dispatches`: the result calls, of the function that it was given and those registered with it, whichever fits.
    - `loads`: the result is the module of the name that it was given.
    - `stops`: it reads what it is given only as far as it needs to know the answer.
    - `key`: of what the first of `returns` selects, it is what stands under this key, where that is known.
    - `quantifies`: it says whether ``any`` or ``all`` of what it is given is true.
    - `most`: it goes over so many elements of its first argument at most.
    - `shortest`: it goes over all of its arguments at once, up to the end of the shortest.
    - `changes`: what it returns is a copy, whose attributes the call's keyword arguments are.
    - `named`: a dotted name: of the objects like the one that `returns` selects, which is the root of them all, it returns the
      one of this name. An object is below those whose names its own goes on from; an unknown name may be any.
    - `instances`: of a class that it was given it returns an instance, which something else has made.
    - `deferred`: it goes over what it is given only as its result is read.
    - `paired`: each element of its result is a pair: something that is not known, a number or a key, and what it goes over.
    - `constructs`: a method of a class that it decorates runs where an instance of the class is made; of `instances`, it makes them.
    """

    returns: tuple[Selector, ...] = ()
    collects: Literal["", "list", "tuple", "set", "dict"] = ""
    decorator: bool = False
    parameterised: bool = False
    memoises: bool = False
    shows: Selector | None = None
    attribute: bool = False
    lazy: bool = False
    dispatches: bool = False
    loads: bool = False
    stops: bool = False
    key: Selector | None = None
    quantifies: Literal["", "any", "all"] = ""
    most: Selector | None = None
    shortest: bool = False
    changes: bool = False
    named: Selector | None = None
    instances: bool = False
    deferred: bool = False
    paired: bool = False
    constructs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackModel(CallRow):
    """The call invokes `work`.

    - `work`: what is called.
    - `args`: the positional arguments that it is called with.
    - `kwargs`: its keyword arguments.
    - `method`: the method of `work` that is called instead, where the object is known to have one.
    - `binds`: as an attribute of a class it is a method: the object comes before the arguments.
    - `every`: of several objects each is called, one after the other; else one of them.
    - `passes`: its one argument.
    - `moment`: ``now`` (the result is what it returns); for ``each`` element (the result is a container of what it returns, of
      kind `collects`); with what it has returned before and the next element of `passes`, beginning with the argument after these
      (``fold``); where the result is a parameter's default and the framework calls the function (``provides``); as ``self``
      exits (``exit``); later, where the result is called (``wraps``) or entered (``manager``); ``enter`` enters a context manager
      that `self` will exit, ``leave`` exits those that `work` has entered; ``serves`` calls whatever the library object `work`
      was handed; ``moves``: what `self` would exit is what the result exits; ``streams``: Lambda calls it, and hands it the stream that is its response after the event; ``ties``: where the function that is decorated is called, that only keeps the arguments: `work` is
      called where the result is, with that call's first arguments, as `ties` says, before those that were kept; ``after``: once the work that ``self`` stands for is done; ``middleware``: `work` is a decorator from now on, which calls it with the function that it is given before
      that function's arguments.
    - `by`: what is called instead, with `work` as its first argument.
    - `collects`: the kind of container that holds the results.
    - `repeats`: it is called again and again, until what it returns says that there is no more.
    - `flat`: of a result that is a list, it holds the elements.
    - `lazy`: nothing happens until the result is awaited.
    - `deferred`: it is called only as the result is read.
    - `awaits`: a coroutine that it returns is run to its end.
    - `once`: it is not called again where a handler is called anew after a suspension: its result is kept.
    - `ties`: which arguments come before those that are kept, for `moment`.
    - `drops`: what it returns is not what the call gives: only who waits for `self` waits for it.
    - `leaves`: nobody waits for what it returns, whoever waits for `self`.
    - `decorates`: the function that the call is a decorator of: it is before each call of that function that it invokes `work`.
    - `remedy`: the library's own way to have work that should not hold up `work` done, as an imperative without a full stop.
    - `prompt`: what is called has to answer at once, so nothing may wait there.
    """

    work: Selector
    args: Selector | None = None
    kwargs: Selector | None = None
    method: str = ""
    binds: bool = False
    every: bool = False
    by: Symbol = ""
    passes: Selector | None = None
    moment: CallbackMoment = "now"
    collects: Literal["list", "dict"] = "list"
    repeats: bool = False
    flat: bool = False
    lazy: bool = False
    deferred: bool = False
    awaits: bool = False
    once: bool = False
    ties: Literal["none", "first", "first two"] = "first"
    drops: bool = False
    leaves: bool = False
    decorates: Selector | None = None
    remedy: str = ""
    prompt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PutModel(CallRow):
    """The call stores values in a container.

    - `value`: what is stored.
    - `into`: the container.
    - `given_as`: it is no element, but as if the object had been constructed with it as this argument.
    - `members`: it is no element, but its members become members of the object, under their names; where these are not known, any may.
    """

    value: Selector
    into: Selector
    given_as: str = ""
    members: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpModel(CallRow):
    """The call sets up what sends nothing before; so does an assignment to an attribute of this name.

    - `target`: what is set up: a handle of launches, or what they are called on.
    - `key`: what it is given without which it sends nothing after it either.
    """

    target: Selector
    key: Selector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildModel(CallRow):
    """The call makes objects as a description says, a table of tables, and hands them to others.

    - `description`: the table; or the path of a file that holds it, as INI, JSON or YAML.
    - `objects`: where it describes each object by name: an entry of the table, or, with a ``*`` for the name, an entry for each.
    - `makers`: the entries of such a description that say what makes the object: something to call, or its dotted name.
    - `within`: the module in which such a name is looked for first.
    - `args`: the entry with the positional arguments; left out where every entry that is no maker is a keyword argument.
    - `kwargs`: the entry with the keyword arguments.
    - `owners`: where it describes, by name, who is handed objects.
    - `name`: the entry of an owner that has its name instead.
    - `root`: its entry that describes the root of the owners.
    - `takes`: the entry of an owner that lists the names of the objects.
    - `into`: the root of the owners: see `named` of a passthrough.
    - `every`: a container that all objects are put into.
    """

    description: Selector
    objects: str
    makers: tuple[str, ...]
    within: Symbol = ""
    args: str = ""
    kwargs: str = ""
    owners: str
    name: str = ""
    root: str
    takes: str
    into: Selector
    every: Selector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionModel(CallRow):
    """The call tells a parser of command lines of an option.

    - `parser`: the parser.
    - `names`: the option's names: those that begin with a dash are given as they are, any other is a position.
    - `attribute`: the attribute of the result that has its value; else the longest of its names says it.
    - `action`: what becomes of the attribute; of ``store_true`` and ``store_false`` it is known.
    - `default`: what the attribute is where the option is not given.
    """

    parser: Selector
    names: Selector
    attribute: Selector
    action: Selector
    default: Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseModel(CallRow):
    """The call reads a command line as a parser was told.

    - `parser`: the parser.
    - `line`: the list of words.
    - `returns`: the type of the object that has the options as attributes.
    """

    parser: Selector
    line: Selector
    returns: Symbol


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableModel(CallRow):
    """The call reads or sets a variable of the process, which was perhaps set before the process began.

    - `of`: the object that stands for all of them.
    - `name`: the variable's name.
    - `value`: what it is set to; left out where it is read.
    - `keeps`: it is only set where it is not set yet.
    """

    of: Selector
    name: Selector
    value: Selector | None = None
    keeps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenModel(CallRow):
    """The call registers `work` as a listener, which is called at each event of its name.

    - `emitter`: the objects that call it.
    - `event`: the name of the event.
    - `work`: what is called.
    - `options`: what it is registered with, of which `emit` rows may ask.
    - `wild`: in the name ``*`` stands for one word between dots, and ``**`` for any number.
    """

    emitter: tuple[Selector, ...]
    event: Selector
    work: Selector
    options: Selector | None = None
    wild: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmitModel(CallRow):
    """The call calls the listeners of an event, one after the other, and does not wait for what they leave going on.

    - `emitter`: the objects whose listeners are called.
    - `event`: the name of the event.
    - `args`: the positional arguments that they are called with.
    - `kind`: what they leave going on is work of this kind, started by the call.
    - `returns`: the type of the handle that the call returns, which waits for what they leave going on.
    - `loses`: an option of a listener under which the handle does not wait for it.
    - `keeps`: one under which it does all the same.
    - `remedy`: the library's own way to wait for the listeners, as an imperative without a full stop.
    """

    emitter: tuple[Selector, ...]
    event: Selector
    args: Selector | None = None
    kind: KindName = "event"
    returns: Symbol = ""
    loses: str = ""
    keeps: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvideModel(CallRow):
    """The call says what a framework makes of what code asks it for by a token: a name, a symbol, a class.

    - `providers`: objects, each of which holds a token under ``provide``, and what is given for it under another name.
    - `into`: what keeps them.
    - `classes`: the names under which a class stands, of which an instance is given.
    - `makers`: those under which a function stands that makes what is given.
    - `values`: those under which the very thing stands.
    """

    providers: Selector
    into: Selector
    classes: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectModel(CallRow):
    """The call stands for what a framework gives for a token.

    - `token`: what it is asked for by.
    - `of`: what keeps what there is: see `ProvideModel`.
    """

    token: Selector
    of: Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerModel(CallRow):
    """The call sends the response of a request that a framework serves: what is waited for after it is waited for too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmlessModel(CallRow):
    """The call looks at its arguments and keeps none of them.

    - `fails`: it raises on input it does not like.
    - `works`: it takes time.
    - `pauses`: so many seconds, in which other work goes on.
    """

    fails: bool = False
    works: bool = False
    pauses: Selector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel(CallRow):
    """What a call, a membership test or an attribute answers on Lambda.

    - `truth`: whether the answer is true.
    - `value`: the text that is the answer.
    - `none`: the answer is that there is none.
    - `asks`: the value that is asked about: whether it is of `kind`.
    - `kind`: the kind that `asks` is asked about.
    - `folds`: of a constant that `asks` selects it is the number, the truth, or the text in another form; or one of several numbers.
    """

    truth: bool = False
    value: str = ""
    none: bool = False
    asks: Selector | None = None
    kind: Literal["", "coroutine function", "generator function", "awaitable"] = ""
    folds: Literal["", "integer", "number", "greatest", "truth", "lower", "upper", "strip"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureModel(CallRow):
    """The call raises, always `when` the conditions hold.

    - `raises`: one of these.
    """

    raises: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionModel(CallRow):
    """The call may end the invocation by an exception: a response is sent, and later the handler is called anew, from its beginning.

    - `raises`: the exception, and the classes that it inherits from.
    - `perhaps`: it does so only where what it has called fails; else always, the first time that it is come to.
    """

    raises: tuple[Symbol, ...]
    perhaps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableModel(CallRow):
    """The call is a decorator of a handler that is called anew, from its beginning, after each suspension.

    - `decorates`: the function.
    - `passes`: what it is called with, by position: an instance of a type of the library, or, where the name is empty, what Lambda passes.
    - `awaits`: a coroutine that it returns is run to its end, on an event loop that is kept.
    """

    decorates: Selector
    passes: tuple[Symbol, ...]
    awaits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownModel(CallRow):
    """The call sets `work` to run when the process is told to end.

    - `signal`: the signal that it is set for.
    - `named`: the one that the process is told to end by.
    - `work`: what is run.
    """

    signal: Selector
    named: Symbol
    work: Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldModel(CallRow):
    """The call makes a context manager that swallows exceptions.

    - `catches`: those that it swallows.
    """

    catches: Selector

    def validate(self) -> None:
        """Raises `ValueError` for conditions: nothing asks for them where the context manager is left."""
        if self.when or self.unless:
            raise ValueError("`when` and `unless` are no keys of a shield, which catches whatever the call was given")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberModel(CallRow):
    """The call makes a function that reaches into what it is called on.

    - `reaches`: what: an ``attribute``, with dots one in another, an ``item``, or a ``method``, which it calls.
    - `names`: the names or keys; where there are several, it gives a tuple of what they lead to.
    """

    reaches: Literal["attribute", "item", "method"]
    names: Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordModel(CallRow):
    """The call makes a class whose instances hold what they are constructed with, as attributes and by position.

    - `fields`: the attributes' names: a text that holds them all, a list of names, or a list of pairs that begin with them.
    """

    fields: Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainModel(CallRow):
    """The call gives a handle of what comes after other work.

    - `kind`: what it is: one of the kinds of ``rules/kinds.toml``.
    - `follows`: the other work. Waiting for the handle waits for that, too.
    - `work`: the functions of which one is called then. What they return that can be waited for is waited for.
    - `passes`: the function is given what the other work gives.
    - `keeps`: what the other work gives, the handle may give as well.
    - `returns`: the type of the handle.
    - `gives`: waiting gives a ``list`` of what the pieces of work give; else it gives what the work gives.
    - `some`: it is done as soon as some of the other work is.
    - `stops`: it gives up as soon as some of the other work fails, and leaves the rest at it.
    - `catches`: it does not fail where the other work does.
    """

    kind: KindName
    follows: Selector
    work: Selector | None = None
    passes: bool = False
    keeps: bool = False
    returns: Symbol = ""
    gives: Literal["", "list"] = ""
    some: bool = False
    stops: bool = False
    catches: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferredModel(CallRow):
    """The call gives a handle that is done when a function is called which it hands out.

    - `kind`: what it is where code that is not analysed has that function: one of the kinds of ``rules/kinds.toml``.
    - `returns`: the type of the handle.
    - `work`: what is called at once, with the function; without it, the call gives an object.
    - `args`: the arguments that come before the function, those from some position on.
    - `handle`: the name of the handle in that object.
    - `settles`: the names of the function in it.
    """

    kind: KindName
    returns: Symbol
    work: Selector | None = None
    args: Selector | None = None
    handle: str = ""
    settles: tuple[str, ...] = ()


CallModel = Union[
    LaunchModel,
    JoinModel,
    CancelModel,
    NonWaitingFlushModel,
    SignalModel,
    ScopeModel,
    PassthroughModel,
    CallbackModel,
    PutModel,
    BuildModel,
    OptionModel,
    ParseModel,
    VariableModel,
    ListenModel,
    EmitModel,
    AnswerModel,
    ProvideModel,
    InjectModel,
    HarmlessModel,
    KnownModel,
    FailureModel,
    SuspensionModel,
    DurableModel,
    ShutdownModel,
    SetUpModel,
    ShieldModel,
    MemberModel,
    RecordModel,
    ChainModel,
    DeferredModel,
]
"""What can be said of a call."""

CALL_VERBS: dict[str, type[CallModel]] = {
    "launch": LaunchModel,
    "join": JoinModel,
    "cancel": CancelModel,
    "non_waiting_flush": NonWaitingFlushModel,
    "signal": SignalModel,
    "scope": ScopeModel,
    "passthrough": PassthroughModel,
    "callback": CallbackModel,
    "put": PutModel,
    "build": BuildModel,
    "option": OptionModel,
    "parse": ParseModel,
    "variable": VariableModel,
    "listen": ListenModel,
    "emit": EmitModel,
    "answer": AnswerModel,
    "provide": ProvideModel,
    "inject": InjectModel,
    "harmless": HarmlessModel,
    "known": KnownModel,
    "failure": FailureModel,
    "suspension": SuspensionModel,
    "durable": DurableModel,
    "shutdown": ShutdownModel,
    "set_up": SetUpModel,
    "shield": ShieldModel,
    "member": MemberModel,
    "record": RecordModel,
    "chain": ChainModel,
    "deferred": DeferredModel,
}
"""Tables of a library's file, in the order in which the analysis sees their rows."""
