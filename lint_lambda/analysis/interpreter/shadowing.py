"""Which attributes an initialiser is sure to set, so that nobody sees of an instance what its class says of them."""

from __future__ import annotations

from lint_lambda.core import ir
from lint_lambda.core.walk import nodes


def surely_set(initialiser: ir.Function) -> frozenset[str]:
    """The attributes that are set on every path, before anything is asked of the object that could be answered by its class."""
    if not initialiser.params:
        return frozenset()
    receiver = initialiser.params[0].name
    found: set[str] = set()
    asked: set[str] = set()
    for statement in initialiser.body:
        targets = statement.targets if isinstance(statement, ir.Assign) else ()
        ours = [target for target in targets if isinstance(target, ir.Attr) and _is(target.base, receiver)]
        if ours and isinstance(statement, ir.Assign) and statement.value is not None:
            mentioned = _asked((ir.Eval(statement.value),), receiver)
        else:
            mentioned = _asked((statement,), receiver)
        if mentioned is None:
            break
        asked |= mentioned
        found |= {target.name for target in ours} - asked
    return frozenset(found)


def _asked(block: ir.Block, receiver: str) -> set[str] | None:
    """The attributes of the object that some code mentions; None where it hands the object to other code, or returns."""
    every = list(nodes(block))
    if any(isinstance(node, ir.Return) for node in every):
        return None
    called = [node.func for node in every if isinstance(node, ir.Call)]
    if any(isinstance(func, ir.Attr) and _is(func.base, receiver) for func in called):
        return None
    attributes = [node for node in every if isinstance(node, ir.Attr) and _is(node.base, receiver)]
    mentions = sum(1 for node in every if _is(node, receiver))
    return {node.name for node in attributes} if mentions == len(attributes) else None


def _is(node: object, name: str) -> bool:
    return isinstance(node, ir.Name) and node.name == name
