"""Functions of which one or another is meant, as a setting of the process says."""

from __future__ import annotations

from lint_lambda.analysis.domain.launch_state import Guards
from lint_lambda.analysis.domain.values import Chosen, FunctionObj, Obj, Universe, Value, in_order


def chosen(universe: Universe, value: Value, guards: Guards) -> Value:
    """`value` as it is where these settings hold: its functions are not what is meant where they do not."""
    if not guards or not any(isinstance(obj, (FunctionObj, Chosen)) for obj in value):
        return value
    out: list[Obj] = []
    for obj in value:
        if isinstance(obj, FunctionObj):
            out.append(universe.make(Chosen, obj, guards))
        elif isinstance(obj, Chosen):
            out.append(universe.make(Chosen, obj.function, obj.guards | guards))
        else:
            out.append(obj)
    return in_order(out)


def plain(value: Value) -> Value:
    """`value` with the functions themselves, whatever they are chosen under."""
    if not any(isinstance(obj, Chosen) for obj in value):
        return value
    return in_order({obj.function if isinstance(obj, Chosen) else obj for obj in value})
