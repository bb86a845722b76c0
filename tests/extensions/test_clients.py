"""A request to Lambda's APIs is known by its URL, whatever client sends it; what only looks like one is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extensions.lint import codes

REQUESTS = {
    "requests": 'requests.post(f"http://{API}/2020-01-01/extension/register", json={"events": ["INVOKE"]})',
    "a keyword": 'requests.post(url=f"http://{API}/2020-01-01/extension/register", json={"events": []})',
    "a session": 'requests.Session().post(f"http://{API}/2020-01-01/extension/register", json={})',
    "httpx": 'httpx.request("POST", "http://" + API + "/2020-01-01/extension/register", json={})',
    "urllib3": 'urllib3.PoolManager().request("POST", f"http://{API}/2020-01-01/extension/register")',
    "urllib": 'urllib.request.urlopen("http://{}/2020-01-01/extension/register".format(API), b"{}")',
    "http.client": 'http.client.HTTPConnection(API).request("POST", "/2020-01-01/extension/register", "{}")',
    "a slash at the end": 'requests.post(f"http://{API}/2020-01-01/extension/register/")',
    "a base": 'requests.post(f"{BASE}/register")',
    "a client we know nothing of": 'client.post(f"http://{API}/2020-01-01/extension/register")',
    "a helper": 'send("register")',
}
LOOKALIKES = {
    "another path": 'requests.post("https://shop.example.org/extension/register/cable")',
    "another word": 'requests.post("https://shop.example.org/my-extension/registers")',
    "another register": 'requests.post("https://shop.example.org/register")',
    "a log line": 'logging.getLogger().info("POST /2020-01-01/extension/register")',
    "a printed line": 'print("POST /2020-01-01/extension/register")',
    "a test of a path": '"/2020-01-01/extension/register".endswith("/extension/register")',
    "only a text": 'dict(path="/2020-01-01/extension/register")',
}
MODULE = """
import http.client
import logging
import os
import urllib.request

import client
import httpx
import requests
import urllib3

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = f"http://{API}/2020-01-01/extension"


def send(path):
    return requests.post(f"http://{API}/2020-01-01/extension/{path}")


def handler(event, context):
    REQUEST
"""


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_any_client_may_send_it(request_: str, tmp_path: Path) -> None:
    text = MODULE.replace("REQUEST", request_)
    line = next(number for number, found in enumerate(text.splitlines(), 1) if request_ in found)
    assert codes(tmp_path, app=text) == {("app.py", line, "LAM604")}


@pytest.mark.parametrize("request_", LOOKALIKES.values(), ids=LOOKALIKES)
def test_what_looks_like_it_is_none(request_: str, tmp_path: Path) -> None:
    assert codes(tmp_path, app=MODULE.replace("REQUEST", request_)) == set()


def test_at_import_it_is_in_time(tmp_path: Path) -> None:
    request_ = REQUESTS["requests"]
    assert (
        codes(tmp_path, app=MODULE.replace("def handler", f"{request_}\n\n\ndef handler").replace("REQUEST", "pass"))
        == set()
    )
