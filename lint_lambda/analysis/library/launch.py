"""The verb *launch*: a call starts work that can go on without its caller, and which is analysed beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact
from lint_lambda.analysis.domain.launch_state import EMPTY, Entry, Launch, State
from lint_lambda.analysis.domain.values import (
    NOTHING,
    RUNNING_LOOP,
    Const,
    Container,
    External,
    FunctionObj,
    Instance,
    Obj,
    Ready,
    Suspended,
    Unknown,
    Value,
    in_order,
    union,
)
from lint_lambda.analysis.library import construction, racing, reading
from lint_lambda.analysis.library.call import Call
from lint_lambda.analysis.library.launched import function_of, launched_by
from lint_lambda.core.finding import Fate
from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.core.verdict import Advice
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import Selector

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


@dataclass(frozen=True, slots=True)
class _Work:
    """What is run beside the caller, and with which arguments."""

    callee: Value = NOTHING
    args: Args = field(default_factory=Args)


def apply(model: m.LaunchModel, call: Call, machine: Machine) -> Value:
    """Start the work; the value is its handle, or nothing when the call has none."""
    result = _result(model, call, machine)
    work = _work(model, call, machine)
    if model.takes:
        taken = tuple(obj for obj in work.callee if isinstance(obj, Suspended) is (model.takes == "coroutine"))
        if not taken:
            return result
        work = replace(work, callee=taken)
    if model.eager and work.callee:
        made = machine.call(work.callee, work.args, call.site, call.frame)
        known = all(isinstance(function_of(obj), FunctionObj) for obj in work.callee)
        work = replace(
            work, callee=tuple(obj for obj in made if isinstance(obj, Suspended) and obj.kind == "coroutine")
        )
        if known and not work.callee:
            return result
    if model.work is not None and model.work.base == "init" and _is_no_work(work.callee):
        return result
    handles = _handles(model, call, result, machine)
    if model.frees_unless and not any(machine.selectors.holds(each, call) for each in model.frees_unless):
        for handle in handles:
            machine.heap.store(handle, Fact.FREES, machine.universe.const(True))
    if model.holds is not None:
        held = machine.selectors.select(model.holds, call, result)
        for handle in handles:
            within = machine.handles.within(held, call.frame)
            machine.heap.store(handle, Fact.HOLDS, tuple(within))
            _give(model, union(*(machine.heap.load(obj, Fact.RESULT) for obj in within)), handle, call, machine)
    if model.value:
        given = construction.construct(model.value, call.on_nothing(), machine)
        if model.gives == "list":
            listed = machine.universe.make(Container, "list", call.alloc._replace(site=-2 - call.site))
            machine.heap.store(listed, ANY_ELEMENT, given)
            given = (listed,)
        for handle in handles:
            machine.heap.store(handle, Fact.RESULT, given)
    before = set(call.frame.paths)
    _launch(model, call, work, handles, result, machine)
    if model.remedy:
        machine.world.advise(call.frame.paths.keys() - before, Advice(model.remedy, model.prompt))
    if model.block:
        machine.blocks.update((obj.base, (model, call)) for obj in result)
    return result


def at_the_end(block: Obj, frame: Frame, machine: Machine) -> None:
    """The end of a library's block: what it is about goes out only then, whatever was waited for inside."""
    if block.base in machine.blocks and frame.state is not None:
        model, call = machine.blocks[block.base]
        _launch(model, replace(call, frame=frame), _Work(), _handles(model, call, NOTHING, machine), NOTHING, machine)


def _launch(model: m.LaunchModel, call: Call, work: _Work, handles: Value, result: Value, machine: Machine) -> None:
    """Run the work beside the caller, and record that it is pending on each of `handles`."""
    frame = call.frame
    scope, on_loop = _scope(model, call, result, machine)
    step, serves, bare = model.step, False, model.bare or _is_durable(work.callee, frame, machine)
    changes = not (model.bare or model.calls or reading.only_reads(model, call, machine))
    known = set(frame.paths)
    for handle in handles:
        if work.callee and frame.state is not None:
            done = _run_beside(model, call, work, handle, machine)
            coroutine = any(isinstance(obj, Suspended) for obj in machine.handles.within(work.callee, frame))
            changes |= done.changes
            step |= coroutine and not done.suspends
            step &= not (model.awaits and done.suspends)
            serves |= done.serves
            bare |= model.calls and only_tells(done) and known == set(frame.paths)
            if done.endless:
                machine.world.note(call.place, "endless")
            if done.waits:
                machine.world.note(call.place, "waits")
            _note_rest(done, handle, machine)
            drains = dict(_drains(done, machine))
            machine.world.drains.setdefault(call.place, set()).update(
                (obj.alloc.place, row) for obj, row in drains.items()
            )
            if done.changes and drains and machine.models.kinds[model.kind].coroutine:
                machine.heap.store(handle, Fact.FED, in_order(drains))
    if changes:
        reading.note_changes(handles, call.place, frame, machine)
    elif model.fate is Fate.NEVER_RUNS:
        for handle in handles:
            machine.heap.store(handle, Fact.READS, machine.universe.const(True))
    if model.fate is Fate.JOINED:
        machine.handles.join(handles, frame)
        return
    kind = machine.models.kinds[model.kind]
    idle = model.passive or (on_loop and kind.loop != "never")
    reported = model.work is not None and model.work.base == "callback"  # it only says that the call's own work is done
    label = _label(NOTHING if reported else work.callee, call, machine)
    launch = Launch(
        call.place, model.kind, call.symbol, label, frame.qualname, step, model.fate, idle, bare, call.unsure
    )
    transparent = serves or _is_transparent(work.callee, machine)
    gathers = kind.gathers and model.handle is not None and model.handle.base != "return"
    for handle in handles:
        if handle.base not in {obj.base for obj in call.receivers}:
            machine.heap.store(handle, Fact.NEEDS, tuple(obj for obj in call.receivers if isinstance(obj, Instance)))
        if not transparent:
            machine.handles.launch(handle, launch, frame, gathers=gathers)
        key = (machine.universe.in_mode(handle, "one"),)
        if model.in_turn:
            machine.heap.store(handle, Fact.IN_TURN, scope)
        for obj in scope:
            machine.heap.store(obj, Fact.LAUNCHED, key)
        if on_loop:
            machine.heap.store(machine.universe.external(RUNNING_LOOP)[0], Fact.LAUNCHED, key)


def _is_durable(work: Value, frame: Frame, machine: Machine) -> bool:
    """Whether all that the work is has been launched itself, by a framework that knows what became of it."""
    entries = [
        entry for obj in work for entry in launch_state.get(frame.state or {}, machine.universe.in_mode(obj, "one"))
    ]
    launches = [entry.launch for entry in entries]
    return bool(work) and all(launch is not None and machine.models.kinds[launch.kind].durable for launch in launches)


def only_tells(done: Effects) -> bool:
    """Whether work does nothing, or nothing but tell that it is time."""
    return not (done.works or done.suspends or done.begins)


def _result(model: m.LaunchModel, call: Call, machine: Machine) -> Value:
    if model.block:
        block = machine.universe.external(f"{call.symbol}()")[0]
        return (machine.universe.make(Instance, block, call.alloc),)
    if not model.returns:
        return NOTHING
    made = machine.universe.make(Instance, machine.universe.external(model.returns)[0], call.alloc)
    if call.frame.loops:
        machine.heap.store(made, Fact.MANY, machine.universe.const(True))
    return (made,)


def _handles(model: m.LaunchModel, call: Call, result: Value, machine: Machine) -> Value:
    """What the work can be waited for by; where nothing can, an object of its own stands for it."""
    handles = NOTHING if model.handle is None else machine.selectors.select(model.handle, call, result)
    if handles:
        return handles
    anonymous = machine.universe.external(f"{call.symbol}()")[0]
    return (machine.universe.make(Instance, anonymous, call.alloc),)


def _scope(model: m.LaunchModel, call: Call, result: Value, machine: Machine) -> tuple[Value, bool]:
    """The objects whose end waits for the work, and whether the running loop is one."""
    if not isinstance(model.scope, Selector):
        return NOTHING, model.scope == "loop"
    scope = machine.selectors.select(model.scope, call, result)
    return scope, not scope or all(isinstance(obj, Const) and obj.value is None for obj in scope)


# --- the work ----------------------------------------------------------------------------------------------------------


def _is_no_work(work: Value) -> bool:
    """Whether a thread was given the result of a call where the function was meant: that work is done already."""
    return all(
        isinstance(obj, (Const, Container)) or (isinstance(obj, Unknown) and obj.term[0] in ("call", "result"))
        for obj in work
    ) and bool(work)


def _is_transparent(work: Value, machine: Machine) -> bool:
    """Whether the work is only a library's coroutine that launches something itself: that is counted there."""
    return bool(work) and all(isinstance(obj, Suspended) and launched_by(obj, machine) for obj in work)


def _work(model: m.LaunchModel, call: Call, machine: Machine) -> _Work:
    if model.override and isinstance(call.receiver, Instance):
        overriding = machine.classes.member(machine.classes.mro(call.receiver.type), model.override)
        if overriding:
            return _Work(machine.objects.attribute((call.receiver,), model.override, call.frame))
    if model.work is None:
        return _Work()
    select = machine.selectors.select
    given = Args()
    if model.args is not None and (model.args.elements or model.args.base == "self"):
        given.positional = [select(model.args, call)]
    elif model.args is not None and model.args.every:
        given = call.arguments(model.args.position)
    elif model.args is not None:
        given.positional, given.rest = machine.elements.spread(select(model.args, call), call.frame)
    elif model.work.base == "arg" and not model.work.every:
        given.positional = call.args.positional[max(model.work.position, 0) + 1 :]
        given.keywords = dict(call.args.keywords)
        given.rest = call.args.rest
    if model.kwargs is not None:
        given.keywords = machine.elements.keyword_spread(select(model.kwargs, call))
    return _Work(select(model.work, call), given)


def _run_beside(model: m.LaunchModel, call: Call, work: _Work, handle: Obj, machine: Machine) -> Effects:
    """Analyse the work on a frame of its own: what it signals, and what it leaves pending in turn; returns what it does."""
    frame = call.frame
    loop = machine.models.kinds[model.kind].loop
    on_loop = frame.activation.on_loop if loop == "inherits" else loop == "always"
    beside = Frame(replace(frame.activation, on_loop=on_loop), frame.path, frame.qualname)
    with machine.log.running(machine.universe.in_mode(handle, "one")):
        gives_way = _execute(model, call, work, handle, beside, machine)
    _note_restart(beside, _label(work.callee, call, machine), call, machine)
    return take_over(beside, handle, frame, machine, at_once=not gives_way)


def _note_rest(done: Effects, handle: Obj, machine: Machine) -> None:
    """Note what the work waits on before it does anything, if it does anything at all."""
    machine.heap.store(handle, Fact.WAITS_ON, tuple(sorted(done.waits)))
    machine.heap.store(handle, Fact.RESTS_ON, tuple(sorted(done.rests)) if done.works else NOTHING)
    if done.hasty or done.begins or done.suspends or done.serves or not (done.works or done.endless):
        machine.heap.store(handle, Fact.HASTY, machine.universe.const(True))


def _drains(done: Effects, machine: Machine) -> Iterator[tuple[Instance, Symbol]]:
    """Objects made by the code that the work waits for, whose own call waits for every signal that is due."""
    for obj in done.waits:
        for type_ in machine.classes.library_types(obj) if isinstance(obj, Instance) else ():
            call = machine.models.drain(type_)
            if call and isinstance(obj, Instance):
                yield obj, call


def _note_restart(beside: Frame, label: str, call: Call, machine: Machine) -> None:
    """Notice work that comes to its own launch, or to another launch of the same work that does."""
    world = machine.world
    for launch in beside.paths:
        again = launch.label == label and "restarts" in world.traits.get(launch.place, ())
        if launch.place == call.place or again:
            world.note(call.place, "restarts")


def take_over(beside: Frame, handle: Obj, frame: Frame, machine: Machine, *, at_once: bool = False) -> Effects:
    """Work that was analysed on a frame `beside` goes on as `handle`: what it signals and leaves; returns what it does.

    `at_once`: it does not give way before it has its result, so that, where one thing is done at a time, whoever waits for what
    it has launched waits for all of it.
    """
    key = (machine.universe.in_mode(handle, "one"),)
    eager = machine.semantics.async_call == "eager"
    done = beside.effects if beside.thrown is None else beside.effects.join(beside.thrown)
    told = done.signals | done.through
    told -= frozenset(obj for obj in told & done.gives if obj in done.early or obj not in done.held)
    for obj in sorted(told):
        machine.heap.store(obj, Fact.SIGNALLED_EARLY_BY if obj in done.early else Fact.SIGNALLED_BY, key)
    if told:
        machine.heap.store(handle, Fact.SIGNALS, tuple(sorted(told)))
        frame.does(Effects(through=told, early=told & done.early, late=told - done.early))
    if eager and done.ended:
        frame.does(Effects(ended=done.ended))
    for obj in sorted(done.stops):
        machine.heap.store(obj, Fact.STOPPED_BY, key)
    for launch, path in beside.paths.items():
        frame.paths.setdefault(launch, path)
    left = {key: entries for key, entries in (beside.state or EMPTY).items() if not machine.handles.is_answer(key)}
    held = _leave(left, frame, eager)
    earlier = any(obj.base is handle.base for obj in held)
    # What is waited for through a wait for some of it has been noted by itself.
    others = tuple(obj for obj in held if obj.base is not handle.base)
    racing_for = racing.waiting_for_some(others, beside, machine)
    held = tuple(obj for obj in others if obj not in racing_for)
    if earlier and eager:  # each waits for the one that was made there before
        held = (*held, machine.universe.in_mode(handle, "old"))
    if held:
        machine.heap.wait(frame.activation.number, handle, held)
    if eager and at_once:
        for other in sorted(one for one, entries in left.items() if not launch_state.may_be_untouched(entries)):
            if other.base is not handle.base:
                machine.heap.store(other, Fact.HOLDS, key)
    return done


def _give(model: m.LaunchModel, result: Value, handle: Obj, call: Call, machine: Machine) -> None:
    """What the work returns is what waiting for it gives, perhaps among others in a list."""
    known: Value = tuple(obj for obj in result if not isinstance(obj, (Const, Unknown)))
    if known and model.gives == "list":
        made = machine.universe.make(Container, "list", call.alloc._replace(site=-2 - call.site))
        machine.heap.store(made, ANY_ELEMENT, known)
        known = (made,)
    if known:
        machine.heap.store(handle, Fact.RESULT, known)


def _execute(model: m.LaunchModel, call: Call, work: _Work, handle: Obj, beside: Frame, machine: Machine) -> bool:
    """Run the work on the frame `beside`. Whether it gives way before it has its result."""
    handles, gives_way = machine.handles, False
    within = handles.within(work.callee, call.frame)
    for obj in within:
        if isinstance(obj, Suspended):
            handles.join((obj,), call.frame)
    for obj in within:
        if isinstance(obj, Suspended) and obj.kind == "coroutine":
            if not isinstance(machine.held_calls[obj.base][0], FunctionObj):
                beside.does(Effects(suspends=True))
            before = beside.state
            _give(model, machine.run(obj, call.site, beside), handle, call, machine)
            beside.state = before if beside.state is None else beside.state  # where one raises, the others go on
    callables = tuple(obj for obj in work.callee if not isinstance(obj, (Suspended, Container)))
    if callables:
        made = machine.call(callables, work.args, call.site, beside)
        gives_way = beside.effects.suspends
        if model.adopts:
            made = machine.adopt(made, call.site, beside)
        if not model.awaits:
            _give(model, made, handle, call, machine)
        for obj in made if model.awaits else NOTHING:
            if isinstance(obj, Suspended) and obj.kind == "coroutine" and beside.state is not None:
                handles.join((obj,), beside)
                _give(model, machine.run(obj, call.site, beside), handle, call, machine)
    if model.exit:
        handles.end_loop(m.ScopeModel(exit=model.exit), EMPTY, beside)
    if all(isinstance(obj, (External, Unknown)) for obj in callables):
        # Code that is not analysed may signal whatever it is given.
        for obj in handles.within(work.args.every(), call.frame):
            beside.signal(obj)
    return gives_way


NONE: launch_state.Entries = frozenset()


def _leave(leftover: State, frame: Frame, eager: bool) -> Value:
    """What the work leaves pending is pending in `frame`, too. Returns the handles that the work waits for."""
    held: list[Obj] = []
    state = dict(frame.state or EMPTY)
    pending_there = {key.base for key, entries in leftover.items() if launch_state.pending(entries)}
    for other, entries in leftover.items():
        pending = frozenset(entry for entry in entries if entry.status == "pending")
        if isinstance(other, Ready):
            state[other] = state.get(other, frozenset()) | entries
        elif pending:
            # That it is waited for on some path is known of work that has begun with the call, too.
            waited = frozenset(entry for entry in entries if entry.status == "clear" and entry.launch is not None)
            state[other] = (
                state.get(other, frozenset()) - {launch_state.INITIAL} | pending | (waited if eager else NONE)
            )
        elif launch_state.is_clear(entries) and not launch_state.may_be_untouched(entries):
            if isinstance(other, Suspended) and other.kind != "running":
                state[other] = entries  # the work runs it: it is part of the work
            elif other.base not in pending_there:  # to wait for one is not to wait for all that are made there
                held.append(other)
        elif eager and launch_state.is_clear(entries) and other in state:
            # Work that has begun with the call waits on some path for what was launched before.
            state[other] |= {Entry("clear", entry.launch) for entry in launch_state.pending(state[other])}
    frame.state = state
    return tuple(sorted(held))


def _label(work: Value, call: Call, machine: Machine) -> str:
    for obj in work:
        name = machine.objects.qualname_of(obj)
        if name and " " not in name:
            return name
    if isinstance(call.receiver, Instance) and not isinstance(call.receiver.type, External):
        return machine.objects.qualname_of(call.receiver)
    return machine.semantics.shown(call.symbol)
