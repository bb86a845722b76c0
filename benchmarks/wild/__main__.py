"""Run the linter on the judged repositories and compare; see the package."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

import benchmarks.wild as package
from benchmarks.wild.checkouts import HOST, at_commit, fetch
from benchmarks.wild.figures import Seen, figures
from benchmarks.wild.judged import KINDS, LANGUAGES, Repository, load
from lint_lambda.config import Config
from lint_lambda.core.finding import Confidence, Finding
from lint_lambda.engine import Request, check

HEAD = "| repository | kind | files | handlers | findings | true | arguable | false | missed |"


@dataclass
class Outcome:
    """What a run of one repository came to, beside its judgements."""

    repository: Repository
    files: int = 0
    handlers: int = 0
    seen: list[Seen] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    unjudged: list[tuple[str, Finding]] = field(default_factory=list)

    @property
    def row(self) -> str:
        now = figures(self.seen, first=False)
        counts = (self.files, self.handlers, now.findings, now.true, now.arguable, now.false, now.missed)
        cells = " | ".join(f"{count:,}" for count in counts)
        return f"| {self.repository.name} | {self.repository.kind} | {cells} |"

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to say of it: no finding, and no loss that is known."""
        now = figures(self.seen, first=False)
        return not now.findings and not now.missed


def run(repository: Repository, checkout: Path, suffixes: tuple[str, ...]) -> Outcome:
    """Check one checkout with the default settings, and lay the judgements beside the findings."""
    outcome = Outcome(repository)
    found: list[tuple[str, Finding]] = []
    for project in repository.projects(checkout):
        report = check(Request([project], Config(root=project)))
        outcome.files += report.files
        outcome.handlers += report.handlers
        found += [
            ((project.relative_to(checkout) / finding.location.path).as_posix(), finding)
            for finding in report.findings
            if not finding.code.startswith("LAM9") and finding.location.path.endswith(suffixes)
        ]
    compare(outcome, found)
    return outcome


def compare(outcome: Outcome, found: list[tuple[str, Finding]]) -> None:
    """Fill in what was seen, and each difference from the judgements in words."""
    name = outcome.repository.name
    left = list(found)
    for work in outcome.repository.work:
        place = f"{name} {work.path}:{work.line} {work.code}"
        mine = [(p, f) for p, f in left if work.fits(p, f.location.span.line, f.code, f.fingerprint)]
        left = [entry for entry in left if entry not in mine[:1]]
        high = bool(mine) and mine[0][1].confidence is Confidence.HIGH
        outcome.seen.append(Seen(work.verdict, work.first, bool(mine), high))
        if work.now and not mine:
            outcome.differences.append(f"gone ({work.verdict}): {place}")
        elif mine and not work.now:
            outcome.differences.append(f"{'found' if work.verdict == 'true' else 'back'}: {place}")
    for path, finding in left:
        outcome.differences.append(f"not judged: {name} {path}:{finding.location.span.line} {finding.code}")
        outcome.unjudged.append((path, finding))


def stub(path: str, finding: Finding) -> str:
    """The entry of a finding that nobody has judged yet."""
    place = f'path = "{path}", line = {finding.location.span.line}, code = "{finding.code}"'
    return f'  {{ {place}, fingerprint = "{finding.fingerprint}", verdict = "", why = "" }},'


def summary(outcomes: list[Outcome]) -> list[str]:
    """The table of figures: applications and libraries, at first sight and today."""
    lines = ["| kind | repositories | when | findings true | losses found | false with high confidence |"]
    lines.append("|---|--:|---|---|---|--:|")
    for kind in KINDS:
        mine = [outcome for outcome in outcomes if outcome.repository.kind == kind]
        seen = [one for outcome in mine for one in outcome.seen]
        for when in ("at first sight", "today"):
            of = figures(seen, first=when != "today")
            high = sum(one.verdict == "false" and one.now and one.high for one in seen) if when == "today" else ""
            lines.append(f"| {kind} | {len(mine)} | {when} | {of.precision} | {of.recall} | {high} |")
    return lines


def the_rest(outcomes: list[Outcome]) -> list[str]:
    """The repositories that have no row of their own, in one row a kind."""
    rows = []
    for kind in KINDS:
        mine = [outcome for outcome in outcomes if outcome.is_silent and outcome.repository.kind == kind]
        files, handlers = sum(outcome.files for outcome in mine), sum(outcome.handlers for outcome in mine)
        rows.append(f"| {len(mine)} others | {kind} | {files:,} | {handlers:,} | 0 | 0 | 0 | 0 | 0 |")
    return rows


SUFFIXES = {
    "python": (".py", ".yaml", ".yml", ".json", ".toml", ".tf"),
    "javascript": (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wild", description=package.__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--language", choices=LANGUAGES, default="python")
    parser.add_argument("--only", default="", help="repositories whose name contains this")
    parser.add_argument("--fetch", action="store_true", help="clone what is not there")
    parser.add_argument("--host", default=HOST, help="where to clone from")
    parser.add_argument("--stubs", action="store_true", help="print entries for what is not judged")
    options = parser.parse_args()
    outcomes = []
    print(HEAD, "|---|---|--:|--:|--:|--:|--:|--:|--:|", sep="\n")
    for repository in load(options.language):
        if options.only not in repository.name:
            continue
        checkout = options.directory / repository.folder
        if options.fetch:
            fetch(repository, checkout, options.host)
        if not checkout.is_dir():
            print(f"not there: {checkout}; --fetch clones it", file=sys.stderr)
            continue
        if not at_commit(repository, checkout):
            print(f"another commit than was judged: {checkout}", file=sys.stderr)
        outcomes.append(run(repository, checkout, SUFFIXES[options.language]))
        if not outcomes[-1].is_silent:
            print(outcomes[-1].row, flush=True)
        if options.stubs:
            for entry in outcomes[-1].unjudged:
                print(stub(*entry))
    print(*the_rest(outcomes), "", *summary(outcomes), sep="\n")
    differences = [line for outcome in outcomes for line in outcome.differences]
    for line in differences:
        print(line, file=sys.stderr)
    return bool(differences)


if __name__ == "__main__":
    sys.exit(main())
