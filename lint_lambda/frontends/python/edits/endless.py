"""Refuse to wait for what never ends: a join would keep the response back until the invocation times out."""

from __future__ import annotations

import libcst as cst

from lint_lambda.core.intent import NoFix
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, dotted, own, walk


def refuse(code: Code, launch: cst.Call) -> None:
    """Raises `NoFix` when the work of a launch is a function of this file that loops for ever."""
    names = {dotted(argument.value).rpartition(".")[2] for call in _constructors(code, launch) for argument in call.args}
    for node in walk(code.module):
        if isinstance(node, cst.FunctionDef) and node.name.value in names - {""}:
            for statement in bindings.suite(node.body):
                for inner in own(statement):
                    if isinstance(inner, cst.While) and _is_endless(inner):
                        raise NoFix(
                            f"`{node.name.value}` loops for ever, so waiting for it would keep the response back until the "
                            "invocation times out; give the loop an end that the handler can ask for, then join it"
                        )


def _constructors(code: Code, launch: cst.Call) -> list[cst.Call]:
    """The calls that say what the work is: the launch, or what made the object that it starts."""
    calls = [launch]
    calls += [argument.value for argument in launch.args if isinstance(argument.value, cst.Call)]
    if isinstance(launch.func, cst.Attribute):
        base = launch.func.value
        if isinstance(base, cst.Call):
            calls.append(base)
        elif dotted(base):
            for node in walk(code.module):
                if isinstance(node, cst.Assign) and isinstance(node.value, cst.Call):
                    if any(dotted(target.target) == dotted(base) for target in node.targets):
                        calls.append(node.value)
    # `create_task(work())`: what matters is the name that is called.
    return calls + [cst.Call(cst.Name("_"), [cst.Arg(call.func)]) for call in calls[1:]]


def _is_endless(loop: cst.While) -> bool:
    test = loop.test
    always = (isinstance(test, cst.Name) and test.value == "True") or (isinstance(test, cst.Integer) and test.value == "1")
    leaves = any(isinstance(node, (cst.Return, cst.Break, cst.Raise)) for each in loop.body.body for node in own(each))
    return always and not leaves
