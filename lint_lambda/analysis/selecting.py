"""What a library model's selectors and conditions mean in one call."""

from __future__ import annotations

import re

from lint_lambda.analysis import algebra
from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.objects import ANY_ELEMENT, HOLDS, LAUNCHED, ON_LOOP, Objects
from lint_lambda.analysis.values import (
    NOTHING,
    Alloc,
    Const,
    Container,
    External,
    Instance,
    Mode,
    Obj,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import Condition, Selector


class Selecting(Objects):
    """Selectors, conditions, and the handles in a value."""

    def select(self, selector: Selector, receiver: Obj | None, args: Args, result: Value, frame: Frame) -> Value:
        """The value a selector names in one call; empty when it was not given."""
        value: Value = NOTHING
        if selector.base == "self":
            value = (receiver,) if receiver is not None else NOTHING
        elif selector.base == "return":
            value = result
        elif selector.base == "loop":
            if selector.elements:
                loop = self.universe.external(ON_LOOP)[0]
                held = self.world.load(loop, LAUNCHED)
                return tuple(sorted({self.universe.in_mode(obj, "all") for obj in held}))
        elif selector.base == "running":
            on_loop = frame.activation.on_loop
            value = NOTHING if on_loop is None else self.universe.const(on_loop)
        elif selector.base == "adapter":
            value = self.universe.const(getattr(self.world.adapter, selector.name))
        elif selector.base == "global":
            named = self.universe.external(selector.name)[0]
            value = (self.universe.make(Instance, named, Alloc("", 0, 0)),)
        elif selector.base == "init":
            value = (receiver,) if receiver is not None else NOTHING
            for part in selector.name.split("."):
                value = union(*(self.world.load(obj, f"<init {part}>") for obj in value))
        elif selector.base == "set":
            owner, _, name = selector.name.rpartition(".")
            value = self.world.load(self.universe.external(owner)[0], name)
        elif selector.every:
            value = union(*args.positional, args.rest)
        elif 0 <= selector.position < len(args.positional):
            value = args.positional[selector.position]
        elif selector.name in args.keywords:
            value = args.keywords[selector.name]
        elif selector.position >= 0 and args.rest:
            value = args.rest
        if selector.one:
            # In a loop it is another one in every round, until there is none left.
            mode: Mode = "all" if frame.loops else "some"
            self.join_elements_of(value, frame)
            return self.elements(tuple(obj for obj in value if not isinstance(obj, Instance)), frame, mode)
        value = self.elements(value, frame) if selector.elements else value
        return self.elements(value, frame) if selector.deep else value

    def as_they_finish(self, iterable: Value) -> Value:
        """The handles that an iterator gives out one in each turn, when it is done; nothing for any other iterable."""
        held: set[Obj] = set()
        for obj in iterable:
            symbol = self.library_member(obj, "__next__") if isinstance(obj, Instance) else None
            models = self.models.of(symbol) if symbol is not None else ()
            if any(isinstance(model, m.JoinModel) and model.each for model in models):
                held.update(self.universe.in_mode(part, "all") for part in self.world.load(obj, HOLDS))
        return tuple(sorted(held))

    def join_elements_of(self, value: Value, frame: Frame) -> None:
        """Reading one element of work that yields as it goes: some of it is done, perhaps not all."""
        for obj in value:
            if isinstance(obj, Instance) and frame.state is not None:
                before = frame.state
                self.join_elements(obj, frame)
                if not frame.loops:
                    frame.state = algebra.join(before, frame.state)

    def holds(self, condition: Condition, receiver: Obj | None, args: Args, frame: Frame) -> bool:
        value = self.select(condition.selector, receiver, args, NOTHING, frame)
        if condition.op == "given":
            return bool(value) and not all(isinstance(obj, Const) and obj.value is None for obj in value)
        if condition.op == "~":
            texts = [text for obj in value for text in (self._text(obj), _literal(obj)) if text is not None]
            return any(re.search(condition.value, text) for text in texts)
        if condition.op == "is":
            return any(condition.value in self.models.ancestry(t) for obj in value for t in self.library_types(obj))
        equal = any(_literal(obj) == condition.value for obj in value)
        return equal if condition.op == "=" else bool(value) and not equal

    def _text(self, obj: Obj) -> str | None:
        if isinstance(obj, Const) and isinstance(obj.value, str):
            return obj.value
        if isinstance(obj, Unknown) and obj.term[0] == "text":
            return str(obj.term[1])
        if isinstance(obj, Container):
            held = [part for name in self.world.fields(obj) for part in self.world.load(obj, name)]
            parts = [self._text(part) for part in held if not isinstance(part, Container)]
            return " ".join(part for part in parts if part is not None)
        return None

    def handles(self, value: Value, frame: Frame) -> list[Obj]:
        """The objects in `value` that may be handles, those in containers included."""
        out: dict[Obj, None] = {}
        pending = list(value)
        seen: set[Obj] = set()
        while pending:
            obj = pending.pop(0)
            if obj in seen:
                continue
            seen.add(obj)
            if isinstance(obj, Container):
                pending.extend(self.elements((obj,), frame))
            elif isinstance(obj, (Instance, Suspended)):
                out[obj] = None
        return list(out)

    def keys(self, obj: Obj) -> list[Obj]:
        """The state's keys that a reference stands for."""
        one, old = self.universe.in_mode(obj, "one"), self.universe.in_mode(obj, "old")
        if obj.mode == "all":
            return [one, old]
        return [old] if obj.mode == "old" else [one]

    def spread(self, value: Value, frame: Frame) -> tuple[list[Value], Value]:
        """``*value`` as positional arguments: the ones whose place is known, and the rest."""
        if len(value) == 1 and isinstance(value[0], Container) and value[0].kind in ("list", "tuple"):
            names = self.world.fields(value[0])
            known: list[Value] = []
            while f"[{len(known)}]" in names:
                held = self.world.load(value[0], f"[{len(known)}]")
                known.append(held)
            rest = self.world.load(value[0], ANY_ELEMENT)
            return known, tuple(self.universe.in_mode(obj, "all") for obj in rest)
        return [], self.elements(value, frame)

    def keyword_spread(self, value: Value) -> dict[str, Value]:
        """``**value`` as keyword arguments, as far as its keys are known."""
        out: dict[str, Value] = {}
        for obj in value:
            if isinstance(obj, Container) and obj.kind == "dict":
                for name in self.world.fields(obj):
                    if name.startswith("['") and name.endswith("']"):
                        out[name[2:-2]] = self.world.load(obj, name)
        return out


def _literal(obj: Obj) -> str | None:
    """How a condition writes this value."""
    if isinstance(obj, Const):
        if obj.value is None or isinstance(obj.value, bool):
            return str(obj.value).lower()
        return str(obj.value)
    if isinstance(obj, External):
        return obj.symbol.rsplit(".", 1)[-1]
    return None
