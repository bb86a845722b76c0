"""The first Python file inside the function's process: what /var/runtime/bootstrap.py is on Lambda.

Run as `python function_main.py SNAPSHOT`, with the environment of `environment.py`. It puts the task root first on the
import path and hands over to AWS's runtime client, as it is. With a SNAPSHOT file (instead of `-`) the client's poll is
preceded by a look of the observer's, which writes down there which threads and tasks are alive.
It runs under the function's interpreter, 3.10 or later, and imports nothing but the standard library and the client.
"""

import os
import sys

TYPE_CHECKING = False  # as in `typing`, whose import the function would pay for
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def main() -> None:
    here, snapshot = sys.path.pop(0), sys.argv.pop(1)  # this directory must not shadow the function's modules
    handler = os.environ["_HANDLER"]
    observe = None
    if snapshot != "-":
        from importlib.util import module_from_spec, spec_from_file_location

        inside = os.path.join(here, "inside")
        name = "_lambda_lint_inside"
        spec = spec_from_file_location(name, os.path.join(inside, "__init__.py"), submodule_search_locations=[inside])
        assert spec is not None and spec.loader is not None
        sys.modules[name] = observer = module_from_spec(spec)
        spec.loader.exec_module(observer)
        mode = "workers" if "AWS_LAMBDA_MAX_CONCURRENCY" in os.environ else "poll"
        beside = os.environ.get("PYTHONPATH", "").split(
            os.pathsep
        )  # layers, and what else is deployed with the function
        roots = [each for each in beside if each and each != os.path.join(here, "adapted")]
        observe = observer.install(snapshot, [os.environ["LAMBDA_TASK_ROOT"], *roots], mode)

    sys.path[:0] = [os.environ["LAMBDA_TASK_ROOT"], "/opt/python"]
    sys.argv.append(handler)
    if observe is not None:
        _look_before_each_poll(observe)
    from awslambdaric.__main__ import main as run_client

    run_client(sys.argv)


def _look_before_each_poll(observe: "Callable[[], None]") -> None:
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    # The client of Managed Instances shares it with the ordinary one, where the installed client knows both.
    owner: Any = next(one for one in LambdaRuntimeClient.__mro__ if "wait_next_invocation" in vars(one))
    poll = owner.wait_next_invocation

    def wait_next_invocation(client: "Any") -> "Any":
        observe()
        return poll(client)

    owner.wait_next_invocation = wait_next_invocation


if __name__ == "__main__":
    main()
