"""JavaScript and TypeScript, lowered: what names mean, what modules give, and what the grammars misread."""

from __future__ import annotations

from typing import Any

import pytest

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.errors import SyntaxProblem
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.frontends.javascript.lower import locate, lower


def body(source: str, name: str = MODULE_BODY, path: str = "app.js") -> ir.Block:
    """The statements of a function of the module."""
    functions = {function.qualname: function for function in lower(source.encode(), path).functions}
    return functions[name].body


def of_type(block: ir.Block, type_: type[Any]) -> list[Any]:
    return [node for node in tree.nodes(block) if isinstance(node, type_)]


def called(call: ir.Call) -> str:
    return tree.last_name(call.func)


@pytest.mark.parametrize(
    "written", ["await send<T>(1)", "await this.send<Map<string, T[]>>(1)", "await api.send<T>(1).x"]
)
def test_an_operator_before_type_arguments_is_of_the_whole_call(written: str) -> None:
    (waits,) = of_type(body(f"const f = async () => {{ {written}; }};", "f", "app.ts"), ir.Await)
    assert any(called(call) == "send" for call in of_type((ir.Eval(waits.value),), ir.Call))


def test_each_of_several_such_calls_has_its_own_operator() -> None:
    waits = of_type(body("const f = async () => g(await a<T>(1), await b<T>(await c<T>(2)));", "f", "app.ts"), ir.Await)
    assert len(waits) == 3


def test_a_list_may_be_awaited_and_asked_something() -> None:
    (waits,) = of_type(body("const f = async () => { await [1, 2].reduce(add); };", "f"), ir.Await)
    assert isinstance(waits.value, ir.Call)


def test_a_block_has_names_of_its_own() -> None:
    stored = [
        node.targets[0] for node in of_type(body("const f = () => { let x = 1; { let x = 2; } };", "f"), ir.Assign)
    ]
    assert [target.name for target in stored if isinstance(target, ir.Name)] == ["x", "x#2"]


def test_var_is_of_the_function() -> None:
    block = body("function f() { if (a) { var x = 1; } return x; }", "f")
    (returned,) = of_type(block, ir.Return)
    assert returned.value == ir.Name("x", ir.LOCAL)


def test_a_function_is_known_before_it_stands_there() -> None:
    first, *_ = body("run(); function run() {}")
    assert first == ir.Assign((ir.Name("run", MODULE_BODY),), ir.Func("run"))


def test_what_is_given_under_a_name_is_not_what_else_has_it() -> None:
    block = body("const send = load(); exports.send = () => send();")
    bound = [
        node.targets[0].name for node in block if isinstance(node, ir.Assign) and isinstance(node.targets[0], ir.Name)
    ]
    assert bound == ["send#2", "send"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import x from 'fs';", ("node:fs", "default")),
        ("import * as x from './lib';", ("./lib", None)),
        ("import { y as x } from 'axios';", ("axios", "y")),
        ("const x = require('fs/promises');", ("node:fs/promises", None)),
        ("export { y as x } from './lib';", ("./lib", "y")),
        ("export * from './lib';", ("./lib", "*")),
        ("const x = await import('./lib');", ("./lib", None)),
    ],
)
def test_what_a_module_takes(statement: str, expected: tuple[str, str | None]) -> None:
    (imported,) = of_type(body(statement, path="app.mjs"), ir.Import)
    assert (imported.module, imported.name) == expected


def test_a_method_is_handed_what_it_is_called_on_apart() -> None:
    functions = lower(b"class A { m(x) { return this.y; } static s() {} f = () => this; }", "app.js").functions
    kinds = {function.qualname: [param.kind for param in function.params] for function in functions}
    assert kinds["A.m"] == ["receiver", "positional"]
    assert kinds["A.s"] == ["receiver"]
    assert kinds["A.constructor.<locals>.f"] == []


def test_a_parameter_that_says_who_may_see_it_is_a_field() -> None:
    block = body("class A { constructor(private readonly b: B) {} }", "A.constructor", "app.ts")
    (assign,) = of_type(block, ir.Assign)
    assert isinstance(assign.targets[0], ir.Attr)
    assert assign.targets[0].name == "b"


def test_a_switch_is_left_and_the_loop_around_it_is_not() -> None:
    block = body("for (const x of xs) { switch (x) { case 1: a(); break; default: continue; } b(); }")
    (labelled,) = of_type(block, ir.Labelled)
    (left,) = of_type(block, ir.Break)
    assert left.label == labelled.label
    assert len(of_type(block, ir.Continue)) == 1


def test_a_case_goes_on_with_the_next_one() -> None:
    (match,) = of_type(body("switch (x) { case 1: a(); case 2: b(); break; }"), ir.Match)
    assert [[called(call) for call in of_type(case.body, ir.Call)] for case in match.cases] == [["a", "b"], ["b"]]


def test_a_broken_statement_costs_no_other() -> None:
    source = "exports.handler = async () => { send(); };\nconst a = # 1;\nasync function send() { await fetch('x'); }\n"
    names = [function.qualname for function in lower(source.encode(), "app.js").functions]
    assert {"handler", "send"} <= {*names}


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("const a = [1;\nsend();\n", 1),
        ("send();\n});\n", 2),
        ("const t = `${f({ a: 1 }`;\n", 1),
        ("f();\n<<<<<<< HEAD\ng();\n=======\nh();\n>>>>>>> other\n", 2),
    ],
)
def test_a_file_that_is_surely_wrong_is_refused(source: str, line: int) -> None:
    with pytest.raises(SyntaxProblem) as refused:
        lower(source.encode(), "app.ts")
    assert refused.value.line == line


@pytest.mark.parametrize(
    "source",
    [
        "const text = `\n=======\n`;\n",
        "const a = /[)}]/.test('(') ? `${'}'}` : <T,>(x: T) => x;\n",
        "class A { accessor x = 1; }\n",
    ],
)
def test_what_the_grammar_may_not_know_is_not_refused(source: str) -> None:
    assert lower(source.encode(), "app.ts").functions


def test_what_runs_where_the_file_is_the_program_is_left_out() -> None:
    assert of_type(body("if (require.main === module) { run(); }"), ir.Call) == []


def test_places_count_characters() -> None:
    source = 'const s = "äöü𝄞"; send();\n'.encode()
    module = lower(source, "app.js")
    (call,) = of_type(module.functions[0].body, ir.Call)
    span = locate(source, "app.js")[call.site]
    assert (span.line, span.column, span.end_column) == (1, 18, 24)


@pytest.mark.parametrize(
    "deep", ["(" * 5000 + ")" * 5000, "[" * 3000 + "]" * 3000, "a" + ".b" * 3000, "{" * 3000 + "}" * 3000]
)
def test_depth_is_no_reason_to_fail(deep: str) -> None:
    from lint_lambda.core.errors import NotAnalysed

    try:
        lower(f"x = {deep};".encode(), "app.js")
    except NotAnalysed as limit:
        assert "nested" in limit.reason
