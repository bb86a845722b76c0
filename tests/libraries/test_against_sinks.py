"""What the library models say of each client, seen at a sink on loopback: what has arrived when a call returns.

The clients stand in the modules ``clients_*`` beside this one, what they send to in `sink` and `brokers`. The libraries are
installed with ``pip install -e '.[libraries]'``; what is not installed is skipped.
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys

import pytest

from tests.libraries import clients_events, clients_services, clients_telemetry, sink
from tests.libraries.clients import Client
from tests.rules.pages import ROOT

CLIENTS = (*clients_events.CLIENTS, *clients_telemetry.CLIENTS, *clients_services.CLIENTS)


def cases() -> list[object]:
    return [
        pytest.param(
            *(client, enqueue, call, arrives),
            id=", ".join(filter(None, (client.name, enqueue, call))),
            marks=pytest.mark.requires(*client.package.split()),
        )
        for client in CLIENTS
        for enqueue, call, arrives in client.observations()
    ]


@pytest.mark.parametrize(("client", "enqueue", "call", "arrives"), cases())
def test_what_has_arrived_when_the_call_returns(client: Client, enqueue: str, call: str, arrives: bool) -> None:
    for package in client.package.split():
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pytest.skip(f"{package} is not installed")
    delay = sink.DELAY if arrives else sink.LONG_DELAY
    start = f"from tests.libraries import brokers, sink\nsink.DELAY = {delay}\nPORT = {client.sink}()"
    program = "\n".join((start, client.setup, enqueue, call, "sink.tell()"))
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    assert (int(ran.stdout.splitlines()[-1]) > 0) is arrives, ran.stderr
