"""Find every handler that matters to a run, parsing as little as possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from lint_lambda.core import ir
from lint_lambda.core.verdict import Handler
from lint_lambda.deployment.handlers.applications import discover as discover_applications
from lint_lambda.deployment.handlers.applications import discover_handlers
from lint_lambda.deployment.handlers.helpers import without_helpers
from lint_lambda.deployment.handlers.hints import count_handlers, may_hold_handler
from lint_lambda.deployment.handlers.patterns import Pattern
from lint_lambda.deployment.handlers.runtimes import discover as discover_runtimes
from lint_lambda.deployment.handlers.runtimes import may_hold_runtime
from lint_lambda.deployment.handlers.signatures import discover
from lint_lambda.engine.deployments import Deployments
from lint_lambda.engine.program import LoweredProgram
from lint_lambda.knowledge.models import Models

Progress = Callable[[int, int], None]


@dataclass
class EntryPoints:
    """- `handlers`: sorted; those in files that were not parsed are only counted.
    - `files`: every file that may define a handler of the run.
    - `unmatched`: patterns that name nothing, with the modules they were tried on.
    """

    handlers: list[Handler] = field(default_factory=list)
    counted: int = 0
    files: list[str] = field(default_factory=list)
    unmatched: list[tuple[Pattern, list[ir.Module]]] = field(default_factory=list)


def find(
    program: LoweredProgram,
    patterns: Sequence[Pattern],
    selected: frozenset[str] | None,
    *,
    every: bool,
    progress: Progress,
    models: Models,
    deployments: Deployments,
) -> EntryPoints:
    """The handlers in the project's files.

    - `selected`: only handlers from which one of these files can be reached; None for all.
    - `every`: parse all of their files; otherwise those from which no launch can be reached are left unparsed.
    - `deployments`: what is known of how each is deployed.

    Runtimes come first among the handlers.
    """
    project = program.project
    found = EntryPoints()
    modules: dict[str, ir.Module] = {}
    tried: dict[Pattern, list[ir.Module]] = {pattern: [] for pattern in patterns}
    matched: set[Pattern] = set()
    named: dict[tuple[str, str], Handler] = {}
    signed: list[Handler] = []
    runtimes: list[Handler] = []
    applications: list[Handler] = []

    def imported(path: str, statement: ir.Import) -> ir.Module | None:
        file = project.resolve(path, statement.module, statement.level)
        return None if file is None else program.module(file)

    for number, path in enumerate(project.files):
        progress(number, len(project.files))
        if program.copy_of(path):
            continue
        source = project.read(path)
        asked = [pattern for pattern in patterns if pattern.covers(path)]
        if may_hold_runtime(source, models.polls) and (selected is None or selected & program.reach.closure(path)):
            polling = program.module(path)
            runtimes += [] if polling is None else discover_runtimes(polling)
        served, within = _served(path, source, models, deployments, program)
        itself = any(word in source for word in models.handler_words)
        if not asked and not served and not itself and not may_hold_handler(path, source):
            continue
        if selected is not None and selected.isdisjoint(program.reach.closure(path)):
            # Whether a pattern names anything is asked of all its files, but only where it is cheap to answer.
            matched.update(asked)
            continue
        found.files.append(path)
        if not every and not program.may_launch(path) and b"yield" not in source and not asked:
            if program.parses(path):
                found.counted += count_handlers(path, source)
            continue
        module = program.module(path)
        if module is None:
            matched.update(asked)  # that the file cannot be parsed is reported; what it lacks, nobody knows
            continue
        modules[path] = module
        signed += discover(module)
        if served:
            applications += discover_applications(
                module, models.is_application, models.registries, served, called=within
            )
        if itself:
            applications += discover_handlers(module, models.is_handler, imported)
        for pattern in asked:
            tried[pattern].append(module)
            for handler in pattern.match(module):
                matched.add(pattern)
                named[path, handler.name] = handler
    found.unmatched = [(pattern, tried[pattern]) for pattern in patterns if pattern not in matched]
    called = {(h.path, h.name): h for h in _merge(named, without_helpers(signed, modules, project.resolve))}
    called.update({(h.path, h.name): h for h in applications if (h.path, h.name) not in called})
    found.handlers = [
        *runtimes,
        *(_deployed(handler, program, deployments) for handler in sorted(called.values())),
    ]
    return found


def _served(
    path: str, source: bytes, models: Models, deployments: Deployments, program: LoweredProgram
) -> tuple[str, bool]:
    """The adapter that serves an application which the file may define, and whether a handler calls that; empty for none."""
    if not any(word in source for word in models.application_words):
        return "", False
    read = program.project.read
    in_code = deployments.in_code(path, read)
    named = deployments.named(path)
    if named not in ("", in_code):
        return named, False
    beside = "" if in_code else deployments.beside(path)
    if beside or not any(word.encode() in source for word in models.registries):
        return beside, False
    return in_code or deployments.in_code_near(path, program.project.files, read), True


def _deployed(handler: Handler, program: LoweredProgram, deployments: Deployments) -> Handler:
    """The handler with what is known of where it runs and what it serves its applications with."""
    adapter = handler.adapter or deployments.named(handler.path)
    if not adapter:
        read = program.project.read
        near_first = sorted(program.reach.closure(handler.path), key=lambda file: (file != handler.path, file))
        in_code = (deployments.in_code(file, read) for file in near_first)
        adapter = next((each for each in in_code if each), "") or deployments.beside(handler.path)
    return replace(handler, adapter=adapter, managed=deployments.is_managed(handler.path, handler.name))


def _merge(named: dict[tuple[str, str], Handler], signed: Sequence[Handler]) -> Iterator[Handler]:
    """What the user named counts as such even where its signature would have told."""
    yield from named.values()
    yield from (handler for handler in signed if (handler.path, handler.name) not in named)
