"""parse: a call reads a command line; `test_option` reads lines in which options are given."""

from __future__ import annotations

from tests.analysis.library.bench import Bench
from tests.analysis.library.test_option import PARSE


def test_the_result_is_of_the_type_that_the_row_names() -> None:
    bench = Bench(parse=[PARSE])
    (options,) = bench.call("crane.Parser.read", bench.universe.unknown, on=bench.made("crane.Parser"))
    assert bench.machine.classes.library_types(options) == ["crane.Options"]
