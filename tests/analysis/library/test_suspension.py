"""suspension: a call ends the invocation, which goes on in a later one."""

from __future__ import annotations

import pytest

from tests.analysis.library.bench import Bench


@pytest.mark.parametrize(("said", "suspends"), [({}, "surely"), ({"perhaps": True}, "perhaps")])
def test_control_leaves_by_the_exception_that_it_names(said: dict[str, bool], suspends: str) -> None:
    bench = Bench(suspension=[{"call": "crane.wait", "raises": ["crane.Suspended", "Exception"], **said}])
    assert bench.call("crane.wait") == ()
    (edge,) = bench.frame.raised
    assert edge.suspends == suspends and edge.types == {"crane.Suspended", "Exception"}
