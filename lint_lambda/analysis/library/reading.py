"""What only reads: where it is given up, or overtaken by an answer, nobody misses anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.effects import CHANGES
from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import Bound, External, Instance, Obj, Suspended, Unknown, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def only_reads(model: m.LaunchModel, call: Call, machine: Machine) -> bool:
    """Whether a request changes nothing elsewhere: as its name says, or what it is given, by its text or name; or as what it was built by does."""
    if model.reads_unless and not any(machine.selectors.may_hold(each, call) for each in model.reads_unless):
        return True
    if model.reads:
        first = call.args.positional[0] if call.args.positional else ()
        texts = [machine.selectors.text(obj) or _maker(obj, machine) for obj in first]
        names = [_last(call.symbol)], texts
        return any(each and all(re.match(model.reads, name) for name in each) for each in names)
    receiver = call.receiver
    if receiver is not None and machine.heap.load(receiver, Fact.READS):
        return True
    if not isinstance(receiver, Instance) or _is_client(receiver, machine) or not machine.handles.is_handle(receiver):
        return False
    return not machine.heap.load(receiver, Fact.CHANGES)


def _is_client(obj: Instance, machine: Machine) -> bool:
    """Whether nobody waits for this, whatever it has begun: what is asked of it is not built by it."""
    type_ = machine.models.type(machine.models.canonical(obj.type.symbol)) if isinstance(obj.type, External) else None
    return type_ is not None and type_.inert


def note_changes(handles: Value, place: Place, frame: Frame, machine: Machine) -> None:
    """What is launched at `place`, and waited for by `handles`, may change something."""
    machine.world.changes(place)
    for handle in handles:
        machine.heap.store(handle, Fact.CHANGES, machine.universe.const(True))
    frame.does(CHANGES)


def follows_changes(followed: Value, machine: Machine) -> bool:
    """Whether any of the work that is waited for may change something."""
    return any(
        bool(machine.heap.load(obj, Fact.CHANGES))
        if isinstance(obj, (Instance, Suspended))
        else isinstance(obj, Unknown) and not machine.semantics.only_reads(_maker(obj, machine))
        for obj in followed
    )


def unseen(callee: Value, frame: Frame, machine: Machine) -> None:
    """Code that is not analysed is called: it changes something, unless its name says that it does not."""
    if not callee or not all(machine.semantics.only_reads(_name(obj)) for obj in callee):
        frame.does(CHANGES)


def made(call: Call, result: Value, machine: Machine) -> Value:
    """The value of a call of a library, of which it is remembered which call gave it."""
    for obj in result:
        if isinstance(obj, Unknown):
            machine.heap.store(obj, Fact.MADE_BY, machine.universe.external(call.symbol))
    return result


def _maker(obj: Obj, machine: Machine) -> str:
    if isinstance(obj, Instance):
        return _name(obj.type)
    makers = machine.heap.load(obj, Fact.MADE_BY)
    return _name(makers[0]) if len(makers) == 1 else ""


def _name(obj: Obj) -> str:
    while isinstance(obj, Bound):
        obj = obj.function
    if isinstance(obj, External):
        return _last(obj.symbol)
    return str(obj.term[-1]) if isinstance(obj, Unknown) and obj.term[0] == "attr" else ""


def _last(symbol: str) -> str:
    return symbol.rpartition(".")[2]
