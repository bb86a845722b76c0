"""A client that the models call loop-bound fails under the second `asyncio.run` of a process, seen at a sink on loopback."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys

import pytest

from tests.rules.pages import ROOT

PROGRAM = """
import asyncio
from tests.libraries import brokers, sink
PORT = sink.http()
URL = f"http://127.0.0.1:{PORT}/"
{setup}
async def main():
    {use}
for number in (1, 2):
    try:
        asyncio.run(main())
        print(number, "done")
    except Exception as error:
        print(number, type(error).__name__, error)
import sys; sys.stdout.flush()
import os; os._exit(0)
"""

CLIENTS = {
    "httpx": ("httpx", "import httpx; it = httpx.AsyncClient()", "await it.get(URL)"),
    "aiohttp": (
        "aiohttp",
        "import aiohttp; it = None\nasync def client():\n    global it\n    it = it or aiohttp.ClientSession()\n    return it",
        "await (await client()).get(URL)",
    ),
    "aioboto3": (
        "aioboto3",
        "import aioboto3; it = None\nasync def client():\n    global it\n"
        "    keys = dict(aws_access_key_id='a', aws_secret_access_key='b', region_name='us-east-1')\n"
        "    it = it or await aioboto3.Session().client('s3', endpoint_url=URL, **keys).__aenter__()\n    return it",
        "await (await client()).put_object(Bucket='b', Key='k', Body=b'x')",
    ),
    "elasticsearch": (
        "elasticsearch aiohttp",
        "import elasticsearch; it = elasticsearch.AsyncElasticsearch(URL, meta_header=False)",
        "await it.transport.perform_request('GET', '/', headers={'accept': 'application/json'})",
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.requires(*CLIENTS[name][0].split())) for name in CLIENTS]
)
def test_the_second_loop_is_refused(name: str) -> None:
    packages, setup, use = CLIENTS[name]
    for package in packages.split():
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pytest.skip(f"{package} is not installed")
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("{setup}", setup).replace("{use}", use)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        text=True,
        timeout=60,
    )
    first, second = ran.stdout.splitlines()[-2:]
    assert first == "1 done", ran.stdout
    assert second.startswith("2 ") and "loop" in second.lower(), ran.stdout
