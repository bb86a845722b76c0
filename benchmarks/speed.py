"""How fast lambda-lint is, beside what else looks at the same files: ``python -m benchmarks.speed [--scale 1] [--runs 3] [--write]``.

Runs alternate, and medians count. The ratios are of processor time, which other work on the machine disturbs least. Peers that are
not installed are left out: ``pip install ruff flake8-async``. ``--write`` makes ``docs/performance.md`` of the table.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.monorepo import generate
from benchmarks.startup import installed

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
LINT = (sys.executable, "-m", "lint_lambda")
BARE = (sys.executable, "-c", "pass")
FINDS_NOTHING = "."
"""The folder that a run is in; there may be no handler in it, which is an exit with 2."""
SMALL = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n    return 1\n"


_UNSET = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in _UNSET}


@dataclass(frozen=True)
class Cost:
    """Seconds of one command: of processors, and by the clock; the most memory it had, in megabytes."""

    processor: float
    clock: float
    memory: float


@dataclass(frozen=True)
class Row:
    case: str
    ours: Cost
    peer: str
    theirs: Cost

    def __str__(self) -> str:
        ratio = self.ours.processor / max(self.theirs.processor, 0.001)
        ours, theirs = _seconds(self.ours.processor), _seconds(self.theirs.processor)
        return f"| {self.case} | {ours} | {self.ours.memory:.0f} MB | {self.peer} | {theirs} | **{ratio:.1f}** |"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def measure(command: Sequence[str], place: Path = ROOT) -> Cost:
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=place,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, *((2,) if FINDS_NOTHING in command else ())):
        raise SystemExit(f"exit {process.returncode}: {' '.join(map(str, command))[:300]}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    return sorted(costs, key=lambda cost: cost.processor)[len(costs) // 2]


def compare(
    case: str,
    ours: Sequence[str],
    peer: str,
    theirs: Sequence[str],
    runs: int,
    place: Path = ROOT,
    before: Path | None = None,
) -> Row:
    """`place`: where ours is run; the folder `before` is deleted before each run of it."""
    mine, other = [], []
    for _ in range(runs):
        if before is not None:
            shutil.rmtree(before, ignore_errors=True)
        mine.append(measure(ours, place))
        other.append(measure(theirs))
    return Row(case, median(mine), peer, median(other))


def corpora(place: Path, scale: float) -> dict[str, Path]:
    """Where the files are that are checked, by what they are."""
    library = place / "stdlib"
    (library / ".git").mkdir(parents=True)
    skipped = shutil.ignore_patterns("site-packages", "__pycache__")
    shutil.copytree(sysconfig.get_path("stdlib"), library / "python", ignore=skipped)
    repository = place / "monorepo"
    generate(repository, files=int(10_000 * scale), handlers=int(400 * scale))
    return {
        f"the standard library, {_count(library)} files, no handler": library,
        f"a generated monorepo, {_count(repository)} files, {int(400 * scale)} handlers": repository,
    }


def _count(folder: Path) -> str:
    return f"{sum(1 for _ in folder.rglob('*.py')):,}"


def linters(folder: Path) -> dict[str, tuple[str, ...]]:
    """The peers that are there, each as the command that looks at a folder."""
    found: dict[str, tuple[str, ...]] = {}
    if shutil.which("ruff", path=Path(sys.executable).parent):
        ruff = str(Path(sys.executable).parent / "ruff")
        found["ruff, one rule"] = (ruff, "check", "--no-cache", "--isolated", "--select", "RUF006", "-q", str(folder))
    if subprocess.run([sys.executable, "-c", "import flake8_async"], capture_output=True, check=False).returncode == 0:
        found["flake8-async"] = (sys.executable, "-m", "flake8_async", *map(str, folder.rglob("*.py")))
    return found


def rows(place: Path, scale: float, runs: int) -> list[Row]:
    found = []
    for name, folder in corpora(place, scale).items():
        cache = folder / ".lambda-lint-cache"
        ours = (*LINT, "--exit-zero", FINDS_NOTHING)
        (folder / "pyproject.toml").write_text("", encoding="utf-8")
        for peer, theirs in linters(folder).items():
            found.append(compare(f"{name}: cold", ours, peer, theirs, runs, folder, before=cache))
            found.append(compare(f"{name}: warm", ours, peer, theirs, runs, folder))
    small = place / "small"
    (small / ".git").mkdir(parents=True)
    (small / "app.py").write_text(SMALL, encoding="utf-8")
    ours = (*LINT, "--exit-zero", "app.py")
    measure(ours, small)
    found.append(compare("one small file: warm, text", ours, "bare Python", BARE, runs, small))
    json = (*ours, "--output-format", "json")
    measure(json, small)
    found.append(compare("one small file: warm, JSON with fixes", json, "bare Python", BARE, runs, small))
    for option in (("--version",), ("--help",), ("rule", "LAM201")):
        found.append(compare(f"`{' '.join(option)}`", (*LINT, *option), "bare Python", BARE, runs))
    return found


def growth(place: Path) -> list[str]:
    """Processor seconds as the launches in one function grow in number."""
    lines = []
    for number in (100, 200, 400):
        folder = place / f"growth{number}"
        (folder / ".git").mkdir(parents=True)
        launches = "    threading.Thread(target=print).start()\n" * number
        text = f"import threading\n\n\ndef handler(event, context):\n{launches}    return 1\n"
        (folder / "app.py").write_text(text, encoding="utf-8")
        cost = measure((*LINT, "--exit-zero", "--no-cache", "app.py"), folder)
        lines.append(f"| {number} | {_seconds(cost.processor)} | {'#' * max(1, round(cost.processor * 5))} |")
    return lines


def page(found: Sequence[Row], grown: Sequence[str], scale: float, runs: int) -> str:
    processors = os.cpu_count()
    load = os.getloadavg()[0]
    return "\n".join(
        [
            "# Performance",
            "",
            "<!-- made by `python -m benchmarks.speed --write` -->",
            "",
            f"Measured with CPython {platform.python_version()} on {processors} processors (load {load:.0f}), medians of {runs}",
            f"alternating runs at scale {scale:g}. The ratio is of processor time, ours to the peer's. Cold: without a cache.",
            "",
            "| case | ours | memory | peer | peer's | ratio |",
            "|---|---|---|---|---|---|",
            *map(str, found),
            "",
            "## Growth",
            "",
            "Launches in one function:",
            "",
            "| launches | processor time | |",
            "|---|---|---|",
            *grown,
            "",
            "## Where the time goes",
            "",
            "- Where nothing has changed, the report of the run before is given again. Every file, folder and link that it looked at is",
            "  asked for its size and times; only what these cannot tell is read. Most of such a run is the start of Python and imports.",
            "- A file's bytes say whether it can define a handler; the interpreter's own parser confirms it. Nothing else is parsed, and",
            "  what was told of a file is kept by the digest of its content.",
            "- Of handlers, the interpreter's parser says what each function mentions. Where no name leads to a launch, nothing is analysed.",
            "- libcst parses the modules that a handler gets to and from which a launch can be reached. That is most of a cold run",
            "  over handlers; the result is kept by digest, too.",
            "- Positions come from the interpreter's parser, and only for files with findings.",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0, help="size of the generated monorepo; 1 is 10,000 files")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        ENVIRONMENT["PYTHONPATH"] = str(installed(Path(place) / "installed"))
        measure((*LINT, "libraries"), Path(place))  # everything is compiled, as an installed linter is
        found = rows(Path(place), options.scale, options.runs)
        text = page(found, growth(Path(place)), options.scale, options.runs)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
