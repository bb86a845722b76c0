"""The static half of `lambda-lint prove`, as plain data: what is found for a handler, where a template puts it, what to look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lint_lambda.cli.options import Failure, read_config_for, relative, run
from lint_lambda.config import Config, ConfigError
from lint_lambda.core.finding import Finding
from lint_lambda.core.record import replace
from lint_lambda.settings import ByPath

if TYPE_CHECKING:
    from lint_lambda.deployment import Deployment
    from lint_lambda.deployment.locating import Located
    from lint_lambda.deployment.model import Function
    from lint_lambda.emulator.story import Finding as Predicted
    from lint_lambda.emulator.story import Sight
    from lint_lambda.prove_command import Analysis, Target, Written


def analysis() -> Analysis:
    from lint_lambda.prove_command import Analysis

    return Analysis(_findings, _declared_in_template, _is_managed, _served_by, _clients)


def _declared_in_template(name: str) -> Target | None:
    """The target that a template below the working directory, or the template before the colon, calls `name`, or None."""
    from lint_lambda.deployment.lookup import LookupFailed, find
    from lint_lambda.engine import Request, read_deployment
    from lint_lambda.prove_command import Target

    template, _, name = name.rpartition(":")
    here = Path(template).resolve()
    config = read_config_for((here,))
    deployment = read_deployment(Request(paths=(here,), config=config))
    try:
        found = find(deployment, name, "" if here == config.root else relative(here, config.root))
    except LookupFailed as error:
        raise Failure(str(error)) from error
    if found is None:
        return None
    function, place = found
    layers = [folder for layer in function.layers for folder in (config.root / layer, config.root / layer / "python")]
    return Target(
        config.root / place.path,
        place.name,
        config.root / place.root,
        env=function.environment,
        timeout=function.timeout,
        runtime=function.runtime or "",
        layers=tuple(folder for folder in layers if folder.is_dir()),
        written=_written(config, deployment, function, place) if function.inline is not None else None,
    )


def _written(config: Config, deployment: Deployment, function: Function, place: Located) -> Written:
    """What is known of code that stands in a template."""
    from lint_lambda.prove_command import Written

    code = deployment.in_place.place(place.path)
    module = ".".join(part for part in re.split("[./]", (function.handler or "").rpartition(".")[0]) if part)
    return Written(
        config.root / code.template, module or "index", place.path, code.text, lambda line: code.at(line, 0)[0]
    )


def _config(target: Target) -> Config:
    config = read_config_for((target.source,))
    if target.adapter:
        config = replace(config, adapter=ByPath("", (("*", target.adapter),)))
    return replace(config, target=ByPath(target.runs_on)) if target.runs_on else config


def _is_managed(target: Target) -> bool:
    from lint_lambda.engine import Request, read_serving
    from lint_lambda.knowledge.loader import ModelError

    config = _config(target)
    try:
        serving = read_serving(Request(paths=(target.source,), config=config))
    except (ConfigError, ModelError) as error:
        raise Failure(str(error)) from error
    return serving.is_managed(_path(target, config), target.function)


def _path(target: Target, config: Config) -> str:
    """The name under which the target's file is analysed."""
    return relative(target.file, config.root) if target.written is None else target.written.analysed_as


def _served_by(target: Target) -> str:
    from lint_lambda.engine import Request, list_handlers

    config = replace(_config(target), cache_dir=None)
    if target.written is not None:
        return target.adapter  # what stands in a template is a handler, and not an application
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
    from lint_lambda.engine import Request, find_unplaced

    config = _config(target)
    name = f"{_path(target, config)}:{target.function}"
    if target.written is not None:
        found = find_unplaced(Request(paths=(target.source,), config=replace(config, cache_dir=None)))
        places = {target.written.analysed_as: target.file}
        return [_predicted(config.root, finding, places) for finding in found if name in finding.handlers]
    config = replace(config, option_handlers=(name,), cache_dir=None)
    report = run(Request(paths=(target.task_root,), config=config, overlays={}))
    return [_predicted(config.root, finding) for finding in report.findings if name in finding.handlers]


def _sight(kind: str) -> Sight:
    """What the sandbox, which knows nothing of the linter, is told of a kind of work."""
    from lint_lambda.emulator.story import Sight
    from lint_lambda.knowledge.kinds import load_kinds

    row = load_kinds()[kind]
    return Sight(row.observed, row.of_library, row.called_later, row.data)


def _predicted(root: Path, finding: Finding, places: Mapping[str, Path] = MappingProxyType({})) -> Predicted:
    """A finding as plain data; `places`: where files are that are not in the project."""
    from lint_lambda.emulator.story import ANYTHING
    from lint_lambda.emulator.story import Finding as Predicted

    span, intent = finding.location.span, finding.intent
    return Predicted(
        code=finding.code,
        path=str(places.get(finding.location.path, root / finding.location.path)),
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
