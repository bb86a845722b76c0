"""The pytest plugin: the fixture `lambda_sandbox` and the marker `lambda_timeout`.

pytest loads this module wherever lambda-lint is installed, so nothing of the sandbox is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lint_lambda.testing.sandbox import LambdaSandbox

TIMEOUT = 10.0
"""Seconds that a function gets for an event where no marker says otherwise."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "lambda_timeout(seconds): how long a function in `lambda_sandbox` may take for an event (10 s when not given)",
    )


@pytest.fixture
def lambda_sandbox(request: pytest.FixtureRequest) -> Iterator[Callable[..., LambdaSandbox]]:
    """Make a sandbox that freezes as Lambda does: `lambda_sandbox("package/module.handler", root=None, env=None)`.

    Every call gives a sandbox of its own; all are killed when the test ends. It executes the function's code.
    """
    from lint_lambda.testing.sandbox import LambdaSandbox, find_root

    made: list[LambdaSandbox] = []

    def make(handler: str, **options: object) -> LambdaSandbox:
        options.setdefault("root", find_root(handler, request.path.parent, request.config.rootpath))
        options.setdefault("timeout", _timeout(request))
        made.append(LambdaSandbox(handler, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for sandbox in made:
        sandbox.close()


def _timeout(request: pytest.FixtureRequest) -> float:
    marker = request.node.get_closest_marker("lambda_timeout")
    if marker is None:
        return TIMEOUT
    if len(marker.args) != 1 or marker.kwargs or not isinstance(marker.args[0], (int, float)) or marker.args[0] <= 0:
        raise pytest.UsageError("@pytest.mark.lambda_timeout takes one number of seconds, as in lambda_timeout(30)")
    return float(marker.args[0])
