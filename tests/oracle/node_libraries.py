"""Install what Node fixtures require, and AWS's runtime clients, into `.node-libraries`: `python -m tests.oracle.node_libraries`.

The part of the clients that is written in C++ is not built: that takes a compiler and a while. Ours stands in for it.
"""

from __future__ import annotations

import json
import subprocess
import sys

from tests.oracle.execute import NODE_LIBRARIES
from tests.oracle.fixture import discover
from tests.oracle.run import FIXTURES

CLIENTS = ("aws-lambda-ric-3@npm:aws-lambda-ric@3", "aws-lambda-ric-4@npm:aws-lambda-ric@4")
TOOLS = ("esbuild",)


def wanted() -> list[str]:
    asked = {each for fixture in discover(FIXTURES) if fixture.is_node for each in fixture.requires}
    return [*CLIENTS, *TOOLS, *sorted(each.removeprefix("npm:") for each in asked if each.startswith("npm:"))]


def main() -> int:
    NODE_LIBRARIES.mkdir(exist_ok=True)
    (NODE_LIBRARIES / "package.json").write_text(json.dumps({"private": True}))
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"]
    return subprocess.run(["npm", "install", *options, *wanted()], cwd=NODE_LIBRARIES, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
