"""How the code holds a launch: in a name, in a container, or not at all, and what gives it a name."""

from __future__ import annotations

import libcst as cst

from lint_lambda.core.record import dataclass, field
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, own
from lint_lambda.frontends.python.edits.placing import ends, outermost_loop

_NOT_ONCE = (cst.BooleanOperation, cst.IfExp, cst.Lambda, cst.BaseComp, cst.CompFor, cst.Await, cst.NamedExpr)
"""What evaluates a part of it not at all, several times, or to something else."""


@dataclass
class Shape:
    """- `handle`: the name of the one handle; `group`: the expression that yields several of them.
    - `edits`: what gives it that name, where it has none yet.
    - `statement`: the statement after which all of it is started.
    """

    statement: cst.CSTNode
    handle: str = ""
    group: str = ""
    edits: Edits = field(default_factory=list)


def shape(
    code: Code, launch: cst.BaseExpression, *, starts: bool, names: tuple[str, str], inside: bool = True
) -> Shape | None:
    """How a launch is held; None where no name can be given to it.

    `starts`: the launch is a method of the handle itself (``t.start()``), not a call, awaited or not, that returns it.
    `inside`: it may get a name in the middle of a statement.
    """
    found = (
        _of_start(code, launch, names) if starts and isinstance(launch, cst.Call) else _of_value(code, launch, names)
    )
    if found is None and not starts and inside:
        return apart(code, launch, names)
    loop = outermost_loop(code, launch)
    if found is None or loop is None:
        return found
    return _in_loop(code, launch, found, loop, names[1])


def apart(code: Code, launch: cst.BaseExpression, names: tuple[str, str]) -> Shape | None:
    """A name for what is launched here alone, or a list for what this loop launches, beside the container that holds it with others."""
    found = _in_expression(code, launch, code.statement(launch), names[0])
    loop = outermost_loop(code, launch)
    return found if found is None or loop is None else _in_loop(code, launch, found, loop, names[1])


def _of_start(code: Code, launch: cst.Call, names: tuple[str, str]) -> Shape | None:
    if not isinstance(launch.func, cst.Attribute):
        return None
    statement = code.statement(launch)
    base = launch.func.value
    if isinstance(base, cst.NamedExpr):
        return Shape(statement, handle=dotted(base.target))
    if isinstance(base, cst.Subscript) and dotted(base.value):
        return Shape(statement, group=_values(code, base))
    if dotted(base):
        comprehension = code.parent(launch)
        if isinstance(comprehension, cst.ListComp) and comprehension.elt is launch:
            return Shape(statement, group=code.source(comprehension.for_in.iter))
        return Shape(statement, handle=dotted(base))
    if not isinstance(base, cst.Call) or not isinstance(statement, cst.Expr) or statement.value is not launch:
        return None
    if (isinstance(base.func, cst.Name) and base.func.value == "super") or launch.lpar:
        return None
    name = code.fresh(launch, names[0])
    unit = code.unit(statement)
    between = code.newline + code.indent(unit) if code.is_alone(statement) else "; "
    end = code.span(base)
    whole = code.span(launch)
    cut = type(end)(end.end_line, end.end_column, whole.end_line, whole.end_column)
    arguments = code.source(launch)[len(code.source(launch)) - _tail(code, base, launch) :]
    return Shape(
        statement,
        handle=name,
        edits=[code.insert(launch, f"{name} = "), (cut, f"{between}{name}{arguments.strip()}")],
    )


def _tail(code: Code, base: cst.Call, launch: cst.Call) -> int:
    return len(code.source(launch)) - len(code.source(base))


def _values(code: Code, node: cst.Subscript) -> str:
    """What holds the subscripted value, as something to loop over; a text for an index tells a dict."""
    base = dotted(node.value)
    index = node.slice[0].slice
    is_key = isinstance(index, cst.Index) and isinstance(index.value, (cst.SimpleString, cst.FormattedString, cst.Name))
    return f"{base}.values()" if is_key else base


def _of_value(code: Code, launch: cst.BaseExpression, names: tuple[str, str]) -> Shape | None:
    statement = code.statement(launch)
    above = code.parent(launch)
    if isinstance(above, cst.NamedExpr):
        return Shape(statement, handle=dotted(above.target))
    if isinstance(statement, cst.Expr) and statement.value is launch:
        if launch.lpar:
            return None
        name = code.fresh(launch, names[0])
        return Shape(statement, handle=name, edits=[code.insert(launch, f"{name} = ")])
    target = _target(statement)
    if _value(statement) is launch and target is not None:
        if isinstance(target, cst.Subscript):
            return Shape(statement, group=_values(code, target))
        return Shape(statement, handle=dotted(target)) if dotted(target) else None
    return _in_display(code, launch, statement, names[1])


def _in_display(code: Code, launch: cst.BaseExpression, statement: cst.CSTNode, plural: str) -> Shape | None:
    """``[pool.submit(f, x) for x in xs]``, ``[a(), b()]``, ``futures.append(pool.submit(f))``."""
    above = code.parent(launch)
    if isinstance(above, cst.Element) and isinstance(tuple_ := code.parent(above), cst.Tuple):
        targets = _target(statement)
        if (
            _value(statement) is tuple_
            and isinstance(targets, cst.Tuple)
            and len(targets.elements) == len(tuple_.elements)
        ):
            name = dotted(targets.elements[list(tuple_.elements).index(above)].value)
            return Shape(statement, handle=name) if name else None
        return _in_pairs(code, tuple_, above, statement)
    if isinstance(above, cst.Arg) and isinstance(call := code.parent(above), cst.Call):
        func = call.func
        if isinstance(func, cst.Attribute) and func.attr.value in ("append", "add") and len(call.args) == 1:
            return Shape(statement, group=dotted(func.value)) if dotted(func.value) else None
        return None
    holder = code.parent(above) if isinstance(above, cst.Element) else above
    if not isinstance(holder, (cst.ListComp, cst.SetComp, cst.List, cst.DictComp)):
        return None
    if isinstance(holder, (cst.ListComp, cst.SetComp)) and holder.elt is not launch:
        return None
    if isinstance(statement, cst.Expr) and statement.value is holder and not isinstance(holder, cst.DictComp):
        name = code.fresh(launch, plural, f"all_{plural}")
        return Shape(statement, group=name, edits=[code.insert(holder, f"{name} = ")])
    target = _target(statement)
    if _value(statement) is holder and dotted(target):
        values = ".values()" if isinstance(holder, cst.DictComp) else ""
        return Shape(statement, group=f"{dotted(target)}{values}")
    return None


def _in_pairs(code: Code, pair: cst.Tuple, element: cst.Element, statement: cst.CSTNode) -> Shape | None:
    """``runs = [(name, asyncio.create_task(f(name))) for name in names]``: one of each pair, or whatever the tuples are."""
    holder, target = code.parent(pair), _target(statement)
    if not isinstance(holder, (cst.ListComp, cst.SetComp)) or holder.elt is not pair or _value(statement) is not holder:
        return None
    each = code.fresh(pair, "each", "each_pair")
    position = list(pair.elements).index(element)
    starred = any(isinstance(one, cst.StarredElement) for one in pair.elements)
    return (
        Shape(statement, group=f"[{each}[{position}] for {each} in {dotted(target)}]")
        if dotted(target) and not starred
        else None
    )


def _in_expression(code: Code, launch: cst.BaseExpression, statement: cst.CSTNode, singular: str) -> Shape | None:
    """Anywhere in a statement that evaluates it once: it gets a name there, or on the line before what leaves the function."""
    if not isinstance(statement, (cst.Expr, cst.Assign, cst.AnnAssign, cst.Return)) or launch.lpar:
        return None
    for above in code.ancestors(launch):
        if above is statement:
            break
        if isinstance(above, _NOT_ONCE):
            return None
    name = code.fresh(launch, singular)
    if not isinstance(statement, cst.Return):
        given = code.parent(launch)
        bare = isinstance(given, cst.Arg) and given.keyword is None and not given.star
        named = _around(code, launch, f"{name} := " if bare else f"({name} := ", "" if bare else ")")
        return Shape(statement, handle=name, edits=named)
    if not code.is_alone(statement):
        return None
    line = code.before(code.unit(statement), f"{name} = {code.source(launch)}", above_comments=False)
    return Shape(statement, handle=name, edits=[line, (code.span(launch), name)])


def _in_loop(
    code: Code, launch: cst.BaseExpression, found: Shape, loop: cst.For | cst.While, plural: str
) -> Shape | None:
    """Every turn starts one: they are gathered, and waited for behind the loop."""
    if found.group:
        created = f"{found.group.removesuffix('.values()')} = "
        inside = any(code.source(node).startswith(created) for node in own(loop) if isinstance(node, cst.Assign))
        return None if inside else Shape(loop, group=found.group, edits=found.edits)
    handle = found.handle
    group = _group_of(code, launch, handle)
    if group:
        return Shape(loop, group=group, edits=found.edits)
    if not code.is_alone(loop):
        return None
    group = code.fresh(launch, plural, f"all_{plural}")
    edits = [*found.edits, code.before(code.unit(loop), f"{group} = []")]
    statement = found.statement
    if not isinstance(statement, cst.BaseSmallStatement):
        return None
    add = f"{group}.append({handle})"
    bare = isinstance(statement, cst.Expr) and statement.value is launch
    if bare and len(found.edits) == 1:
        return Shape(
            loop,
            group=group,
            edits=[code.before(code.unit(loop), f"{group} = []"), *_around(code, launch, f"{group}.append(", ")")],
        )
    if not code.is_alone(statement):
        edits.append(code.append(statement, f"; {add}"))
    else:
        edits.append(code.after(code.unit(statement), add))
    return Shape(loop, group=group, edits=edits)


def _around(code: Code, node: cst.CSTNode, before: str, behind: str) -> Edits:
    return [code.insert(node, before), code.append(node, behind)]


def _group_of(code: Code, launch: cst.BaseExpression, handle: str) -> str:
    """The container that the function puts this handle into, or takes it from."""
    function = code.function(launch)
    if not isinstance(function, cst.FunctionDef):
        return ""
    for above in code.ancestors(launch):
        if isinstance(above, cst.For) and dotted(above.target) == handle:
            return dotted(above.iter) or _of_values(above.iter)
        if above is function:
            break
    for statement in bindings.suite(function.body):
        for node in own(statement):
            if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
                if node.func.attr.value in ("append", "add") and [dotted(a.value) for a in node.args] == [handle]:
                    return dotted(node.func.value)
    return ""


def _of_values(node: cst.BaseExpression) -> str:
    """``d.values()`` of a name, as it is."""
    if isinstance(node, cst.Call) and not node.args and isinstance(node.func, cst.Attribute):
        if node.func.attr.value == "values" and dotted(node.func.value):
            return f"{dotted(node.func)}()"
    return ""


def is_handed_on(code: Code, launch: cst.Call, handle: str) -> bool:
    """Whether the function returns or yields the handle: then its caller is who can wait without losing the overlap."""
    function = code.function(launch)
    if isinstance(function, cst.Lambda):
        return function.body is launch
    if not isinstance(function, cst.FunctionDef):
        return False
    for statement in bindings.suite(function.body):
        for node in own(statement):
            if isinstance(node, (cst.Return, cst.Yield)) and isinstance(node.value, cst.BaseExpression):
                value = node.value
                parts = [element.value for element in value.elements] if isinstance(value, cst.Tuple) else [value]
                if any(part is launch or (handle and dotted(part) == handle) for part in parts):
                    return True
    return False


def hands_on_always(code: Code, launch: cst.Call, handle: str) -> bool:
    """Whether every way out of the function returns the handle alone, so that a caller can rely on it."""
    function = code.function(launch)
    if isinstance(function, cst.Lambda):
        return function.body is launch
    if not isinstance(function, cst.FunctionDef):
        return False
    body = list(bindings.suite(function.body))
    returned = [node.value for each in body for node in own(each) if isinstance(node, cst.Return)]
    return ends(body[-1]) and all(value is launch or (bool(handle) and dotted(value) == handle) for value in returned)


def keeper(code: Code, launch: cst.Call, held: Shape | None) -> str:
    """The attribute of an object that keeps the handle when the function is left; empty if none does."""
    if held is None:
        return ""
    name = held.group or held.handle
    if name == "self" or name.startswith(("self.", "cls.")):
        return name
    group = _group_of(code, launch, held.handle) if held.handle else ""
    return group if group.startswith(("self.", "cls.")) else ""


def giver(code: Code, launch: cst.Call, held: Shape | None) -> str:
    """The parameter into which the function puts the handle for its caller; empty if there is none."""
    function = code.function(launch)
    if held is None or not isinstance(function, cst.FunctionDef):
        return ""
    group = held.group or (_group_of(code, launch, held.handle) if held.handle else "")
    given = function.params
    names = {each.name.value for each in (*given.posonly_params, *given.params, *given.kwonly_params)} - {"self", "cls"}
    rebound = group in bindings.of_body(bindings.suite(function.body), True).own
    return group if group in names and not rebound else ""


def _target(statement: cst.CSTNode) -> cst.BaseExpression | None:
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        return statement.targets[0].target
    return statement.target if isinstance(statement, cst.AnnAssign) else None


def _value(statement: cst.CSTNode) -> cst.BaseExpression | None:
    return statement.value if isinstance(statement, (cst.Assign, cst.AnnAssign)) else None
