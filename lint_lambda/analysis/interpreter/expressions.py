"""Evaluate expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Args, Env, Frame, LoopFrame, Snapshot, merge
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, ANY_KEY, Fact, about, slot
from lint_lambda.analysis.domain.values import (
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
    Unseen,
    Value,
    union,
)
from lint_lambda.analysis.interpreter.objects import names_in
from lint_lambda.core import ir

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

LONGEST_TAIL = 200


class Expressions:
    """Expressions."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._delayed: dict[Obj, tuple[ir.Comprehension, Env, Frame]] = {}
        self._dispatch: dict[type[Any], Callable[[Any, Frame], Value]] = {
            ir.Name: self._machine.names.name,
            ir.Const: lambda expr, frame: self._universe.const(expr.value),
            ir.Attr: lambda expr, frame: self._machine.objects.attribute(
                self.evaluate(expr.base, frame), expr.name, frame
            ),
            ir.Item: self._item,
            ir.Call: self._call_expression,
            ir.Await: lambda expr, frame: self._machine.wait(self.evaluate(expr.value, frame), expr.site, frame),
            ir.Func: self._func,
            ir.Class_: self._class,
            ir.Collection: self._collection,
            ir.Comprehension: self._generator,
            ir.Choice: self._machine.conditions.choice,
            ir.Bool: self._machine.conditions.short_circuit_value,
            ir.Not: self._machine.conditions.value,
            ir.Compare: self._machine.conditions.value,
            ir.Bind: self._bind_expression,
            ir.Yield: self._yield,
            ir.Concat: self._concat,
            ir.Opaque: self._opaque,
            ir.Spread: lambda expr, frame: self._machine.objects.elements(self.evaluate(expr.value, frame), frame),
        }

    def evaluate(self, expr: ir.Expr, frame: Frame) -> Value:
        return self._dispatch[type(expr)](expr, frame)

    # --- definitions -----------------------------------------------------------------------------------------------------

    def _func(self, expr: ir.Func, frame: Frame) -> Value:
        function = self._world.function(frame.path, expr.qualname)
        if function is None:
            return self._universe.unknown
        return (self._universe.make(FunctionObj, frame.path, function, frame.context),)

    def _class(self, expr: ir.Class_, frame: Frame) -> Value:
        """A class statement: its body runs now, and what it leaves are the class's attributes."""
        class_ = self._world.class_(frame.path, expr.qualname)
        if class_ is None:
            return self._universe.unknown
        made = self._universe.make(ClassObj, frame.path, class_, frame.context)
        for position, base in enumerate(class_.bases):
            value = self.evaluate(base, frame)
            known = tuple(
                self._universe.external(self._models.canonical(obj.symbol))[0] if isinstance(obj, External) else obj
                for obj in value
            )
            self._heap.store(made, about(Fact.BASE, position), known)
            for obj in known:
                if isinstance(obj, ClassObj):
                    self._heap.store(obj, Fact.SUBCLASSES, (made,))
        body = replace_frame(frame, expr.qualname)
        self._machine.execute(class_.body, body)
        frame.state = body.state
        for name, value in body.env.items():
            self._heap.store(made, name, value)
        self._subclassed(made, class_.site, frame)
        for name, annotation in class_.fields:
            typed = self.annotated_value(annotation, class_.site, frame)
            if typed:
                self._heap.store(made, about(Fact.DECLARED, name), typed)
        return (made,)

    def _subclassed(self, class_: ClassObj, site: ir.Site, frame: Frame) -> None:
        """Tell the nearest base that wants to know of its new subclass."""
        bases = self._machine.objects.mro(class_)[1:]
        names = self._machine.semantics.subclassed
        told = union(*(self._machine.objects.class_member(bases, name) for name in names))
        if told:
            self._machine.call(told, Args([(class_,)]), site, frame)

    def annotated_value(self, annotation: ir.Expr, site: ir.Site, frame: Frame) -> Value:
        out: list[Value] = []
        for part in _alternatives(annotation, self._machine.semantics.transparent_types):
            for obj in self.evaluate(part, frame) if _is_plain(part) else NOTHING:
                if isinstance(obj, External):
                    symbol = self._models.canonical(obj.symbol)
                    if self._models.type(symbol) is None:
                        continue
                    obj = self._universe.external(symbol)[0]
                elif not isinstance(obj, ClassObj):
                    continue
                for class_ in (obj, *self._heap.load(obj, Fact.SUBCLASSES)):
                    made = self._universe.make(Instance, class_, Alloc(frame.path, site, 0))
                    out.append((made,))
                    if isinstance(class_, ClassObj):
                        self._assume_constructed(made, class_, site, frame)
        return union(*out)

    def some_instance(self, value: Value, name: str, frame: Frame) -> Value:
        """Where `name` is a method of a class in `value`: an instance of the class to call it on."""
        out: list[Obj] = []
        for obj in value:
            members = (
                self._machine.objects.class_member(self._machine.objects.mro(obj), name)
                if isinstance(obj, ClassObj)
                else NOTHING
            )
            if any(isinstance(member, FunctionObj) and member.function.binding == "function" for member in members):
                assert isinstance(obj, ClassObj)
                made = self._universe.make(Instance, obj, Alloc(obj.path, obj.class_.site, 0))
                self._assume_constructed(made, obj, obj.class_.site, frame)
                obj = made
            out.append(obj)
        return tuple(out)

    def _assume_constructed(self, made: Instance, class_: ClassObj, site: ir.Site, frame: Frame) -> None:
        """An instance we are handed was constructed somewhere: its attributes are what its initialiser stores."""
        beside = Frame(frame.activation, frame.path, frame.qualname)
        initialiser = self._machine.objects.own_member(class_, self._machine.semantics.construct)
        self._machine.objects.open((made,))
        if initialiser and not self._heap.load(made, Fact.ASSUMED):
            self._heap.store(made, Fact.ASSUMED, self._universe.const(True))
            unknown = self._universe.unknown
            self._machine.call(initialiser, Args([(made,)], rest=unknown, extra=unknown), site, beside)

    # --- simple expressions ----------------------------------------------------------------------------------------------

    def _item(self, expr: ir.Item, frame: Frame) -> Value:
        base = self.evaluate(expr.base, frame)
        if self._machine.log.gates and frame.state is not None and any(isinstance(obj, Unknown) for obj in base):
            frame.raise_edge(frame.state, explicit=False)  # an extension that waits is left waiting by any exception
        if expr.partial and any(isinstance(obj, Container) for obj in base):
            return self._slice(base, frame)
        return self._machine.objects.item(base, None if expr.index is None else self.evaluate(expr.index, frame), frame)

    def _slice(self, base: Value, frame: Frame) -> Value:
        """Part of a container: some of its elements, not all of them."""
        out: list[Obj] = []
        for obj in base:
            if isinstance(obj, Container):
                made = self._universe.make(Container, obj.kind, obj.alloc._replace(site=-1 - obj.alloc.site))
                elements = self._machine.objects.elements((obj,), frame, "some")
                if elements:
                    self._heap.store(made, ANY_ELEMENT, elements)
                out.append(made)
        return tuple(sorted(out))

    def _bind_expression(self, expr: ir.Bind, frame: Frame) -> Value:
        value = self.evaluate(expr.value, frame)
        self._machine.assign(expr.target, value, frame)
        return value

    def _concat(self, expr: ir.Concat, frame: Frame) -> Value:
        values = [self.evaluate(part, frame) for part in expr.parts]
        held = [obj for value in values for obj in value if isinstance(obj, Container)]
        if held:
            made = self._universe.make(Container, held[0].kind, Alloc(frame.path, expr.site, frame.context))
            elements = self._machine.objects.elements(union(*values), frame)
            if elements:
                self._heap.store(made, ANY_ELEMENT, elements)
            return (made,)
        texts = [_known_text(value) for value in values]
        text = "".join(texts)[-LONGEST_TAIL:]
        if "\0" not in text:
            return self._universe.const(text)
        return self._universe.unknown_of("text", text, frame.path, expr.site)

    def _opaque(self, expr: ir.Opaque, frame: Frame) -> Value:
        for part in expr.parts:
            self.evaluate(part, frame)
        return self._universe.unknown

    def _yield(self, expr: ir.Yield, frame: Frame) -> Value:
        value = self._universe.const(None) if expr.value is None else self.evaluate(expr.value, frame)
        if expr.delegates:
            value = self._machine.objects.elements(value, frame)
        frame.yields = union(frame.yields, value)
        frame.pause()
        if frame.on_yield is not None:
            frame.on_yield(value)
        return self._universe.unknown

    # --- displays --------------------------------------------------------------------------------------------------------

    def _collection(self, expr: ir.Collection, frame: Frame) -> Value:
        made = self._universe.make(Container, expr.kind, Alloc(frame.path, expr.site, frame.context))
        if frame.loops:
            self._heap.store(made, Fact.MANY, self._universe.const(True))
        exact = True
        for position, part in enumerate(expr.values):
            key = expr.keys[position] if expr.kind == "dict" else None
            if isinstance(part, ir.Spread) or (expr.kind == "dict" and key is None):
                inner = part.value if isinstance(part, ir.Spread) else part
                spread = self.evaluate(inner, frame)
                self._store_spread(made, spread, frame)
                exact = False
                continue
            value = self.evaluate(part, frame)
            if expr.kind == "dict":
                index = self.evaluate(key, frame) if key is not None else NOTHING
                self._machine.objects.put_item((made,), index, value)
            elif exact:
                self._heap.store(made, slot(position), value)
            else:
                self._heap.store(made, ANY_ELEMENT, value)
        return (made,)

    def _store_spread(self, made: Container, spread: Value, frame: Frame) -> None:
        for obj in spread:
            if isinstance(obj, Container) and made.kind == "dict":
                for place in self._heap.elements(obj):
                    self._heap.store(made, place, self._heap.load(obj, place))
            else:
                elements = self._machine.objects.elements((obj,), frame)
                if elements:
                    self._heap.store(made, ANY_ELEMENT, elements)

    def _comprehension(self, expr: ir.Comprehension, frame: Frame) -> Value:
        made = self._universe.make(
            Container, "list" if expr.kind == "generator" else expr.kind, Alloc(frame.path, expr.site, frame.context)
        )
        # The first iterable is read once, before the first turn.
        iterable = self.evaluate(expr.generators[0].iterable, frame)
        elements = self._elements(iterable, frame) if frame.state is not None else NOTHING
        if frame.state is None:
            return (made,)
        loop = LoopFrame(frame.state)
        frame.loops.append(loop)
        before = frame.state
        refused: list[Snapshot | None] = []
        for number, clause in enumerate(expr.generators):
            if number > 0:
                iterable = self.evaluate(clause.iterable, frame)
                elements = self._elements(iterable, frame)
            self._turn(clause, iterable, elements, expr.site, refused, frame)
        if expr.key is not None:
            key = self.evaluate(expr.key, frame)
            if any(isinstance(obj, (Instance, Suspended)) for obj in key):
                self._heap.store(made, ANY_KEY, key)
        value = self.evaluate(expr.element, frame)
        if frame.state != before and frame.state is not None:
            # It launched something: a second round makes the first one's handles the older ones.
            value = union(value, self.evaluate(expr.element, frame))
        value = self._kept(value, refused)
        if value:
            self._heap.store(made, ANY_ELEMENT, value)
        frame.resume(merge((frame.snapshot(), *refused)))
        frame.loops.pop()
        if not has_elements(expr.generators[0].iterable):
            self.leave_loop(loop, before, frame)
        return (made,)

    def _turn(
        self,
        clause: ir.Generator,
        iterable: Value,
        elements: Value,
        site: ir.Site,
        refused: list[Snapshot | None],
        frame: Frame,
    ) -> None:
        """Begin a turn of one ``for`` of a comprehension; where its conditions do not hold goes to `refused`."""
        finished = self._machine.selectors.as_they_finish(iterable)
        self._machine.library.time_out(iterable, finished, site, frame)
        self._machine.assign(clause.target, elements, frame)
        self._machine.handles.join(finished, frame)
        for condition in clause.conditions:
            then, otherwise, _ = self._machine.conditions.branches(condition, frame)
            if then is not None:
                refused.append(otherwise)
                frame.resume(then)

    def _elements(self, iterable: Value, frame: Frame) -> Value:
        """What a ``for`` over `iterable` gives its variable."""
        finished = self._machine.selectors.as_they_finish(iterable)
        return finished or self._machine.objects.elements(iterable, frame) or self._universe.unknown

    def _generator(self, expr: ir.Comprehension, frame: Frame) -> Value:
        """A generator expression: nothing of it runs before somebody reads it."""
        if expr.kind != "generator":
            return self._comprehension(expr, frame)
        alloc = Alloc(frame.path, expr.site, frame.context)
        made = self._universe.make(Suspended, "generator", self._universe.make(Unseen, "generator"), alloc)
        self._delayed[made] = (expr, dict(frame.env), frame)
        return (made,)

    def read_delayed(self, obj: Suspended, frame: Frame) -> Value | None:
        """Run a generator expression where it is read, with the variables that it was made with; None for anything else."""
        found = self._delayed.get(obj.base)
        if found is None:
            return None
        expr, env, around = found
        inside = Frame(around.activation, around.path, around.qualname, dict(env), frame.state)
        inside.class_scope, inside.loops, inside.tries = around.class_scope, frame.loops, [[]]
        made = self._comprehension(expr, inside)
        frame.state = inside.state
        frame.does(inside.effects)
        for edge in inside.tries[0]:
            frame.raise_as(edge)
        for launch, path in inside.paths.items():
            frame.paths.setdefault(launch, path)
        return self._machine.objects.elements(made, frame)

    def _kept(self, value: Value, refused: list[Snapshot | None]) -> Value:
        """The elements of a comprehension whose conditions refuse some: of handles that may be pending where they are
        refused it holds a part only.
        """
        states = [snapshot.state for snapshot in refused if snapshot is not None]
        out: set[Obj] = set()
        for obj in value:
            keys = self._machine.handles.keys(obj) if obj.mode == "all" else []
            left = any(launch_state.pending(state.get(key, ())) for state in states for key in keys)
            out.add(self._universe.in_mode(obj, "part") if left else obj)
        return tuple(sorted(out))

    def leave_loop(self, loop: LoopFrame, before: launch_state.State, frame: Frame) -> None:
        """After a loop that may not have run at all; what it swept is joined all the same (there was nothing else)."""
        if frame.state is None:
            frame.state = before
            return
        after = frame.state
        merged = dict(launch_state.join(before, after))
        for key in loop.swept:
            if key in after:
                merged[key] = after[key]
        merged.update({key: entries for key, entries in after.items() if key not in before})
        frame.state = merged

    # --- calls -----------------------------------------------------------------------------------------------------------

    def _call_expression(self, expr: ir.Call, frame: Frame) -> Value:
        reflected = self._reflected(expr, frame)
        if reflected is not None:
            return reflected
        callee = self.evaluate(expr.func, frame)
        before = frame.state
        args = self.arguments(expr.args, frame)
        if before is not None and frame.state not in (None, before) and self._stops_early(callee, expr):
            frame.state = launch_state.join(before, frame.state)
        if frame.state is None:
            return self._universe.unknown
        self._machine.log.called(callee, args, expr.site, frame)
        if self._machine.requests.noted(callee, args, expr.site, frame) == "next-invocation":
            self._machine.log.freeze(expr.site, frame)
        return self._machine.call(callee, args, expr.site, frame, expr.decorates)

    def _stops_early(self, callee: Value, expr: ir.Call) -> bool:
        """Whether the call reads a generator expression only as far as it needs."""
        if not any(isinstance(arg.value, ir.Comprehension) and arg.value.kind == "generator" for arg in expr.args):
            return False
        return any(isinstance(obj, External) and self._machine.library.stops_early(obj.symbol) for obj in callee)

    def arguments(self, given: tuple[ir.Arg, ...], frame: Frame) -> Args:
        args = Args()
        for arg in given:
            # A generator expression that is an argument is read by the call.
            if isinstance(arg.value, ir.Comprehension):
                value = self._comprehension(arg.value, frame)
            else:
                value = self.evaluate(arg.value, frame)
            if arg.spread == 1:
                known, rest = self._machine.objects.spread(value, frame)
                if args.rest:
                    args.rest = union(args.rest, rest, *known)
                else:
                    args.positional.extend(known)
                    args.rest = rest
                if not known and not rest and any(isinstance(obj, Unknown) for obj in value):
                    args.rest = self._universe.unknown
            elif arg.spread == 2:
                args.keywords.update(self._machine.objects.keyword_spread(value))
                if any(isinstance(obj, Unknown) for obj in value):
                    args.extra = self._universe.unknown
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
            return self._universe.unknown
        owner = self._world.class_(frame.path, function.owner_class)
        receiver = frame.env.get(function.params[0].name, NOTHING)
        if owner is None:
            return self._universe.unknown
        out = [
            self._universe.make(Super, class_, obj)
            for obj in receiver
            if isinstance(obj, (Instance, ClassObj))
            for class_ in self._machine.objects.mro(obj.type if isinstance(obj, Instance) else obj)
            if isinstance(class_, ClassObj) and class_.class_ is owner
        ]
        return tuple(out) or self._universe.unknown

    def _reflected(self, expr: ir.Call, frame: Frame) -> Value | None:
        """A call of a function that reaches members by name; None for every other call, and where the name is not known."""
        if not isinstance(expr.func, ir.Name) or expr.func.owner != ir.BUILTIN:
            return None
        reflection = self._machine.semantics.reflection.get(expr.func.name)
        if reflection == "parent":
            return self._super(expr, frame)
        if reflection == "module":
            return (self._world.module(frame.path),)
        if reflection == "class" and len(expr.args) == 1:
            class_of = self._machine.semantics.class_of
            return self._machine.objects.attribute(self.evaluate(expr.args[0].value, frame), class_of, frame)
        if reflection in ("get", "set") and len(expr.args) >= 2:
            return self._member_by_name(expr, frame, sets=reflection == "set")
        return None

    def _member_by_name(self, expr: ir.Call, frame: Frame, *, sets: bool) -> Value | None:
        objects = self._machine.objects
        base = self.evaluate(expr.args[0].value, frame)
        name = self.evaluate(expr.args[1].value, frame)
        only = name[0] if len(name) == 1 else None
        if isinstance(only, Unknown) and only.term[0] == "text" and only.term[1].strip("\0"):
            # A name put together: whichever member it may be.
            pattern = re.compile(".*".join(re.escape(part) for part in only.term[1].split("\0")))
            found = [
                objects.attribute((obj,), member, frame)
                for obj in base
                for member in objects.members_like(obj, pattern)
            ]
            return union(*found) or None
        names = names_in(name)
        if not names:
            if sets:
                objects.open(base)
            return None
        if sets and len(expr.args) == 3:
            value = self.evaluate(expr.args[2].value, frame)
            for each in names:
                objects.set_attribute(base, each, value)
            if len(names) != len(name) or any(isinstance(obj, Unknown) for obj in name):
                objects.open(base)
            return self._universe.const(None)
        return union(*(objects.attribute(base, each, frame) for each in names))


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


def _is_plain(expr: ir.Expr) -> bool:
    while isinstance(expr, ir.Attr):
        expr = expr.base
    return isinstance(expr, ir.Name)


def _alternatives(annotation: ir.Expr, transparent: frozenset[str]) -> list[ir.Expr]:
    """The types an annotation may mean: both sides of a union, and what is inside a `transparent` one."""
    if isinstance(annotation, ir.Bool):
        return [*_alternatives(annotation.left, transparent), *_alternatives(annotation.right, transparent)]
    if isinstance(annotation, ir.Item) and annotation.index is not None:
        if isinstance(annotation.base, (ir.Name, ir.Attr)) and annotation.base.name in transparent:
            return _alternatives(annotation.index, transparent)
        return []
    return [annotation]


def has_elements(iterable: ir.Expr) -> bool:
    """Whether this is written with an element or more: a loop over it turns at least once."""
    if isinstance(iterable, ir.Collection):
        return any(not isinstance(value, ir.Spread) for value in iterable.values) and None not in iterable.keys
    return isinstance(iterable, ir.Const) and isinstance(iterable.value, str) and iterable.value != ""
