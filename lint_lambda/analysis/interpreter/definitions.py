"""Definitions of functions and classes, and the instances that annotations and unknown callers stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, about
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    ClassObj,
    Container,
    External,
    FunctionObj,
    Instance,
    Obj,
    Value,
    union,
)
from lint_lambda.core import ir
from lint_lambda.core.semantics import Semantics

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Definitions:
    """Definitions."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap

    def function(self, expr: ir.Func, frame: Frame) -> Value:
        function = self._world.function(frame.path, expr.qualname)
        if function is None:
            return self._universe.unknown
        return (self._universe.make(FunctionObj, frame.path, function, frame.context),)

    def class_(self, expr: ir.Class_, frame: Frame) -> Value:
        """A class statement: its body runs now, and what it leaves are the class's attributes."""
        class_ = self._world.class_(frame.path, expr.qualname)
        if class_ is None:
            return self._universe.unknown
        made = self._universe.make(ClassObj, frame.path, class_, frame.context)
        for position, base in enumerate(class_.bases):
            value = self._machine.evaluate(base, frame)
            known = tuple(
                self._universe.external(self._models.canonical(obj.symbol))[0] if isinstance(obj, External) else obj
                for obj in value
            )
            self._heap.store(made, about(Fact.BASE, position), known)
            for obj in known:
                if isinstance(obj, ClassObj):
                    self._heap.store(obj, Fact.SUBCLASSES, (made,))
        for promised in class_.promises:
            for obj in self._machine.evaluate(promised, frame):
                if isinstance(obj, ClassObj):
                    self._heap.store(obj, Fact.SUBCLASSES, (made,))
        options = {arg.name: self._machine.evaluate(arg.value, frame) for arg in class_.options if arg.name is not None}
        self._heap.store(made, Fact.METACLASS, options.pop(self._machine.semantics.metaclass, NOTHING))
        body = _body_frame(frame, expr.qualname)
        self._machine.execute(class_.body, body)
        frame.state = body.state
        members = dict(body.env)
        if self._machine.classes.enumerates(made):
            members.update(self._machine.instances.enumerate(made, body.env, frame))
        for name, value in members.items():
            self._heap.store(made, name, value)
            running = tuple(obj for obj in value if self._heap.load(obj, Fact.CONSTRUCTS))
            self._heap.store(made, Fact.CONSTRUCTS, running)
        self._machine.instances.defined(made, members, frame)
        self._subclassed(made, options, class_.site, frame)
        for name, annotation in class_.fields:
            typed = self.annotated_value(annotation, class_.site, frame)
            if typed:
                self._heap.store(made, about(Fact.DECLARED, name), typed)
        return (made,)

    def _subclassed(self, class_: ClassObj, options: dict[str, Value], site: ir.Site, frame: Frame) -> None:
        """Tell the nearest base that wants to know of its new subclass."""
        bases = self._machine.classes.mro(class_)[1:]
        names = self._machine.semantics.subclassed
        told = union(*(self._machine.classes.member(bases, name) for name in names))
        if told:
            self._machine.call(told, Args([(class_,)], keywords=options), site, frame)

    def annotated_value(self, annotation: ir.Expr, site: ir.Site, frame: Frame) -> Value:
        parts = _alternatives(annotation, self._machine.semantics)
        classes = union(*(self._machine.evaluate(part, frame) for part in parts if _is_plain(part)))
        within = [part.index for part in parts if isinstance(part, ir.Item) and part.index is not None]
        return union(self.handed_out(classes, site, frame), *(self._several(each, site, frame) for each in within))

    def _several(self, annotation: ir.Expr, site: ir.Site, frame: Frame) -> Value:
        """A list of what an annotation stands for; nothing where that is nothing that is known."""
        held = self.annotated_value(annotation, site, frame)
        if not held:
            return NOTHING
        made = self._universe.make(Container, "list", Alloc(frame.path, site, 0))
        self._heap.store(made, ANY_ELEMENT, tuple(self._universe.in_mode(obj, "all") for obj in held))
        return (made,)

    def handed_out(self, classes: Value, site: ir.Site, frame: Frame) -> Value:
        """An instance of each class, or of what inherits from it, that was made somewhere."""
        out: list[Value] = []
        for obj in classes:
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
                self._machine.classes.member(self._machine.classes.mro(obj), name)
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
        initialiser = self._machine.classes.own_member(class_, self._machine.semantics.construct)
        self._machine.classes.open((made,))
        if initialiser and not self._heap.load(made, Fact.ASSUMED):
            self._heap.store(made, Fact.ASSUMED, self._universe.const(True))
            unknown = self._universe.unknown
            given = Args(rest=unknown, extra=unknown).with_first((made,))
            self._machine.call(initialiser, given, site, beside)


def _body_frame(frame: Frame, qualname: str) -> Frame:
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


def _alternatives(annotation: ir.Expr, semantics: Semantics) -> list[ir.Expr]:
    """The types an annotation may mean: both sides of a union, and what is inside a transparent one."""
    transparent, several = semantics.transparent_types, semantics.several_types
    if isinstance(annotation, ir.Bool):
        return [*_alternatives(annotation.left, semantics), *_alternatives(annotation.right, semantics)]
    if isinstance(annotation, ir.Item) and annotation.index is not None:
        if isinstance(annotation.base, (ir.Name, ir.Attr)) and annotation.base.name in transparent:
            return _alternatives(annotation.index, semantics)
        return (
            [annotation] if isinstance(annotation.base, (ir.Name, ir.Attr)) and annotation.base.name in several else []
        )
    return [annotation]
