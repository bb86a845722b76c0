"""Everything that is shared by the functions of one run: objects, the heap, activations and their summaries.

When a location of the heap grows, the summaries that read it are *stale*. They serve until the round is over; then they are made
anew, and where one differs from what it was, those made from it, too. Recursion is resolved the same way: a call of what is still
being analysed gets the summary of the round before.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence

from lint_lambda.analysis.domain.effort import Effort
from lint_lambda.analysis.domain.heap import Heap
from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.program import Program
from lint_lambda.analysis.domain.settings import Settings
from lint_lambda.analysis.domain.summary import Activation, Summary
from lint_lambda.analysis.domain.values import FunctionObj, Instance, ModuleObj, Universe, Value
from lint_lambda.analysis.domain.widening import Widening
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY, Symbol
from lint_lambda.core.verdict import Advice, Place, Trait
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.tables import UNKNOWN_ADAPTER, AdapterModel

CALL_STRING = 2
"""How many call sites tell two activations of one function apart."""

MOST_ACTIVATIONS = 32
"""Beyond this many activations of one function its arguments and callers are no longer told apart."""

MOST_LEVELS = 2
"""Beyond this many levels of recursion an argument that is another on each level is not told apart."""

MOST_TIMES = 5
"""A summary that has been made anew so often is taken as it is."""


class World:
    """Shared by every activation of one run."""

    def __init__(self, program: Program, models: Models, adapter: AdapterModel = UNKNOWN_ADAPTER) -> None:
        self.program = program
        self.models = models
        self.adapter = adapter
        self.advice: dict[Place, Advice] = {}
        """What a framework has in place of a launch, and whether nothing may wait there; see `advise`."""
        self.endpoints: dict[Place, tuple[Place, int]] = {}
        """The function that a framework calls, of what is launched below it, and how many calls come between the two."""
        self.traits: dict[Place, set[Trait]] = {}
        self.changing: set[Place] = set()
        """What is noticed of launches; see `note`."""
        self.stepped: set[Place] = set()  # launches in steps of handlers that are called anew
        self.drains: dict[Place, set[tuple[Place, Symbol]]] = {}
        """As in the verdict, by the launch."""
        self.current_loop = adapter.current_loop
        """Whether something asks for the current event loop of the thread."""
        self.effort = Effort()
        """What the analysis of the present handler has taken so far."""
        self.entry = ""
        """The file of the handler that is followed."""
        self.alone = False
        """Whether no other handler runs in the process."""
        self.branching = 0
        """How many conditions what is executed stands under, in whichever function."""
        self.started: dict[Instance, None] = {}
        """Web applications that modules have made while they were imported, wherever these keep them."""
        self.semantics = program.semantics
        self.universe = Universe()
        self.summaries: dict[int, Summary] = {}
        self.activations: list[Activation] = []
        self.reading: list[int] = []  # activations being analysed, outermost first
        self.stale: set[int] = set()
        widening = Widening(self.universe)
        self.heap = Heap(
            lambda: self.reading[-1] if self.reading else None,
            self.stale.update,
            lambda value: widening.narrowed(value, self.heap),
        )
        self._before: dict[int, Summary] = {}
        self._callers: dict[int, set[int]] = {}
        self._recursive: set[int] = set()
        self._by_key: dict[tuple[object, ...], Activation] = {}
        self._of_callee: dict[FunctionObj, list[Activation]] = {}
        self._per_function: dict[tuple[str, str], int] = {}
        self._stacks: dict[int, tuple[int, ...]] = {}
        self._times: dict[int, int] = {}
        self.settings = Settings(self.activations)
        self.widened: dict[tuple[str, str], None] = {}
        """Functions, by path and name, whose arguments and callers are no longer told apart."""
        self._functions: dict[str, dict[str, ir.Function]] = {}
        self._classes: dict[str, dict[str, ir.Class]] = {}
        # Context 0 is the outside: module bodies run in it.
        outside = self.universe.make(FunctionObj, "", _OUTSIDE, 0)
        self.activations.append(Activation(0, outside, (), ()))

    # --- activations ---------------------------------------------------------------------------------------------

    def activation(
        self,
        callee: FunctionObj,
        arguments: tuple[tuple[str, Value | None], ...],
        sites: tuple[Place, ...],
        on_loop: bool | None = False,
    ) -> Activation:
        running = [item for number in self.reading if (item := self.activations[number]).callee is callee]
        for outer in running:
            if outer.arguments == arguments:
                return outer  # recursion: where it is called from makes no difference
        if len(running) >= MOST_LEVELS:
            before = dict(running[-1].arguments)
            same = tuple((name, value if before.get(name) == value else None) for name, value in arguments)
            if same != arguments:
                return self.activation(callee, same, sites, on_loop)
        key = (callee, arguments, sites, on_loop)
        found = self._by_key.get(key)
        if found is not None:
            return found
        # Counted by where the function stands: one nested in another has a callee for each activation of that.
        function = (callee.path, callee.function.qualname)
        count = self._per_function.get(function, 0)
        if count >= (1 if self.effort.is_half_spent else MOST_ACTIVATIONS):
            always = True if callee.function.is_async else None
            widest = (callee, tuple((name, None) for name, _ in arguments), (), always)
            if key != widest:
                self.widened[function] = None
                self.effort.falls_short("contexts")
                return self.activation(*widest)
        self._per_function[function] = count + 1
        made = Activation(len(self.activations), callee, arguments, sites, on_loop)
        self.activations.append(made)
        self._of_callee.setdefault(callee, []).append(made)
        self._by_key[key] = made
        return made

    def activations_of(self, callee: FunctionObj) -> Sequence[Activation]:
        """Those of one function, in the order in which they were made."""
        return self._of_callee.get(callee, ())

    def advise(self, launches: Iterable[Launch], advice: Advice) -> None:
        """There is a way of its own to do what these launches do: a framework's, in the functions that it calls, or the library's."""
        for launch in launches:
            self.advice.setdefault(launch.place, advice)

    def note(self, place: Place, trait: Trait) -> None:
        """The launch at `place` is seen to have the trait."""
        self.traits.setdefault(place, set()).add(trait)

    def changes(self, place: Place) -> None:
        """What is launched at `place` may change something elsewhere."""
        self.changing.add(place)

    def importing(self) -> bool:
        """Whether some module's body is being analysed."""
        return any(self.activations[number].callee.function.qualname == MODULE_BODY for number in self.reading)

    def is_sure(self) -> bool:
        """Whether what is executed now is executed before any other invocation, on every path."""
        return self.branching == 0 and (self.alone or self.importing())

    def is_running(self, path: str) -> bool:
        """Whether a module's body is being analysed: an import of it now sees it half made, and runs nothing."""
        return any(
            self.activations[number].callee.path == path
            and self.activations[number].callee.function.qualname == MODULE_BODY
            for number in self.reading
        )

    # --- rounds --------------------------------------------------------------------------------------------------

    def known(self, number: int) -> Summary | None:
        """The summary to call an activation by: of this round, or of the one before while it is being analysed."""
        found = self.summaries.get(number)
        if found is None and number in self.reading:
            self._recursive.add(number)
            return self._before.get(number, Summary())
        return found

    def begin(self, number: int) -> None:
        """An activation is being analysed from here on."""
        self._stacks.setdefault(number, tuple(self.reading))
        self.reading.append(number)

    def finish(self, number: int, summary: Summary) -> None:
        """An activation has been analysed. If it called itself by an older summary, that must be the same by now."""
        self.summaries[number] = summary
        self.heap.made(number)
        if number in self._recursive and not summary.same_as(self._before.get(number, Summary())):
            self.stale.update((number, *self._callers.get(number, ())))
        self._recursive.discard(number)
        self._before[number] = summary

    def settle(self, again: Callable[[int], Summary]) -> bool:
        """Make stale summaries anew, and those of callers where a summary differs. Whether any was stale.

        That is done sweep by sweep, each from the innermost outwards: what has been made anew in a sweep waits for the next one,
        until all that it reads has grown as far as it does in this.
        """
        found = bool(self.stale)
        queued = set(self.stale)
        while queued and not self.effort.is_spent:
            queued = self._sweep(queued, again)
        if queued:
            self.stale.update(queued)
            self.effort.falls_short("steps")
        return found

    def _sweep(self, queued: set[int], again: Callable[[int], Summary]) -> set[int]:
        """Make these summaries anew, and those that this makes stale further out. Returns those that are left to be made."""
        self.stale.clear()
        waiting = [-number for number in queued]
        heapq.heapify(waiting)
        later: set[int] = set()
        while waiting and not self.effort.is_spent:
            number = -heapq.heappop(waiting)
            queued.discard(number)
            if number not in self.summaries:
                continue
            if self._times.get(number, 0) >= MOST_TIMES:
                self.effort.falls_short("rounds")
                continue
            self._times[number] = self._times.get(number, 0) + 1
            before = self.summaries[number]
            outer, self.reading = self.reading, list(self._stacks.get(number, ()))
            after = again(number)
            self.reading = outer
            woken = self.stale if after.same_as(before) else self.stale.union(self._callers.get(number, ()))
            for each in woken - queued:
                if each < number:
                    queued.add(each)
                    heapq.heappush(waiting, -each)
                else:
                    later.add(each)
            self.stale.clear()
        return queued | later

    def depends(self, caller: int, callee: int) -> None:
        """`caller`'s summary was made from `callee`'s."""
        self._callers.setdefault(callee, set()).add(caller)

    # --- modules -------------------------------------------------------------------------------------------------

    def function(self, path: str, qualname: str) -> ir.Function | None:
        if path not in self._functions:
            module = self.program.module(path)
            self._functions[path] = {} if module is None else {item.qualname: item for item in module.functions}
        return self._functions[path].get(qualname)

    def function_at(self, place: Place) -> ir.Function | None:
        """The function defined at this place."""
        self.function(place.path, MODULE_BODY)
        return next((item for item in self._functions[place.path].values() if item.site == place.site), None)

    def class_(self, path: str, qualname: str) -> ir.Class | None:
        if path not in self._classes:
            module = self.program.module(path)
            self._classes[path] = {} if module is None else {item.qualname: item for item in module.classes}
        return self._classes[path].get(qualname)

    def module(self, path: str) -> ModuleObj:
        return self.universe.make(ModuleObj, path)


_OUTSIDE = ir.Function(
    qualname="",
    params=(),
    body=(),
    is_async=False,
    is_generator=False,
    binding="function",
    decorators=(),
    captured=(),
    owner_class=None,
    returns=None,
    site=0,
)
