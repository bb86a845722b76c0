"""Handlers that the user names."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.deployment.handlers.patterns import parse, why_nothing
from lint_lambda.frontends.python.lower import locate, lower
from lint_lambda.knowledge.loader import load_models

SIGNS = load_models().handlers

SOURCE = """
from jobs import nightly
class Base:
    def run(self, event): pass
class Api(Base):
    def handle(self, event, context): pass
def job(one): pass
def job(one, two): pass
def outer():
    def inner(event, context): pass
handler = Mangum(app)
"""


def named(text: str, path: str = "jobs/app.py") -> dict[str, int]:
    pattern = parse(text, "option")
    if not pattern.covers(path):
        return {}
    spans = locate(SOURCE.encode(), path)
    return {
        handler.name: spans[handler.place.site].line for handler in pattern.match(lower(SOURCE.encode(), path), SIGNS)
    }


def test_everything_is_every_function_and_method_also_one_whose_name_is_given_away_again() -> None:
    assert named("*:*") == {"Api.handle": 6, "Base.run": 4, "job": 8, "job#1": 7, "outer": 9}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("app.py:job", {"job": 8}),
        ("jobs/*.py:j*", {"job": 8}),
        ("jobs/**:job", {"job": 8}),
        ("/app.py:job", {}),
        ("other.py:job", {}),
        ("app.py:Api.*", {"Api.handle": 6}),
        ("app.py:Api.run", {"Api.run": 4}),
        ("app.py:handler", {"handler": 11}),
        ("app.py:nightly", {"nightly": 2}),
        ("app.py:missing", {}),
        ("app.py:inner", {}),
    ],
)
def test_both_sides_are_patterns(text: str, found: dict[str, int]) -> None:
    assert named(text) == found


def test_who_named_it_is_said() -> None:
    module = lower(SOURCE.encode(), "app.py")
    (by_option,) = parse("app.py:job", "option").match(module, SIGNS)
    (by_configuration,) = parse("app.py:job", "configuration").match(module, SIGNS)
    assert (by_option.source, by_configuration.source) == ("option", "configuration")
    assert (by_option.why, by_configuration.why) == ("--handler app.py:job", "configured: app.py:job")


def test_a_wildcard_takes_functions_that_do_not_look_like_handlers_loosely() -> None:
    module = lower(b"def handler(event, context): pass\ndef other(x): pass\n", "app.py")
    assert [(h.name, h.guessed) for h in parse("*:*", "option").match(module, SIGNS)] == [
        ("handler", False),
        ("other", True),
    ]
    assert [h.guessed for h in parse("*:other", "option").match(module, SIGNS)] == [False]


@pytest.mark.parametrize("text", ["app.handler", ":handler", "app.py:", ""])
def test_a_pattern_has_two_sides(text: str) -> None:
    with pytest.raises(ValueError, match=r"path:name"):
        parse(text, "option")


def test_nothing_found_is_explained() -> None:
    module = lower(SOURCE.encode(), "jobs/app.py")
    assert why_nothing(parse("jobs/app.py:jop", "option"), [module], Path("/shop")) == (
        "`jobs/app.py` does not define `jop`",
        "did you mean `job`?",
    )
    problem, hint = why_nothing(parse("gone.py:job", "option"), [], Path("/shop"))
    assert "no source file" in problem and "relative to the project root, /shop" in hint
