"""set_up: a call without which a library sends nothing, under the settings that hold where it is made."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.launch_state import Entry, Guard, Launch
from lint_lambda.analysis.domain.values import Instance
from lint_lambda.analysis.library import set_up
from lint_lambda.core.verdict import Place
from tests.analysis.library.bench import Bench

KEY = ("variable", 1, "KEY")
WITH_KEY = Guard(("true", KEY), True)
LAUNCH = Launch(Place("app.py", 3), "client", "crane.send", "send", "handler")


def possible(bench: Bench, client: Instance, *guards: Guard) -> bool:
    """Whether something that is sent by `client` under these conditions may be pending."""
    assert bench.frame.state is not None
    entry = Entry("pending", LAUNCH, guards=frozenset(guards))
    return set_up.is_possible(client, entry, bench.frame.state, bench.machine)


@pytest.fixture
def bench() -> Bench:
    return Bench(set_up=[{"call": "crane.Client.open", "target": "self", "key": "arg:0|key"}])


def test_what_is_never_seen_set_up_may_send(bench: Bench) -> None:
    assert possible(bench, bench.made("crane.Client"), WITH_KEY.negated())


def test_what_is_set_up_under_a_setting_sends_only_under_it(bench: Bench) -> None:
    client = bench.made("crane.Client")
    bench.frame.held = frozenset({WITH_KEY})
    bench.call("crane.Client.open", bench.const("k"), on=client)
    assert possible(bench, client) and possible(bench, client, WITH_KEY)
    assert not possible(bench, client, WITH_KEY.negated())
    assert not possible(bench, client, Guard(("is none", KEY), True))
    assert possible(bench, client, Guard(("true", ("variable", 1, "OTHER")), False))


def test_what_is_set_up_anew_without_a_condition_may_send_always(bench: Bench) -> None:
    client = bench.made("crane.Client")
    bench.frame.held = frozenset({WITH_KEY})
    bench.call("crane.Client.open", bench.const("k"), on=client)
    bench.frame.held = frozenset()
    bench.call("crane.Client.open", bench.const("k"), on=client)
    assert possible(bench, client, WITH_KEY.negated())


def test_what_is_given_its_key_by_a_variable_sends_only_where_that_is_set(bench: Bench) -> None:
    client = bench.made("crane.Client")
    bench.call("crane.Client.open", bench.universe.unknown_of(*KEY), on=client)
    assert not possible(bench, client, WITH_KEY.negated())


def test_a_condition_of_an_event_says_nothing_of_what_an_earlier_event_has_set_up(bench: Bench) -> None:
    client = bench.made("crane.Client")
    asked = Guard(("true", ("param", "app.py", "handler", "event")), True)
    bench.frame.held = frozenset({asked})
    bench.call("crane.Client.open", bench.const("k"), on=client)
    assert possible(bench, client, asked.negated())
