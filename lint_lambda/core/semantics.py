"""What a language means by the operations of the intermediate representation: one value for each language.

The analysis asks this, and names no language: which methods an object answers a protocol by, what calling an async function does,
what Lambda does with what a handler returns. A front-end says it for its language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass, field

Reflection = Literal["parent", "class", "get", "set", "attributes", "module"]
"""What a function of the language's own does with an object whose member is named by a value: see `Semantics.reflection`."""


FunctionMember = Literal["call", "apply", "bind"]
"""What a member of a function does: call it on its first argument; the same with the others in a list; or tie it to that."""


@dataclass(frozen=True, slots=True)
class Answering:
    """How a handler that is no async function answers.

    - `members`: members of the context that answer at once, beside the function that is handed over after the context, which
      waits until nothing is left to do.
    - `flag`: the member of the context that says whether it waits.
    - `waits`: whether a runtime knows all that, and waits for what is left of a handler that returns a value; None where it is not known
      which one it is. `parameters`: where it does not, a handler with more of them does not start.
    """

    members: frozenset[str]
    flag: str
    waits: Callable[[str], bool | None] = lambda engine: None
    parameters: int = 2


@dataclass(frozen=True, slots=True)
class Semantics:
    """Members are names of methods; where there are several, an object may answer by any of them.

    - `async_call`: calling an async function only makes something to be run later (``lazy``), or runs its body up to where it first
      waits (``eager``). `async_kind`: the kind of launch that an eager call is.
    - `async_type`: the type of what an eager call gives, `generator_type` that of generators. `awaits_values`: to await what is no handle gives it at once.
    - `handler_result`: what Lambda does with a handler's result that can be waited for: it waits (``awaited``), or not (``ignored``).
      `answering`: how else it may answer.
    - `library`: the symbol of the language's own functions and classes. `text`: the name there of the class of texts.
    - `iterate`, `advance`, `enter`, `exit`, `call`, `construct`, `constructed`, `wait`, `index`, `put_index`, `contains`, `truth`, `read`: the members by which objects
      answer these operations; `constructed` runs once an instance has its fields, `read` where an object stands in a class, and an
      instance is asked for it. `otherwise`: those that give the attributes which an object has not; `make`: those that make an instance.
    - `operators`: by the operators, the member that the left side answers one by, and the one by which the right side does where that has none; `changing`: the
      members that answer operators which change what stands on their left. `asking`: functions of the language's own, and the members by
      which what they are given answers; `texts`: those by which an object becomes part of a text, `storing` those that store an attribute
      of any name.
    - `counts`: members of containers that say how much they hold, and functions of the language's own that do.
    - `described`: the name under which an object that describes a method holds it. A decorator with three parameters is handed such an
      object as the third of them, and may put another function there; with fewer, it is handed the method.
    - `class_of`: the attribute that holds an object's class; `attributes_of`: the one that holds all its attributes by their names.
      `subclasses_of`: the one of a class whose call gives its subclasses; `subclassed`: the member that is called with each of these.
      `metaclass`: the option of a class's definition that names the class which it is an instance of. `fields_are_parameters`: a class without a `construct` takes its annotated
      names as parameters, in order.
    - `module_name`: the variable that says how a module was loaded, and `imported` its value on Lambda.
    - `is_package`: whether a file stands for its folder. `is_standard`: whether a symbol belongs to the language's own libraries.
    - `bases_of`: one of the language's own exceptions, and those it inherits from; nothing for any other symbol.
    - `current_loop`: calls that ask for the current event loop of the thread, which running another one may take away.
    - `missing`: the exceptions by which an index or a key is refused. `exhausted`: those by which `advance` says that there is nothing more.
    - `closed`: those that are raised where a generator that is left waits.
    - `catch_all`: the exceptions whose handlers catch whatever happens.
    - `defaulting`: members of mappings that give their second argument where the first is no key; `looking_up`: those that change nothing. `pairs`: those that give the keys with their values.
    - `receivers`: a function is handed what it is called on as its ``first`` argument, or ``apart`` from the arguments.
      `function_members`: members of functions that call them, or tie them to an object.
    - `unpacks_part`: a list that is unpacked may hold more than there are targets.
    - `members_are_items`: a display of keys answers by attributes, too, and so does an object by keys.
    - `types`: the names, in the language's own library, of the classes of displays; those that are not named are called as here.
    - `guessed_members`: members of a value that is not known which are those of one of the language's own types, whatever it is.
    - `reading`: what the names of functions begin with that only read, or only tell somebody what is done, make values of values, or open and close a connection.
    - `ending`: members of a value that is not known that put an end to what it does, and begin nothing.
    - `environment`: the object whose members are the variables of the process.
    - `default_export`: the name of what a module gives by default, which of a library is the library itself. `exported`: the variable
      that holds all that a module gives, where that is one value.
    - `reflection`: functions of the language's own that reach members by name. `repeats`: the one that calls its first argument
      again and again; `numbers`: the one that gives numbers one after the other. `transparent_types`: annotations that stand for what is inside them; `several_types`:
      those that stand for several of it.
    """

    language: str
    async_call: Literal["lazy", "eager"]
    handler_result: Literal["awaited", "ignored"]
    library: Symbol
    text: str = ""
    async_kind: str = "task"
    async_type: Symbol = ""
    generator_type: Symbol = ""
    awaits_values: bool = False
    receivers: Literal["first", "apart"] = "first"
    function_members: Mapping[str, FunctionMember] = field(default_factory=dict)
    unpacks_part: bool = False
    members_are_items: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
    guessed_members: Mapping[str, Symbol] = field(default_factory=dict)
    ending: frozenset[str] = frozenset()
    reading: re.Pattern[str] | None = None
    environment: Symbol = ""
    default_export: str = ""
    exported: str = ""
    answering: Answering | None = None
    iterate: tuple[str, ...] = ()
    advance: tuple[str, ...] = ()
    enter: tuple[str, ...] = ()
    exit: tuple[str, ...] = ()
    call: tuple[str, ...] = ()
    construct: tuple[str, ...] = ()
    constructed: tuple[str, ...] = ()
    wait: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    put_index: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
    operators: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    changing: Mapping[str, str] = field(default_factory=dict)
    asking: Mapping[Symbol, tuple[str, ...]] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    storing: tuple[str, ...] = ()
    counts: frozenset[str] = frozenset()
    described: str = ""
    read: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    make: tuple[str, ...] = ()
    class_of: str = ""
    attributes_of: str = ""
    subclasses_of: str = ""
    subclassed: tuple[str, ...] = ()
    metaclass: str = ""
    fields_are_parameters: bool = False
    module_name: str = ""
    imported: str = ""
    is_package: Callable[[str], bool] = lambda path: False
    is_standard: Callable[[Symbol], bool] = lambda symbol: False
    bases_of: Callable[[Symbol], frozenset[Symbol]] = lambda symbol: frozenset()
    current_loop: frozenset[Symbol] = frozenset()
    missing: frozenset[Symbol] = frozenset()
    exhausted: frozenset[Symbol] = frozenset()
    closed: frozenset[Symbol] = frozenset()
    catch_all: frozenset[Symbol] = frozenset()
    reflection: Mapping[str, Reflection] = field(default_factory=dict)
    repeats: Symbol = ""
    numbers: Symbol = ""
    defaulting: frozenset[str] = frozenset()
    looking_up: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()
    transparent_types: frozenset[str] = frozenset()
    several_types: frozenset[str] = frozenset()

    def only_reads(self, name: str) -> bool:
        """Whether a function that nobody has described only reads, by its name."""
        return self.reading is not None and self.reading.match(name) is not None

    def own(self, name: str) -> Symbol:
        """The symbol of one of the language's own names."""
        return f"{self.library}.{name}"

    def type_of(self, display: str) -> Symbol:
        """The class of a display, in the language's own library."""
        return self.own(self.types.get(display, display))

    def is_own(self, symbol: Symbol) -> bool:
        return symbol.startswith(f"{self.library}.")

    def shown(self, symbol: Symbol) -> str:
        """The last two parts of a symbol, for people; one of the language's own as it is written."""
        written = symbol.removeprefix(f"{self.library}.") if self.async_call == "eager" else symbol
        return ".".join(written.split(".")[-2:])

    def operation(self, symbol: Symbol, members: tuple[str, ...]) -> Symbol:
        """The class whose member `symbol` is, if that is one of `members`; else the empty symbol."""
        owner, _, name = symbol.rpartition(".")
        return owner if name in members else ""
