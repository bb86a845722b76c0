"""The twins: what `--fix --unsafe-fixes` makes of the fixtures with findings, as fixtures of their own.

    python -m tests.fixes.twins [NAME…]             say which twins differ from what the fixes make now
    python -m tests.fixes.twins --write [NAME…]     write them; read the difference, then run them in the sandbox

A NAME is how the names of fixtures begin, as in `threads/a_thread` or `libraries/crane_`; without any, all are made.

The twin of `X.py` is `X.fixed.py`, that of a folder `X/` is `X.fixed/`. It holds the fixed code; of the expectations, no
finding is left, and every probe that was late or lost is done. So the ordinary runners lint it and run it.
A fixture that keeps a finding, because a fix is not to be had, has no twin. Some have others, `X.deferred.py` and
`X.hooked.py`: what the fixes make where the scaffold's extension, or hook, is at hand and `prefer = "defer"`.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lint_lambda.core.finding import Applicability, Finding
from lint_lambda.engine import Request, check, fix
from lint_lambda.knowledge.texts import say
from tests.oracle.fixture import COMMENTS, FIXTURES, SCAFFOLDS, Fixture, every, is_fix
from tests.shared import configured, sharing

SCAFFOLD = {".deferred": "extension", ".hooked": "hook"}
DEFERS = "respond first"
"""How the titles of fixes begin that hand work to the extension."""
DEFERRED = (
    "asyncio/a_coroutine_function_is_called_and_never_awaited",
    "asyncio/a_kept_runner_freezes_the_task",
    "asyncio/a_task_is_dropped_under_asyncio_run",
    "asyncio/call_later_under_asyncio_run",
    "asyncio/call_soon_on_a_kept_loop_that_has_stopped",
    "asyncio/run_in_executor_on_a_module_pool",
    "asyncio/to_thread_is_not_awaited",
    "executors/a_local_pool_without_with_is_abandoned",
    "executors/shutdown_without_wait",
    "executors/submit_on_a_module_pool_is_dropped",
    "flow/a_conditional_expression_picks_the_launcher",
    "flow/a_short_circuit_launches",
    "functions/a_class_based_decorator_launches",
    "functions/a_closure_is_called_and_launches",
    "functions/recursion_launches_at_each_level",
    "handlers/a_decorated_handler_launches",
    "handlers/a_dispatch_table_calls_the_launcher",
    "handlers/two_handlers_share_one_launch",
    "imports/an_import_inside_the_function",
    "objects/a_class_method_launches_through_cls",
    "threads/a_daemon_thread_started_in_one_expression",
    "threads/a_leftover_thread_resumes_in_the_next_invocation",
    "threads/a_thread_is_started_and_forgotten",
    "threads/a_thread_is_started_by_a_helper",
    "threads/a_thread_is_started_only_under_a_condition",
    "threads/a_timer_is_started_and_forgotten",
    "threads/only_one_of_two_threads_is_joined",
)
HOOKED = (
    "asyncio/a_task_is_dropped_under_asyncio_run",
    "asyncio/to_thread_is_not_awaited",
    "executors/submit_on_a_module_pool_is_dropped",
    "threads/a_thread_is_started_by_a_helper",
)
OTHERS = {".deferred": DEFERRED, ".hooked": HOOKED}
"""Fixtures that have the other twins: of each kind of launch, in each kind of place, one; for the hook a few."""

ALLOWED = frozenset({Applicability.SAFE, Applicability.UNSAFE})


def originals() -> Iterator[Fixture]:
    """The fixtures that expect a finding; of those of ignores, which lose on purpose what is ignored, the ones that lose nothing."""
    return (
        fixture
        for fixture in every()
        if fixture.expected
        and not is_fix(place(fixture))
        and (FIXTURES / "ignores" not in fixture.path.parents or fixture.static_only)
    )


def others() -> Iterator[tuple[Fixture, str]]:
    """The originals of `OTHERS`, each with the way."""
    return (
        (fixture, way) for fixture in originals() for way, names in OTHERS.items() if fixture.name(FIXTURES) in names
    )


def made(
    fixture: Fixture, way: str, known: Callable[[Mapping[Path, str]], bool] = lambda files: False
) -> dict[Path, str] | None:
    """The files of the twin by path; None when a finding is left. `way` is one of `tests.oracle.fixture.WAYS`.

    `known`: whether it is known already that there is no finding in such a twin; it is linted where that is not.
    """
    with tempfile.TemporaryDirectory() as name, sharing():
        folder = Path(name)
        original = place(fixture)
        task_root = _copied(fixture, folder)
        if way in SCAFFOLD:
            fixture = replace(fixture, scaffold=SCAFFOLD[way], config=(*fixture.config, 'prefer = "defer"'))
        fixture.write_scaffold(task_root)
        written = {task_root / name for name in SCAFFOLDS.get(fixture.scaffold, ())}
        _configure(fixture, folder)
        request = Request([folder], configured(folder))
        fixed = fix(request, ALLOWED)
        for path, (_, after) in fixed.files.items():
            (folder / path).write_bytes(after)
        if not fixed.files:
            return None
        if way in SCAFFOLD and not all(each.title.startswith(DEFERS) for f in fixed.made for each in f.fixes):
            return None
        files = {twin(original, way): folder / fixture.app}
        if fixture.root is not None:
            ours = [file for file in sources(folder) if file not in written]
            files = {twin(original, way) / file.relative_to(folder): file for file in ours}
        titles = [each.title for f in fixed.made for each in f.fixes]
        ending = _all_done
        if any(title.startswith(say("fixes.fail", code="").rstrip("`")) for title in titles):
            ending = _failed
        elif any(".cancel()" in title or ".kill()" in title or "clearInterval(" in title for title in titles):
            ending = _taken_back
        texts = {file: _expectations(content.read_bytes().decode(), way, ending) for file, content in files.items()}
        return texts if known(texts) or not check(request).findings else None


def reported(fixture: Fixture) -> tuple[Finding, ...]:
    """The findings of a fixture, each with its fixes, or with the reason why there is none."""
    with tempfile.TemporaryDirectory() as name, sharing():
        folder = Path(name)
        task_root = _copied(fixture, folder)
        fixture.write_scaffold(task_root)
        _configure(fixture, folder)
        return tuple(check(Request([folder], configured(folder), fixes=True)).findings)


def _copied(fixture: Fixture, folder: Path) -> Path:
    """Copy the fixture into a folder; where its task root is there."""
    original = place(fixture)
    if fixture.root is None:
        shutil.copyfile(fixture.path, folder / fixture.app)
        return folder
    shutil.copytree(original, folder, dirs_exist_ok=True)
    return folder / fixture.root.relative_to(original)


def _configure(fixture: Fixture, folder: Path) -> None:
    (folder / "lambda-lint.toml").write_text("\n".join(fixture.config), encoding="utf-8")
    if fixture.runtime:
        (folder / "template.yaml").write_text(fixture.template(), encoding="utf-8")


def place(fixture: Fixture) -> Path:
    """The fixture's file or folder."""
    return fixture.place


def twin(original: Path, way: str) -> Path:
    return original.with_name(f"{original.stem}{way}{original.suffix}")


def _expectations(text: str, way: str, ending: Callable[[re.Match[str]], str]) -> str:
    """Expectations of a fixture that loses nothing: no finding, and what `ending` makes of what the sandbox saw."""
    if way in SCAFFOLD:
        text = re.sub(r"(?m)^# lambda:", f"# scaffold: {SCAFFOLD[way]}\n# lambda:", text, count=1)
    text = re.sub(r"[ \t]*(?:#|//) expect:[^\r\n]*", "", text)
    if "// lambda:" in text:
        text = re.sub(r"\b(?:3|5|60)000\b", "20", text)  # the milliseconds of work, which is waited for
    return re.sub(r"(?m)^(#|//) oracle:([^\r\n]*)", ending, text)


def _all_done(line: re.Match[str]) -> str:
    said: Mapping[str, str] = dict(part.partition("=")[::2] for part in line[2].split())
    done = [said[key] for key in ("done", "late", "lost") if said.get(key)]
    return f"{line[1]} oracle:" + (f" done={','.join(done)}" if done else "")


def _taken_back(line: re.Match[str]) -> str:
    """A watchdog that is cancelled, and a process that is killed, do nothing more."""
    return f"{line[1]} oracle:"


def _failed(line: re.Match[str]) -> str:
    said: Mapping[str, str] = dict(part.partition("=")[::2] for part in line[2].split())
    error = "TimeoutExpired" if "subprocess" in line.string else "TimeoutError"
    return f"{line[1]} oracle:{line[2]} errors={error}" if said.get("lost") or said.get("late") else line[0]


def main() -> int:
    write = "--write" in sys.argv[1:]
    names = tuple(argument for argument in sys.argv[1:] if argument != "--write")
    wrong = twinned = 0
    fixtures = list(originals())
    for fixture, way in [*((each, ".fixed") for each in fixtures), *others()]:
        if names and not fixture.name(FIXTURES).startswith(names):
            continue
        place_of_twin = twin(place(fixture), way)
        before = existing(place_of_twin)
        after = made(fixture, way) or {}
        twinned += bool(after) and way == ".fixed"
        if before == after:
            continue
        wrong += 1
        print(place_of_twin.relative_to(FIXTURES))
        if write:
            for path in before.keys() - after.keys():
                path.unlink()
            for path, text in after.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
    asked = [fixture for fixture in fixtures if not names or fixture.name(FIXTURES).startswith(names)]
    for fixture in asked if names else ():
        if not existing(twin(place(fixture), ".fixed")):
            print(f"no fix for {fixture.name(FIXTURES)}; why: lambda-lint --isolated {os.path.relpath(place(fixture))}")
    print(f"{twinned} of {len(asked)} fixtures with findings have a twin")
    return 0 if write else min(wrong, 1)


def sources(folder: Path) -> list[Path]:
    """The files of a folder that are programs, and what says how they are built and found."""
    return sorted(file for file in folder.rglob("*") if file.suffix in {*COMMENTS, ".json"})


def existing(place: Path) -> dict[Path, str]:
    """The files of a twin that is there."""
    files = [place] if place.is_file() else sources(place)
    return {file: file.read_bytes().decode() for file in files}


if __name__ == "__main__":
    sys.exit(main())
