"""shield: leaving a context manager swallows what was raised inside; to make one does nothing."""

from __future__ import annotations

from tests.analysis.library.bench import Bench


def test_making_one_changes_nothing() -> None:
    bench = Bench(shield=[{"call": "crane.ignored", "catches": "arg:*"}])
    assert bench.call("crane.ignored") == ()
    assert bench.frame.state == {} and bench.frame.raised == []
