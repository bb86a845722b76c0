"""``--watch``: check again whenever a file that may matter has changed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lint_lambda.cli.options import configure
from lint_lambda.config import Config
from lint_lambda.core.globs import compiled
from lint_lambda.knowledge.texts import say
from lint_lambda.output.telling import tell

PAUSE = 1.0
"""Seconds between two looks where nothing tells of changes."""
_PATIENCE = 20
"""A look may take this part of the time at most."""


def check_watching(options: Mapping[str, Any], stdin: bool) -> None:
    """Raises `click.UsageError` for options that write, and for standard input."""
    writing = ("fix", "fix_only", "diff", "write_baseline", "prune_baseline", "add_ignores", "output_file")
    clashing = [name for name in writing if options.get(name) not in (None, False)]
    if clashing:
        raise click.UsageError(f"--watch cannot be used with --{clashing[0].replace('_', '-')}")
    if stdin:
        raise click.UsageError("--watch cannot read standard input: name files or folders")


def watch(ctx: click.Context, command: click.Command, options: Mapping[str, Any]) -> None:
    """Run a command now, and after each change until somebody ends it. The settings are read each time."""
    config, paths, overlays = configure(**options)
    check_watching(options, bool(overlays))
    for _ in changes(config, paths):
        if sys.stdout.isatty():
            click.clear()
        try:
            ctx.invoke(command, **{**options, "watch": False})
        except click.exceptions.Exit:
            pass
        except click.ClickException as error:
            error.show()
        tell(say("report.watching"), aside=True)


def changes(config: Config, paths: list[Path]) -> Iterator[None]:
    """Once at the start, and then after each change."""
    excluded = compiled((*config.exclude, *config.extend_exclude))
    roots = [config.root, *(path for path in paths if not path.resolve().is_relative_to(config.root))]

    def matters(path: Path) -> bool:
        from lint_lambda.project.walk import may_matter

        if not (may_matter(path.name) or path.name == ".gitignore"):
            return False
        inside = path.relative_to(config.root).as_posix() if path.is_relative_to(config.root) else path.name
        return not excluded.match_file(inside)

    looks = _told(roots, matters) or _polled(roots, matters)
    next(looks)  # from here on no change is missed, also not one that is made during the first check
    yield None
    yield from (None for changed in looks if changed)


def _told(roots: list[Path], matters: Callable[[Path], bool]) -> Iterator[bool] | None:
    """Whether something has changed, again and again, as the system tells; None where watchfiles is not installed."""
    try:
        import watchfiles
    except ModuleNotFoundError:
        return None
    events = watchfiles.watch(
        *roots,
        watch_filter=lambda change, path: matters(Path(path)),
        rust_timeout=int(PAUSE * 1000),
        yield_on_timeout=True,
    )
    return (bool(changed) for changed in events)


def _polled(roots: list[Path], matters: Callable[[Path], bool]) -> Iterator[bool]:
    """The same, as looking at the files tells."""
    before = _state(roots, matters)
    yield False
    while True:
        began = time.monotonic()
        after = _state(roots, matters)
        yield after != before
        before = after
        time.sleep(max(PAUSE, (time.monotonic() - began) * _PATIENCE))


def _state(roots: list[Path], matters: Callable[[Path], bool]) -> dict[str, tuple[int, int]]:
    """The size and time of every file that matters."""
    found: dict[str, tuple[int, int]] = {}
    pending = [str(root) for root in roots]
    while pending:
        try:
            entries = list(os.scandir(pending.pop()))
        except OSError:
            continue  # it is gone, or is a file; the run itself says what cannot be read
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
            elif matters(Path(entry.path)):
                try:
                    status = entry.stat()
                except OSError:
                    continue
                found[entry.path] = (status.st_size, status.st_mtime_ns)
    return found
