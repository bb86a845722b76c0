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

KINDS = MODELS.kinds


def made_by(who: str) -> set[str]:
    return {name for name, kind in KINDS.items() if kind.made_by == who}


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
        if KINDS[launch.kind].unstarted:
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
    pairs |= {(kind.name, fate) for kind in KINDS.values() for known, fate in pairs if kind.of == known}
    pairs |= {(kind, Fate.NEVER_RUNS) for kind in made_by("language")}
    return {(kind, fate) for kind, fate in pairs if fate is not Fate.JOINED}


def test_every_kind_is_claimed_by_a_rule() -> None:
    assert RULES.kinds == KINDS.keys()


def test_every_kind_of_a_library_can_be_launched_and_no_other_is() -> None:
    assert {launch.kind for launch in launches(MODELS)} == made_by("library")


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_possible_launch_has_exactly_one_rule(reason: Reason) -> None:
    for kind, fate in sorted(producible(), key=str):
        claimants = [rule for rule in RULES if kind in rule.kinds and fate in rule.fates]
        preferred = [rule for rule in claimants if reason in rule.reasons]
        general = [rule for rule in claimants if not rule.reasons]
        assert len(preferred or general or claimants) == 1, (kind, fate, reason)
        assert RULES.select(kind, fate, reason) in claimants


def test_what_may_be_repeated_has_a_rule() -> None:
    claimed = {kind for rule in RULES if Fate.REPEATS in rule.fates for kind in rule.kinds}
    assert claimed == {name for name, kind in KINDS.items() if kind.repeats}
    assert all(RULES.select(kind, Fate.REPEATS, "replays").code == "LAM404" for kind in claimed)


def test_what_the_rules_say_of_each_kind() -> None:
    """The table itself, written out once by hand: the code never changes its meaning."""
    told = {(kind, fate.value): RULES.select(kind, fate, "never-joined").code for kind, fate in producible()}
    for fate in ("frozen", "unknown"):
        for kind, code in FROZEN.items():
            assert told.pop((kind, fate)) == code
    missing = {kind: code for (kind, fate), code in told.items() if fate in ("frozen", "unknown")}
    assert not missing, f"a new kind? Add to FROZEN in tests/rules/test_table.py: {missing}"
    assert told == {
        ("coroutine", "never-runs"): "LAM101",
        ("loop-future", "never-runs"): "LAM101",
        ("query", "never-runs"): "LAM107",
        ("callback-handler", "never-runs"): "LAM110",
        ("subprocess", "never-runs"): "LAM101",
        ("client", "never-runs"): "LAM101",
        ("task", "never-runs"): "LAM101",
        ("task", "cancelled"): "LAM102",
        ("loop-callback", "never-runs"): "LAM103",
        ("handler", "never-runs"): "LAM104",
        ("event", "cancelled"): "LAM401",
        ("scheduler", "cancelled"): "LAM403",
        ("process", "cancelled"): "LAM302",
        ("scheduled-call", "never-runs"): "LAM401",
        ("client", "buffered"): "LAM501",
        ("log-queue", "buffered"): "LAM502",
        ("non-waiting-flush", "buffered"): "LAM503",
        ("non-waiting-flush", "never-runs"): "LAM503",
        ("atexit", "never-runs"): "LAM504",
        ("hook", "never-runs"): "LAM402",
        ("deferred", "never-runs"): "LAM402",
    }


FROZEN = {
    "task": "LAM102",
    "durable-operation": "LAM102",
    "promise": "LAM102",
    "operation": "LAM102",
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
    "scheduled-call": "LAM401",
    "hook": "LAM402",
    "scheduler": "LAM403",
    "worker": "LAM204",
    "non-waiting-flush": "LAM503",
}


@pytest.mark.parametrize("kind", ["thread", "timer", "future", "task", "loop-future", "process", "subprocess"])
def test_what_starts_at_import_is_a_background_worker(kind: str) -> None:
    assert RULES.select(kind, Fate.FROZEN, "import-time").code == "LAM204"
