"""The environment variables that Lambda gives a function and its extensions.

Source: "Using Lambda environment variables", section "Defined runtime environment variables", and `rapidcore/env` of AWS's
runtime interface emulator. Nothing of the environment of the person who runs the sandbox gets in: no credentials, no paths.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from lint_lambda.emulator.function import REGION, Function
from lint_lambda.emulator.node import node_environment, node_version
from lint_lambda.emulator.unavailable import Unavailable

ADAPTED = "_lambda_lint_adapted"
"""The module that makes a handler of a web application, in `adapted/`."""
_QUERY = (
    "import sys, json, importlib.util as u; "
    "print(json.dumps([list(sys.version_info[:2]), u.find_spec('awslambdaric') is not None]))"
)


def check(function: Function) -> None:
    """Raises Unavailable when there is nothing to run it with, before anything has been started."""
    if not function.node:
        python_version(function.python)
        return
    node_version(function.node)
    if function.managed:
        raise Unavailable(
            "the sandbox does not run Node.js functions as Lambda Managed Instances do, several at a time"
        )


def with_port(function: Function) -> Function:
    """A function that serves is given a free port, as PORT, unless its environment names one."""
    if not function.served or function.env.keys() & {"PORT", "AWS_LWA_PORT"}:
        return function
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return replace(function, env={**function.env, "PORT": str(free.getsockname()[1])})


@cache
def python_version(python: str) -> tuple[int, int]:
    """(major, minor) of an interpreter that can run functions. Raises Unavailable."""
    if python == sys.executable:
        version, has_client = sys.version_info[:2], importlib.util.find_spec("awslambdaric") is not None
    else:
        try:
            answer = subprocess.run([python, "-c", _QUERY], capture_output=True, check=True, timeout=30)
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"{python} is not a Python that runs: {error}") from error
        (major, minor), has_client = json.loads(answer.stdout)
        version = (major, minor)
    if version < (3, 10):
        raise Unavailable(f"{python} is Python {version[0]}.{version[1]}; the sandbox runs functions on 3.10 and later")
    if not has_client:
        raise Unavailable(
            f"{python} has no awslambdaric, AWS's runtime client, which the sandbox runs functions with.\n"
            f"help: {python} -m pip install awslambdaric"
        )
    return version


_RESERVED = ("_HANDLER", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_LAMBDA_RUNTIME_API")


def function_environment(function: Function, api: str, scratch: Path) -> dict[str, str]:
    """Everything the function's process sees. `api` is host:port; `scratch` stands for /tmp (as TMPDIR)."""
    env = {
        "_HANDLER": f"{ADAPTED}.handler" if function.application else function.handler,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "lambda-managed-instances" if function.managed else "on-demand",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "LAMBDA_TASK_ROOT": str(function.task_root),
        "LAMBDA_RUNTIME_DIR": str(Path(__file__).parent),
        "LANG": "en_US.UTF-8",
        "SHLVL": "0",
        "TMPDIR": str(scratch),
        "TZ": ":UTC",
        **_common(function, api),
        **(node_environment(function) if function.node else _python_environment(function)),
    }
    if function.managed:
        env["AWS_LAMBDA_MAX_CONCURRENCY"] = str(function.managed)
    if "LD_LIBRARY_PATH" in os.environ:
        env["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]  # some interpreters cannot start without it
    # What Lambda itself says of where the code is cannot be said by a template or an image.
    return {**env, **function.env, **{name: env[name] for name in _RESERVED}}


def _python_environment(function: Function) -> dict[str, str]:
    """What is particular to Python."""
    major, minor = python_version(function.python)
    env = {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{major}.{minor}",
        "PATH": ":".join([str(Path(function.python).parent), "/usr/local/bin", "/usr/bin", "/bin", "/opt/bin"]),
        "PYTHONDONTWRITEBYTECODE": "1",  # the task root is read-only on Lambda; here it is somebody's project
    }
    paths = list(function.import_paths)
    if function.application:
        env["LAMBDA_LINT_APPLICATION"], env["LAMBDA_LINT_ADAPTER"] = function.application, function.adapter
        paths.append(Path(__file__).with_name("adapted"))
    if paths:
        env["PYTHONPATH"] = ":".join(map(str, paths))
    return env


def extension_environment(function: Function, api: str, scratch: Path) -> dict[str, str]:
    """What an external extension sees: no handler, nothing that begins with an underscore."""
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin", "TMPDIR": str(scratch), **function.env}
    env.update(_common(function, api))
    return {name: value for name, value in env.items() if not name.startswith("_")}


def _common(function: Function, api: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_SESSION_TOKEN": "sandbox",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "sandbox",
        "AWS_LAMBDA_RUNTIME_API": api,
    }
