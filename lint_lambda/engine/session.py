"""What stays the same however often a project is looked at: settings, models, rules, and the cache. It never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from lint_lambda.cache import Cache
from lint_lambda.config import LARGEST, Config, read_for, with_nested
from lint_lambda.core.budget import Budget
from lint_lambda.core.record import dataclass
from lint_lambda.engine.snapshot import Snapshot, patterns_of
from lint_lambda.engine.versions import lowering_version
from lint_lambda.frontends import FRONTENDS
from lint_lambda.knowledge.loader import load_languages
from lint_lambda.knowledge.models import Languages
from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.knowledge.rules import Rules
from lint_lambda.project import Project


@dataclass(frozen=True)
class Session:
    """What the settings say of single folders stands in a snapshot: it depends on the files there are."""

    config: Config
    models: Languages
    rules: Rules
    cache: Cache

    @classmethod
    def start(cls, config: Config) -> Session:
        """Raises `ConfigError` for a handler pattern that is none, `ModelError` for a library of the user's that is wrong."""
        patterns_of(config)
        return cls(
            config,
            load_languages(config.library, config.shown),
            load_rules(),
            Cache(config.cache_dir, lowering_version(), config.root),
        )

    def look(self, paths: Sequence[Path], overlays: Mapping[str, bytes], budget: Budget | None = None) -> Snapshot:
        """The project as it is now; `paths` count even where settings would leave them out. `budget`: the time for it.

        Raises `ConfigError` for an adapter that is not known, and for settings of a folder that cannot be used.
        """
        config = self.config
        project = Project.find(
            config.root,
            paths,
            exclude=(*config.exclude, *config.extend_exclude),
            respect_gitignore=config.respect_gitignore,
            source_roots=config.source_roots,
            libraries=self.models.of(FRONTENDS[0].semantics.language).packages,
            aside=config.cache_dir,
            overlays={config.root / path: content for path, content in overlays.items()},
        )
        config = with_nested(config, project.others)
        for file in read_for(config, project.others):
            with suppress(OSError):  # it was not read, then
                project.looks.small(file, LARGEST)
        return Snapshot.of(project, config, self.models, self.cache, budget)
