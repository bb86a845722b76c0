"""Where a program that asks for events itself begins."""

from __future__ import annotations

from textwrap import dedent

import pytest

from lint_lambda.deployment.handlers.runtimes import discover, may_hold_runtime
from lint_lambda.frontends.python.lower import lower

POLLS = ["/runtime/invocation/next"]


def names(text: str) -> list[str]:
    return [runtime.name for runtime in discover(lower(dedent(text).encode(), "pkg/bootstrap.py"))]


def test_the_top_level_goes_by_the_name_of_the_file() -> None:
    assert names("while True:\n    pass\n") == ["bootstrap"]


def test_what_the_file_calls_as_a_program() -> None:
    text = """
        import sys

        def main(): ...
        def other(): ...

        if __name__ == "__main__":
            sys.exit(main())
    """
    assert names(text) == ["bootstrap", "main"]


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        (b'f"http://{api}/2018-06-01/runtime/invocation/next"', True),
        (b'f"/2018-06-01/runtime/invocation/{path}"', True),
        (b'call("invocation/next")', True),
        (b'call("next invocation of the runtime")', False),
        (b'f"{agent}/runtime/invocations?qualifier=x"', False),
    ],
)
def test_files_worth_a_look(source: bytes, holds: bool) -> None:
    assert may_hold_runtime(source, POLLS) is holds
