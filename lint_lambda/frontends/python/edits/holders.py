"""Handles that a function leaves with somebody else: an object that keeps them, or the caller who is given them in a dict.

The wait belongs where the holder is used last: in its closing method, or in the function that has a name for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, CodeOf, dotted, in_coroutine, own_body, unsafe, walk
from lint_lambda.frontends.python.edits.placing import before_exits, outermost_loop, placements
from lint_lambda.frontends.python.edits.shape import Shape, shape
from lint_lambda.frontends.python.edits.waits import Wait, join_of, waits
from lint_lambda.knowledge.texts import say


def candidates(
    intent: FixIntent, code_of: CodeOf, code: Code, launch: cst.Call, kept: str, held: Shape | None
) -> Iterator[Candidate]:
    """`kept`: the attribute of an object that keeps the handle; empty if none does."""
    if kept:
        yield from _at_the_end_of_the_object(intent, code, launch, kept, held)
        yield from _at_the_holder(intent, code, code_of, launch, kept, held)
    elif intent.hops:
        yield from _at_the_taker(intent, code_of, code, launch, held)


_ENDINGS = ("__exit__", "__aexit__", "close", "aclose", "stop", "shutdown", "finish", "join", "wait", "flush")


def _at_the_end_of_the_object(
    intent: FixIntent, code: Code, launch: cst.Call, kept: str, held: Shape | None
) -> Iterator[Candidate]:
    """Wait in the method that ends the work of the object which keeps the handle."""
    of_class = next((above for above in code.ancestors(launch) if isinstance(above, cst.ClassDef)), None)
    if of_class is None or held is None or held.edits or kept == "self":
        return
    for method in bindings.suite(of_class.body):
        if not isinstance(method, cst.FunctionDef) or method.name.value not in _ENDINGS:
            continue
        body = list(bindings.suite(method.body))
        if kept in code.source(method):
            continue  # it does something with the handles already: what is left of them afterwards is not known
        if not isinstance(method.body, cst.IndentedBlock) or code.is_async(launch) > (method.asynchronous is not None):
            continue
        for wait in waits(intent, code, launch, under_loop=False):
            join, said = join_of(intent, code, launch, wait, kept, kept if held.handle != kept else "")
            edits = before_exits(code, body, body[0], method.name, join, (cst.Return,))
            if wait.one and edits:
                yield unsafe(intent.launch.path, say("fixes.wait-in", function=method.name.value, code=said), edits)


def _at_the_holder(
    intent: FixIntent, code: Code, code_of: CodeOf, launch: cst.Call, kept: str, held: Shape | None
) -> Iterator[Candidate]:
    """Wait in the function that calls the method which launches, by the name that the object has there."""
    if held is None or held.edits or not kept.startswith("self") or _is_emptied(code, launch, kept):
        return
    for number, hop in enumerate(intent.hops):
        hop_code = code_of(hop.path)
        call = hop_code.called_at(hop.span)
        owner = _owner(hop_code, call) if call is not None else ""
        if call is None or not owner:
            continue
        name = owner + kept.removeprefix("self")
        several = kept not in ("self", held.handle)
        under_loop = any(in_coroutine(each, code_of) for each in intent.hops[:number])
        for wait in waits(intent, hop_code, call, under_loop=under_loop):
            if wait.one:
                join, said = join_of(intent, hop_code, call, wait, name, name if several else "")
                behind = outermost_loop(hop_code, call) or hop_code.statement(call)
                for edits in placements(hop_code, behind, call, join):
                    if edits:
                        yield unsafe(hop.path, say("fixes.wait", code=said), edits)


def _is_emptied(code: Code, launch: cst.Call, kept: str) -> bool:
    """Whether the class takes handles away from where it keeps them, so that they are not all there in the end."""
    of_class = next((above for above in code.ancestors(launch) if isinstance(above, cst.ClassDef)), None)
    for node in walk(of_class) if of_class is not None else ():
        if isinstance(node, cst.Call) and dotted(node.func).rpartition(".")[0] == kept:
            if dotted(node.func).rpartition(".")[2] in ("clear", "pop", "popleft", "popitem", "remove"):
                return True
        elif isinstance(node, cst.Assign) and kept in [dotted(each.target) for each in node.targets]:
            function = code.function(node)
            if function is code.function(launch):
                continue
            if not isinstance(function, cst.FunctionDef) or function.name.value not in ("__init__", "__post_init__"):
                return True
    return False


def _owner(code: Code, call: cst.Call) -> str:
    """The name of the object whose method is called, or which the call makes; empty if that has none, or is the caller itself."""
    statement = code.statement(call)
    if isinstance(statement, cst.Assign) and statement.value is call and len(statement.targets) == 1:
        if dotted(call.func).rpartition(".")[2][:1].isupper():
            return dotted(statement.targets[0].target)
    name = dotted(call.func.value) if isinstance(call.func, cst.Attribute) else ""
    return "" if name in ("self", "cls") else name


# --- given to the caller ------------------------------------------------------------------------------------------------


def _at_the_taker(
    intent: FixIntent, code_of: CodeOf, code: Code, launch: cst.Call, held: Shape | None
) -> Iterator[Candidate]:
    """``job["task"]`` in the caller of a function that returns ``{"task": …}``."""
    key = _key(code, launch, held.handle if held is not None else "")
    hop = intent.hops[-1]
    hop_code = code_of(hop.path)
    call = hop_code.called_at(hop.span)
    if not key and call is not None:
        yield from _of_several(intent, code_of, code, launch, held)
    if not key or call is None:
        return
    above = hop_code.parent(call)
    whole = above if isinstance(above, cst.Await) else call
    taken = _unpacked(hop_code, whole, key, intent.remedy.kind.handle[0])
    if taken is not None:
        key = ""
    else:
        taken = shape(hop_code, whole, starts=False, names=("job", "jobs"))
    if taken is None or not (taken.handle or taken.group):
        return
    under_loop = any(in_coroutine(each, code_of) for each in intent.hops[:-1])
    for wait in waits(intent, hop_code, call, under_loop=under_loop):
        join, said = _of_taken(hop_code, call, wait, taken, key)
        for edits in placements(hop_code, taken.statement, call, join) if join else ():
            if edits:
                yield unsafe(hop.path, say("fixes.wait", code=said), [*taken.edits, *edits])


def _unpacked(code: Code, whole: cst.BaseExpression, key: str, singular: str) -> Shape | None:
    """``answer, task = start()`` of a function that gives both; what is thrown away as ``_`` gets a name."""
    statement = code.statement(whole)
    if not isinstance(statement, cst.Assign) or statement.value is not whole or len(statement.targets) != 1:
        return None
    target = statement.targets[0].target
    position = key.strip("[]")
    if not isinstance(target, (cst.Tuple, cst.List)) or not position.isdigit() or int(position) >= len(target.elements):
        return None
    if any(isinstance(each, cst.StarredElement) for each in target.elements):
        return None
    taken = target.elements[int(position)].value
    if not isinstance(taken, cst.Name) or outermost_loop(code, whole) is not None:
        return None
    if not taken.value.startswith("_"):
        return Shape(statement, handle=taken.value)
    name = code.fresh(whole, singular)
    return Shape(statement, handle=name, edits=[(code.span(taken), name)])


def _of_several(
    intent: FixIntent, code_of: CodeOf, code: Code, launch: cst.Call, held: Shape | None
) -> Iterator[Candidate]:
    """Wait for all that a function gives back in a list, or in a dict, in its caller."""
    hop = intent.hops[-1]
    hop_code = code_of(hop.path)
    call = hop_code.called_at(hop.span)
    values = _gives_several(code, launch, held)
    if values is None or call is None:
        return
    above = hop_code.parent(call)
    whole = above if isinstance(above, cst.Await) else call
    statement = hop_code.statement(call)
    singular, plural = intent.remedy.kind.handle
    if isinstance(statement, cst.AugAssign) and statement.value is whole and dotted(statement.target):
        taken: Shape | None = Shape(statement, handle=dotted(statement.target))
    else:
        taken = shape(hop_code, whole, starts=False, names=(plural or singular, f"all_{plural or singular}"))
    if taken is None or not taken.handle:
        return
    under_loop = any(in_coroutine(each, code_of) for each in intent.hops[:-1])
    for wait in waits(intent, hop_code, call, under_loop=under_loop):
        if not wait.one:
            continue
        join, said = join_of(intent, hop_code, call, wait, "", f"{taken.handle}{values}")
        for edits in placements(hop_code, taken.statement, call, join):
            if edits:
                yield unsafe(hop.path, say("fixes.wait", code=said), [*taken.edits, *edits])


def _gives_several(code: Code, launch: cst.Call, held: Shape | None) -> str | None:
    """What is behind the name of all the handles that the function gives back; None where it gives back no collection of them."""
    function = code.function(launch)
    returned = (
        [node.value for node in own_body(function) if isinstance(node, cst.Return)]
        if isinstance(function, cst.FunctionDef)
        else []
    )
    if len(returned) != 1 or returned[0] is None:
        return None
    [value] = returned
    if isinstance(value, (cst.ListComp, cst.SetComp)) and value.elt is launch:
        return ""
    if isinstance(value, cst.DictComp) and value.value is launch:
        return ".values()"
    group = held.group if held is not None and not held.edits else ""
    if group and dotted(value) == group.removesuffix(".values()"):
        return group.removeprefix(dotted(value))
    return None


def _of_taken(code: Code, near: cst.CSTNode, wait: Wait, taken: Shape, key: str) -> tuple[str, str]:
    if not wait.one:
        return "", ""
    if not taken.group:
        join = wait.one.format(h=f"{taken.handle}{key}")
        return join, join
    each = code.fresh(near, "job", "each_job")
    one = wait.one.format(h=f"{each}{key}")
    return f"for {each} in {taken.group}:\n{code.step()}{one}", one


def _key(code: Code, launch: cst.Call, handle: str) -> str:
    """How the caller comes by the handle in the dict that the function returns: ``["task"]``; empty where it is in none."""
    function = code.function(launch)
    if not isinstance(function, cst.FunctionDef):
        return ""
    found = ""
    for node in own_body(function):
        if isinstance(node, cst.Return) and node.value is not None:
            key = _key_in(code, node.value, launch, handle)
            if not key or (found and found != key):
                return ""
            found = key
    return found


def _key_in(code: Code, value: cst.BaseExpression, launch: cst.Call, handle: str) -> str:
    if isinstance(value, cst.Tuple) and not any(isinstance(each, cst.StarredElement) for each in value.elements):
        for number, each in enumerate(value.elements):
            if each.value is launch or (handle and dotted(each.value) == handle):
                return f"[{number}]"
    if isinstance(value, cst.Dict):
        for element in value.elements:
            if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
                if element.value is launch or (handle and dotted(element.value) == handle):
                    return f"[{code.source(element.key)}]"
    return ""
