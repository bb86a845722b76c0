"""Evaluate expressions, and take conditions apart into the two branches they lead to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import Guard
from lint_lambda.analysis.calls import Calls
from lint_lambda.analysis.frame import Args, Frame, LoopFrame, Snapshot, merge, merge_branches
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
    ModuleObj,
    Obj,
    Probe,
    Super,
    Suspended,
    Term,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.world import CellScope, World, term_of
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY

Branches = tuple["Snapshot | None", "Snapshot | None", "Guard | None"]
"""The snapshot where a condition holds, the one where it does not, and the condition's name."""

LONGEST_TAIL = 200
NO_SITE = -1
"""The site of a call that stands for an operator: it launches nothing, so nothing ever points at it."""


class Evaluate(Calls):
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

    # --- left to subclasses --------------------------------------------------------------------------------------

    def block(self, statements: ir.Block, frame: Frame) -> None:
        raise NotImplementedError

    def expression(self, expr: ir.Expr, frame: Frame) -> Value:
        return self._dispatch[type(expr)](expr, frame)

    # --- names ---------------------------------------------------------------------------------------------------

    def name(self, expr: ir.Name, frame: Frame) -> Value:
        if expr.owner == ir.LOCAL:
            value = frame.env.get(expr.name)
            if value is None:
                return self.universe.unknown_of("local", frame.path, frame.qualname, expr.name)
            if self.world.load(self._cell(frame.context), f"<outer {expr.name}>"):
                value = union(value, self.world.load(self._cell(frame.context), expr.name))
            return value
        if expr.owner == MODULE_BODY:
            if frame.qualname == MODULE_BODY and expr.name in frame.env:
                return frame.env[expr.name]
            return self.module_attribute(self.world.module(frame.path), expr.name, frame)
        if expr.owner == ir.BUILTIN:
            if expr.name == "__name__":
                return self.universe.const("<imported>")
            stars = self.world.load(self.world.module(frame.path), "<stars>")
            if stars:
                found = self.module_attribute(self.world.module(frame.path), expr.name, frame)
                if not all(isinstance(obj, Unknown) for obj in found):
                    return found
            return self.universe.external(f"builtins.{expr.name}")
        context = self._context_of(expr.owner, frame)
        if context is None:
            return self.universe.unknown
        return self.world.load(self._cell(context), expr.name) or self.universe.unknown

    def _cell(self, context: int) -> CellScope:
        return self.universe.make(CellScope, context)

    def _context_of(self, owner: str, frame: Frame) -> int | None:
        """The activation whose variable a free name is."""
        activation = frame.activation
        if frame.class_scope and activation.callee.function.qualname == owner:
            return activation.number
        while activation.number:
            context = activation.callee.context
            activation = self.world.activations[context]
            if activation.callee.function.qualname == owner:
                return context
        return None

    def assign(self, target: ir.Target, value: Value, frame: Frame) -> None:
        if isinstance(target, ir.Name):
            self._assign_name(target, value, frame)
        elif isinstance(target, ir.Attr):
            base = self.expression(target.base, frame)
            self.set_attribute(base, target.name, value)
            for obj in base:
                if isinstance(obj, Instance):
                    setter = self.class_member(self.mro(obj.type), ir.SETTER.format(target.name))
                    if setter:
                        self.call(setter, Args([(obj,), value]), target.site, frame)
        elif isinstance(target, ir.Item):
            base = self.expression(target.base, frame)
            index = None if target.index is None else self.expression(target.index, frame)
            self.put_item(base, index, value)
        else:
            self._unpack(target, value, frame)

    def _assign_name(self, target: ir.Name, value: Value, frame: Frame) -> None:
        if target.owner == ir.LOCAL:
            frame.env[target.name] = value
            function = frame.activation.callee.function
            if not frame.class_scope and target.name in function.captured:
                self.world.store(self._cell(frame.context), target.name, value)
        elif target.owner == MODULE_BODY:
            if frame.qualname == MODULE_BODY:
                frame.env[target.name] = value
            else:
                self.world.store(self.world.module(frame.path), f"<global {target.name}>", value)
            self.world.store(self.world.module(frame.path), target.name, value)
        elif target.owner != ir.BUILTIN:
            context = self._context_of(target.owner, frame)
            if context is not None:
                self.world.store(self._cell(context), f"<outer {target.name}>", self.universe.const(True))
                self.world.store(self._cell(context), target.name, value)

    def _unpack(self, target: ir.Unpack, value: Value, frame: Frame) -> None:
        for position, part in enumerate(target.targets):
            if position == target.starred:
                got = value
            elif any(isinstance(obj, (Container, Unknown, Instance)) for obj in value):
                got = self._part(value, position, frame)
            else:
                got = self.elements(value, frame, "all")
            self.assign(part, got or self.universe.unknown, frame)

    def _part(self, value: Value, position: int, frame: Frame) -> Value:
        """Element `position` of an unpacked value; of a pair from ``items()``, which of key and value is not known."""
        out: list[Value] = []
        for obj in value:
            if isinstance(obj, Container):
                exact = self.of_mode(self.world.load(obj, slot(position)), obj)
                out.append(exact or self.elements((obj,), frame))
            elif isinstance(obj, Unknown):
                out.append(self.universe.unknown_of("item", obj.term, position))
            elif isinstance(obj, Instance):
                out.append(self.elements((obj,), frame) or (obj,))  # else: an element that stands for its pair
        return union(*out)

    # --- simple expressions --------------------------------------------------------------------------------------

    def _item(self, expr: ir.Item, frame: Frame) -> Value:
        base = self.expression(expr.base, frame)
        return self.item(base, None if expr.index is None else self.expression(expr.index, frame), frame)

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
        texts = [str(value[0].value) if len(value) == 1 and isinstance(value[0], Const) else "\0" for value in values]
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

    # --- displays ------------------------------------------------------------------------------------------------

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
            self.assign(clause.target, self.elements(iterable, frame) or self.universe.unknown, frame)
            for condition in clause.conditions:
                then, _, _ = self.branches(condition, frame)
                frame.resume(then or frame.snapshot())
        if expr.key is not None:
            key = self.expression(expr.key, frame)
            if any(isinstance(obj, (Instance, Suspended)) for obj in key):
                self.world.store(made, KEYS, key)
        value = self.expression(expr.element, frame)
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

    # --- calls ---------------------------------------------------------------------------------------------------

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

    # --- conditions ----------------------------------------------------------------------------------------------

    def _choice(self, expr: ir.Choice, frame: Frame) -> Value:
        then, otherwise, guard = self.branches(expr.test, frame)
        frame.resume(then)
        left = self.expression(expr.then, frame) if then is not None else NOTHING
        then_after = frame.snapshot()
        frame.resume(otherwise)
        right = self.expression(expr.otherwise, frame) if otherwise is not None else NOTHING
        frame.resume(merge_branches(self.universe, guard, then_after, frame.snapshot()))
        return union(left, right)

    def _bool(self, expr: ir.Bool, frame: Frame) -> Value:
        """``a and b`` / ``a or b`` as values: what either side may give."""
        then, otherwise, guard = self.branches(expr.left, frame)
        on_right, done = (then, otherwise) if expr.op == "and" else (otherwise, then)
        left = self._value_again(expr.left, done, frame)
        frame.resume(on_right)
        right = self.expression(expr.right, frame) if on_right is not None else NOTHING
        after = frame.snapshot()
        if expr.op == "and":
            frame.resume(merge_branches(self.universe, guard, after, done))
        else:
            frame.resume(merge_branches(self.universe, guard, done, after))
        if isinstance(expr.left, (ir.Compare, ir.Not)):
            left = NOTHING
        return union(left, right) or self.universe.unknown

    def _value_again(self, expr: ir.Expr, at: Snapshot | None, frame: Frame) -> Value:
        """The value of an operand that has run already, without running its effects twice."""
        if at is None:
            return NOTHING
        if isinstance(expr, ir.Name):
            return self.name(expr, _view(frame, at))
        if isinstance(expr, ir.Attr):
            return self._last
        return self._last

    _last: Value = NOTHING
    _polling = False

    def _branching(self, expr: ir.Expr, frame: Frame) -> Value:
        """A condition used as a value."""
        then, otherwise, guard = self.branches(expr, frame)
        if then is None or otherwise is None:
            frame.resume(merge((then, otherwise)))
            return self.universe.const(then is not None)
        probe = self._last
        frame.resume(merge_branches(self.universe, guard, then, otherwise))
        if any(isinstance(obj, Probe) for obj in probe):
            if isinstance(expr, ir.Not):
                flipped = [self.universe.make(Probe, o.targets, not o.done) for o in probe if isinstance(o, Probe)]
                return tuple(sorted(flipped))
            return probe
        if guard is not None:
            return self.universe.unknown_of("phi", guard.term, guard.holds)
        return self.universe.unknown

    def branches(self, test: ir.Expr, frame: Frame) -> Branches:
        """Evaluate a condition; where it holds, where it does not, and what it is called."""
        if isinstance(test, ir.Not):
            then, otherwise, guard = self.branches(test.value, frame)
            return otherwise, then, None if guard is None else guard.negated()
        if isinstance(test, ir.Bool):
            return self._short_circuit(test, frame)
        if isinstance(test, ir.Compare):
            return self._comparison(test, frame)
        if isinstance(test, ir.Bind):
            value = self.expression(test, frame)
            return self._by_truth(test.target, value, frame)
        value = self.expression(test, frame)
        return self._by_truth(test, value, frame)

    def _short_circuit(self, test: ir.Bool, frame: Frame) -> Branches:
        then, otherwise, first = self.branches(test.left, frame)
        go_on, stop = (then, otherwise) if test.op == "and" else (otherwise, then)
        frame.resume(go_on)
        if go_on is None:
            return (None, stop, first) if test.op == "and" else (stop, None, first)
        then2, otherwise2, second = self.branches(test.right, frame)
        guard = None
        if first is not None and second is not None:
            guard = Guard((test.op, first.term, first.holds, second.term, second.holds), True)
        if test.op == "and":
            return self._assume(then2, guard), self._refuse(merge((stop, otherwise2)), guard), guard
        return self._assume(merge((stop, then2)), guard), self._refuse(otherwise2, guard), guard

    @staticmethod
    def _assume(snapshot: Snapshot | None, guard: Guard | None) -> Snapshot | None:
        if snapshot is None:
            return None
        return Snapshot(snapshot.env, algebra.assume(snapshot.state, guard))

    def _refuse(self, snapshot: Snapshot | None, guard: Guard | None) -> Snapshot | None:
        return self._assume(snapshot, None if guard is None else guard.negated())

    def _comparison(self, test: ir.Compare, frame: Frame) -> Branches:
        left = self.expression(test.left, frame)
        right = self.expression(test.right, frame)
        here = frame.snapshot()
        if here is None:
            return None, None, None
        equal = test.op in ("==", "is")
        if test.op in ("==", "!=", "is", "is not"):
            if len(right) == 1 and isinstance(right[0], Const):
                constant = right[0].value
                if constant is None:
                    none, some, guard = self._by_none(test.left, left, frame)
                    return (none, some, guard) if equal else (some, none, _negated(guard))
                if isinstance(constant, bool):
                    then, otherwise, guard = self._by_truth(test.left, left, frame)
                    return (then, otherwise, guard) if equal == constant else (otherwise, then, _negated(guard))
                known = _all_consts(left)
                if known is not None:
                    truths = {value == constant for value in known}
                    if len(truths) == 1:
                        holds = truths.pop() == equal
                        return (here, None, None) if holds else (None, here, None)
            term = _pair_term("==", left, right)
            guard = None if term is None else Guard(term, equal)
            self._last = NOTHING
            return self._assume(here, guard), self._refuse(here, guard), guard
        self._last = NOTHING
        if test.op in ("in", "not in") and len(right) == 1 and isinstance(right[0], External):
            contained = self.call_library(
                f"{right[0].symbol}.__contains__", None, Args([left]), NO_SITE, frame, decorates=False
            )
            if len(contained) == 1 and isinstance(contained[0], Const):
                return (here, None, None) if contained[0].value == (test.op == "in") else (None, here, None)
        term = _pair_term(test.op.replace("not ", ""), left, right)
        guard = None if term is None else Guard(term, not test.op.startswith("not "))
        return self._assume(here, guard), self._refuse(here, guard), guard

    def _by_none(self, expr: ir.Expr, value: Value, frame: Frame) -> Branches:
        """Branches of ``expr is None``."""
        if any(isinstance(obj, Probe) for obj in value):
            # poll() is None: still running
            then, otherwise, guard = self._by_truth(expr, value, frame)
            return otherwise, then, _negated(guard)
        none = tuple(obj for obj in value if isinstance(obj, Unknown) or _is_none(obj))
        some = tuple(obj for obj in value if not _is_none(obj))
        term = term_of(value)
        guard = None if term is None or term[0] == "const" else Guard(("is none", term), True)
        gone = tuple(obj for obj in some if not isinstance(obj, Unknown))
        then = self._narrowed(expr, none, gone, frame)
        otherwise = self._narrowed(expr, some, NOTHING, frame)
        self._last = NOTHING
        return self._assume(then, guard), self._refuse(otherwise, guard), guard

    def _by_truth(self, expr: ir.Expr, value: Value, frame: Frame) -> Branches:
        """Branches of a plain truth test: constants decide it, a probe waits, an empty variable held no handle."""
        self._last = value
        truthy = tuple(obj for obj in value if _truth(obj) is not False)
        falsy = tuple(obj for obj in value if _truth(obj) is not True)
        gone = tuple(obj for obj in value if isinstance(obj, (Instance, Suspended, Container)))
        then = self._narrowed(expr, truthy, NOTHING, frame)
        otherwise = self._narrowed(expr, falsy, gone, frame)
        if otherwise is None and gone and any(isinstance(obj, (Instance, Container, Suspended)) for obj in gone):
            otherwise = self._narrowed(expr, falsy or self.universe.unknown, gone, frame)
        for obj in value:
            if isinstance(obj, Probe):
                then, otherwise = self._probed(obj, then, otherwise, frame)
        term = term_of(value)
        if term is None or term[0] == "const":
            return then, otherwise, None
        guard = Guard(tuple(term[1]), bool(term[2])) if term[0] == "phi" else Guard(("true", term), True)
        return self._assume(then, guard), self._refuse(otherwise, guard), guard

    def _probed(
        self, probe: Probe, then: Snapshot | None, otherwise: Snapshot | None, frame: Frame
    ) -> tuple[Snapshot | None, Snapshot | None]:
        """Where a probe says that work is done, it is as good as joined."""
        done = then if probe.done else otherwise
        if done is not None:
            view = _view(frame, done)
            if self._polling:
                self.join(probe.targets, view)
            else:
                self.forget(probe.targets, view)
            assert view.state is not None
            done = Snapshot(done.env, view.state)
        return (done, otherwise) if probe.done else (then, done)

    def _narrowed(self, expr: ir.Expr, value: Value, gone: Value, frame: Frame) -> Snapshot | None:
        """This point with `expr` known to be one of `value`; the handles of `gone` were never made on this path."""
        here = frame.snapshot()
        if here is None or not value:
            return None
        if isinstance(expr, ir.Name) and expr.owner in (ir.LOCAL, MODULE_BODY) and expr.name in here.env:
            here.env[expr.name] = value
        if gone:
            view = _view(frame, here)
            self.forget(gone, view)
            assert view.state is not None
            here = Snapshot(here.env, view.state)
        return here


def replace_frame(frame: Frame, qualname: str) -> Frame:
    """A class body's frame: its own variables, in the activation around it."""
    body = Frame(frame.activation, frame.path, qualname)
    body.state = frame.state
    body.paths = frame.paths
    body.class_scope = True
    return body


def _view(frame: Frame, at: Snapshot) -> Frame:
    """`frame` as it stands at a snapshot."""
    view = Frame(frame.activation, frame.path, frame.qualname, dict(at.env), at.state)
    view.loops = frame.loops
    view.class_scope = frame.class_scope
    return view


def _negated(guard: Guard | None) -> Guard | None:
    return None if guard is None else guard.negated()


def _is_none(obj: object) -> bool:
    return isinstance(obj, Const) and obj.value is None


def _truth(obj: object) -> bool | None:
    if isinstance(obj, Const):
        return bool(obj.value)
    if isinstance(obj, (FunctionObj, ClassObj, Instance, ModuleObj, Suspended)):
        return True
    return None


def _all_consts(value: Value) -> list[object] | None:
    if value and all(isinstance(obj, Const) for obj in value):
        return [obj.value for obj in value if isinstance(obj, Const)]
    return None


def _pair_term(op: str, left: Value, right: Value) -> Term | None:
    first, second = term_of(left), term_of(right)
    return None if first is None or second is None else (op, first, second)


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


__all__ = ["Evaluate", "replace"]
