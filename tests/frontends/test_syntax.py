"""Valid Python is never called an error, whatever libcst makes of it; nothing crashes the parser or keeps it busy for ever."""

from __future__ import annotations

import codecs

import pytest

from lint_lambda.core import ir, walk
from lint_lambda.core.errors import NotAnalysed, SyntaxProblem
from lint_lambda.core.source import Span
from lint_lambda.engine.room import with_room
from lint_lambda.frontends.python.lower import locate, lower
from lint_lambda.frontends.python.syntax import DEEPEST, parse

LAUNCH = "def handler(event, context):\n    start()\n"


def lowered(text: str) -> ir.Module:
    return with_room(lower)(text.encode(), "app.py")


def span_of_the_launch(text: str) -> Span:
    source = text.encode()
    module = with_room(lower)(source, "app.py")
    handler = next(function for function in module.functions if function.qualname == "handler")
    (call,) = (node for node in walk.nodes(handler) if isinstance(node, ir.Call) and isinstance(node.func, ir.Name))
    return with_room(locate)(source, "app.py", module)[call.site]


@pytest.mark.parametrize(
    "odd",
    [
        "(x): int",
        "(x): int = 1",
        "def f():\n    return(1 if x else 2)",
        "assert(1 if x else 2)",
        "y = x or(1 if x else 2)",
        "match x:\n    case " + "[" * 60 + "y" + "]" * 60 + ":\n        pass",
        "match x:\n    case " + "{1:" * 60 + "y" + "}" * 60 + ":\n        pass",
        "match x:\n    case " + "(" * 60 + "y" + ")" * 60 + ":\n        pass",
        "match x:\n    case [\n        " + "[" * 30 + "y" + "]" * 30 + ",\n    ]:\n        pass",
    ],
)
def test_a_form_that_libcst_refuses_or_takes_for_ever_is_analysed_in_its_place(odd: str) -> None:
    assert span_of_the_launch(f"{odd}\n{LAUNCH}") == Span(odd.count("\n") + 3, 4, odd.count("\n") + 3, 11)


def test_names_of_a_deep_pattern_stay_bound() -> None:
    deep = "[" * 20 + "a, *b, {1: c, **d}, (e | e) as f" + "]" * 20
    (match,) = (
        node
        for function in lowered(f"match x:\n    case {deep}:\n        pass\n").functions
        for node in walk.nodes(function)
        if isinstance(node, ir.Match)
    )
    assert {name.name for name in match.cases[0].binds} == set("abcdef")


@pytest.mark.parametrize(
    "chain",
    [
        "'a' " * 5_000,
        "'a' " * 500 + "f'{y}' 'b'",
        "x and " * 5_000 + "x",
        "x or " * 300 + "x and " * 300 + "x",
        "x + " * (DEEPEST - 10) + "x",
        "x - " * (DEEPEST - 10) + "x",
        "x" + ".y" * (DEEPEST - 10),
        "x" + ".y()" * (DEEPEST // 2 - 10),
        "not " * (DEEPEST - 10) + "x",
        "[" * 190 + "]" * 190,
        "x = " * 3_000 + "x",
    ],
)
def test_long_chains_are_analysed(chain: str) -> None:
    assert span_of_the_launch(f"y = {chain}\n{LAUNCH}") == Span(3, 4, 3, 11)


def test_thousands_of_arms_and_hundreds_of_decorators_are_analysed() -> None:
    arms = "".join(f"elif x == {number}:\n    pass\n" for number in range(DEEPEST - 20))
    decorators = "@d\n" * 2_000
    assert span_of_the_launch(f"if x:\n    pass\n{arms}{decorators}{LAUNCH}").column == 4


def test_a_chain_is_not_nested_deeply() -> None:
    module = lowered("x = " + "a and " * 4_000 + "a\ny = " + "'t' + " * 900 + "t\n")
    deepest = 0
    pending: list[tuple[object, int]] = [(function, 0) for function in module.functions]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending += [(child, depth + 1) for child in walk.children(node)]
    assert deepest < 30


@pytest.mark.parametrize("chain", ["x" + ".y" * 2_500, "x + " * 2_500 + "x", "not " * 2_500 + "x", "x" + "(1)" * 2_500])
def test_what_goes_beyond_the_limits_is_not_called_an_error(chain: str) -> None:
    with pytest.raises(NotAnalysed, match="deep"):
        lowered(f"{LAUNCH}y = {chain}\n")


@pytest.mark.parametrize("brackets", ["()", "[]", "{}"])
def test_what_python_itself_refuses_is_an_error_and_never_gets_to_libcst(brackets: str) -> None:
    with pytest.raises(SyntaxProblem, match="too many nested parentheses"):
        lowered(f"{LAUNCH}y = {brackets[0] * 100_000}{brackets[1] * 100_000}\n")


@pytest.mark.parametrize("line", ['x = \\"\\"', 'x = "a', "x = 1 \u20ac", "   x = 1\n  y = 2"])
def test_characters_that_make_no_token_are_an_error_in_their_line(line: str) -> None:
    before = f"{LAUNCH}\nif here:\n"
    with pytest.raises(SyntaxProblem) as problem:
        lowered(f"{before}{line}\n")
    assert problem.value.line > before.count("\n")


def test_deep_brackets_beside_an_error_are_not_given_to_libcst() -> None:
    with pytest.raises(NotAnalysed, match="its nesting is deep"):
        lowered(f"x = = 1\ny = {'(' * 150}{')' * 150}\n")


def test_an_annotation_as_text_may_hold_anything() -> None:
    for text in ("(" * 100_000, "x" + ".y" * 100_000, " Thread", "", "\\0", "'", "List['Thread']"):
        lowered(f"x: {text!r} = 1\n{LAUNCH}")


ENCODED = "x = 'é'\n" + LAUNCH


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-7", "iso-8859-15", "mac-roman", "cp437"])
def test_every_encoding_that_python_reads_is_read(encoding: str) -> None:
    source = f"# -*- coding: {encoding} -*-\n".encode() + ENCODED.encode(encoding)
    compile(source, "app.py", "exec")
    assert [f.qualname for f in lower(source, "app.py").functions] == ["<module>", "handler"]
    assert len(locate(source, "app.py")) > 2


def test_a_byte_order_mark_takes_no_place() -> None:
    source = codecs.BOM_UTF8 + b"start()\n"
    assert locate(source, "app.py")[1] == Span(1, 0, 1, 7)


@pytest.mark.filterwarnings("ignore")  # those of the codecs
@pytest.mark.parametrize(
    "encoding", ["rot13", "undefined", "punycode", "idna", "hex", "no-such", "unicode_escape", "zlib"]
)
@pytest.mark.parametrize("content", ["x = 1\n", "x = '\\q'\n", "#" + "y" * 300 + "\n", "é\n"])
def test_an_encoding_is_an_error_only_where_python_says_so(encoding: str, content: str) -> None:
    source = f"# -*- coding: {encoding} -*-\n{content}".encode()
    try:
        lower(source, "app.py")
    except SyntaxProblem:
        with pytest.raises((SyntaxError, ValueError, LookupError)):
            compile(source, "app.py", "exec", dont_inherit=True)


@pytest.mark.parametrize("source", [b"x = 1\0\n", LAUNCH.encode("utf-16"), b"# \xed\xb0\x80\n", b"x = '\xff'\n"])
def test_bytes_that_are_no_text_are_an_error(source: bytes) -> None:
    with pytest.raises(SyntaxProblem):
        lower(source, "app.py")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    source = f"x = 1{end}\x0cif x:{end}    start(){end}".encode()
    spans = locate(source, "app.py")
    assert Span(3, 4, 3, 11) in spans


@pytest.mark.parametrize(
    "broken",
    [
        "def handler(event, context)\n    return 1\n",
        "def handler(\n    event,\n    context,\n)\n    return 1\n",
        "def handler(event, context):\n    if event:\n        return 1\n    else\n        return 2\n",
        "def handler(event, context):\n    for x in event\n        print(x)\n",
        "def handler(event, context):\n    print((1)\n    return 2\n",
        "def handler(event, context):\n    x = (1, 2]\n    return x\n",
        "def handler(event, context):\n    x = 'abc\n    return x\n",
        "def handler(event, context):\n    f(\n        1\n        2,\n    )\n",
        "def handler(event, context):\n    try:\n        x = 1\n",
    ],
)
def test_an_error_is_said_to_be_where_python_says_that_it_is(broken: str) -> None:
    with pytest.raises(SyntaxError) as pythons:
        compile(broken, "app.py", "exec")
    with pytest.raises(SyntaxProblem) as ours:
        parse(broken.encode(), "app.py")
    assert ours.value.line == pythons.value.lineno
