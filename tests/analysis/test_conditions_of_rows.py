"""`when` and `unless` mean the same for every verb: they are asked in one place, before a verb does anything."""

from __future__ import annotations

from typing import Any

import pytest

from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library import dispatch
from lint_lambda.core.record import needed_of
from lint_lambda.knowledge import schema
from lint_lambda.knowledge.selectors import Condition
from lint_lambda.knowledge.verbs import CALL_VERBS

LEAST: dict[str, dict[str, Any]] = {
    "launch": {"kind": "thread"},
    "join": {"target": "self"},
    "cancel": {"target": "self"},
    "signal": {"target": "self"},
    "callback": {"work": "arg:0"},
    "put": {"value": "arg:0", "into": "self"},
    "failure": {"raises": "ValueError"},
    "member": {"reaches": "item", "names": "arg:*"},
    "shutdown": {"signal": "arg:0", "named": "signal.SIGTERM", "work": "arg:1"},
    "shield": {"catches": "arg:0"},
    "chain": {"kind": "thread", "follows": "self"},
    "deferred": {"kind": "thread", "returns": "crane.Load"},
}
"""What a row of the verb needs besides its call; of those that are left out, a target or nothing."""


class Selectors:
    """Conditions hold that ask for an argument `yes`."""

    def holds(self, condition: Condition, call: object) -> bool:
        return condition.selector.name == "yes"

    may_hold = holds

    def hold(self, conditions: tuple[Condition, ...], call: object) -> bool:
        return all(self.holds(condition, call) for condition in conditions)


class Machine:
    selectors = Selectors()


def row(name: str, **conditions: str) -> Any:
    verb: Any = CALL_VERBS[name]
    needed = {key: "self" for key in needed_of(verb) if key != "call"}
    table = {"call": "crane.call", **(LEAST.get(name) or needed), **conditions}
    return schema.read(verb, table, ("thread",))


def test_every_verb_can_be_applied() -> None:
    assert dispatch.VERBS.keys() == set(CALL_VERBS.values())


@pytest.mark.parametrize("name", sorted(CALL_VERBS.keys() - {"shield"}))
@pytest.mark.parametrize(
    ("conditions", "done"),
    [
        ({}, "apply"),
        ({"when": "arg:yes"}, "apply"),
        ({"when": "arg:no"}, ""),
        ({"unless": "arg:no"}, "apply"),
        ({"unless": "arg:yes"}, "otherwise"),
        ({"when": "arg:yes", "unless": "arg:yes"}, "otherwise"),
        ({"when": "arg:no", "unless": "arg:yes"}, ""),
    ],
)
def test_a_row_counts_when_all_hold_unless_one_does(
    name: str, conditions: dict[str, str], done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def noting(what: str) -> Any:
        def apply(model: object, call: object, machine: object) -> Value:
            made.append(what)
            return NOTHING

        return apply

    model = row(name, **conditions)
    monkeypatch.setitem(dispatch.VERBS, type(model), dispatch.Verb(noting("apply"), noting("otherwise")))
    call: Any = None
    machine: Any = Machine()
    assert dispatch.apply(model, call, machine) == NOTHING
    assert made == ([done] if done else [])
