"""The campaigns themselves. Each yields the counts after every item, so that whoever runs it may stop."""

from __future__ import annotations

import io
import random
import sys
import sysconfig
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.campaigns.interruptions import interruptions
from tests.campaigns.programs import program
from tests.campaigns.running import EVERY_FUNCTION, FIXTURES, Worker, count, project
from tests.campaigns.texts import grammar, packages
from tests.oracle.execute import execute
from tests.oracle.fixture import read

SANDBOXED = 20
"""Of so many programs whose fate is known, one is run, too; and each in which something else is found."""

Campaign = Callable[[Path, random.Random], Iterator[Counter[str]]]


def stdlib(place: Path, rng: random.Random) -> Iterator[Counter[str]]:
    """Files of the standard library; every function in them is taken for a handler."""
    counts: Counter[str] = Counter()
    files = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))
    files = [file for file in files if "site-packages" not in file.parts]
    with Worker() as worker:
        for file in rng.sample(files, len(files)):
            source = file.read_bytes()
            project(place, source)
            count(worker.ask(root=str(place), handlers=EVERY_FUNCTION), source, counts, str(file))
            yield counts


def tokens(place: Path, rng: random.Random) -> Iterator[Counter[str]]:
    """Fixtures in which tokens are dropped, doubled, exchanged, or taken from elsewhere."""
    counts: Counter[str] = Counter()
    files = sorted(FIXTURES.rglob("*.py"))
    with Worker() as worker:
        while True:
            file, other = rng.choice(files), rng.choice(files)
            source = mutated(file.read_text(encoding="utf-8"), other.read_text(encoding="utf-8"), rng).encode()
            project(place, source)
            count(worker.ask(root=str(place), handlers=EVERY_FUNCTION), source, counts, source.decode())
            yield counts


def mutated(text: str, other: str, rng: random.Random) -> str:
    words, strange = _words(text) or ["\n"], _words(other) or ["\n"]
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(words))
        change = rng.randrange(5)
        if change == 0:
            del words[at]
        elif change == 1:
            words.insert(at, words[at])
        elif change == 2:
            away = rng.randrange(len(words))
            words[at], words[away] = words[away], words[at]
        elif change == 3:
            words[at] = rng.choice(strange)
        else:
            words[at : at + 1] = [words[at]] * rng.choice((2, 30, 300))
        words = words or ["\n"]
    return "".join(words)


def _words(text: str) -> list[str]:
    """The tokens, each with the blanks before it: joined, they are the text."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    words, before = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        end = starts[token.end[0] - 1] + token.end[1] if token.end[0] <= len(lines) else len(text)
        if end > before:
            words.append(text[before:end])
            before = end
    return words


def seeds(place: Path, rng: random.Random) -> Iterator[Counter[str]]:
    """Fixtures under other hash seeds, and in the company of others: the findings of a file are the same."""
    counts: Counter[str] = Counter()
    files = sorted(file for file in FIXTURES.rglob("*.py") if file.name != "__init__.py")
    with Worker("0") as one, Worker("4242") as other:
        while True:
            chosen = rng.sample(files, 2)
            answers = []
            for worker, names in ((one, chosen), (other, chosen[::-1])):
                for file in names:
                    folder = place / f"{worker is one}" / f"f{chosen.index(file)}"
                    project(folder, file.read_bytes())
                answers.append(worker.ask(root=str(place / f"{worker is one}")))
            counts["checked"] += 1
            _compare(answers, counts, str(chosen))
            yield counts


def fates(place: Path, rng: random.Random) -> Iterator[Counter[str]]:
    """Programs whose fate is known by how they are put together: what is found in them is what is lost, and the sandbox says so."""
    counts: Counter[str] = Counter()
    with Worker() as worker:
        while True:
            made = program(rng)
            fixture = project(place, made.text.encode())
            answer = worker.ask(root=str(place))
            count(answer, made.text.encode(), counts, made.text)
            found = {finding[2] for finding in answer["findings"]} if isinstance(answer, dict) else set(made.lost)
            differs = found != made.lost
            if differs:
                counts["differences"] += 1
                print(
                    f"missed {sorted(made.lost - found)}, false {sorted(found - made.lost)}:\n{made.text}",
                    file=sys.stderr,
                )
            if differs or counts["checked"] % SANDBOXED == 1:
                counts["run"] += 1
                for wrong in execute(read(fixture)).disagreements:
                    counts["wrong fates"] += 1
                    print(f"the sandbox says: {wrong}:\n{made.text}", file=sys.stderr)
            yield counts


def faults(place: Path, rng: random.Random) -> Iterator[Counter[str]]:
    """A cache whose entries are cut, overwritten or exchanged: the findings are those of a run without one."""
    counts: Counter[str] = Counter()
    files = sorted(FIXTURES.rglob("*.py"))
    cache = place / "cache"
    with Worker() as worker:
        while True:
            file = rng.choice(files)
            root = place / "project"
            project(root, file.read_bytes())
            asked = {"root": str(root), "handlers": EVERY_FUNCTION}
            answers = [worker.ask(**asked), worker.ask(**asked, cache=str(cache))]
            entries = sorted(entry for entry in cache.rglob("*") if entry.is_file() and "." in entry.name[1:])
            for entry in rng.sample(entries, min(len(entries), 3)):
                _damage(entry, rng)
            answers.append(worker.ask(**asked, cache=str(cache)))
            counts["checked"] += 1
            _compare(answers, counts, str(file))
            yield counts


def _damage(entry: Path, rng: random.Random) -> None:
    content = bytearray(entry.read_bytes())
    way = rng.randrange(4)
    if way == 0:
        content = content[: rng.randrange(len(content) + 1)]
    elif way == 1 and content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif way == 2:
        content = bytearray(rng.randbytes(len(content)))
    else:
        content = bytearray(b"[" * 100_000)
    entry.write_bytes(content)


def _compare(answers: list[dict[str, Any] | str], counts: Counter[str], about: str) -> None:
    for answer in answers:
        if isinstance(answer, str):
            counts[answer] += 1
            print(f"{answer}: {about}")
            return
        counts["defects"] += any("bug in lambda-lint" in problem for problem in answer["problems"])
    if any(answer != answers[0] for answer in answers):
        counts["differences"] += 1
        print(f"differences: {about}: {answers}")
    elif isinstance(answers[0], dict):
        counts["findings"] += len(answers[0]["findings"])


ALL: dict[str, Campaign] = {
    campaign.__name__: campaign for campaign in (stdlib, packages, tokens, grammar, seeds, faults, interruptions, fates)
}
