"""Which project a file belongs to: the one of its workspace folder, or one of its own for a file outside of all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from lint_lambda.config import Config, ConfigError, load_config, load_for
from lint_lambda.server.desk import Desk, Office
from lint_lambda.server.settings import Settings


class Projects:
    """The desks of one editor, by the root of their project, or by the one file that they are for."""

    def __init__(self, office: Office) -> None:
        self.settings = Settings()
        self._office = office
        self._folders: list[Path] = []
        self._desks: dict[Path, Desk] = {}

    def __iter__(self) -> Iterator[Desk]:
        return iter(list(self._desks.values()))

    def add(self, folder: Path) -> None:
        """A workspace folder; two in one project share its desk."""
        folder = Path(os.path.realpath(folder))
        if folder in self._folders:
            return
        self._folders.append(folder)
        root = self._root(folder)
        if root not in self._desks:
            self._desks[root] = Desk(self._office, root, lambda: self._configured(folder))
            self._desks[root].look()

    def remove(self, folder: Path) -> list[Desk]:
        """A folder is gone; returns the desks that are gone with it."""
        folder = Path(os.path.realpath(folder))
        self._folders = [each for each in self._folders if each != folder]
        wanted = {self._root(each) for each in self._folders}
        gone = [key for key, desk in self._desks.items() if key not in wanted and not desk.alone]
        return [self._drop(key) for key in gone]

    def reset(self, settings: Settings) -> list[Desk]:
        """Begin anew; returns the desks that there were."""
        before = [self._drop(key) for key in list(self._desks)]
        folders, self._folders = self._folders, []
        self.settings = settings
        for folder in folders:
            self.add(folder)
        return before

    def drop_alone(self, desk: Desk) -> bool:
        """Forget a desk that was for one file, when that is closed; whether it was."""
        if not desk.alone or desk.documents:
            return False
        for key in [key for key, each in self._desks.items() if each is desk]:
            self._drop(key)
        return True

    def _drop(self, key: Path) -> Desk:
        desk = self._desks.pop(key)
        desk.stop()
        return desk

    def known(self, path: Path) -> tuple[Desk, str] | None:
        """The desk of a file, and how its project calls the file; None where there is none."""
        real = Path(os.path.realpath(path))
        around = [key for key in self._desks if _inside(real, key)]
        if not around:
            return None
        desk = self._desks[max(around, key=lambda key: len(key.parts))]
        return desk, desk.name(real)

    def of(self, path: Path) -> tuple[Desk, str]:
        """The desk of a file, which may be made for it."""
        found = self.known(path)
        if found is not None:
            return found
        real = Path(os.path.realpath(path))
        desk = Desk(self._office, real.parent, lambda: _alone(real), alone=True)
        self._desks[real] = desk
        desk.look()
        return desk, desk.name(real)

    def _root(self, folder: Path) -> Path:
        """The folder of the project; the given one, where the settings cannot be read, which is told when it is looked at."""
        try:
            return Path(os.path.realpath(self._configured(folder).root))
        except ConfigError:
            return folder

    def _configured(self, folder: Path) -> Config:
        """Raises `ConfigError`."""
        file = self.settings.configuration
        return load_for([folder]) if file is None else load_config(folder, folder / file)


def _alone(file: Path) -> Config:
    """Settings for one file outside of all folders: nobody has asked for what is around it."""
    name = re.sub(r"([\\!#*?\[\] ])", r"\\\1", file.name)
    return Config(root=file.parent, exclude=("/*", f"!/{name}"))


def _inside(path: Path, root: Path) -> bool:
    return path == root or root in path.parents
