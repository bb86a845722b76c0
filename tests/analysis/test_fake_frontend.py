"""The analysis needs no Python: a program in intermediate representation, and a library nobody has, are enough."""

from __future__ import annotations

from lint_lambda.analysis.lifetimes import analyse
from lint_lambda.core import ir
from lint_lambda.core.finding import Confidence, Fate
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Verdict
from lint_lambda.knowledge.loader import load_models
from tests.analysis.fake_frontend import FakeProgram, attr, call, function, handler

CRANE = {
    "library": {"name": "crane", "docs": "https://crane.example"},
    "launch": [{"call": "crane.lift", "kind": "thread", "work": "arg:0", "handle": "return", "returns": "crane.Load"}],
    "join": [{"call": "crane.Load.landed", "target": "self", "may_when": "arg:0|timeout"}],
}
MODELS = load_models((CRANE,))
CRANE_NAME = ir.Name("crane", MODULE_BODY)
LOAD = ir.Name("load", ir.LOCAL)
WORK = function("work")
LIFT = ir.Assign((LOAD,), call(attr(CRANE_NAME, "lift"), ir.Func("work")))


def verdicts(*body: ir.Stmt, more: tuple[ir.Function, ...] = ()) -> list[Verdict]:
    main = function("main", *body, params=("event", "context"))
    return analyse(FakeProgram("crane", WORK, main, *more), [handler(main)], MODELS)


def test_a_launch_that_nothing_waits_for_is_frozen() -> None:
    (verdict,) = verdicts(LIFT, ir.Return(ir.Const(1), 0))
    assert (verdict.kind, verdict.fate, verdict.confidence) == ("thread", Fate.FROZEN, Confidence.HIGH)
    assert verdict.reason == "never-joined"
    assert verdict.label == "work"


def test_a_join_ends_it() -> None:
    assert verdicts(LIFT, ir.Eval(call(attr(LOAD, "landed")))) == []


def test_a_join_in_another_function_ends_it() -> None:
    wait = function("wait", ir.Eval(call(attr(ir.Name("it", ir.LOCAL), "landed"))), params=("it",))
    assert verdicts(LIFT, ir.Eval(call(ir.Name("wait", MODULE_BODY), LOAD)), more=(wait,)) == []


def test_a_path_round_the_join_is_a_finding_of_medium_confidence() -> None:
    early = ir.If(ir.Item(ir.Name("event", ir.LOCAL), ir.Const("skip")), (ir.Return(None, 77),), ())
    (verdict,) = verdicts(LIFT, early, ir.Eval(call(attr(LOAD, "landed"))))
    assert (verdict.confidence, verdict.reason) == (Confidence.MEDIUM, "some-path")
    assert verdict.abandoned_at is not None
    assert verdict.abandoned_at.site == 77


def test_a_wait_with_a_short_timeout_may_time_out() -> None:
    (verdict,) = verdicts(LIFT, ir.Eval(call(attr(LOAD, "landed"), timeout=ir.Const(0.5))))
    assert (verdict.confidence, verdict.reason) == (Confidence.MEDIUM, "times-out")


def test_a_wait_that_is_no_wait_under_a_condition_is_partial() -> None:
    row = {"call": "crane.Load.glance", "target": "self", "may_when": "arg:0|first"}
    models = load_models(({**CRANE, "join": [row]},))
    main = function("main", LIFT, ir.Eval(call(attr(LOAD, "glance"), first=ir.Const(True))), params=("event",))
    (verdict,) = analyse(FakeProgram("crane", WORK, main), [handler(main)], models)
    assert (verdict.confidence, verdict.reason) == (Confidence.MEDIUM, "partial-wait")
    assert verdict.noted is not None


def test_the_same_condition_guards_launch_and_join() -> None:
    condition = ir.Item(ir.Name("event", ir.LOCAL), ir.Const("notify"))
    join = ir.Eval(call(attr(LOAD, "landed")))
    assert verdicts(ir.If(condition, (LIFT,), ()), ir.If(condition, (join,), ())) == []


def test_the_call_path_leads_from_the_handler_to_the_launch() -> None:
    deep = function("deep", LIFT)
    middle_call = call(ir.Name("deep", MODULE_BODY))
    middle = function("middle", ir.Eval(middle_call))
    first_call = call(ir.Name("middle", MODULE_BODY))
    (verdict,) = verdicts(ir.Eval(first_call), more=(deep, middle))
    assert [place.site for place in verdict.path] == [first_call.site, middle_call.site]
    assert verdict.function == "deep"
