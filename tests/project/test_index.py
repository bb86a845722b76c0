"""What is read off a file's bytes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lint_lambda.project.index import Reach, imported_words, imports, mentions
from lint_lambda.project.layout import Layout

SOURCES = sorted((Path(__file__).parents[2] / "lint_lambda").rglob("*.py"))


def launches(path: str, source: bytes) -> bool:
    return mentions({"LAUNCH"})(source)


def imported(tree: ast.AST) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(alias.name, 0) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found.add((module, node.level))
            found |= {(f"{module}.{a.name}" if module else a.name, node.level) for a in node.names if a.name != "*"}
    return found


@pytest.mark.parametrize(
    "source",
    [
        "import a\nimport b.c as d, e",
        "from a import b as c, d",
        "from . import x\nfrom ..up import y\nfrom ...p.q import z as w",
        "from a import (\n    b,  # why, here\n    c as d,\n)\n",
        "from a import \\\n    b, \\\n    c",
        "import a, \\\n    b",
        "try: import a\nexcept ImportError: import b",
        "x = 1; import a; from b import c",
        "def f():\n\tfrom a import *\n\timport b",
        "important = 1\nimport a",
        "import a\r\nfrom b import c\r\n",
    ],
)
def test_every_form_of_import_is_seen(source: str) -> None:
    assert imported(ast.parse(source)) <= set(imports(source.encode()))


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.stem)
def test_imports_of_real_files_are_seen(file: Path) -> None:
    source = file.read_bytes()
    assert imported(ast.parse(source)) <= set(imports(source))


def test_a_token_counts_as_a_whole_word() -> None:
    test = mentions({"Popen", "start"})
    assert test(b"t.start()") and test(b"subprocess.Popen")
    assert not test(b"restart() started _start Popenx")


def reach(sources: dict[str, str]) -> Reach:
    layout = Layout({path: path for path in sources}, (), ())
    return Reach(lambda path: sources[path].encode(), layout.resolve, launches)


def test_a_launch_is_found_through_imports_and_packages_on_the_way() -> None:
    found = reach(
        {
            "app.py": "from pkg.sub import mod",
            "pkg/__init__.py": "import deep",
            "pkg/sub/__init__.py": "",
            "pkg/sub/mod.py": "",
            "deep.py": "LAUNCH",
            "other.py": "import pkg.sub.mod",
            "clean.py": "import pkg.missing.mod2, json",
            "alone.py": "import alone2",
            "alone2.py": "import alone",
        }
    )
    assert found.may_launch("app.py") and found.may_launch("other.py") and found.may_launch("clean.py")
    assert not found.may_launch("alone.py") and not found.may_launch("alone2.py")
    assert not found.may_launch("pkg/sub/mod.py")
    assert found.closure("app.py") == {"app.py", "pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/mod.py", "deep.py"}


def test_circles_of_imports_get_one_answer() -> None:
    found = reach({"a.py": "import b", "b.py": "import c", "c.py": "import a, d", "d.py": "LAUNCH", "e.py": "import a"})
    assert [found.may_launch(f"{name}.py") for name in "eabcd"] == [True] * 5


def test_each_file_is_read_once() -> None:
    sources = {"a.py": "import b", "b.py": "import a"}
    reads: list[str] = []

    def read(path: str) -> bytes:
        reads.append(path)
        return sources[path].encode()

    found = Reach(read, Layout({path: path for path in sources}, (), ()).resolve, launches)
    assert not (found.may_launch("a.py") or found.may_launch("b.py") or found.may_launch("a.py"))
    assert sorted(reads) == ["a.py", "b.py"]


@pytest.mark.parametrize(
    "source",
    [
        "import os, wanted\n",
        "from wanted import (\n    a,\n    b,\n)\n",
        "from \\\n  wanted \\\n  import a\n",
        "import os, \\\r\n    wanted\r\n",
        "x = 1\nif x: import wanted",
        "x = 1\rimport wanted\r",
        "importlib.import_module('wanted')\n",
    ],
)
def test_words_of_imports_are_those_of_whole_lines(source: str) -> None:
    assert b"wanted" in imported_words(source.encode())


def test_words_of_other_lines_are_left_out() -> None:
    assert b"other" not in imported_words(b"other = 1\nimport wanted\nother\n")
