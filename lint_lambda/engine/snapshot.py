"""A project at one moment: its files, what they hold, how they are deployed, and what is derived from them when it is asked for.

A snapshot never changes. What stands in for a file, as an editor or a fix has it, makes another that shares all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lint_lambda.cache import Cache
from lint_lambda.config import Config
from lint_lambda.core.guard import Guard
from lint_lambda.core.record import dataclass, replace
from lint_lambda.deployment import Deployment
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.serving import Serving
from lint_lambda.engine.program import LoweredProgram
from lint_lambda.engine.unresolved import Unresolved
from lint_lambda.knowledge.models import Models
from lint_lambda.project import Project
from lint_lambda.project.index import Reach, mentions


@dataclass(frozen=True)
class Snapshot:
    """- `guard`: what went wrong with single files and handlers, and did not keep the rest from being looked at."""

    program: LoweredProgram
    deployment: Deployment
    serving: Serving
    unresolved: Unresolved
    guard: Guard

    @classmethod
    def of(cls, project: Project, config: Config, models: Models, cache: Cache) -> Snapshot:
        """Raises `lint_lambda.config.ConfigError` for an adapter that is not known."""
        guard = Guard()
        deployment = Deployment(Files((), (), project.peek))
        with guard("the project", "reading how it is deployed"):
            deployment = Deployment(Files(project.every_file, project.others, project.peek))
        project = project.deploying(deployment.import_roots())
        project = project.containing({path: text.encode() for path, text in deployment.inline().items()})
        reach = Reach(project.read, project.resolve, mentions(models.tokens))
        program = LoweredProgram(project, reach, cache, models.modules, guard)
        serving = Serving(config, models, deployment.files, deployment.managed())
        return cls(program, deployment, serving, Unresolved(program), guard)

    @property
    def project(self) -> Project:
        return self.program.project

    def overlaid(self, contents: Mapping[str, bytes], files: Sequence[str] | None = None) -> Snapshot:
        """The same with other contents of some files; `files` are those in which handlers are looked for, None for the same."""
        guard = Guard()
        program = self.program.overlaid(contents, files, guard)
        return replace(self, program=program, unresolved=Unresolved(program), guard=guard)
