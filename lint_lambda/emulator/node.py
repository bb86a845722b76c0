"""Node functions: which Node runs them, as which of Lambda's runtimes, with which command and environment variables.

Up to nodejs22.x the runtime client takes callbacks, from nodejs24.x on it does not: that, and not the version of Node, decides what
an answer waits for. `node_client/` holds a client of either kind; AWS's own is used in their place where a directory of it is named.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path

from lint_lambda.emulator.function import Function
from lint_lambda.emulator.unavailable import Unavailable

SUFFIXES = (".js", ".mjs", ".cjs")
"""Of files that Node runs as they are."""
TYPESCRIPT = (".ts", ".mts", ".cts", ".tsx", ".jsx")
"""Of files that esbuild has to translate."""
OLDEST = 18
WITHOUT_CALLBACKS = 24
"""The first runtime whose client knows no callbacks."""
_MAIN = Path(__file__).with_name("node_client") / "main.cjs"


@cache
def node_version(node: str) -> int:
    """The major version of a Node that can run functions. Raises Unavailable."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, check=True, timeout=30, text=True)
    except FileNotFoundError as error:
        raise Unavailable(f"there is no {node}\nhelp: install Node.js, or name its executable with `--node`") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"{node} is not a Node.js that runs: {error}") from error
    found = re.match(r"v(\d+)\.", answer.stdout)
    if found is None:
        raise Unavailable(f"{node} is not a Node.js: it says that it is {answer.stdout.strip()!r}")
    if int(found[1]) < OLDEST:
        raise Unavailable(f"{node} is Node.js {found[1]}; the sandbox runs functions on {OLDEST} and later")
    return int(found[1])


def runtime_version(function: Function) -> int:
    """The number in the name of the runtime that the function has: what is said of it, or else that of Node."""
    said = re.fullmatch(r"nodejs(\d+)(\.x)?", function.runtime)
    return int(said[1]) if said else node_version(function.node)


def node_command(function: Function, snapshot: str) -> list[str]:
    """What the function's process runs; `snapshot` is where its observer writes, `-` where there is none."""
    client = str(function.client or ("4" if runtime_version(function) >= WITHOUT_CALLBACKS else "3"))
    node = shutil.which(function.node) or function.node
    return [node, str(_MAIN), client, snapshot, str(function.task_root)]


def node_environment(function: Function) -> Mapping[str, str]:
    """What is particular to Node in the environment of the function's process."""
    found = shutil.which(function.node)
    folders = [str(Path(found).parent)] if found else []
    modules = [layer / inside for layer in function.import_paths for inside in ("nodejs/node_modules", "node_modules")]
    env = {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_nodejs{runtime_version(function)}.x",
        "LAMBDA_TASK_ROOT": str(function.deployed or function.task_root),
        "PATH": ":".join([*folders, "/usr/local/bin", "/usr/bin", "/bin", "/opt/bin"]),
    }
    if modules:
        env["NODE_PATH"] = ":".join(map(str, modules))
    return env


def runs_in_node(file: Path) -> bool:
    return file.suffix in SUFFIXES + TYPESCRIPT


def package_root(file: Path) -> Path:
    """The package that a file is in, or else the directory it is in."""
    return next((folder for folder in file.parents if (folder / "package.json").is_file()), file.parent)


def in_node(function: Function, file: Path, node: str, runtime: str, lasting: ExitStack) -> Function:
    """The function run by Node. What it takes to run TypeScript is kept as long as `lasting`. Raises Unavailable."""
    named = runtime if re.match(r"nodejs\d", runtime) else ""
    function = replace(function, node=node, runtime=named)
    if file.suffix in SUFFIXES:
        return function
    built = Path(lasting.enter_context(tempfile.TemporaryDirectory(prefix="lambda-lint-"))).resolve()
    build(file, function.task_root, built, node)
    return replace(function, deployed=built)


def tool_for(name: str, file: Path) -> str | None:
    """A command that the project of a file has installed, or else the one on the path."""
    for folder in file.resolve().parents:
        found = folder / "node_modules" / ".bin" / name
        if found.exists():
            return str(found)
    return shutil.which(name)


def build(file: Path, task_root: Path, into: Path, node: str) -> None:
    """Translate a handler's file for this Node, as what deploys it would, below `into` as it stands below `task_root`. Raises Unavailable."""
    settings = _settings(file)
    if settings is not None and _METADATA.search(settings.read_text(encoding="utf-8", errors="replace")):
        _compile(file, settings, task_root, into)
    else:
        _bundle(file, task_root, into, node_version(node))


_METADATA = re.compile(r'"emitDecoratorMetadata"\s*:\s*true')
"""What esbuild does not do, and frameworks need that hand objects in by their types."""


def _settings(file: Path) -> Path | None:
    found = (folder / "tsconfig.json" for folder in file.resolve().parents)
    return next((settings for settings in found if settings.is_file()), None)


def _bundle(file: Path, task_root: Path, into: Path, version: int) -> None:
    esbuild = tool_for("esbuild", file)
    if esbuild is None:
        raise Unavailable(
            f"{file.name} is TypeScript, which Node.js does not run on Lambda, and there is no esbuild to translate it\n"
            "help: install it in the project (npm install --save-dev esbuild), or name a file that is built already"
        )
    out = (into / file.relative_to(task_root)).with_suffix(".mjs" if _is_module(file) else ".cjs")
    # Without a target it leaves what is newer than the Node that runs it: decorators, `await using`.
    options = [
        f"--target=node{version}",
        "--bundle",
        "--platform=node",
        "--sourcemap=inline",
        "--sources-content=false",
        "--log-level=error",
    ]
    if out.suffix == ".mjs":  # what requires something in a bundle of modules needs a `require`
        options.append("--banner:js=import{createRequire as $r}from'node:module';const require=$r(import.meta.url);")
    options += [f"--format={'esm' if out.suffix == '.mjs' else 'cjs'}", f"--outfile={out}"]
    _run([esbuild, str(file), *options], file, task_root)


def _compile(file: Path, settings: Path, task_root: Path, into: Path) -> None:
    tsc = tool_for("tsc", file)
    if tsc is None:
        raise Unavailable(
            f"{settings.name} asks for decorators' metadata, which only TypeScript's own compiler writes, and there is no tsc\n"
            "help: install it in the project (npm install --save-dev typescript), or name a file that is built already"
        )
    options = ["--outDir", str(into), "--rootDir", str(task_root), "--sourceMap", "--inlineSources", "false"]
    options += ["--noEmit", "false", "--noEmitOnError", "false", "--declaration", "false", "--incremental", "false"]
    command, made = [tsc, "-p", str(settings), *options], into / file.relative_to(task_root).with_suffix(".js")
    try:
        _run([*command, "--noCheck"], file, task_root, made)  # much sooner, from TypeScript 5.6 on
    except Unavailable:
        _run(command, file, task_root, made)
    for name in ("node_modules", "package.json"):
        if (task_root / name).exists():
            (into / name).symlink_to(task_root / name)


def _run(command: list[str], file: Path, task_root: Path, made: Path | None = None) -> None:
    """Run a translator; errors of types do not matter where it has `made` what it was to make."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=task_root)
    if done.returncode != 0 and (made is None or not made.exists()):
        said = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise Unavailable(f"{Path(command[0]).name} could not translate {file.name}: {said}")


def _is_module(file: Path) -> bool:
    """Whether a source is deployed as an ES module: by its name, by the package it is in, or since it awaits at its top."""
    if file.suffix in (".mts", ".mjs"):
        return True
    if file.suffix in (".cts", ".cjs"):
        return False
    for folder in file.resolve().parents:
        manifest = folder / "package.json"
        if manifest.is_file():
            return bool(json.loads(manifest.read_text(encoding="utf-8")).get("type") == "module")
    return False


def default_node() -> str:
    return os.environ.get("LAMBDA_LINT_NODE", "node")
