"""Write the skeleton of a rule or of a library, and say what is left to do.

    python -m tests.new rule orphan-strand [--code LAM205]     the page, the kind, a library that launches it, its fixtures
    python -m tests.new library crane                          the model and its fixtures
    python -m tests.new library --javascript @shop/crane       the same of a package of npm

Nothing is overwritten. What a person has to write is marked `TODO:`; the tests fail as long as such a mark is there.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).with_name("data")
PYTHON = os.path.relpath(sys.executable) if ROOT in Path(sys.executable).parents else "python"
"""What a step calls the interpreter: the environment in the checkout by its path, as it need not be activated."""
FIRST_OF_ITS_FAMILY = 200
"""Rules about threads and the like; others say which code they want."""
FIXTURES = "tests/oracle/fixture.py explains the comments of a fixture"


class Refused(Exception):
    """The skeleton cannot be written; the message says why, and what to do."""


def rule(name: str, code: str, root: Path) -> tuple[list[Path], list[str]]:
    """Write the skeleton of a rule. Returns what was written, and the steps that are left. Raises `Refused`."""
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name):
        raise Refused(f"{name}: a rule is named in lower case, its words joined by hyphens, as in `orphan-thread`")
    code = code or _free(root)
    if not re.fullmatch(r"LAM\d{3}", code):
        raise Refused(f"{code}: a code is LAM and three digits, as in LAM205")
    if code in _codes(root):
        raise Refused(f"{code} is taken, or was once; the next one free is {_free(root)}")
    kind = name.rpartition("-")[2]
    kinds = root / "rules" / "kinds.toml"
    if re.search(rf"^\[{kind}\]$", kinds.read_text(encoding="utf-8"), re.MULTILINE):
        raise Refused(
            f"{kind} is a kind of work already, with a rule of its own; add what launches it to a library's model"
        )
    module = f"{kind}s"
    page = f"rules/{code}-{name}.md"
    one = f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    words = {"CODE": code, "NAME": name, "KIND": kind, "ONE": one, "One": one.capitalize(), "MODULE": module}
    written = _write(
        root,
        words,
        {
            "rule.md": page,
            "rule_model.toml": f"rules/libraries/python/{module}.toml",
            "rule_lost.txt": f"tests/fixtures/libraries/{module}_{kind}_is_dropped.py",
            "rule_kept.txt": f"tests/fixtures/libraries/{module}_{kind}_is_waited_for.py",
        },
    )
    with kinds.open("a", encoding="utf-8") as file:
        file.write(_filled("kind.toml", words))
    steps = [
        f"write what is marked `TODO:` in {page}, in the last row of rules/kinds.toml, in the model and in the fixtures; {FIXTURES}",
        f"if the examples of the page import the library, add `{code}` to ABOUT_LIBRARIES in tests/rules/test_pages.py",
        f'add `"{kind}": "{code}"` to FROZEN in tests/rules/test_table.py',
        f"name {code} in CHANGELOG.md",
        f"{PYTHON} docs/rules_index.py > docs/rules.md",
        f"{PYTHON} docs/schemas.py",
        *_common(module),
        f"{PYTHON} -m pytest tests/rules tests/knowledge",
    ]
    return [*written, kinds], steps


def library(name: str, root: Path) -> tuple[list[Path], list[str]]:
    """Write the skeleton of a library. Returns what was written, and the steps that are left. Raises `Refused`."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise Refused(f"{name}: a library is named as it is imported, in lower case, as in `confluent_kafka`")
    written = _write(
        root,
        {"MODULE": name},
        {
            "library.toml": f"rules/libraries/python/{name}.toml",
            "library_lost.txt": f"tests/fixtures/libraries/{name}_record_is_not_flushed.py",
            "library_kept.txt": f"tests/fixtures/libraries/{name}_record_is_flushed.py",
        },
    )
    steps = [
        f"read the library's source; then write what is marked `TODO:` in the model and in the fixtures; {FIXTURES}",
        f"{PYTHON} -m pip install {name}, so that the sandbox can run the fixtures",
        *_common(name),
        "if the client can be pointed at an address, add it to one of tests/libraries/clients_*.py",
        "name the library in CHANGELOG.md",
    ]
    return written, steps


def node_library(name: str, root: Path) -> tuple[list[Path], list[str]]:
    """The same for a library of JavaScript, by its package. Raises `Refused`."""
    if not re.fullmatch(r"(@[a-z0-9._-]+/)?[a-z0-9._-]+", name):
        raise Refused(f"{name}: a library of JavaScript is named as its package is, as in `@nestjs/core`")
    module = re.sub(r"\W+", "_", name).strip("_")
    fixtures = f"tests/fixtures/javascript/libraries/{module}_"
    written = _write(
        root,
        {"PACKAGE": name, "MODULE": module},
        {
            "node_library.toml": f"rules/libraries/javascript/{module}.toml",
            "node_library_lost.txt": f"{fixtures}record_is_not_flushed.js",
            "node_library_kept.txt": f"{fixtures}record_is_flushed.js",
        },
    )
    steps = [
        f"read the library's source; then write what is marked `TODO:` in the model and in the fixtures; {FIXTURES}",
        f"{PYTHON} -m tests.oracle.node_libraries, which installs what the fixtures require",
        f"{PYTHON} -m pytest tests/test_fixtures.py -k libraries/{module}_",
        f"{PYTHON} -m tests.fixes.twins --write javascript/libraries/{module}_",
        f"{PYTHON} -m tests.oracle.run {fixtures}*",
        f"{PYTHON} -m tests.libraries.node_rows {module}",
        f"{PYTHON} docs/libraries_index.py > docs/libraries.md",
        "name the library in CHANGELOG.md",
    ]
    return written, steps


def _common(module: str) -> list[str]:
    return [
        f"{PYTHON} -m pytest tests/test_fixtures.py -k {module}_",
        f"{PYTHON} -m tests.fixes.twins --write libraries/{module}_",
        f"{PYTHON} -m tests.oracle.run tests/fixtures/libraries/{module}_*",
        f"{PYTHON} -m pytest tests/libraries/test_every_row_matters.py -k {module}",
        f"{PYTHON} docs/libraries_index.py > docs/libraries.md",
    ]


def _codes(root: Path) -> set[str]:
    """Every code that has a page or is named in the changelog: one that is given up stays taken."""
    pages = {path.name[:6] for path in (root / "rules").glob("LAM*.md")}
    return pages | set(re.findall(r"LAM\d{3}", (root / "CHANGELOG.md").read_text(encoding="utf-8")))


def _free(root: Path) -> str:
    numbers = {int(code[3:]) for code in _codes(root)}
    family = [number for number in numbers if FIRST_OF_ITS_FAMILY < number < FIRST_OF_ITS_FAMILY + 90]
    return f"LAM{max(family, default=FIRST_OF_ITS_FAMILY) + 1}"


def _write(root: Path, words: dict[str, str], files: dict[str, str]) -> list[Path]:
    """Write each template to its place, all or none."""
    for place in files.values():
        if (root / place).exists():
            raise Refused(f"{place} is there already; choose another name, or go on with that file")
    for template, place in files.items():
        (root / place).write_text(_filled(template, words), encoding="utf-8")
    return [root / place for place in files.values()]


def _filled(template: str, words: dict[str, str]) -> str:
    text = (DATA / template).read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f"<{word}>", value)
    return text


def main() -> int:
    parser = argparse.ArgumentParser(
        "python -m tests.new", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_subparsers(dest="what", required=True, metavar="rule | library")
    for what, example in (("rule", "orphan-strand"), ("library", "crane")):
        one = kinds.add_parser(what, help=f"write the skeleton of a {what}")
        one.add_argument("name", help=f"as in {example}")
        if what == "rule":
            one.add_argument("--code", default="", help="as in LAM205; the next free one when left out")
        else:
            one.add_argument("--javascript", action="store_true", help="a package of npm")
    options = parser.parse_args()
    try:
        if options.what == "rule":
            written, steps = rule(options.name, options.code, ROOT)
        else:
            written, steps = (node_library if options.javascript else library)(options.name, ROOT)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    for path in written:
        print(f"written: {path.relative_to(ROOT)}")
    print("\nWhat is left to do:")
    for number, step in enumerate(steps, 1):
        print(f"{number}. {step}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
