"""The one walker of the intermediate representation."""

from __future__ import annotations

from lint_lambda.core import ir, walk

A, B, C = (ir.Name(name, ir.LOCAL) for name in "abc")
CALL = ir.Call(ir.Attr(A, "go", 1), (ir.Arg(B), ir.Arg(C, "key")), 2)
LOOP = ir.For(ir.Name("x", ir.LOCAL), A, (ir.Eval(CALL),), (), is_async=False, site=0)


def test_nodes_come_in_source_order_each_once() -> None:
    assert [getattr(node, "name", type(node).__name__) for node in walk.nodes((LOOP, ir.Break()))] == [
        "For", "x", "a", "Eval", "Call", "go", "a", None, "b", "key", "c", "Break",
    ]  # fmt: skip


def test_of_nothing_there_are_no_nodes() -> None:
    assert [*walk.nodes(None), *walk.nodes(())] == []


def test_children_can_leave_fields_out() -> None:
    assert walk.children(LOOP) == [LOOP.target, A, *LOOP.body]
    assert walk.children(LOOP, leaving_out=("target",)) == [A, *LOOP.body]


def test_a_pair_within_a_tuple_is_looked_into() -> None:
    class_ = ir.Class("C", (A,), (), (), (("field", B), ("other", C)), 0)
    assert walk.children(class_) == [A, B, C]


def test_the_path_leads_from_the_outermost_node_to_the_site() -> None:
    body = (ir.Eval(A), LOOP)
    assert walk.Paths(body).to(2) == [LOOP, *LOOP.body, CALL]
    assert walk.Paths(body).to(1) == [LOOP, *LOOP.body, CALL, CALL.func]
    assert walk.Paths(body).to(99) == []


def test_every_type_of_the_representation_is_known() -> None:
    assert {ir.Module, ir.Function, ir.Class, *walk.STATEMENTS} <= walk.FIELDS.keys()


def test_depth_is_no_limit() -> None:
    deep: ir.Expr = ir.Attr(A, "end", 7)
    for _ in range(50_000):
        deep = ir.Not(deep)
    assert sum(1 for _ in walk.nodes(deep)) == 50_002
    assert len(walk.Paths(deep).to(7)) == 50_001
