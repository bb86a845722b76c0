"""A project at one moment: its files, what they hold, how they are deployed, and what is derived from them when it is asked for.

A snapshot never changes. What stands in for a file, as an editor or a fix has it, makes another that shares all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lint_lambda.cache import Cache
from lint_lambda.config import Config, ConfigError
from lint_lambda.core.budget import Budget
from lint_lambda.core.guard import Guard
from lint_lambda.core.record import dataclass, replace
from lint_lambda.deployment import Deployment
from lint_lambda.deployment.facts import Facts, vocabulary
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.handlers.patterns import Pattern, parse
from lint_lambda.deployment.serving import Serving
from lint_lambda.engine.passing import Passing
from lint_lambda.engine.program import LoweredProgram
from lint_lambda.engine.unresolved import Unresolved
from lint_lambda.frontends import FRONTENDS
from lint_lambda.frontends import of as frontend_of
from lint_lambda.knowledge.models import Languages
from lint_lambda.project import Project
from lint_lambda.project.index import Reach, mentions


@dataclass(frozen=True)
class Snapshot:
    """- `config`: the settings, with those of folders that have their own. `patterns`: the handlers that they name.
    - `guard`: what went wrong with single files and handlers, and did not keep the rest from being looked at."""

    config: Config
    patterns: tuple[Pattern, ...]
    program: LoweredProgram
    deployment: Deployment
    serving: Serving
    facts: Facts
    passing: Passing
    unresolved: Unresolved
    guard: Guard

    @classmethod
    def of(
        cls, project: Project, config: Config, languages: Languages, cache: Cache, budget: Budget | None = None
    ) -> Snapshot:
        """Raises `lint_lambda.config.ConfigError` for an adapter that is not known."""
        guard = Guard(budget)
        deployment = Deployment(Files((), (), project.peek))
        with guard("the project", "reading how it is deployed"):
            files = Files(project.every_file, project.others, project.peek, project.archives, project.left_out)
            deployment = Deployment(files)
        project = project.deploying(deployment.import_roots(), _source_roots(config), deployment.placed())
        project = project.containing({path: text.encode() for path, text in deployment.inline().items()})
        models = languages.of(FRONTENDS[0].semantics.language)
        reach = Reach(project.read, project.resolve, _launches(languages))
        program = LoweredProgram(project, reach, cache, models.modules, guard)
        serving = Serving(config, models, deployment.files, deployment.managed())
        known = cache.facts(vocabulary(models, serving.words))
        facts = Facts(project.read, models, serving.words, known, project.digest)
        passing = Passing(program, models, cache, repr(config.library))
        unresolved = Unresolved(program)
        return cls(config, patterns_of(config), program, deployment, serving, facts, passing, unresolved, guard)

    def keep_facts(self, cache: Cache) -> None:
        """Store what was learned of files, if anything was."""
        self.passing.keep()
        news = self.facts.to_keep()
        if news is not None:
            cache.store_facts(self.facts.vocabulary, news)

    @property
    def project(self) -> Project:
        return self.program.project

    def overlaid(self, contents: Mapping[str, bytes], files: Sequence[str] | None = None) -> Snapshot:
        """The same with other contents of some files; `files` are those in which handlers are looked for, None for the same."""
        guard = Guard(self.guard.budget)
        program = self.program.overlaid(contents, files, guard)
        facts = self.facts.overlaid(contents.keys(), program.project.read, program.project.digest)
        unresolved = self.unresolved.overlaid(program, contents.keys())
        passing = self.passing.overlaid(program, contents.keys())
        return replace(self, program=program, facts=facts, passing=passing, unresolved=unresolved, guard=guard)


def _launches(languages: Languages) -> Callable[[str, bytes], bool]:
    """Whether a file that holds some bytes mentions a launch in its language."""
    tests: dict[str, Callable[[bytes], bool]] = {}

    def test(path: str, source: bytes) -> bool:
        language = frontend_of(path).semantics.language
        if language not in tests:  # most projects have files of one language only
            tests[language] = mentions(languages.of(language).tokens)
        return tests[language](source)

    return test


def patterns_of(config: Config) -> tuple[Pattern, ...]:
    """The handlers that the settings name. Raises `ConfigError` for a pattern that is none."""
    try:
        found = [parse(text, "configuration", file=config.file) for text in config.handlers]
        for inner in config.nested:
            prefix = inner.root.relative_to(config.root).as_posix()
            found += [parse(text, "configuration", prefix, inner.file) for text in inner.handlers]
        return (*found, *(parse(text, "option") for text in config.option_handlers))
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _source_roots(config: Config) -> dict[str, tuple[str, ...]]:
    """By folder that has settings of its own: the import roots that they name."""
    found: dict[str, tuple[str, ...]] = {}
    for inner in config.nested:
        prefix = inner.root.relative_to(config.root).as_posix()
        found[prefix] = tuple(
            f"{prefix}/{root.strip('/')}" if root not in (".", "") else prefix for root in inner.source_roots
        )
    return found
