"""Names that mean something by custom."""

from __future__ import annotations

import pytest

from lint_lambda.knowledge.conventions import load_conventions


@pytest.mark.parametrize("method", ["close", "shutdown", "stop_all", "wait_and_close", "end_session"])
def test_methods_that_end_their_object(method: str) -> None:
    assert load_conventions().ends_object(method)


@pytest.mark.parametrize("method", ["flush", "wait", "send_and_close", "ending", "unclose"])
def test_methods_that_do_not(method: str) -> None:
    assert not load_conventions().ends_object(method)
