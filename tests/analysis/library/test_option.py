"""option: a call tells a parser of command lines of an option, and *parse* reads a line."""

from __future__ import annotations

from lint_lambda.analysis.domain.values import Value
from tests.analysis.library.bench import Bench

OPTION = {
    "call": "crane.Parser.add",
    "parser": "self",
    "names": "arg:*",
    "attribute": "arg:dest",
    "action": "arg:action",
    "default": "arg:default",
}
PARSE = {"call": "crane.Parser.read", "parser": "self", "line": "arg:0", "returns": "crane.Options"}


def read(words: list[str] | None, **said: str) -> tuple[Bench, Value]:
    """What the option `--go-on` (`-g`) is after a line of these words, or one that is not known."""
    bench = Bench(option=[OPTION], parse=[PARSE])
    parser = bench.made("crane.Parser")
    bench.call(
        "crane.Parser.add",
        bench.const("-g"),
        bench.const("--go-on"),
        on=parser,
        **{key: bench.const(value) for key, value in said.items()},
    )
    line: Value = bench.universe.unknown
    if words is not None:
        line = (bench.container("list", *(bench.const(word)[0] for word in words)),)
    (options,) = bench.call("crane.Parser.read", line, on=parser)
    return bench, bench.holds(options, said.get("dest", "go_on"))


def test_a_switch_is_what_the_line_says() -> None:
    bench, value = read(["--name", "ada"], action="store_true")
    assert value == bench.const(False)
    bench, value = read(["--go-on"], action="store_true")
    assert value == bench.const(True)
    bench, value = read(["-xg"], action="store_false", dest="ended")
    assert value == bench.const(False)


def test_of_a_line_that_is_not_known_a_switch_may_be_either() -> None:
    _, value = read(None, action="store_true")
    assert len(value) == 3


def test_an_option_that_is_not_given_is_its_default() -> None:
    bench, value = read([], default="ada")
    assert value == bench.const("ada")
