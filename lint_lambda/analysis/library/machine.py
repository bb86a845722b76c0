"""What a verb needs of the machine that it works in. The interpreter provides it; nothing here knows how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Heap
from lint_lambda.analysis.domain.log import Log
from lint_lambda.analysis.domain.values import FunctionObj, Instance, Mode, Obj, Suspended, Universe, Value
from lint_lambda.analysis.domain.world import World
from lint_lambda.core.ir import Site
from lint_lambda.core.names import Symbol
from lint_lambda.core.semantics import Semantics
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.verbs import LaunchModel

if TYPE_CHECKING:
    from lint_lambda.analysis.library.call import Call
    from lint_lambda.analysis.library.handles import Handles
    from lint_lambda.analysis.library.named import Named
    from lint_lambda.analysis.library.selectors import Selectors


class Classes(Protocol):
    """What is known of classes."""

    def mro(self, class_: Obj) -> list[Obj]: ...
    def member(self, classes: list[Obj], name: str) -> Value: ...
    def library_types(self, obj: Obj) -> list[Symbol]: ...
    def library_member(self, obj: Obj, name: str) -> Symbol | None: ...
    def own_member(self, obj: Obj, names: tuple[str, ...]) -> Value: ...
    def modelled_member(self, obj: Obj, names: tuple[str, ...]) -> Symbol | None: ...
    def open(self, value: Value, *, overwritten: bool = False) -> None: ...


class Elements(Protocol):
    """What containers hold."""

    def of(self, value: Value, frame: Frame, mode: Mode = "all") -> Value: ...
    def of_mode(self, value: Value, base: Obj) -> Value: ...
    def alongside(self, values: list[Value], frame: Frame) -> list[Value]: ...
    def length(self, value: Value) -> int | None: ...
    def copy_dict(self, into: Obj, given: Value) -> Value: ...
    def fill_dict(self, into: Obj, given: Value, keywords: dict[str, Value]) -> None: ...
    def first(self, obj: Suspended, frame: Frame) -> Value: ...
    def spread(self, value: Value, frame: Frame) -> tuple[list[Value], Value]: ...
    def keyword_spread(self, value: Value) -> dict[str, Value]: ...


class Objects(Protocol):
    """How objects answer."""

    def attribute(self, base: Value, name: str, frame: Frame) -> Value: ...
    def set_attribute(self, base: Value, name: str, value: Value) -> None: ...
    def qualname_of(self, obj: Obj) -> str: ...


class Library(Protocol):
    """Calls of libraries."""

    def join_elements(self, obj: Instance, frame: Frame) -> None: ...


class Frameworks(Protocol):
    """What frameworks keep, and call later."""

    def register(self, functions: Value, *owners: Value) -> None: ...
    def made_of(self, result: Value, *parts: Value) -> None: ...
    def unseen(self, callee: Value, args: Args, result: Value, site: Site, frame: Frame) -> Value: ...
    def takes_over(self, value: Value, application: Obj) -> None: ...


class Serving(Protocol):
    """Applications that events come to."""

    def serve(self, served: Value, site: Site, frame: Frame) -> None: ...


class Endpoints(Protocol):
    """Functions as frameworks call them."""

    def is_awaited(self, result: Value) -> bool: ...
    def instances(self, classes: Value, site: Site, frame: Frame) -> Value: ...
    def method(self, function: FunctionObj, frame: Frame) -> Value: ...
    def anything(self) -> Args: ...


class Machine(Protocol):
    """The parts, and what one part asks of the others: call, run, wait, enter, leave.

    `held_calls`: the callee and arguments of every object that stands for a call: suspended ones, partials, decorated functions.
    `blocks`: the row and the call of every context manager whose end launches.
    """

    world: World
    universe: Universe
    models: Models
    semantics: Semantics
    heap: Heap
    log: Log
    held_calls: dict[Obj, tuple[Obj, Args]]
    blocks: dict[Obj, tuple[LaunchModel, Call]]
    selectors: Selectors
    handles: Handles
    named: Named

    @property
    def objects(self) -> Objects: ...
    @property
    def classes(self) -> Classes: ...
    @property
    def elements(self) -> Elements: ...
    @property
    def library(self) -> Library: ...
    @property
    def frameworks(self) -> Frameworks: ...
    @property
    def serving(self) -> Serving: ...
    @property
    def endpoints(self) -> Endpoints: ...

    def call(self, callee: Value, args: Args, site: Site, frame: Frame, decorates: bool = False) -> Value:
        """Call whatever `callee` may be."""

    def run(self, obj: Suspended, site: Site, frame: Frame) -> Value:
        """Run a coroutine to its end."""

    def wait(self, value: Value, site: Site, frame: Frame) -> Value:
        """Wait for `value` as the language's own ``await`` does."""

    def adopt(self, value: Value, site: Site, frame: Frame) -> Value:
        """What eager work gives: of a handle, what waiting for it gives, as the work is not done before."""

    def load(self, name: object, site: Site, frame: Frame) -> Value:
        """Import the module called `name`, if the project has one."""

    def enter(self, manager: Value, site: Site, frame: Frame) -> Value:
        """Enter a context manager whose exit happens elsewhere."""

    def leave(self, manager: Value, site: Site, frame: Frame) -> bool:
        """Exit a context manager; True when it swallows whatever exception it is given."""
