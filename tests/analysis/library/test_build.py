"""build: a call makes objects as a description says, and hands them to others."""

from __future__ import annotations

from lint_lambda.analysis.domain.heap import ANY_ELEMENT, slot
from lint_lambda.analysis.domain.values import Value
from tests.analysis.library.bench import Bench

BUILD = {
    "call": "crane.configure",
    "description": "arg:0",
    "objects": "hooks",
    "makers": "class",
    "owners": "cranes",
    "root": "yard",
    "takes": "hooks",
    "into": "global:crane.Crane",
    "every": "global:crane.hooks",
}
NAMED = {"call": "crane.get", "returns": "global:crane.Crane", "named": "arg:0"}
ABOVE = {"call": "crane.Crane.above", "returns": "above:passes[*]"}


def bench() -> Bench:
    return Bench(build=[BUILD], passthrough=[NAMED, ABOVE], type=[{"name": "crane.Hook"}, {"name": "crane.Crane"}])


def table(of: Bench, **entries: Value) -> Value:
    made = of.container("dict")
    for name, value in entries.items():
        of.machine.heap.store(made, slot(name), value)
    return (made,)


def described(of: Bench, cranes: Value, yard: Value) -> Value:
    hook = table(of, **{"class": of.const("crane.Hook")})
    return table(of, hooks=table(of, big=hook), cranes=cranes, yard=yard)


def listing(of: Bench, *names: str) -> Value:
    return table(of, hooks=(of.container("list", *(of.const(name)[0] for name in names)),))


def test_what_is_made_is_handed_to_who_lists_it_and_to_those_below() -> None:
    one = bench()
    one.call("crane.configure", described(one, table(one, north=listing(one, "big")), table(one)))
    for name, hooks in (("north", 1), ("north.left", 1), ("south", 0), ("northern", 0)):
        (crane,) = one.call("crane.get", one.const(name))
        assert len(one.call("crane.Crane.above", on=crane)) == hooks, name


def test_the_root_hands_on_to_all_but_those_that_keep_to_themselves() -> None:
    one = bench()
    one.call("crane.configure", described(one, table(one), listing(one, "big")))
    (crane,) = one.call("crane.get", one.const("north"))
    (below,) = one.call("crane.get", one.const("north.left"))
    assert len(one.call("crane.Crane.above", on=below)) == 1
    one.machine.heap.store(crane, "passes", one.const(False))
    assert not one.call("crane.Crane.above", on=below)


def test_a_list_that_is_not_known_may_name_any() -> None:
    one = bench()
    unknown = table(one, hooks=one.universe.unknown)
    one.call("crane.configure", described(one, table(one, north=unknown), table(one)))
    (crane,) = one.call("crane.get", one.const("north"))
    assert len(one.holds(crane, ANY_ELEMENT)) == 1
