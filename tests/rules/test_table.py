"""Every launch the analysis can find, with every fate it can meet and for every reason, has exactly one rule."""

from __future__ import annotations

from typing import get_args

import pytest

from lint_lambda.core.finding import Fate
from lint_lambda.core.verdict import Reason
from lint_lambda.knowledge.loader import load_models
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.verbs import LaunchModel, ScopeModel
from tests.rules.pages import RULES

MODELS = load_models()

OF_THE_LANGUAGE = {"coroutine", "handler"}
"""Kinds that no library launches: calling a coroutine function, and Lambda calling a handler that is one."""

DERIVED = {"worker": "thread", "pretence": "client"}
"""Kinds that the analysis makes of another: a thread whose work has no end, a client that is only seemingly flushed."""

OF_THE_SANDBOX = {
    "extension",
    "extension-task",
    "extension-queue",
    "late-registration",
    "managed-registration",
    "shutdown-registration",
}
"""Kinds that are no launches, but what goes wrong with extensions."""

NEVER_STARTED = {"coroutine", "handler", "atexit", "deferred"}
"""Kinds that do not run unless something runs them."""


def launches(models: Models) -> list[LaunchModel]:
    found = [model for library in models.libraries for model in library.models]
    return [model for model in found if isinstance(model, LaunchModel)]


def producible() -> set[tuple[str, Fate]]:
    """Kind and fate of every launch that can be pending at the response, from what the library models say.

    A launch that nothing waits for is frozen, unless the scope it runs in has another fate for it; one that begins
    only when awaited never runs if it is not; and one whose handle is out of sight has a fate that is not known.
    """
    scopes = [model for library in MODELS.libraries for model in library.models if isinstance(model, ScopeModel)]
    pairs: set[tuple[str, Fate]] = set()
    for launch in launches(MODELS):
        if launch.kind in NEVER_STARTED:
            pairs.add((launch.kind, Fate.NEVER_RUNS))
            continue
        pairs |= {(launch.kind, Fate.FROZEN), (launch.kind, Fate.UNKNOWN)}
        if launch.lazy:
            pairs.add((launch.kind, Fate.NEVER_RUNS))
        for scope in scopes:
            if scope.type and scope.type in (
                launch.call.rpartition(".")[0],
                *MODELS.ancestry(launch.call.rpartition(".")[0]),
            ):
                pairs |= {(launch.kind, fate) for kind, fate in scope.exit.items() if kind in ("*", launch.kind)}
            pairs |= {(launch.kind, fate) for kind, fate in scope.exit.items() if kind == launch.kind}
    pairs |= {(launch.kind, launch.fate) for launch in launches(MODELS)}
    pairs |= {(derived, fate) for derived, kind in DERIVED.items() for known, fate in pairs if kind == known}
    pairs |= {(kind, Fate.NEVER_RUNS) for kind in OF_THE_LANGUAGE}
    return {(kind, fate) for kind, fate in pairs if fate is not Fate.JOINED}


def test_the_models_use_only_kinds_that_a_rule_claims() -> None:
    assert {launch.kind for launch in launches(MODELS)} | OF_THE_LANGUAGE <= RULES.kinds


def test_every_kind_that_a_rule_claims_can_be_launched() -> None:
    launched = {launch.kind for launch in launches(MODELS)} | OF_THE_LANGUAGE | DERIVED.keys()
    assert RULES.kinds <= launched | OF_THE_SANDBOX


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_possible_launch_has_exactly_one_rule(reason: Reason) -> None:
    for kind, fate in sorted(producible(), key=str):
        claimants = [rule for rule in RULES if kind in rule.kinds and fate in rule.fates]
        preferred = [rule for rule in claimants if reason in rule.reasons]
        general = [rule for rule in claimants if not rule.reasons]
        assert len(preferred or general or claimants) == 1, (kind, fate, reason)
        assert RULES.select(kind, fate, reason) in claimants


def test_what_the_rules_say_of_each_kind() -> None:
    """The table itself, written out once by hand: the code never changes its meaning."""
    told = {(kind, fate.value): RULES.select(kind, fate, "never-joined").code for kind, fate in producible()}
    for fate in ("frozen", "unknown"):
        for kind, code in FROZEN.items():
            assert told.pop((kind, fate)) == code
    assert told == {
        ("coroutine", "never-runs"): "LAM101",
        ("loop-future", "never-runs"): "LAM101",
        ("subprocess", "never-runs"): "LAM101",
        ("client", "never-runs"): "LAM101",
        ("task", "never-runs"): "LAM101",
        ("task", "cancelled"): "LAM102",
        ("loop-callback", "never-runs"): "LAM103",
        ("handler", "never-runs"): "LAM104",
        ("event", "cancelled"): "LAM401",
        ("scheduler", "cancelled"): "LAM403",
        ("process", "cancelled"): "LAM302",
        ("event", "never-runs"): "LAM401",
        ("client", "buffered"): "LAM501",
        ("pretence", "buffered"): "LAM503",
        ("pretence", "never-runs"): "LAM503",
        ("atexit", "never-runs"): "LAM504",
        ("hook", "never-runs"): "LAM402",
        ("deferred", "never-runs"): "LAM402",
    }


FROZEN = {
    "task": "LAM102",
    "loop-callback": "LAM103",
    "loop-future": "LAM105",
    "thread": "LAM201",
    "timer": "LAM202",
    "future": "LAM203",
    "subprocess": "LAM301",
    "process": "LAM302",
    "log-queue": "LAM502",
    "client": "LAM501",
    "event": "LAM401",
    "hook": "LAM402",
    "scheduler": "LAM403",
    "worker": "LAM204",
    "pretence": "LAM503",
}


@pytest.mark.parametrize("kind", ["thread", "timer", "future", "task", "loop-future", "process", "subprocess"])
def test_what_starts_at_import_is_a_background_worker(kind: str) -> None:
    assert RULES.select(kind, Fate.FROZEN, "import-time").code == "LAM204"
