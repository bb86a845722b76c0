"""Everything that the files of a project say of its deployment, read once by all readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from lint_lambda.core.record import replace
from lint_lambda.deployment.commands import Started, followed
from lint_lambda.deployment.files import Files, join
from lint_lambda.deployment.model import Declarations, Function, Trouble
from lint_lambda.deployment.readers.signs import is_cdk, is_pulumi

Reader = Callable[[Files], Declarations]


def readers(files: Files) -> Sequence[Reader]:
    """What reads the declarations in files such as these; imported only where there may be any."""
    if not files.others and not any(is_cdk(code) or is_pulumi(code) for code in map(files.read, files.python)):
        return ()
    from lint_lambda.deployment.readers import (
        amplify_functions,
        cdk,
        cdk_typescript,
        chalice,
        cloudformation,
        images,
        others,
        pulumi,
        serverless,
        sst,
        terraform,
        zappa,
    )

    # In this order: of a function that several declare, the first says what it is.
    return (
        cloudformation.read,
        serverless.read,
        terraform.read,
        cdk.read,
        cdk_typescript.read,
        pulumi.read,
        sst.read,
        amplify_functions.read,
        chalice.read,
        zappa.read,
        images.read,
        others.read,
    )


def read(files: Files) -> Declarations:
    """What all readers find. A defect of one hides nothing of the others."""
    whole = Declarations()
    for reader in readers(files):
        try:
            found = reader(files)
        except Exception as error:  # noqa: BLE001 - whatever is wrong in there, it is told with its place
            import traceback  # here, as most runs have no trouble

            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(frame.filename).name}:{frame.lineno}"
            name = reader.__module__.rpartition(".")[2]
            what = f"the reader of {name} failed ({type(error).__name__}: {error}, at {where}); this is a bug in lambda-lint"
            whole.troubles.append(Trouble(".", 0, what))
            continue
        whole.functions += found.functions
        whole.troubles += found.troubles
        whole.built |= found.built
        whole.foreign |= found.foreign
    whole.functions = [_started(function, files) for function in whole.functions]
    whole.functions = _once(whole.functions, whole.built)
    return whole


def _started(function: Function, files: Files) -> Function:
    """A function that a script starts, as the web adapter has it without an image, with the application of that script."""
    handler = function.handler or ""
    wrapped = dict(function.environment).get("AWS_LAMBDA_EXEC_WRAPPER") == "/opt/bootstrap"
    if not wrapped and not handler.endswith(".sh"):
        return function
    adapter = function.adapter or "lambda-web-adapter"
    lifetime = "web-adapter" if function.lifetime == "default" else function.lifetime
    behind = replace(function, handler=None, adapter=adapter, lifetime=lifetime)
    for root in function.roots:
        for script in (handler, "run.sh"):
            path = join(root, script) if script else None
            if path is not None and files.is_file(path) and path.endswith(".sh"):
                begun = followed(Started(script=script), partial(_read, files, root))
                runtime = function.runtime or ("nodejs" if begun.is_node else None)
                return replace(behind, application=begun.application, runtime=runtime)
    return behind


def _read(files: Files, root: str, name: str) -> str:
    path = join(root, name)
    return files.text(path) if path is not None and files.is_file(path) else ""


def _once(functions: list[Function], built: set[str]) -> list[Function]:
    """The functions without those of what a tool has built, and without images that a template speaks of."""
    used = {f.image.file for f in functions if f.image is not None and f.declared.format != "image"}
    kept: dict[object, Function] = {}
    for function in functions:
        inside = any(function.declared.file.startswith(f"{place}/") for place in built if place)
        if inside or (function.declared.format == "image" and function.declared.file in used):
            continue
        # Included twice, or read under two names, it is one function all the same.
        kept.setdefault((function.declared, function.names, function.handler), function)
    return list(kept.values())
