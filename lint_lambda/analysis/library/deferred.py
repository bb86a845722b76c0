"""The verb *deferred*: a call gives a handle that is done when somebody says so, and hands out the functions to say it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact, slot
from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.values import Container, External, Instance, Obj, Resolver, Suspended, Value, union
from lint_lambda.analysis.library import racing, reading
from lint_lambda.analysis.library.call import Call
from lint_lambda.core.ir import Site
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.DeferredModel, call: Call, machine: Machine) -> Value:
    """Make the handle. If `work` is called at once, with the functions; else they stand beside the handle in an object."""
    heap, frame = machine.heap, call.frame
    made = machine.universe.make(Instance, machine.universe.external(model.returns)[0], call.alloc)
    if frame.loops:
        heap.store(made, Fact.MANY, machine.universe.const(True))
    settle: Value = (machine.universe.make(Resolver, made),)
    reject: Value = (machine.universe.make(Resolver, made, True),)
    if model.work is None:
        both = machine.universe.make(Container, "dict", call.alloc)
        heap.store(both, slot(model.handle), (made,))
        for name, function in zip(model.settles, (settle, reject)):
            heap.store(both, slot(name), function)
        return (both,)
    before = frame.effects
    frame.effects = type(before)()
    given = [] if model.args is None else list(call.args.positional[model.args.position :])
    machine.call(machine.selectors.select(model.work, call), Args([*given, settle, reject]), call.site, frame)
    done = made in frame.effects.signals
    changes = frame.effects.changes
    frame.effects = before.then(frame.effects)
    if changes:
        reading.note_changes((made,), call.place, frame, machine)
    if not done and frame.state is not None:
        label = machine.semantics.shown(call.symbol)
        bare = not heap.load(made, Fact.UNSEEN) or racing.only_fails(made, machine)
        machine.handles.launch(
            made, Launch(call.place, model.kind, call.symbol, label, frame.qualname, bare=bare), frame
        )
    return (made,)


def settle(resolver: Resolver, args: Args, site: Site, frame: Frame, machine: Machine) -> Value:
    """The handle is done, or waits for what it is done with from now on."""
    handle = resolver.handle
    machine.heap.store(handle, Fact.FAILS if resolver.rejects else Fact.FULFILS, machine.universe.const(True))
    given = args.positional[0] if args.positional else machine.universe.const(None)
    handles = tuple(obj for obj in given if isinstance(obj, (Instance, Suspended)))
    held = tuple(obj for obj in handles if isinstance(obj, Suspended) or machine.handles.is_handle(obj))
    if held:
        machine.heap.store(handle, Fact.HOLDS, held)
    results = (machine.heap.load(obj, Fact.RESULT) if obj in held else (obj,) for obj in given)
    machine.heap.store(handle, Fact.RESULT, union(*results))
    if machine.log.unseen:
        machine.log.settled += 1
        entrust(handle, frame, machine)
    else:
        frame.signal(handle)
        if not held:
            machine.handles.settle(handle, frame)
    return machine.universe.const(None)


def entrust(handle: Obj, frame: Frame, machine: Machine) -> None:
    """Code that is not analysed, and that the work calls, settles the handle some time: whoever waits for it waits for the work."""
    machine.heap.store(handle, Fact.UNSEEN, machine.universe.const(True))
    machine.heap.store(handle, Fact.SIGNALLED_BY, machine.log.beside[-1:])
    if isinstance(handle, Instance) and not _external(handle).startswith(
        "<"
    ):  # how an answer is given, the runtime says
        frame.does(Effects(through=frozenset((handle.base,))))


def _external(handle: Instance) -> str:
    return handle.type.symbol if isinstance(handle.type, External) else ""
