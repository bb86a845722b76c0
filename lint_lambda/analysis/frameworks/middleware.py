"""Functions that a library runs around others: middlewares and hooks, told by what they wait for.

Which of the functions that a library was handed are endpoints, and which run before and after those, it alone knows. But one
that waits for what others have launched, and launches nothing of the kind itself or calls what it is given, is there to do just
that: it flushes a client, or gathers tasks, at the end of each request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.launch_state import EMPTY, State
from lint_lambda.analysis.domain.values import Bound, FunctionObj, Obj, Value
from lint_lambda.core import ir
from lint_lambda.core import walk as tree

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Middleware:
    """Lets what surrounds the endpoints wait for what they leave."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def wait(self, served: Value, site: ir.Site, frame: Frame) -> None:
        """Applications that hold `served` have been called: what runs around their endpoints waits for what is pending."""
        assert frame.state is not None
        frameworks = self._machine.frameworks
        pending = [key for key, entries in frame.state.items() if launch_state.pending(entries)]
        shares = frameworks.shares(frameworks.owners(served)) if pending else []
        handed = [function for obj in shares for function in frameworks.handed(obj, frame)]
        for function in dict.fromkeys(handed):
            for called in self._machine.endpoints.each(function, (), frame):
                after = self._after(called, frame.state, site, frame)
                waited = {key for key in pending if not launch_state.pending(launch_state.get(after, key))}
                if waited and not _calls_a_parameter(called):
                    alone = self._after(called, EMPTY, site, frame)
                    waited = {key for key in waited if not _launched(alone, key)}
                cleared = {key: after.get(key, frozenset()) for key in waited}
                frame.state = {**frame.state, **cleared}

    def _after(self, function: Obj, before: State, site: ir.Site, frame: Frame) -> State:
        """The state after a call of `function` that begins in the state `before`."""
        beside = Frame(frame.activation, frame.path, frame.qualname)
        beside.state = before
        self._machine.endpoints.run((function,), self._machine.endpoints.anything(), site, beside)
        return before if beside.state is None else beside.state


def _launched(state: State, key: Obj) -> bool:
    return any(entry.launch is not None for entry in state.get(key, ()))


def _calls_a_parameter(obj: Obj) -> bool:
    """Whether a function calls what it was given: the next one in the chain."""
    while isinstance(obj, Bound):
        obj = obj.function
    if not isinstance(obj, FunctionObj):
        return False
    function = obj.function
    names = {param.name for param in function.params}
    return any(
        isinstance(node, ir.Call)
        and isinstance(node.func, ir.Name)
        and node.func.owner == ir.LOCAL
        and node.func.name in names
        for node in tree.nodes(function.body)
    )
