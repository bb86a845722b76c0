"""The widely copied in-process "async processor": an internal extension that runs tasks after the response.

It is the pattern with its five faults; `FAULT` chooses which of them an event provokes.
"""

import http.client
import json
import os
import queue
import threading
import time

tasks = queue.Queue()


def call(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, f"/2020-01-01/extension/{path}", body, headers)
    response = connection.getresponse()
    response.read()
    return response


def serve():
    name = {"Lambda-Extension-Name": "async-processor"}
    registered = call("POST", "register", json.dumps({"events": ["INVOKE"]}), **name)
    identifier = {"Lambda-Extension-Identifier": registered.getheader("Lambda-Extension-Identifier")}
    started.set()
    while True:
        call("GET", "event/next", **identifier)
        work, argument = tasks.get()  # blocks until the handler submits something
        work(argument)


def record(name):
    time.sleep(0.05)
    print(f"did {name}")


def crash(name):
    raise RuntimeError(name)


started = threading.Event()
threading.Thread(target=serve, daemon=True).start()
started.wait()


def handler(event, context):
    if event.get("raise"):
        raise ValueError("before the submit")
    for name in event.get("submit", ()):
        tasks.put((crash if name == "crash" else record, name))
    return {"submitted": event.get("submit", [])}
