"""The static half of `lambda-lint prove`, as plain data: what is found for a handler, where a template puts it, what to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lint_lambda.cli.options import Failure, read_config, relative, run
from lint_lambda.config import ByPath, Config, ConfigError
from lint_lambda.core.finding import Finding
from lint_lambda.core.record import replace

if TYPE_CHECKING:
    from lint_lambda.emulator.story import Finding as Predicted
    from lint_lambda.emulator.story import Sight
    from lint_lambda.prove_command import Analysis, Target


def analysis() -> Analysis:
    from lint_lambda.prove_command import Analysis

    return Analysis(_findings, _declared_in_template, _is_managed, _served_by, _clients)


def _declared_in_template(name: str) -> Target | None:
    """The target that a template below the working directory calls `name`, or None."""
    from lint_lambda.deployment.lookup import LookupFailed, find
    from lint_lambda.engine import Request, read_deployment
    from lint_lambda.prove_command import Target

    here = Path.cwd().resolve()
    config = read_config(here)
    deployment = read_deployment(Request(paths=(here,), config=config))
    try:
        found = find(deployment, name, "" if here == config.root else relative(here, config.root))
    except LookupFailed as error:
        raise Failure(str(error)) from error
    if found is None:
        return None
    function, place = found
    if function.inline is not None:
        raise Failure(f"{function.declared}: {name}: its code stands in the template, where `prove` cannot run it")
    layers = [folder for layer in function.layers for folder in (config.root / layer, config.root / layer / "python")]
    return Target(
        config.root / place.path,
        place.name,
        config.root / place.root,
        env=function.environment,
        timeout=function.timeout,
        layers=tuple(folder for folder in layers if folder.is_dir()),
    )


def _config(target: Target) -> Config:
    config = read_config(target.file)
    if target.adapter:
        config = replace(config, adapter=ByPath("", (("*", target.adapter),)))
    return replace(config, target=ByPath(target.runs_on)) if target.runs_on else config


def _is_managed(target: Target) -> bool:
    from lint_lambda.engine import Request, read_serving
    from lint_lambda.knowledge.loader import ModelError

    config = _config(target)
    try:
        serving = read_serving(Request(paths=(target.file,), config=config))
    except (ConfigError, ModelError) as error:
        raise Failure(str(error)) from error
    return serving.is_managed(relative(target.file, config.root), target.function)


def _served_by(target: Target) -> str:
    from lint_lambda.engine import Request, list_handlers

    config = replace(_config(target), cache_dir=None)
    try:
        found = list_handlers(Request(paths=(target.file,), config=config, overlays={}))
    except ConfigError as error:
        raise Failure(str(error)) from error
    return next((handler.adapter for handler in found if handler.application and handler.name == target.function), "")


def _clients(target: Target) -> list[dict[str, Any]]:
    """The classes that can be asked what they have not sent, by all names that they have."""
    from lint_lambda.knowledge.loader import ModelError, load_models

    try:
        models = load_models(_config(target).library)
    except ModelError as error:
        raise Failure(str(error)) from error
    return [
        {"library": library.name, "type": name, "paths": list(type_.observe)}
        for library in models.libraries
        for type_ in library.types
        if type_.observe
        for name in (type_.name, *type_.aliases)
    ]


def _findings(target: Target) -> list[Predicted]:
    """The findings for one handler, with absolute paths."""
    from lint_lambda.engine import Request

    config = _config(target)
    name = f"{relative(target.file, config.root)}:{target.function}"
    config = replace(config, option_handlers=(name,), cache_dir=None)
    report = run(Request(paths=(target.task_root,), config=config, overlays={}))
    return [_predicted(config.root, finding) for finding in report.findings if name in finding.handlers]


def _sight(kind: str) -> Sight:
    """What the sandbox, which knows nothing of the linter, is told of a kind of work."""
    from lint_lambda.emulator.story import Sight
    from lint_lambda.knowledge.kinds import load_kinds

    row = load_kinds()[kind]
    return Sight(row.observed, row.of_library, row.called_later, row.data)


def _predicted(root: Path, finding: Finding) -> Predicted:
    from lint_lambda.emulator.story import ANYTHING
    from lint_lambda.emulator.story import Finding as Predicted

    span, intent = finding.location.span, finding.intent
    return Predicted(
        code=finding.code,
        path=str(root / finding.location.path),
        line=span.line,
        end_line=span.end_line,
        message=finding.message,
        fate=finding.fate.value if finding.fate is not None else "",
        confidence=finding.confidence.label,
        kind=intent.kind if intent is not None else "",
        sight=_sight(intent.kind) if intent is not None else ANYTHING,
        package=str(intent.call).partition(".")[0] if intent is not None else "",
        fixes=tuple(fix.title for fix in finding.fixes) or finding.help,
    )
