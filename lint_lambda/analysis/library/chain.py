"""The verb *chain*: a call gives a handle of what comes after other work: that work, and the function that is called then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact
from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.values import Const, Container, Instance, Suspended, Unknown, Value, union
from lint_lambda.analysis.library import launch, racing, reading
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.ChainModel, call: Call, machine: Machine) -> Value:
    """What is called afterwards is analysed beside the caller. Where it never waits, waiting for the other work is all there is."""
    heap, frame = machine.heap, call.frame
    made = machine.universe.make(Instance, machine.universe.external(model.returns)[0], call.alloc)
    if frame.loops:
        heap.store(made, Fact.MANY, machine.universe.const(True))
    followed = machine.selectors.select(model.follows, call)
    after = tuple(obj for obj in followed if isinstance(obj, (Instance, Suspended)))
    if after:
        heap.store(made, Fact.HOLDS_SOME if model.some else Fact.HOLDS, after)
        if model.some:
            racing.note(machine)
    given = union(*((machine.heap.load(obj, Fact.RESULT) if obj in after else (obj,)) for obj in followed))
    work = () if model.work is None else machine.selectors.select(model.work, call)
    callables = tuple(obj for obj in work if not isinstance(obj, (Const, Unknown)))
    beside = Frame(frame.activation, frame.path, frame.qualname)
    only_tells, changes = False, reading.follows_changes(followed, machine)
    if callables:
        passed = Args([given or machine.universe.unknown]) if model.passes else Args()
        made_by = machine.call(callables, passed, call.site, beside)
        own = machine.adopt(made_by, call.site, beside)
        given = union(own, given) if model.keeps else own
        done = launch.take_over(beside, made, frame, machine)
        only_tells = launch.only_tells(done) and not beside.paths
        changes |= done.changes
        if done.works:
            frame.does(Effects(begins=True))
    if changes:
        reading.note_changes((made,), call.place, frame, machine)
    if any(isinstance(obj, Unknown) for obj in followed):
        heap.store(made, Fact.UNSEEN, machine.universe.const(True))
    _give(model, given, made, call, machine)
    waits = beside.effects.suspends or (callables and machine.handles.takes_time(after, frame, bare=True))
    catches = model.catches or len(callables) > 1
    if catches:
        heap.store(made, Fact.SWALLOWS, machine.universe.const(True))
    if callables and not model.keeps:
        heap.store(made, Fact.FAILS if beside.state is None else Fact.FULFILS, machine.universe.const(True))
    if beside.is_safe() and (catches or all(heap.load(obj, Fact.SAFE) for obj in followed)):
        heap.store(made, Fact.SAFE, machine.universe.const(True))
    elif model.stops and _leaves_some(after, machine):
        label = machine.semantics.shown(call.symbol)
        machine.log.unfinished[made] = Launch(call.place, model.kind, call.symbol, label, frame.qualname)
    if waits and frame.state is not None:
        heap.store(made, Fact.FOLLOWS, after)
        names = (machine.objects.qualname_of(obj) for obj in callables)
        label = next((name for name in names if name and " " not in name), machine.semantics.shown(call.symbol))
        # What only tells that time has passed is nothing to lose.
        launched = Launch(call.place, model.kind, call.symbol, label, frame.qualname, bare=only_tells)
        machine.handles.launch(made, launched, frame)
    return (made,)


def _leaves_some(after: Value, machine: Machine) -> bool:
    """Whether some of the work may be left where other work of it fails."""
    several = len(after) > 1 or any(obj.mode != "one" or machine.heap.load(obj, Fact.MANY) for obj in after)
    return several and not all(machine.heap.load(obj, Fact.SAFE) for obj in after)


def _give(model: m.ChainModel, given: Value, made: Instance, call: Call, machine: Machine) -> None:
    if model.gives == "list":
        every = machine.universe.make(Container, "list", call.alloc)
        if given:
            machine.heap.store(every, ANY_ELEMENT, given)
        given = (every,)
    if given:
        machine.heap.store(made, Fact.RESULT, given)
