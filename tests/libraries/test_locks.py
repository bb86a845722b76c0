"""The locks of the library environments: they have what is wanted, and nothing has to be resolved."""

from __future__ import annotations

import pytest

from tests.libraries.locks import AGAIN, Lock, key, lock_for, locked_for, locks, needs, pins

LOCKS = locks()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_is_made_for_what_is_wanted(lock: Lock) -> None:
    assert locked_for(lock) == lock.wanted, f"run `{AGAIN}`"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_a_version_of_all_that_is_wanted(lock: Lock) -> None:
    assert {name.partition("<")[0] for name in lock.wanted} <= pins(lock).keys(), f"run `{AGAIN}`"


def test_every_need_is_met_by_one_environment() -> None:
    assert [sorted(need) for need in needs() if lock_for(need) is None] == []


@pytest.mark.parametrize(
    ("requirement", "told"),
    [
        ("Pebble", "pebble"),
        ("aws_xray.sdk>=2.1", "aws-xray-sdk"),
        ("langfuse<4", "langfuse<4"),
        ("uvicorn[standard] >=0.3", "uvicorn"),
    ],
)
def test_a_requirement_is_told_by_name_and_upper_bound(requirement: str, told: str) -> None:
    assert key(requirement) == told
