"""What a library model says of no call: its types, modules, applications, adapters and endpoints, one class each.

As in `lint_lambda.knowledge.verbs`, the classes are the schema.
"""

from __future__ import annotations

from typing import Annotated, Literal

from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass
from lint_lambda.knowledge.selectors import Condition, Selector

Regex = Annotated[str, "regular expression"]
"""The text of a regular expression."""


KindName = Annotated[str, "kind"]
"""The name of a kind of work, one of ``rules/kinds.toml``."""


Meaning = Literal["register", "next-event", "next-invocation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeModel:
    """A class of the library.

    - `name`: its full name.
    - `bases`: the classes that it inherits from.
    - `params`: its constructor's parameters, by position.
    - `aliases`: other names of the class; ``*`` stands for any part of a name between dots.
    - `made_by`: calls that return an instance.
    - `pairs`: calls that return a tuple of two instances which are the ends of one thing (a pipe), made with what the call is given.
    - `holds`: the handles given to the constructor that waiting for the instance waits for.
    - `elements`: what was given to the constructor that reading the instance gives.
    - `views`: attributes of handles that are such instances, and stand for the handle where something waits (a process's pid); ``*`` in
      place of the last part means any of which nothing else is said.
    - `observe`: attribute paths of an instance that count what it has not sent, for `lambda-lint prove`: a number, a queue, or
      a container; `*` stands for each element of what is before it.
    - `attributes`: the constructor's keyword arguments are attributes of the instance.
    - `inert`: to await an instance waits for nothing, whatever it has launched.
    - `decorates`: called with a function, an instance gives one whose calls run inside it, as it is a context manager.
    - `cold`: nothing happens before somebody subscribes to an instance: then it ``works``, or only ``calls`` the functions that are its
      elements.
    - `promised`: the function that begins what an instance does and gives a promise of its end, after its module and a colon; a fix
      writes it.
    - `enumerates`: what a class that inherits from it assigns to names are its only instances.
    - `stands_for`: an object for which an instance answers: its members are that one's.
    - `asks`: a function that is asked for each member instead: with what `stands_for` selects, the member's name, and the instance.
    - `outlasts`: where the wait for an instance is given up, by a timeout around it, its work goes on.
    """

    name: Symbol
    bases: tuple[Symbol, ...] = ()
    params: tuple[str, ...] = ()
    aliases: tuple[Symbol, ...] = ()
    made_by: tuple[Symbol, ...] = ()
    pairs: tuple[Symbol, ...] = ()
    holds: Selector | None = None
    elements: Selector | None = None
    views: tuple[Symbol, ...] = ()
    observe: tuple[str, ...] = ()
    attributes: bool = False
    inert: bool = False
    decorates: bool = False
    enumerates: bool = False
    outlasts: bool = False
    stands_for: Selector | None = None
    asks: Selector | None = None
    cold: Literal["", "calls", "works"] = ""
    promised: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBoundModel:
    """Objects that belong to the event loop that they are first used on, and fail on any other.

    - `type`: their class.
    - `unless`: conditions of which none may hold.
    """

    type: Symbol
    unless: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionModel:
    """A function, or a module, that has several names.

    - `name`: its full name, as the rows have it.
    - `aliases`: other names by which it is imported.
    """

    name: Symbol
    aliases: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointModel:
    """A request to Lambda's own APIs.

    - `path`: what its URL ends in.
    - `means`: what it means to the life of the sandbox.
    - `refuses`: words in the request for which it is refused.
    - `refuses_managed`: words for which it is refused on Managed Instances.
    """

    path: str
    means: Meaning
    refuses: tuple[str, ...] = ()
    refuses_managed: tuple[str, ...] = ()

    def validate(self) -> None:
        """Raises `ValueError` for a row that contradicts itself."""
        if not self.path.startswith("/"):
            raise ValueError(f"`path` must begin with a slash, not {self.path!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleModel:
    """A module of the library that people keep among their own files.

    - `name`: the name of the module.
    - `marker`: the text in it by which it is recognised.
    """

    name: Symbol
    marker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationModel:
    """Instances of `type` are web applications, which an adapter serves.

    - `type`: the class.
    - `registry`: the name under which a module holds all endpoints of one.
    - `start`: functions that are called before anything is served.
    - `lifespan`: a context manager around everything that is served.
    - `stop`: functions that are called after that.
    - `hooks`: functions that are called at the end of a request.
    - `endpoints`: functions and views, beside those that the application was handed by calls that no model knows.
    - `methods`: those of an object among `endpoints` that requests come to.
    - `waits`: as `lifespan` ends, what was launched on this scope is waited for, but not for long.
    - `handles`: the application is itself what Lambda calls.
    - `passes`: the types of what an endpoint is called with; of a function with one more parameter, after the first.
    - `remedy`: the library's own way to have work that an endpoint should not wait for done, as an imperative without a full stop.
    """

    type: Symbol
    registry: str = ""
    start: tuple[Selector, ...] = ()
    lifespan: Selector | None = None
    stop: tuple[Selector, ...] = ()
    hooks: Selector | None = None
    endpoints: Selector | None = None
    methods: tuple[str, ...] = ()
    waits: Selector | None = None
    handles: bool = False
    passes: tuple[Symbol, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewModel:
    """Classes of `type`, given to an application, are endpoints.

    - `type`: the class.
    - `methods`: the methods that requests come to.
    - `marked`: further ones.
    """

    type: Symbol
    methods: tuple[str, ...] = ()
    marked: Selector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerModel:
    """A decorator, a function or a class that makes what Lambda calls.

    - `call`: its full name, of which the last part has to stand in the code; a list of names makes a row of each.
    - `makes`: what becomes of a function under the decorator or given to the function, and what an instance is: a ``handler``, or
      something ``other``, whatever it looks like.
    """

    call: Symbol
    makes: Literal["handler", "other"] = "handler"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformModel:
    """A file belongs to a service that calls functions which look like handlers, and does otherwise with them.

    - `modules`: it imports one of these.
    - `functions`: it defines a function of one of these names.
    - `folders`: a regular expression that its path has.
    """

    modules: tuple[Symbol, ...] = ()
    functions: tuple[str, ...] = ()
    folders: Regex = ""

    def validate(self) -> None:
        """Raises `ValueError` for a row that contradicts itself."""
        if not (self.modules or self.functions or self.folders):
            raise ValueError("one of `modules`, `functions` and `folders` is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignModel:
    """A file beside the application that shows how it is served.

    - `file`: a glob that its name fits.
    - `pattern`: a regular expression that its text has.
    """

    file: str
    pattern: Regex


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterModel:
    """What stands between Lambda and a web application, and when it runs what the application leaves for later.

    - `name`: what the setting `adapter` calls it.
    - `module`: a file that imports it serves its applications with it.
    - `signs`: so do those in and below a directory with one of these files.
    - `background`: background tasks run ``before`` the response or ``after`` it.
    - `close`: hooks for the closing of the response run ``before`` it, ``after`` it, or ``never``.
    - `lifespan`: start-up and shutdown run at each ``invocation``, with the ``process``, or ``never``.
    - `unless`: conditions on the adapter's own arguments under which there is no lifespan.
    - `current_loop`: it asks for the current event loop of the thread, in every invocation.
    - `own_loop`: every invocation has an event loop of its own; what an earlier one has left on its loop can't be awaited.
    - `remedy`: its own way to have work that an endpoint should not wait for done, as an imperative without a full stop.
    """

    name: str
    module: Symbol = ""
    signs: tuple[SignModel, ...] = ()
    background: Literal["before", "after"] = "before"
    close: Literal["before", "after", "never"] = "before"
    lifespan: Literal["invocation", "process", "never"] = "never"
    unless: tuple[Condition, ...] = ()
    current_loop: bool = False
    own_loop: bool = False
    remedy: str = ""


UNKNOWN_ADAPTER = AdapterModel(name="")
"""Where nothing is known to serve an application: what it leaves for later may all be in time."""


OTHER_TABLES: dict[str, type] = {
    "type": TypeModel,
    "function": FunctionModel,
    "loop_bound": LoopBoundModel,
    "endpoint": EndpointModel,
    "application": ApplicationModel,
    "view": ViewModel,
    "adapter": AdapterModel,
    "module": ModuleModel,
    "handler": HandlerModel,
    "platform": PlatformModel,
}
"""Tables that say something of no call."""
