"""Everything that is shared by the functions of one run: objects, the heap, activations and their summaries.

When a location of the heap grows, the summaries that read it, and those made from them, are *stale*. They serve until the
round is over; the next round makes them again. Recursion is resolved the same way: a call of what is still being analysed gets
the summary of the round before.
"""

from __future__ import annotations

from collections.abc import Iterable

from lint_lambda.analysis.domain.heap import Heap
from lint_lambda.analysis.domain.program import Program
from lint_lambda.analysis.domain.summary import Activation, Summary
from lint_lambda.analysis.domain.values import FunctionObj, ModuleObj, Universe, Value
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.verbs import UNKNOWN_ADAPTER, AdapterModel

CALL_STRING = 2
"""How many call sites tell two activations of one function apart."""

MOST_ACTIVATIONS = 32
"""Beyond this many activations of one function its arguments and callers are no longer told apart."""


class World:
    """Shared by every activation of one run."""

    def __init__(self, program: Program, models: Models, adapter: AdapterModel = UNKNOWN_ADAPTER) -> None:
        self.program = program
        self.models = models
        self.adapter = adapter
        self.entry = ""
        """The file of the handler that is followed."""
        self.semantics = program.semantics
        self.universe = Universe()
        self.summaries: dict[int, Summary] = {}
        self.activations: list[Activation] = []
        self.reading: list[int] = []  # activations being analysed, outermost first
        self.stale: set[int] = set()
        self.heap = Heap(lambda: self.reading[-1] if self.reading else None, self._make_stale)
        self._before: dict[int, Summary] = {}
        self._callers: dict[int, set[int]] = {}
        self._recursive: set[int] = set()
        self._by_key: dict[tuple[object, ...], Activation] = {}
        self._per_function: dict[FunctionObj, int] = {}
        self._functions: dict[str, dict[str, ir.Function]] = {}
        self._classes: dict[str, dict[str, ir.Class]] = {}
        # Context 0 is the outside: module bodies run in it.
        outside = self.universe.make(FunctionObj, "", _OUTSIDE, 0)
        self.activations.append(Activation(0, outside, (), ()))

    def _make_stale(self, numbers: Iterable[int]) -> None:
        pending = list(numbers)
        seen: set[int] = set()
        while pending:
            number = pending.pop()
            if number in seen:
                continue
            seen.add(number)
            self.stale.add(number)
            pending.extend(self._callers.get(number, ()))

    # --- activations ---------------------------------------------------------------------------------------------

    def activation(
        self,
        callee: FunctionObj,
        arguments: tuple[tuple[str, Value | None], ...],
        sites: tuple[Place, ...],
        on_loop: bool | None = False,
    ) -> Activation:
        for number in self.reading:
            running = self.activations[number]
            if running.callee is callee and running.arguments == arguments:
                return running  # recursion: where it is called from makes no difference
        key = (callee, arguments, sites, on_loop)
        found = self._by_key.get(key)
        if found is not None:
            return found
        count = self._per_function.get(callee, 0)
        if count >= MOST_ACTIVATIONS:
            always = True if callee.function.is_async else None
            widest = (callee, tuple((name, None) for name, _ in arguments), (), always)
            if key != widest:
                return self.activation(*widest)
        self._per_function[callee] = count + 1
        made = Activation(len(self.activations), callee, arguments, sites, on_loop)
        self.activations.append(made)
        self._by_key[key] = made
        return made

    def importing(self) -> bool:
        """Whether some module's body is being analysed."""
        return any(self.activations[number].callee.function.qualname == MODULE_BODY for number in self.reading)

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

    def finish(self, number: int, summary: Summary) -> None:
        """An activation has been analysed. If it called itself by an older summary, that must be the same by now."""
        self.summaries[number] = summary
        if number in self._recursive and not summary.same_as(self._before.get(number, Summary())):
            self._make_stale((number, *self._callers.get(number, ())))
        self._recursive.discard(number)
        self._before[number] = summary

    def next_round(self) -> bool:
        """Drop what is stale; returns whether anything was."""
        found = bool(self.stale)
        for number in self.stale:
            self.summaries.pop(number, None)
        self.stale.clear()
        return found

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
