"""Sample events, and the events of HTTP requests."""

from __future__ import annotations

import json

import pytest

from lint_lambda.emulator.http_events import FORMATS, HttpRequest
from lint_lambda.emulator.sample_events import names, sample


@pytest.mark.parametrize("name", names())
def test_every_sample_is_json(name: str) -> None:
    assert json.loads(json.dumps(sample(name)))


def test_an_unknown_sample_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        sample("nothing")


def test_a_request_is_read_from_its_first_line() -> None:
    said = HttpRequest.of("post /orders?tag=a&tag=b&empty=", {"X-Id": "1"}, '{"a": 1}')
    assert (said.method, said.path, said.query) == ("POST", "/orders", {"tag": ["a", "b"], "empty": [""]})
    assert said.headers["x-id"] == "1" and said.headers["content-type"] == "application/json"
    assert HttpRequest.of("/orders", {}, None).method == "GET"
    assert HttpRequest.of("/orders", {}, "text").headers["content-type"] == "text/plain"


@pytest.mark.parametrize("said", ["orders", "POST", "P0ST /orders", ""])
def test_what_is_no_request_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="a method and a path are expected"):
        HttpRequest.of(said, {}, None)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_carries_the_request(name: str) -> None:
    event = FORMATS[name](HttpRequest.of("POST /orders?tag=a&tag=b", {"cookie": "x=1; y=2"}, "hello"))
    http = event["requestContext"].get("http")
    assert (http["method"] if http else event["httpMethod"]) == "POST"
    assert (http["path"] if http else event["path"]) == "/orders"
    assert event["body"] == "hello" and event["isBase64Encoded"] is False
    assert event["queryStringParameters"]["tag"] in ("b", "a,b")
    assert event.get("cookies") == ["x=1", "y=2"] if http else event["headers"]["cookie"] == "x=1; y=2"
