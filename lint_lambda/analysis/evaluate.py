"""Evaluate expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lint_lambda.analysis import algebra
from lint_lambda.analysis.conditions import Conditions
from lint_lambda.analysis.frame import Args, Frame, LoopFrame
from lint_lambda.analysis.objects import ANY_ELEMENT, KEYS, base_field, slot
from lint_lambda.analysis.values import (
    NOTHING,
    Alloc,
    ClassObj,
    Const,
    Container,
    External,
    FunctionObj,
    Instance,
    Obj,
    Super,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.world import (
    World,
)
from lint_lambda.core import ir

LONGEST_TAIL = 200


class Evaluate(Conditions):
    """Expressions."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._dispatch: dict[type[Any], Callable[[Any, Frame], Value]] = {
            ir.Name: self.name,
            ir.Const: lambda expr, frame: self.universe.const(expr.value),
            ir.Attr: lambda expr, frame: self.attribute(self.expression(expr.base, frame), expr.name, frame),
            ir.Item: self._item,
            ir.Call: self._call_expression,
            ir.Await: lambda expr, frame: self.wait_for(self.expression(expr.value, frame), expr.site, frame),
            ir.Func: self._func,
            ir.Class_: self._class,
            ir.Collection: self._collection,
            ir.Comprehension: self._comprehension,
            ir.Choice: self._choice,
            ir.Bool: self._bool,
            ir.Not: self._branching,
            ir.Compare: self._branching,
            ir.Bind: self._bind_expression,
            ir.Yield: self._yield,
            ir.Concat: self._concat,
            ir.Opaque: self._opaque,
            ir.Spread: lambda expr, frame: self.elements(self.expression(expr.value, frame), frame),
        }

    # --- left to subclasses ----------------------------------------------------------------------------------------------

    def block(self, statements: ir.Block, frame: Frame) -> None:
        raise NotImplementedError

    def expression(self, expr: ir.Expr, frame: Frame) -> Value:
        return self._dispatch[type(expr)](expr, frame)

    # --- definitions -----------------------------------------------------------------------------------------------------

    def _func(self, expr: ir.Func, frame: Frame) -> Value:
        function = self.world.function(frame.path, expr.qualname)
        if function is None:
            return self.universe.unknown
        return (self.universe.make(FunctionObj, frame.path, function, frame.context),)

    def _class(self, expr: ir.Class_, frame: Frame) -> Value:
        """A class statement: its body runs now, and what it leaves are the class's attributes."""
        class_ = self.world.class_(frame.path, expr.qualname)
        if class_ is None:
            return self.universe.unknown
        made = self.universe.make(ClassObj, frame.path, class_, frame.context)
        for position, base in enumerate(class_.bases):
            value = self.expression(base, frame)
            known = tuple(
                self.universe.external(self.models.canonical(obj.symbol))[0] if isinstance(obj, External) else obj
                for obj in value
            )
            self.world.store(made, base_field(position), known)
            for obj in known:
                if isinstance(obj, ClassObj):
                    self.world.store(obj, "<subclasses>", (made,))
        body = replace_frame(frame, expr.qualname)
        self.block(class_.body, body)
        frame.state = body.state
        for name, value in body.env.items():
            self.world.store(made, name, value)
        for name, annotation in class_.fields:
            typed = self.annotated_value(annotation, class_.site, frame)
            if typed:
                self.world.store(made, f"<field {name}>", typed)
        return (made,)

    def annotated_value(self, annotation: ir.Expr, site: ir.Site, frame: Frame) -> Value:
        out: list[Value] = []
        for part in _alternatives(annotation):
            for obj in self.expression(part, frame) if _is_plain(part) else NOTHING:
                if isinstance(obj, External):
                    symbol = self.models.canonical(obj.symbol)
                    if self.models.type(symbol) is None:
                        continue
                    obj = self.universe.external(symbol)[0]
                elif not isinstance(obj, ClassObj):
                    continue
                for class_ in (obj, *self.world.load(obj, "<subclasses>")):
                    made = self.universe.make(Instance, class_, Alloc(frame.path, site, 0))
                    out.append((made,))
                    if isinstance(class_, ClassObj):
                        self._assume_constructed(made, class_, site, frame)
        return union(*out)

    def some_instance(self, value: Value, name: str, frame: Frame) -> Value:
        """Where `name` is a method of a class in `value`: an instance of the class to call it on."""
        out: list[Obj] = []
        for obj in value:
            members = self.class_member(self.mro(obj), name) if isinstance(obj, ClassObj) else NOTHING
            if any(isinstance(member, FunctionObj) and member.function.binding == "function" for member in members):
                assert isinstance(obj, ClassObj)
                made = self.universe.make(Instance, obj, Alloc(obj.path, obj.class_.site, 0))
                self._assume_constructed(made, obj, obj.class_.site, frame)
                obj = made
            out.append(obj)
        return tuple(out)

    def _assume_constructed(self, made: Instance, class_: ClassObj, site: ir.Site, frame: Frame) -> None:
        """An instance we are handed was constructed somewhere: its attributes are what its initialiser stores."""
        beside = Frame(frame.activation, frame.path, frame.qualname)
        initialiser = self.class_member(self.mro(class_), "__init__")
        if initialiser and not self.world.load(made, "<assumed>"):
            self.world.store(made, "<assumed>", self.universe.const(True))
            self.call(initialiser, Args([(made,)]), site, beside)

    # --- simple expressions ----------------------------------------------------------------------------------------------

    def _item(self, expr: ir.Item, frame: Frame) -> Value:
        base = self.expression(expr.base, frame)
        if self.log.gates and frame.state is not None and any(isinstance(obj, Unknown) for obj in base):
            frame.raise_edge(frame.state, explicit=False)  # an extension that waits is left waiting by any exception
        if expr.partial and any(isinstance(obj, Container) for obj in base):
            return self._slice(base, frame)
        return self.item(base, None if expr.index is None else self.expression(expr.index, frame), frame)

    def _slice(self, base: Value, frame: Frame) -> Value:
        """Part of a container: some of its elements, not all of them."""
        out: list[Obj] = []
        for obj in base:
            if isinstance(obj, Container):
                made = self.universe.make(Container, obj.kind, obj.alloc._replace(site=-1 - obj.alloc.site))
                elements = self.elements((obj,), frame, "some")
                if elements:
                    self.world.store(made, ANY_ELEMENT, elements)
                out.append(made)
        return tuple(sorted(out))

    def _bind_expression(self, expr: ir.Bind, frame: Frame) -> Value:
        value = self.expression(expr.value, frame)
        self.assign(expr.target, value, frame)
        return value

    def _concat(self, expr: ir.Concat, frame: Frame) -> Value:
        values = [self.expression(part, frame) for part in expr.parts]
        held = [obj for value in values for obj in value if isinstance(obj, Container)]
        if held:
            made = self.universe.make(Container, held[0].kind, Alloc(frame.path, expr.site, frame.context))
            elements = self.elements(union(*values), frame)
            if elements:
                self.world.store(made, ANY_ELEMENT, elements)
            return (made,)
        texts = [_known_text(value) for value in values]
        text = "".join(texts)[-LONGEST_TAIL:]
        if "\0" not in text:
            return self.universe.const(text)
        return self.universe.unknown_of("text", text, frame.path, expr.site)

    def _opaque(self, expr: ir.Opaque, frame: Frame) -> Value:
        for part in expr.parts:
            self.expression(part, frame)
        return self.universe.unknown

    def _yield(self, expr: ir.Yield, frame: Frame) -> Value:
        value = self.universe.const(None) if expr.value is None else self.expression(expr.value, frame)
        if expr.delegates:
            value = self.elements(value, frame)
        frame.yields = union(frame.yields, value)
        if frame.on_yield is not None:
            frame.on_yield(value)
        return self.universe.unknown

    # --- displays --------------------------------------------------------------------------------------------------------

    def _collection(self, expr: ir.Collection, frame: Frame) -> Value:
        made = self.universe.make(Container, expr.kind, Alloc(frame.path, expr.site, frame.context))
        if frame.loops:
            self.world.store(made, "<many>", self.universe.const(True))
        exact = True
        for position, part in enumerate(expr.values):
            key = expr.keys[position] if expr.kind == "dict" else None
            if isinstance(part, ir.Spread) or (expr.kind == "dict" and key is None):
                inner = part.value if isinstance(part, ir.Spread) else part
                spread = self.expression(inner, frame)
                self._store_spread(made, spread, frame)
                exact = False
                continue
            value = self.expression(part, frame)
            if expr.kind == "dict":
                index = self.expression(key, frame) if key is not None else NOTHING
                self.put_item((made,), index, value)
            elif exact:
                self.world.store(made, slot(position), value)
            else:
                self.world.store(made, ANY_ELEMENT, value)
        return (made,)

    def _store_spread(self, made: Container, spread: Value, frame: Frame) -> None:
        for obj in spread:
            if isinstance(obj, Container) and made.kind == "dict":
                for name in self.world.fields(obj):
                    if name.startswith("["):
                        self.world.store(made, name, self.world.load(obj, name))
            else:
                elements = self.elements((obj,), frame)
                if elements:
                    self.world.store(made, ANY_ELEMENT, elements)

    def _comprehension(self, expr: ir.Comprehension, frame: Frame) -> Value:
        made = self.universe.make(
            Container, "list" if expr.kind == "generator" else expr.kind, Alloc(frame.path, expr.site, frame.context)
        )
        if frame.state is None:
            return (made,)
        loop = LoopFrame(frame.state)
        frame.loops.append(loop)
        before = frame.state
        for clause in expr.generators:
            iterable = self.expression(clause.iterable, frame)
            finished = self.as_they_finish(iterable)
            self.assign(clause.target, finished or self.elements(iterable, frame) or self.universe.unknown, frame)
            self.join(finished, frame)
            for condition in clause.conditions:
                then, _, _ = self.branches(condition, frame)
                frame.resume(then or frame.snapshot())
        if expr.key is not None:
            key = self.expression(expr.key, frame)
            if any(isinstance(obj, (Instance, Suspended)) for obj in key):
                self.world.store(made, KEYS, key)
        value = self.expression(expr.element, frame)
        if frame.state != before and frame.state is not None:
            # It launched something: a second round makes the first one's handles the older ones.
            value = union(value, self.expression(expr.element, frame))
        if value:
            self.world.store(made, ANY_ELEMENT, value)
        frame.loops.pop()
        self.leave_loop(loop, before, frame)
        return (made,)

    def leave_loop(self, loop: LoopFrame, before: algebra.State, frame: Frame) -> None:
        """After a loop that may not have run at all; what it swept is joined all the same (there was nothing else)."""
        if frame.state is None:
            frame.state = before
            return
        after = frame.state
        merged = dict(algebra.join(before, after))
        for key in loop.swept:
            if key in after:
                merged[key] = after[key]
        merged.update({key: entries for key, entries in after.items() if key not in before})
        frame.state = merged

    # --- calls -----------------------------------------------------------------------------------------------------------

    def _call_expression(self, expr: ir.Call, frame: Frame) -> Value:
        if isinstance(expr.func, ir.Name) and expr.func.owner == ir.BUILTIN:
            if expr.func.name == "super":
                return self._super(expr, frame)
            if expr.func.name == "type" and len(expr.args) == 1:
                return self.attribute(self.expression(expr.args[0].value, frame), "__class__", frame)
            if expr.func.name in ("getattr", "setattr") and len(expr.args) >= 2:
                reflected = self._reflect(expr, frame)
                if reflected is not None:
                    return reflected
        callee = self.expression(expr.func, frame)
        args = self.arguments(expr.args, frame)
        if frame.state is None:
            return self.universe.unknown
        self.log.called(callee, args, expr.site, frame)
        if self.requests.noted(callee, args, expr.site, frame) == "next-invocation":
            self.log.freeze(expr.site, frame)
        return self.call(callee, args, expr.site, frame, expr.decorates)

    def arguments(self, given: tuple[ir.Arg, ...], frame: Frame) -> Args:
        args = Args()
        for arg in given:
            value = self.expression(arg.value, frame)
            if arg.spread == 1:
                known, rest = self.spread(value, frame)
                if args.rest:
                    args.rest = union(args.rest, rest, *known)
                else:
                    args.positional.extend(known)
                    args.rest = rest
                if not known and not rest and any(isinstance(obj, Unknown) for obj in value):
                    args.rest = self.universe.unknown
            elif arg.spread == 2:
                args.keywords.update(self.keyword_spread(value))
                if any(isinstance(obj, Unknown) for obj in value):
                    args.extra = self.universe.unknown
            elif arg.name is not None:
                args.keywords[arg.name] = value
            elif args.rest:
                args.rest = union(args.rest, value)
            else:
                args.positional.append(value)
        return args

    def _super(self, expr: ir.Call, frame: Frame) -> Value:
        function = frame.activation.callee.function
        if function.owner_class is None or not function.params:
            return self.universe.unknown
        owner = self.world.class_(frame.path, function.owner_class)
        receiver = frame.env.get(function.params[0].name, NOTHING)
        if owner is None:
            return self.universe.unknown
        out = [
            self.universe.make(Super, class_, obj)
            for obj in receiver
            if isinstance(obj, (Instance, ClassObj))
            for class_ in self.mro(obj.type if isinstance(obj, Instance) else obj)
            if isinstance(class_, ClassObj) and class_.class_ is owner
        ]
        return tuple(out) or self.universe.unknown

    def _reflect(self, expr: ir.Call, frame: Frame) -> Value | None:
        """``getattr``/``setattr`` with a name that is known."""
        base = self.expression(expr.args[0].value, frame)
        name = self.expression(expr.args[1].value, frame)
        only = name[0] if len(name) == 1 else None
        if isinstance(only, Unknown) and only.term[0] == "text" and only.term[1].strip("\0"):
            # A name put together: whichever member it may be.
            pattern = re.compile(".*".join(re.escape(part) for part in only.term[1].split("\0")))
            found = [
                self.attribute((obj,), member, frame) for obj in base for member in self.members_like(obj, pattern)
            ]
            return union(*found) or None
        if not isinstance(only, Const) or not isinstance(only.value, str):
            return None
        assert isinstance(expr.func, ir.Name)
        if expr.func.name == "setattr" and len(expr.args) == 3:
            self.set_attribute(base, only.value, self.expression(expr.args[2].value, frame))
            return self.universe.const(None)
        return self.attribute(base, only.value, frame)


def _known_text(value: Value) -> str:
    """What is known of a part's text; a NUL stands for what is not."""
    if len(value) == 1:
        if isinstance(value[0], Const):
            return str(value[0].value)
        if isinstance(value[0], Unknown) and value[0].term[0] == "text":
            return str(value[0].term[1])
    return "\0"


def replace_frame(frame: Frame, qualname: str) -> Frame:
    """A class body's frame: its own variables, in the activation around it."""
    body = Frame(frame.activation, frame.path, qualname)
    body.state = frame.state
    body.paths = frame.paths
    body.class_scope = True
    return body


def _alternatives(annotation: ir.Expr) -> list[ir.Expr]:
    """The types an annotation may mean: both sides of ``|``, what is inside ``Optional[…]``."""
    if isinstance(annotation, ir.Bool):
        return [*_alternatives(annotation.left), *_alternatives(annotation.right)]
    if isinstance(annotation, ir.Item) and annotation.index is not None:
        if isinstance(annotation.base, (ir.Name, ir.Attr)) and annotation.base.name in ("Optional", "Annotated"):
            return _alternatives(annotation.index)
        return []
    return [annotation]


def _is_plain(expr: ir.Expr) -> bool:
    while isinstance(expr, ir.Attr):
        expr = expr.base
    return isinstance(expr, ir.Name)
