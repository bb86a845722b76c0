"""The verbs *option* and *parse*: a parser is told of the options of a command line, and reads one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.heap import Fact, about
from lint_lambda.analysis.domain.values import NOTHING, Const, Container, Instance, Obj, Value, union
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine

_SWITCHES = {"store_true": True, "store_false": False}


def apply(model: m.OptionModel, call: Call, machine: Machine) -> Value:
    """Note the option: an object that holds what was said of it."""
    select = machine.selectors.select
    option = machine.universe.make(Instance, machine.universe.external(call.symbol)[0], call.alloc)
    for name in ("names", "attribute", "action", "default"):
        machine.heap.store(option, about(Fact.INITIAL, name), select(getattr(model, name), call))
    for parser in select(model.parser, call):
        machine.heap.store(parser, Fact.OPTIONS, (option,))
    return NOTHING


def parse(model: m.ParseModel, call: Call, machine: Machine) -> Value:
    made = machine.universe.make(Instance, machine.universe.external(model.returns)[0], call.alloc)
    words = _words(machine.selectors.select(model.line, call), call, machine)
    for parser in machine.selectors.select(model.parser, call):
        for option in machine.heap.load(parser, Fact.OPTIONS):
            _store(made, option, words, call, machine)
    return (made,)


def _words(line: Value, call: Call, machine: Machine) -> list[str] | None:
    """The words of a command line; None where not all of them are known."""
    if not line or not all(isinstance(obj, Container) for obj in line):
        return None
    words = [obj.value if isinstance(obj, Const) else None for obj in machine.elements.of(line, call.frame)]
    return None if None in words else [str(word) for word in words]


def _store(made: Instance, option: Obj, words: list[str] | None, call: Call, machine: Machine) -> None:
    """The value of the option's attribute: known, where it is a switch or was not given."""

    def said(name: str) -> Value:
        return machine.heap.load(option, about(Fact.INITIAL, name))

    names = [str(obj.value) for obj in said("names") if isinstance(obj, Const)]
    known = [obj.value for obj in said("attribute") if isinstance(obj, Const)] or sorted(names, key=len, reverse=True)[
        :1
    ]
    if not known:
        return
    actions = [obj.value for obj in said("action") if isinstance(obj, Const)]
    switch = _SWITCHES.get(str(actions[0])) if len(actions) == 1 else None
    given = None if words is None or not names[0].startswith("-") else any(_is_given(name, words) for name in names)
    const = machine.universe.const
    default = said("default") or (const(None) if switch is None else const(not switch))
    held = const(switch) if switch is not None else machine.universe.unknown
    value = union(default if given is not True else NOTHING, held if given is not False else NOTHING)
    if given is None:
        value = union(value, machine.universe.unknown_of("option", call.frame.path, call.site, str(known[0])))
    machine.heap.store(made, str(known[0]).lstrip("-").replace("-", "_"), value)


def _is_given(name: str, words: list[str]) -> bool:
    """Whether one of the words may be this option: itself, with its value, shortened, or one of several letters."""
    for word in words:
        if name.startswith("--"):
            head = word.partition("=")[0]
            if len(head) > 2 and head.startswith("--") and name.startswith(head):
                return True
        elif word.startswith("-") and not word.startswith("--") and name[1:] in word:
            return True
    return False
