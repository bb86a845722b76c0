"""How fast lambda-lint is, beside what else looks at the same files, and how its time grows.

    python -m benchmarks.speed [--scale 1] [--runs 3] [--peers ENVIRONMENT] [--repositories DIRECTORY] [--write]

Runs alternate, and medians count. The ratios are of processor time, which other work on the machine disturbs least. Peers that are
not installed are left out: ``pip install ruff flake8-async fixit pylint``, in an environment of their own if it is named.
`--repositories`: a directory of checkouts, such as `benchmarks.wild` makes. ``--write`` makes ``docs/performance.md`` of the table.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import application
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


def _count(*folders: Path) -> str:
    return f"{sum(1 for folder in folders for _ in folder.rglob('*.py')):,}"


PARSE_ALONE = (
    "import sys, pathlib, libcst\nfor path in sys.argv[1:]: libcst.parse_module(pathlib.Path(path).read_bytes())"
)


def linters(folder: Path, peers: Path) -> dict[str, tuple[str, ...]]:
    """The peers that are there, each as the command that looks at a folder; `peers`: the folder of their programs."""
    files = sorted(map(str, folder.rglob("*.py")))
    every: dict[str, tuple[str, ...]] = {
        "ruff, one rule": ("ruff", "check", "--no-cache", "--isolated", "--select", "RUF006", "-q", str(folder)),
        "flake8-async": ("flake8-async", *files),
        "Fixit, one rule": ("fixit", "--quiet", "--rules", "fixit.rules:UseFstring", "lint", str(folder)),
        "pylint, one rule": ("pylint", "-j1", "--disable=all", "--enable=eval-used", *files),
    }
    return {
        name: (program, *arguments)
        for name, (command, *arguments) in every.items()
        if (program := shutil.which(command, path=f"{peers}{os.pathsep}{Path(sys.executable).parent}"))
    }


def dense(place: Path) -> Path:
    """A folder of the handlers that the tests have: nearly every line of them launches, waits, or keeps something."""
    folder = place / "dense"
    for number, file in enumerate(sorted((ROOT / "tests" / "fixtures").rglob("*.py"))):
        try:
            text = file.read_text(encoding="utf-8")
            compile(text, str(file), "exec")
        except (SyntaxError, ValueError):
            continue  # what is no Python is no work for the peers
        (folder / str(number)).mkdir(parents=True)
        (folder / str(number) / file.name).write_text(text, encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    return folder


def rows(place: Path, scale: float, runs: int, peers: Path, repositories: Path | None) -> list[Row]:
    found = []
    for name, folder in corpora(place, scale).items():
        cache = folder / ".lambda-lint-cache"
        ours = (*LINT, "--exit-zero", FINDS_NOTHING)
        (folder / "pyproject.toml").write_text("", encoding="utf-8")
        for peer, theirs in ruff_of(linters(folder, peers)):
            found.append(compare(f"{name}: cold", ours, peer, theirs, runs, folder, before=cache))
            found.append(compare(f"{name}: warm", ours, peer, theirs, runs, folder))
    handlers = dense(place)
    ours = (*LINT, "--exit-zero", "--no-cache", FINDS_NOTHING)
    alone = (sys.executable, "-c", PARSE_ALONE, *sorted(map(str, handlers.rglob("*.py"))))
    for peer, theirs in {"libcst parses them": alone, **linters(handlers, peers)}.items():
        found.append(compare(f"{_count(handlers)} dense handlers: cold", ours, peer, theirs, 1, handlers))
    for name in () if repositories is None else (("cold", "warm")):
        found += of_repositories(repositories, name, runs, peers)
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


def ruff_of(every: dict[str, tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    """The one that looks at thousands of files in seconds."""
    return [(name, command) for name, command in every.items() if name.startswith("ruff")]


def of_repositories(repositories: Path, name: str, runs: int, peers: Path) -> list[Row]:
    """All of some checkouts, one run each, as their owners would run it."""
    folders = sorted(path for path in repositories.iterdir() if path.is_dir())
    ours, theirs = [], []
    for folder in folders:
        for peer, command in ruff_of(linters(folder, peers)):
            row = compare(
                peer,
                (*LINT, "--exit-zero", "."),
                peer,
                command,
                1,
                folder,
                folder / ".lambda-lint-cache" if name == "cold" else None,
            )
            ours.append(row.ours)
            theirs.append(row.theirs)
    if not ours:
        return []
    case = f"{len(folders)} public repositories, {_count(*folders)} files: {name}"
    return [Row(case, _sum(ours), "ruff, one rule", _sum(theirs))]


def _sum(costs: Sequence[Cost]) -> Cost:
    """What all of them take, and the most memory that one of them has."""
    return Cost(
        sum(cost.processor for cost in costs), sum(cost.clock for cost in costs), max(cost.memory for cost in costs)
    )


def _launches(folder: Path, number: int) -> None:
    launches = "    threading.Thread(target=print).start()\n" * number
    text = f"import threading\n\n\ndef handler(event, context):\n{launches}    return 1\n"
    (folder / "app.py").write_text(text, encoding="utf-8")


def _handlers(folder: Path, number: int) -> None:
    each = "def handler{}(event, context):\n    threading.Thread(target=print).start()\n    return 1\n"
    text = "\n\n".join(["import threading", *map(each.format, range(number))])
    (folder / "app.py").write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text('[tool.lambda-lint]\nhandlers = ["app:*"]\n', encoding="utf-8")


def _star_imports(folder: Path, number: int) -> None:
    for each in range(1, number):
        text = f"from part{each + 1} import *\n\ndef f{each}():\n    return {each}\n"
        (folder / f"part{each}.py").write_text(text, encoding="utf-8")
    launch = "import threading\n\ndef launch():\n    threading.Thread(target=print).start()\n"
    (folder / f"part{number}.py").write_text(launch, encoding="utf-8")
    text = "from part1 import *\n\n\ndef handler(event, context):\n    launch()\n    return 1\n"
    (folder / "app.py").write_text(text, encoding="utf-8")


def _routes(folder: Path, number: int) -> None:
    application.generate(folder, number)


GROWTH: tuple[tuple[str, Callable[[Path, int], None], tuple[int, ...]], ...] = (
    ("launches in one function", _launches, (100, 200, 400, 800)),
    ("handlers in one file", _handlers, (400, 800, 1600)),
    ("files that import all of the next", _star_imports, (25, 50, 100)),
    ("routes of one application", _routes, (38, 75, 150, 300)),
)


def growth(place: Path) -> list[str]:
    """Processor time and memory as something grows in number. The exponent says how: at 1, twice as many take twice as long."""
    lines = ["| what grows | number | processor time | memory | |", "|---|---|---|---|---|"]
    for name, make, numbers in GROWTH:
        costs: list[Cost] = []
        for number in numbers:
            folder = place / f"{make.__name__}{number}"
            folder.mkdir(parents=True)
            make(folder, number)
            (folder / ".git").mkdir(exist_ok=True)
            cost = measure((*LINT, "--exit-zero", "--no-cache", FINDS_NOTHING), folder)
            costs.append(cost)
            bar = "#" * max(1, round(cost.processor * 5))
            lines.append(f"| {name} | {number} | {_seconds(cost.processor)} | {cost.memory:.0f} MB | {bar} |")
        exponent = math.log(costs[-1].processor / costs[0].processor) / math.log(numbers[-1] / numbers[0])
        lines.append(f"| | | exponent **{exponent:.2f}** | | |")
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
    parser.add_argument(
        "--peers", type=Path, default=Path(sys.executable).parents[1], help="an environment that has them"
    )
    parser.add_argument("--repositories", type=Path, help="a directory of checkouts that are looked at, too")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        ENVIRONMENT["PYTHONPATH"] = str(installed(Path(place) / "installed"))
        measure((*LINT, "libraries"), Path(place))  # everything is compiled, as an installed linter is
        found = rows(Path(place), options.scale, options.runs, options.peers / "bin", options.repositories)
        text = page(found, growth(Path(place)), options.scale, options.runs)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
