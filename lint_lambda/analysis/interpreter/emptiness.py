"""Whether there is anything in a container: how a condition asks it, and what is known where there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact
from lint_lambda.analysis.domain.launch_state import EMPTY, UNTOUCHED, Entries
from lint_lambda.analysis.domain.values import Container, External, Instance, Obj, Value
from lint_lambda.core import ir
from lint_lambda.core.semantics import Semantics

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

_HOLDS_ANY = {(">", 0): True, (">=", 1): True, ("!=", 0): True, ("==", 0): False, ("<", 1): False, ("<=", 0): False}
"""Whether a container holds anything where the number of things in it compares so with a number."""


def asked(test: ir.Expr, semantics: Semantics) -> tuple[ir.Expr, bool] | None:
    """The container that a condition asks whether there is anything in it, and whether it holds where there is."""
    if not isinstance(test, ir.Compare):
        counted = _counted(test, semantics)
        return None if counted is None else (counted, True)
    counted = _counted(test.left, semantics)
    if counted is None or not isinstance(test.right, ir.Const) or not isinstance(test.right.value, int):
        return None
    holds_any = _HOLDS_ANY.get((test.op, test.right.value))
    return None if holds_any is None else (counted, holds_any)


def _counted(expr: ir.Expr, semantics: Semantics) -> ir.Expr | None:
    """The container of which this is the number of things in it. To name it again does nothing else."""
    counted: ir.Expr | None = None
    if isinstance(expr, ir.Attr) and expr.name in semantics.counts:
        counted = expr.base
    elif isinstance(expr, ir.Call) and isinstance(expr.func, ir.Name) and expr.func.owner == ir.BUILTIN:
        if expr.func.name in semantics.counts and len(expr.args) == 1 and not expr.args[0].spread:
            counted = expr.args[0].value
    return counted if counted is not None and _is_path(counted) else None


def _is_path(expr: ir.Expr) -> bool:
    while isinstance(expr, ir.Attr):
        expr = expr.base
    return isinstance(expr, ir.Name)


def is_container(value: Value) -> bool:
    """Whether all that this may be are containers: displays, or objects of libraries that hold others."""
    return bool(value) and all(
        isinstance(obj, Container) or (isinstance(obj, Instance) and isinstance(obj.type, External)) for obj in value
    )


def held(value: Value, frame: Frame, machine: Machine) -> list[Obj]:
    """The handles that are in containers."""
    displays = tuple(obj for obj in value if isinstance(obj, Container))
    stored = [each for obj in value if isinstance(obj, Instance) for each in machine.heap.load(obj, ANY_ELEMENT)]
    handles = machine.handles
    return list(dict.fromkeys([*handles.within(displays, frame), *handles.within(handles.every(stored), frame)]))


def drained(value: Value, frame: Frame, machine: Machine) -> None:
    """A loop that goes on as long as there is anything in a container, and waits for some of it, has waited for all of it.

    So it has where it asks of each whether it is done.
    """
    state = frame.state or EMPTY
    within = held(value, frame, machine)
    waited = [obj for obj in within if _is_waited(state.get(obj.base, UNTOUCHED), machine)]
    machine.handles.join(machine.handles.every([*waited, *_taken_out(value, within, machine)]), frame)


def taken_out(value: Value, frame: Frame, machine: Machine) -> None:
    """A loop comes back to whether there is nothing left in a container: then what takes itself out at its end has ended."""
    within = held(value, frame, machine)
    machine.handles.join(machine.handles.every(_taken_out(value, within, machine)), frame)


def _taken_out(value: Value, within: list[Obj], machine: Machine) -> list[Obj]:
    """Those of what containers hold whose end takes something out of them."""
    told = {each.base for obj in value for each in machine.heap.load(obj, Fact.SIGNALLED_BY)}
    return [obj for obj in within if obj.base in told]


def _is_waited(entries: Entries, machine: Machine) -> bool:
    """Whether work is waited for, or watched."""
    launches = (entry.launch for entry in entries)
    watched = any(launch is not None and "watched" in machine.world.traits.get(launch.place, ()) for launch in launches)
    return watched or launch_state.is_clear(entries)


def counted(test: ir.Expr, semantics: Semantics) -> ir.Expr | None:
    """The container of which a condition asks for the number of things in it, whatever it compares that with."""
    return _counted(test.left if isinstance(test, ir.Compare) else test, semantics)
