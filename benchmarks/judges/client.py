"""A runtime client of a few lines: reads an event from one pipe, calls the handler, writes the response to another."""

import importlib
import json
import os
import sys


def main() -> None:
    module, directory, events, answers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    sys.path[0] = directory
    handler = importlib.import_module(module).handler
    with os.fdopen(events, "rb", 0) as source:
        for line in iter(source.readline, b""):
            os.write(answers, json.dumps(handler(json.loads(line), None)).encode() + b"\n")


if __name__ == "__main__":
    main()
