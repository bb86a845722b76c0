"""Refuse to wait for what never ends: a join would keep the response back until the invocation times out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.intent import NoFix
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, dotted, own, walk
from lint_lambda.knowledge.texts import say

_TOLD = re.compile(r"\.wait\(|\bis_set\(|stop|running|alive|finished")
"""What a loop asks that goes on until somebody tells it to end."""


def refuse(code: Code, launch: cst.Call) -> None:
    """Raises `NoFix` when the work of a launch is a function of this file that loops for ever, or starts itself again."""
    names = set(_names(code, launch)) - {""}
    for node in walk(code.module):
        if isinstance(node, cst.ClassDef) and node.name.value in names:
            for method in bindings.suite(node.body):
                if isinstance(method, cst.FunctionDef) and method.name.value == "run":
                    _refuse(code, method, code.function(launch))
        elif isinstance(node, cst.FunctionDef) and node.name.value in names:
            _refuse(code, node, code.function(launch))


def _refuse(code: Code, function: cst.FunctionDef, starter: cst.CSTNode) -> None:
    for statement in bindings.suite(function.body):
        for inner in own(statement):
            if isinstance(inner, cst.While) and _is_endless(code, inner):
                raise NoFix(say("refusals.endless", function=function.name.value))
    again = {function.name.value}
    if isinstance(starter, cst.FunctionDef):
        again.add(starter.name.value)
    if again & _reached(code, function):
        raise NoFix(say("refusals.restarts", function=function.name.value))


def _reached(code: Code, function: cst.FunctionDef) -> set[str]:
    """Names of the functions of this file that the function mentions, and those that they mention."""
    defined = {node.name.value: node for node in walk(code.module) if isinstance(node, cst.FunctionDef)}
    reached: set[str] = set()
    pending = [function]
    while pending:
        for node in walk(pending.pop().body):
            if isinstance(node, cst.Name) and node.value in defined and node.value not in reached:
                reached.add(node.value)
                pending.append(defined[node.value])
    return reached


def _names(code: Code, launch: cst.Call) -> Iterator[str]:
    """Names that may be the work: what is called or passed where the launched object is made."""
    calls = [launch, *(argument.value for argument in launch.args if isinstance(argument.value, cst.Call))]
    if isinstance(launch.func, cst.Attribute):
        base = launch.func.value
        if isinstance(base, cst.Call):
            calls.append(base)
        elif dotted(base):
            for node in walk(code.module):
                if isinstance(node, cst.Assign) and isinstance(node.value, cst.Call):
                    if any(dotted(target.target) == dotted(base) for target in node.targets):
                        calls.append(node.value)
    for call in calls:
        if call is not launch:
            yield dotted(call.func).rpartition(".")[2]
        for argument in call.args:
            yield dotted(argument.value).rpartition(".")[2]


def _is_endless(code: Code, loop: cst.While) -> bool:
    test = code.source(loop.test)
    leaves = any(isinstance(node, (cst.Return, cst.Break, cst.Raise)) for each in loop.body.body for node in own(each))
    if leaves:
        return False
    if test in ("True", "1") or _TOLD.search(test) is not None:
        return True
    flags = [code.source(part).removeprefix("not ").strip() for part in _parts(loop.test)]
    of_itself = any(flag.partition("(")[0] in code.source(statement) for flag in flags for statement in loop.body.body)
    return not of_itself and any(re.fullmatch(r"[A-Za-z_][\w.]*", flag) for flag in flags)


def _parts(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """What is joined by ``and`` and ``or``."""
    if isinstance(test, cst.BooleanOperation):
        yield from _parts(test.left)
        yield from _parts(test.right)
    else:
        yield test
