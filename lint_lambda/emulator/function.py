"""The function that the sandbox runs, and how."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

REGION, ACCOUNT = "us-east-1", "012345678912"


@dataclass(frozen=True)
class Function:
    """What to run. `handler` is `module.function`, looked up below `task_root`; times are in seconds;
    `leeway` is what the sandbox waits for an invocation beyond the timeout that it tells of.

    `extensions` are executables that run as external extensions (as if in /opt/extensions); `import_paths` are put into
    PYTHONPATH; `managed` is 0, or the number of workers under Lambda Managed Instances, where nothing is frozen;
    `serve` is a shell command that serves HTTP on $PORT: it runs behind the web adapter, and the handler is not called;
    `application` is a web application (`module:name`): with `adapter` it is called through that, without it is served behind the
    web adapter; `observe` lets the function's process report its threads and tasks before each poll; `clients` are the classes of client
    libraries that are then asked what they have not sent: {"library", "type", "paths"}, see `inside/clients.py`.
    `node` is the Node that runs the function in Python's place, as the runtime that is named (`nodejs24.x`; empty: as the one of its own
    version); `client` is the directory of AWS's runtime client for it, None for ours; `deployed` is where what is built of the
    task root stands, None where that is the task root itself.
    """

    task_root: Path
    handler: str
    python: str = sys.executable
    name: str = "function"
    timeout: float = 3.0
    init_timeout: float = 10.0
    leeway: float = 0.0
    memory_mb: int = 128
    env: Mapping[str, str] = field(default_factory=dict)
    extensions: tuple[Path, ...] = ()
    import_paths: tuple[Path, ...] = ()
    managed: int = 0
    serve: str = ""
    application: str = ""
    adapter: str = ""
    observe: bool = False
    clients: tuple[Mapping[str, object], ...] = ()
    max_processes: int = 1024
    node: str = ""
    runtime: str = ""
    client: Path | None = None
    deployed: Path | None = None

    def with_variable(self, name: str, value: str) -> Function:
        return replace(self, env={**self.env, name: value})

    @property
    def served(self) -> bool:
        """Whether a web server answers, behind the web adapter."""
        return bool(self.serve or (self.application and not self.adapter))

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"
