"""The first Python file inside the function's process: what /var/runtime/bootstrap.py is on Lambda.

Run as `python function_main.py SNAPSHOT`, with the environment of `environment.py`. It puts the task root first on the
import path and hands over to AWS's runtime client, as it is. With a SNAPSHOT file (instead of `-`) the client is the same
class with one method around its own: before each poll, the observer writes down which threads and tasks are alive.
It runs under the function's interpreter, 3.10 or later, and imports nothing but the standard library and the client.
"""

import os
import sys


def main() -> None:
    here, snapshot = sys.path.pop(0), sys.argv.pop(1)  # this directory must not shadow the function's modules
    handler = os.environ["_HANDLER"]
    observe = None
    if snapshot != "-":
        from importlib.util import module_from_spec, spec_from_file_location

        spec = spec_from_file_location("_lambda_lint_observer", os.path.join(here, "observer.py"))
        assert spec is not None and spec.loader is not None
        observer = module_from_spec(spec)
        spec.loader.exec_module(observer)
        observe = observer.install(snapshot, os.environ["LAMBDA_TASK_ROOT"])

    sys.path[:0] = [os.environ["LAMBDA_TASK_ROOT"], "/opt/python"]
    sys.argv.append(handler)
    if observe is None:
        from awslambdaric.__main__ import main as run_client

        run_client(sys.argv)
        return

    # The same four steps as `awslambdaric.__main__.main`, with the observed client.
    from awslambdaric import bootstrap
    from awslambdaric.lambda_config import LambdaConfigProvider
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    class ObservedClient(LambdaRuntimeClient):  # type: ignore[misc]
        def wait_next_invocation(self):  # type: ignore[no-untyped-def]
            observe()
            return super().wait_next_invocation()

    config = LambdaConfigProvider(sys.argv)
    bootstrap.run(config.handler, ObservedClient(config.api_address, config.use_thread_polling))


if __name__ == "__main__":
    main()
