"""Take conditions apart into the two branches they lead to, and what is known in each."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.chosen import chosen
from lint_lambda.analysis.domain.frame import Args, Frame, Snapshot, merge, merge_branches
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, about
from lint_lambda.analysis.domain.launch_state import Guard, State
from lint_lambda.analysis.domain.translation import VARIABLE, speaks_of_variables, term_of, truth_of
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Chosen,
    ClassObj,
    Const,
    Container,
    External,
    FunctionObj,
    Instance,
    ModuleObj,
    Presence,
    Probe,
    Suspended,
    Term,
    Unknown,
    Value,
    perhaps_there,
    union,
)
from lint_lambda.analysis.interpreter import emptiness, finished
from lint_lambda.analysis.interpreter.regions import hardly
from lint_lambda.analysis.library import patience
from lint_lambda.analysis.library.call import NO_SITE, Call
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

Branches = tuple["Snapshot | None", "Snapshot | None", "Guard | None"]
"""The snapshot where a condition holds, the one where it does not, and the condition's name."""


class Conditions:
    """Branching."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._last: Value = (
            NOTHING  # of the truth test evaluated last: what ``a or b`` needs of `a` without running it again
        )

    def choice(self, expr: ir.Choice, frame: Frame) -> Value:
        then, otherwise, guard = self.branches(expr.test, frame)
        frame.resume(then)
        left = self._machine.evaluate(expr.then, frame) if then is not None else NOTHING
        then_after = frame.snapshot()
        frame.resume(otherwise)
        right = self._machine.evaluate(expr.otherwise, frame) if otherwise is not None else NOTHING
        frame.resume(merge_branches(self._universe, guard, then_after, frame.snapshot()))
        return self.either(guard, left, right)

    def view(self, frame: Frame, at: Snapshot) -> Frame:
        """`frame` as it stands at a snapshot."""
        return _view(frame, at)

    def either(self, guard: Guard | None, left: Value, right: Value) -> Value:
        """`left` where a condition holds, `right` where it does not."""
        if guard is None or left == right or not self._world.settings.are(guard.term):
            return union(left, right)
        held = chosen(self._universe, left, frozenset((guard,)))
        return union(held, chosen(self._universe, right, frozenset((guard.negated(),))))

    def short_circuit_value(self, expr: ir.Bool, frame: Frame) -> Value:
        """``a and b`` / ``a or b`` as values: what either side may give."""
        (then, otherwise, guard), holds, fails = self._sides(expr.left, frame)
        on_right, done = (then, otherwise) if expr.op == "and" else (otherwise, then)
        left = NOTHING if done is None else fails if expr.op == "and" else holds
        frame.resume(on_right)
        right = self._machine.evaluate(expr.right, frame) if on_right is not None else NOTHING
        after = frame.snapshot()
        if expr.op == "and":
            frame.resume(merge_branches(self._universe, guard, after, done))
        else:
            frame.resume(merge_branches(self._universe, guard, done, after))
        named = self._named(expr, left, guard, right) if left and right else NOTHING
        if not named and isinstance(expr.left, (ir.Compare, ir.Not)) and any(isinstance(o, Unknown) for o in right):
            left = NOTHING  # the unknown may be that, too
        return named or union(left, right) or self._universe.unknown

    def _named(self, expr: ir.Bool, left: Value, first: Guard | None, right: Value) -> Value:
        """The value of both sides under one name, which says when it is true; none where either has no name, or is known better."""
        if first is None or not all(isinstance(obj, (Unknown, Const)) for obj in (*left, *right)):
            return NOTHING
        if speaks_of_variables(first.term):
            return NOTHING
        if isinstance(expr.left, (ir.Compare, ir.Not)):
            left = self._universe.unknown_of("phi", first.term, first.holds)
        each = [term_of((obj,)) for obj in left]
        one, other = (each[0] if len(each) == 1 else ("either", *each)), term_of(right)
        if None in each or one is None or other is None or one[0] == "const":
            return NOTHING
        second = truth_of(right)
        if second is None and (other != ("const", True) if expr.op == "and" else _truth(right[0]) is not False):
            return NOTHING  # a constant that is better kept
        guard = first if second is None else _both(expr.op, first, second)
        if all(term[0] == "phi" or term in (("const", True), ("const", False)) for term in (one, other)):
            return self._universe.unknown_of("phi", guard.term, guard.holds)
        return self._universe.unknown_of("either", guard.term, guard.holds, one, other)

    def _sides(self, expr: ir.Expr, frame: Frame) -> tuple[Branches, Value, Value]:
        """The branches of a condition, and its values where it holds and where it does not."""
        if isinstance(expr, ir.Bool):
            return self._short_circuit(expr, frame)
        branches = self.branches(expr, frame)
        if isinstance(expr, (ir.Compare, ir.Not)):
            return branches, self._universe.const(True), self._universe.const(False)
        then, otherwise, _ = branches
        held = tuple(obj for obj in self._value_again(expr, then, frame) if _truth(obj) is not False)
        return branches, held, tuple(o for o in self._value_again(expr, otherwise, frame) if _truth(o) is not True)

    def _value_again(self, expr: ir.Expr, at: Snapshot | None, frame: Frame) -> Value:
        """The value of an operand that has run already, without running its effects twice."""
        if at is None:
            return NOTHING
        if isinstance(expr, ir.Name):
            return self._machine.names.name(expr, _view(frame, at))
        return self._last

    def value(self, expr: ir.Expr, frame: Frame) -> Value:
        """A condition used as a value."""
        then, otherwise, guard = self.branches(expr, frame)
        if then is None or otherwise is None:
            frame.resume(merge((then, otherwise)))
            return self._universe.const(then is not None)
        probe = self._last
        frame.resume(merge_branches(self._universe, guard, then, otherwise))
        if any(isinstance(obj, Probe) for obj in probe):
            if isinstance(expr, ir.Not):
                flipped = [
                    self._universe.make(Probe, o.targets, not o.done, o.whole) for o in probe if isinstance(o, Probe)
                ]
                return tuple(sorted(flipped))
            return probe
        if guard is not None and not speaks_of_variables(guard.term):
            return self._universe.unknown_of("phi", guard.term, guard.holds)
        return self._presence(probe, expr) or self._universe.unknown

    def _presence(self, asked: Value, expr: ir.Expr) -> Value:
        """The answer of a condition that asks whether a variable is empty, and nothing else."""
        make, negated = self._universe.make, isinstance(expr, ir.Not)
        asks = [obj for obj in asked if isinstance(obj, Presence)]
        if asks:
            return tuple(sorted(make(Presence, obj.targets, obj.there != negated, obj.surely) for obj in asks))
        targets = perhaps_there(asked)
        named = expr.value if isinstance(expr, ir.Not) else expr
        return (make(Presence, targets, not negated, not _is_local(named)),) if targets else NOTHING

    def branches(self, test: ir.Expr, frame: Frame) -> Branches:
        """Evaluate a condition; where it holds, where it does not, and what it is called."""
        if isinstance(test, ir.Not):
            then, otherwise, guard = self.branches(test.value, frame)
            return otherwise, then, None if guard is None else guard.negated()
        if isinstance(test, ir.Bool):
            return self._short_circuit(test, frame)[0]
        counted = emptiness.asked(test, self._machine.semantics)
        if counted is not None:
            found = self._by_count(*counted, frame)
            if found is not None:
                return found
        if isinstance(test, ir.Compare):
            return self._comparison(test, frame)
        if isinstance(test, ir.Bind):
            value = self._machine.evaluate(test, frame)
            return self._by_truth(test.target if isinstance(test.target, ir.Name) else test, value, frame)
        value = self._machine.evaluate(test, frame)
        return self._by_truth(test, value, frame)

    def _short_circuit(self, test: ir.Bool, frame: Frame) -> tuple[Branches, Value, Value]:
        (then, otherwise, first), holds, fails = self._sides(test.left, frame)
        go_on, stop = (then, otherwise) if test.op == "and" else (otherwise, then)
        frame.resume(go_on)
        if go_on is None:
            return ((None, stop, first) if test.op == "and" else (stop, None, first)), holds, fails
        (then2, otherwise2, second), holds2, fails2 = self._sides(test.right, frame)
        guard = None if first is None or second is None else _both(test.op, first, second)
        if second is None and (otherwise2 if test.op == "and" else then2) is None:
            guard = first  # the right side changes nothing
        if test.op == "and":
            left_out = self._refuse(merge((stop, otherwise2)), guard)
            return (self._assume(then2, guard), left_out, guard), holds2, union(fails, fails2)
        done = self._assume(merge((stop, then2)), guard)
        return (done, self._refuse(otherwise2, guard), guard), union(holds, holds2), fails2

    def _assume(self, snapshot: Snapshot | None, guard: Guard | None) -> Snapshot | None:
        if snapshot is None:
            return None
        held = snapshot.held
        if guard is not None and self._world.settings.are(guard.term):
            held |= {guard}
        return Snapshot(snapshot.env, launch_state.assume(snapshot.state, guard), snapshot.effects, held)

    def _refuse(self, snapshot: Snapshot | None, guard: Guard | None) -> Snapshot | None:
        return self._assume(snapshot, None if guard is None else guard.negated())

    def _comparison(self, test: ir.Compare, frame: Frame) -> Branches:
        left = self._machine.evaluate(test.left, frame)
        right = self._machine.evaluate(test.right, frame)
        self._machine.operators.compared(test.op, left, right, frame)
        here = frame.snapshot()
        if here is None:
            return None, None, None
        equal = test.op in ("==", "is")
        asked = any(isinstance(obj, Probe) for obj in left) and test.op in _STILL
        if asked and (_all_numbers(right) or all(isinstance(obj, Probe) for obj in right)):
            # How many of them are still at work: more than a number, or than there were before.
            then, otherwise, guard = self._by_truth(test.left, left, frame)
            return (then, otherwise, guard) if _STILL[test.op] else (otherwise, then, _negated(guard))
        identical = test.op in ("is", "is not") or (test.op in ("==", "!=") and self._are_enumerated((*left, *right)))
        if identical and _are_different(left, right):
            return (None, here, None) if equal else (here, None, None)
        if test.op in ("==", "!=", "is", "is not"):
            if len(right) == 1 and isinstance(right[0], Const):
                constant = right[0].value
                if constant is None:
                    none, some, guard = self._by_none(test.left, left, frame)
                    there = perhaps_there(left)
                    asks = self._universe.make(Presence, there, not equal, not _is_local(test.left))
                    self._last = (asks,) if there else NOTHING
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
            self._last = NOTHING
            turns = self._turns(test.left, left, right, frame) or self._turns(test.right, right, left, frame)
            if turns is not None:
                return (*turns, None) if equal else (turns[1], turns[0], None)
            guard = self._pair(test, "==", left, right, frame, holds=equal)
            return self._assume(here, guard), self._refuse(here, guard), guard
        spent = patience.is_spent(test.op, left, right)
        if spent is not None:
            self._last = NOTHING
            over = Snapshot(here.env, hardly(here.state), here.effects, here.held)
            return (over, here, None) if spent else (here, over, None)
        ordered = _ordered(test.op, left, right)
        if ordered is not None:
            return (here, None, None) if ordered else (None, here, None)
        self._last = NOTHING
        if test.op in ("in", "not in"):
            settled = self._membership(test.op == "in", left, right, here, frame)
            if settled is not None:
                return settled
        holds = not test.op.startswith("not ")
        guard = self._pair(test, test.op.replace("not ", ""), left, right, frame, holds=holds)
        if guard is None:
            term = self._one_of(test, left, right, frame)
            guard = None if term is None else Guard(term, holds)
        return self._assume(here, guard), self._refuse(here, guard), guard

    def _turns(self, expr: ir.Expr, each: Value, work: Value, frame: Frame) -> tuple[Snapshot, Snapshot] | None:
        """Where that which a loop comes to is this `work`, and where it is other work; None where it is no such question."""
        here = frame.snapshot()
        assert here is not None
        states = finished.turns(each, work, _view(frame, here), self._machine)
        if states is None:
            return None
        same = tuple(obj for obj in each if obj.base is work[0].base)
        found = self._narrowed(expr, same, NOTHING, frame)
        return None if found is None else (_with_state(found, states[0]), _with_state(here, states[1]))

    def _membership(self, holds: bool, left: Value, right: Value, here: Snapshot, frame: Frame) -> Branches | None:
        """Branches of whether a value is among others, or (not `holds`) is not; None where nothing is known of that."""
        among = self._is_among(left, right)
        if among is not None:
            return (here, None, None) if among == holds else (None, here, None)
        inside, outside = finished.asked(left, right, _view(frame, here), self._machine)
        if inside is not None or outside is not None:
            found, missing = _with_state(here, inside), _with_state(here, outside)
            return (found, missing, None) if holds else (missing, found, None)
        if len(right) == 1 and isinstance(right[0], External):
            contained = self._contains(right[0], left, frame)
            if len(contained) == 1 and isinstance(contained[0], Const):
                return (here, None, None) if contained[0].value == holds else (None, here, None)
            variable = self._variable(right[0], left, frame)
            if variable is not None:
                guard = Guard(("is none", variable), not holds)
                return self._assume(here, guard), self._refuse(here, guard), guard
        return None

    def _is_among(self, element: Value, containers: Value) -> bool | None:
        """Whether a constant is among constants that are all known; None where that cannot be said."""
        known = _all_consts(element)
        if known is None or len(containers) != 1 or not isinstance(containers[0], Container):
            return None
        within = _all_consts(self._heap.held(containers[0]))
        if within is None or containers[0].kind == "dict" or self._heap.load(containers[0], ANY_ELEMENT):
            return None
        answers = {value in within for value in known}
        return answers.pop() if len(answers) == 1 else None

    def _one_of(self, test: ir.Compare, left: Value, right: Value, frame: Frame) -> Term | None:
        """The name of the condition that a value is among constants that are all known."""
        if test.op not in ("in", "not in") or len(right) != 1 or not isinstance(right[0], Container):
            return None
        element, within = self._term(test.left, left, frame), _all_consts(self._heap.held(right[0]))
        if element is None or within is None or self._heap.load(right[0], ANY_ELEMENT):
            return None
        return ("in", element, ("const", tuple(within)))

    def _contains(self, container: External, element: Value, frame: Frame) -> Value:
        """What the models say of ``element in container``."""
        if self._models.canonical(container.symbol) == self._machine.semantics.environment:
            asked = [self._machine.objects.external_attribute(container, name) for name in _texts(element)]
            return (
                self._universe.const(True)
                if asked and all(len(value) == 1 and _is_given(value[0]) for value in asked)
                else NOTHING
            )
        called = [f"{container.symbol}.{name}" for name in self._machine.semantics.contains]
        return union(
            *(self._machine.library.call(Call(symbol, None, Args([element]), NO_SITE, frame)) for symbol in called)
        )

    def _variable(self, container: External, name: Value, frame: Frame) -> Term | None:
        """The name of the variable of the process that is asked for by ``name in container``: where it is set, it is not None."""
        if len(_texts(name)) != 1 or len(name) != 1:
            return None
        if self._models.canonical(container.symbol) == self._machine.semantics.environment:
            return term_of(self._machine.objects.external_attribute(container, _texts(name)[0]))
        return term_of(self._machine.library.variable(container, name, frame))

    def _by_count(self, expr: ir.Expr, holds_any: bool, frame: Frame) -> Branches | None:
        """Branches of whether there is anything in a container; None where it is no container."""
        value = self._machine.evaluate(expr, frame)
        here = frame.snapshot()
        if here is None or not emptiness.is_container(value):
            return None
        guard: Guard | None = None
        some: Snapshot | None = here
        none: Snapshot | None = here
        if not frame.polling:
            if all(isinstance(obj, Container) for obj in value):
                some, none, guard = self._by_truth(expr, value, frame)
            elif any(loop.endless for loop in frame.loops):
                view = _view(frame, here)
                view.loops = []  # all of them have ended, not those that a turn has come to
                emptiness.taken_out(value, view, self._machine)
                assert view.state is not None
                none = Snapshot(here.env, view.state, here.effects, here.held)
            else:
                none = self._never_filled(value, here, frame)
        else:
            none = self._drained(value, here, frame)
        return (some, none, guard) if holds_any else (none, some, _negated(guard))

    def _drained(self, value: Value, empty: Snapshot, frame: Frame) -> Snapshot:
        """Where a loop that goes on as long as there is anything in a container has ended."""
        view = _view(frame, empty)
        emptiness.drained(value, view, self._machine)
        assert view.state is not None
        return Snapshot(empty.env, view.state, empty.effects, empty.held)

    def _by_none(self, expr: ir.Expr, value: Value, frame: Frame) -> Branches:
        """Branches of ``expr is None``."""
        if any(isinstance(obj, Probe) for obj in value):
            # poll() is None: still running
            then, otherwise, guard = self._by_truth(expr, value, frame)
            return otherwise, then, _negated(guard)
        none = tuple(obj for obj in value if (isinstance(obj, Unknown) and not _is_given(obj)) or _is_none(obj))
        some = tuple(obj for obj in value if not _is_none(obj))
        term = self._term(expr, value, frame)
        guard = None if term is None or term[0] == "const" else Guard(("is none", term), True)
        gone = tuple(obj for obj in some if not isinstance(obj, Unknown))
        then = self._narrowed(expr, none, gone, frame)
        otherwise = self._narrowed(expr, some, NOTHING, frame)
        self._last = NOTHING
        return self._assume(then, guard), self._refuse(otherwise, guard), guard

    def _by_truth(self, expr: ir.Expr, value: Value, frame: Frame) -> Branches:
        """Branches of a plain truth test: constants decide it, a probe waits, an empty variable held no handle."""
        value = self._machine.operators.truth(value, frame)
        self._last = value
        truthy = tuple(obj for obj in value if _truth(obj) is not False)
        falsy = tuple(obj for obj in value if _truth(obj) is not True)
        emptied = tuple(obj for obj in value if frame.polling and isinstance(obj, Container))
        gone = tuple(obj for obj in value if isinstance(obj, (Instance, Suspended, Container)) and obj not in emptied)
        then = self._narrowed(expr, truthy, NOTHING, frame)
        otherwise = self._narrowed(expr, falsy, NOTHING if self._in_turns(frame) else gone, frame)
        if otherwise is None and gone and not self._is_surely(expr, value):
            otherwise = self._narrowed(expr, falsy or self._universe.unknown, gone, frame)
        for obj in value:
            if isinstance(obj, Probe):
                then, otherwise = self._probed(obj, then, otherwise, frame)
            elif isinstance(obj, Presence) and obj.there:
                otherwise = self._absent(obj.targets, otherwise, frame, surely=obj.surely)
            elif isinstance(obj, Presence):
                then = self._absent(obj.targets, then, frame, surely=obj.surely)
        if emptied and otherwise is not None:
            otherwise = self._drained(emptied, otherwise, frame)
        otherwise = self._without_rest(value, otherwise, frame)
        otherwise = self._never_filled(value, otherwise, frame)
        guard = truth_of(_named_as(expr, value)) or self._flag(expr, value, frame)
        if guard is None and (variable := self._variable_of(expr, value, frame)) is not None:
            guard = Guard(("true", variable), True)
        return self._assume(then, guard), self._refuse(otherwise, guard), guard

    def _are_enumerated(self, value: Value) -> bool:
        """Whether all that this may be are the only instances of their classes, of which no two are equal."""
        return all(isinstance(obj, Instance) and self._heap.load(obj.type, Fact.ENUMERATED) for obj in value)

    def _pair(self, test: ir.Compare, op: str, left: Value, right: Value, frame: Frame, *, holds: bool) -> Guard | None:
        """The condition that two values that have names are in a relation (or, not `holds`, are not)."""
        first, second = self._term(test.left, left, frame), self._term(test.right, right, frame)
        return None if first is None or second is None else Guard((op, first, second), holds)

    def _term(self, expr: ir.Expr, value: Value, frame: Frame) -> Term | None:
        """The name of a value, or of the variable that it was read from."""
        return term_of(value) or self._variable_of(expr, value, frame)

    def _variable_of(self, expr: ir.Expr, value: Value, frame: Frame) -> Term | None:
        """The name of a variable of the function whose value has none; it stands for that value until another is assigned.

        Not where something may change without an assignment: in a container, or in what a nested function assigns to.
        """
        if not isinstance(expr, ir.Name) or expr.owner != ir.LOCAL or expr.name not in frame.env:
            return None
        if not value or not all(isinstance(obj, (Unknown, Const)) for obj in value):
            return None
        if expr.name in frame.activation.callee.function.captured:
            return None
        frame.asked.add(expr.name)
        return (VARIABLE, frame.context, expr.name)

    def _flag(self, expr: ir.Expr, value: Value, frame: Frame) -> Guard | None:
        """The condition that a constant of the module is true, which its body sets one way or the other, and no function does."""
        if not isinstance(expr, ir.Name) or expr.owner != MODULE_BODY or frame.qualname == MODULE_BODY:
            return None
        if len({_truth(obj) for obj in value}) < 2 or not all(isinstance(obj, Const) for obj in value):
            return None
        if self._heap.load(self._world.module(frame.path), about(Fact.GLOBAL, expr.name)):
            return None
        return Guard(("true", ("global", frame.path, expr.name)), True)

    def _is_surely(self, expr: ir.Expr, value: Value) -> bool:
        """Whether a variable of the function itself holds a handle, and nothing else: one is false only where its class says so."""
        if not isinstance(expr, ir.Name) or expr.owner != ir.LOCAL:
            return False
        return all(
            isinstance(obj, Instance)
            and self._machine.handles.is_handle(obj)
            and not self._machine.classes.own_member(obj, self._machine.semantics.truth)
            for obj in value
        )

    def _probed(
        self, probe: Probe, then: Snapshot | None, otherwise: Snapshot | None, frame: Frame
    ) -> tuple[Snapshot | None, Snapshot | None]:
        """Where a probe says that work is done, it is as good as joined."""
        if frame.polling or any(loop.endless for loop in frame.loops):
            self._machine.handles.note(probe.targets, "watched", frame)
        if frame.loops:
            frame.loops[-1].asked.update(dict.fromkeys(probe.targets))
        done = then if probe.done else otherwise
        if done is not None:
            view = _view(frame, done)
            if probe.whole:
                view.loops = []  # no turn comes to one of them only
            if frame.polling:
                self._machine.handles.join(probe.targets, view)
            else:
                self._machine.handles.forget(probe.targets, view)
            assert view.state is not None
            done = Snapshot(done.env, view.state, done.effects, done.held)
        return (done, otherwise) if probe.done else (then, done)

    def _without_rest(self, value: Value, empty: Snapshot | None, frame: Frame) -> Snapshot | None:
        """Where a set of what a wait has left is empty, nothing of it is pending."""
        rest = union(*(self._machine.heap.load(obj, Fact.REST) for obj in value if isinstance(obj, Container)))
        if empty is None or not rest:
            return empty
        view = _view(frame, empty)
        self._machine.handles.forget(rest, view)
        assert view.state is not None
        return Snapshot(empty.env, view.state, empty.effects, empty.held)

    def _never_filled(self, value: Value, empty: Snapshot | None, frame: Frame) -> Snapshot | None:
        """Where a container is empty, what was launched straight into it, and stands nowhere else, never was.

        A loop's condition is another matter, and so is that of an iterator: there the container may have been emptied.
        """
        if empty is None or frame.polling or self._in_turns(frame):
            return empty
        if len(value) != 1 or not emptiness.is_container(value):
            return empty
        named = {obj.base for held in empty.env.values() for obj in held}
        view = _view(frame, empty)
        handles = self._machine.handles
        alone = [
            obj
            for obj in emptiness.held(value, view, self._machine)
            if obj.base not in named
            and all(
                owner is value[0].base or (isinstance(owner, Container) and owner not in named)
                for owner in self._heap.owners(obj)
            )
            and handles.launched_where_made(obj, view)
        ]
        handles.forget(tuple(alone), view)
        assert view.state is not None
        return Snapshot(empty.env, view.state, empty.effects, empty.held)

    def _in_turns(self, frame: Frame) -> bool:
        """Whether this is the step of an iterator, which is taken again and again until there is nothing left."""
        return frame.qualname.rpartition(".")[2] in self._machine.semantics.advance

    def _narrowed(self, expr: ir.Expr, value: Value, gone: Value, frame: Frame) -> Snapshot | None:
        """This point with `expr` known to be one of `value`; the handles of `gone` were never made on this path."""
        here = frame.snapshot()
        if here is None or not value:
            return None
        if isinstance(expr, ir.Name) and expr.owner in (ir.LOCAL, MODULE_BODY) and expr.name in here.env:
            here.env[expr.name] = value
        # What a variable holds is known at each point: where it is empty, what it could hold may have been made all the same.
        return self._absent(gone, here, frame, surely=not _is_local(expr)) if gone else here

    def _absent(self, gone: Value, at: Snapshot | None, frame: Frame, *, surely: bool) -> Snapshot | None:
        """A point at which a variable is empty: the handles of `gone` were never made there."""
        # Where there is none of several under one key, or none is left, that says nothing of the others.
        gone = tuple(obj for obj in gone if obj.mode not in ("some", "part"))
        if at is None or not gone:
            return at
        view = _view(frame, at)
        self._machine.handles.forget(gone, view, surely=surely)
        self._machine.handles.never_begun(gone, view)
        assert view.state is not None
        return Snapshot(at.env, view.state, at.effects, at.held)


def _is_local(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Name) and expr.owner == ir.LOCAL


def _with_state(here: Snapshot, state: State | None) -> Snapshot:
    return here if state is None else Snapshot(here.env, state, here.effects, here.held)


def _view(frame: Frame, at: Snapshot) -> Frame:
    """`frame` as it stands at a snapshot."""
    view = Frame(frame.activation, frame.path, frame.qualname, dict(at.env), at.state)
    view.loops = frame.loops
    view.class_scope = frame.class_scope
    view.effects = at.effects
    view.polling = frame.polling
    return view


def _named_as(expr: ir.Expr, value: Value) -> Value:
    """The value of an attribute that is read here, without what it is by default where that is not known."""
    others = tuple(obj for obj in value if not isinstance(obj, Const))
    if len(others) == 1 and isinstance(expr, ir.Attr) and isinstance(others[0], Unknown):
        term = others[0].term
        if term[0] == "attr" and term[1][0] == "object" and term[2] == expr.name:
            return others
    return value


def as_flag(expr: ir.Expr, value: Value) -> Value:
    """The same, where it is by default true or false, and nothing else: whoever is handed it asks for the attribute."""
    consts = [obj.value for obj in value if isinstance(obj, Const)]
    return _named_as(expr, value) if all(isinstance(each, bool) for each in consts) else value


def _negated(guard: Guard | None) -> Guard | None:
    return None if guard is None else guard.negated()


def _is_none(obj: object) -> bool:
    return isinstance(obj, Const) and obj.value is None


def _both(op: str, first: Guard, second: Guard) -> Guard:
    """The condition that is put together of two."""
    return Guard((op, first.term, first.holds, second.term, second.holds), True)


def _truth(obj: object) -> bool | None:
    if isinstance(obj, Const):
        return bool(obj.value)
    if isinstance(obj, (FunctionObj, Chosen, ClassObj, Instance, ModuleObj, Suspended)):
        return True
    return True if _is_given(obj) else None


def _texts(value: Value) -> list[str]:
    return [obj.value for obj in value if isinstance(obj, Const) and isinstance(obj.value, str)]


def _is_given(obj: object) -> bool:
    """Whether this is not known, but is surely something."""
    return isinstance(obj, Unknown) and obj.term[0] == "given"


def _all_consts(value: Value) -> list[object] | None:
    if value and all(isinstance(obj, Const) for obj in value):
        return [obj.value for obj in value if isinstance(obj, Const)]
    return None


_STILL = {">": True, ">=": True, "!=": True, "<": False, "<=": False}
"""Whether a number of those that are still at work means, compared so, that some are."""


def _are_different(left: Value, right: Value) -> bool:
    """Whether nothing that one side may be is what the other may be."""
    known = all(isinstance(obj, (Instance, ClassObj, FunctionObj, ModuleObj)) for obj in (*left, *right))
    return known and bool(left and right) and {obj.base for obj in left}.isdisjoint(obj.base for obj in right)


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _ordered(op: str, left: Value, right: Value) -> bool | None:
    """Whether the numbers on both sides are in order; None where they are not known, or some are and some are not."""
    compare = _ORDERS.get(op)
    first, second = _all_numbers(left), _all_numbers(right)
    if compare is None or not first or not second:
        return None
    answers = {compare(one, two) for one in first for two in second}
    return answers.pop() if len(answers) == 1 else None


def _all_numbers(value: Value) -> list[float]:
    """The numbers that a value may be; nothing if it may be anything else."""
    numbers = [obj.value for obj in value if isinstance(obj, Const) and isinstance(obj.value, (int, float))]
    return numbers if len(numbers) == len(value) else []
