"""Names that mean something by custom."""

from __future__ import annotations

import pytest

from lint_lambda.knowledge.conventions import load_conventions


@pytest.mark.parametrize("method", ["close", "shutdown", "stop_all", "wait_and_close", "end_session"])
def test_methods_that_end_their_object(method: str) -> None:
    assert load_conventions().ends_object(method)


@pytest.mark.parametrize(
    ("command", "serves"),
    [
        ('["python", "-m", "http.server"]', True),
        ('["tail", "-f", log]', True),
        ('"redis-server --port 7000"', True),
        ('["serve", "-p", "80"]', True),
        ('["ffmpeg", "-i", path]', False),
        ("[sys.executable, 'observe.py']", False),
    ],
)
def test_commands_that_go_on(command: str, serves: bool) -> None:
    assert load_conventions().serves_for_ever(command) is serves


@pytest.mark.parametrize(
    ("name", "mints"),
    [("uuid.uuid4", True), ("ulid.new", True), ("secrets.token_hex", True), ("orders.identify", False)],
)
def test_functions_that_make_an_identifier(name: str, mints: bool) -> None:
    assert load_conventions().mints_identifier(name) is mints


@pytest.mark.parametrize("method", ["flush", "wait", "send_and_close", "ending", "unclose"])
def test_methods_that_do_not(method: str) -> None:
    assert not load_conventions().ends_object(method)
