"""Which files belong to a project, and what reading them can meet."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pathspec import GitIgnoreSpec

from lint_lambda.config import DEFAULT_EXCLUDE
from lint_lambda.core.errors import SyntaxProblem
from lint_lambda.project import LARGEST, Project, decode
from lint_lambda.project.walk import Walk, rules_of


def write(root: Path, *names: str, text: str = "") -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def files(root: Path, *given: str) -> list[str]:
    return list(Project.find(root, [root / name for name in given], exclude=DEFAULT_EXCLUDE).files)


def test_every_python_file_counts_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "pkg/deep/er.py", "notes.txt", "app.pyi", "README")
    assert files(tmp_path) == ["app.py", "pkg/deep/er.py"]


def test_gitignore_files_apply_below_themselves_and_the_nearest_decides(tmp_path: Path) -> None:
    write(tmp_path, "a/gen.py", "a/keep/gen.py", "b/gen.py", "out/x.py", "a/out.py")
    write(tmp_path, ".gitignore", text="gen.py\nout/\n")
    write(tmp_path, "a/keep/.gitignore", text="!gen.py\n")
    assert files(tmp_path) == ["a/keep/gen.py", "a/out.py"]


def test_gitignore_above_the_root_applies_up_to_the_repository(tmp_path: Path) -> None:
    write(tmp_path, ".git/HEAD", "service/app.py", "service/gen.py")
    write(tmp_path, ".gitignore", text="gen.py\n")
    assert files(tmp_path / "service") == ["app.py"]


@pytest.mark.skipif(shutil.which("git") is None, reason="compares with git itself")
def test_ignored_files_are_those_git_ignores(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write(
        tmp_path,
        ".gitignore",
        text="# generated\n*_pb2.py\n/top.py\ndocs/**/x.py\nlogs/\n!logs/keep.py\ntr?p.py\nb[ae]d.py\n",
    )
    write(tmp_path, "sub/.gitignore", text="/top.py\n!special_pb2.py\n")
    names = ["a_pb2.py", "sub/special_pb2.py", "top.py", "sub/top.py", "sub/sub/top.py", "docs/a/b/x.py", "docs/x.py"]
    names += ["logs/keep.py", "logs/a.py", "trap.py", "bad.py", "bud.py", "sub/deep/logs/z.py", "fine.py"]
    write(tmp_path, *names)
    said = subprocess.run(["git", "check-ignore", *names], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert files(tmp_path) == sorted(set(names) - set(said.stdout.splitlines()))


def test_environments_caches_and_build_output_are_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        ".venv/a.py",
        "node_modules/x/a.py",
        "__pycache__/a.py",
        ".aws-sam/build/a.py",
        "cdk.out/a.py",
        "app.py",
    )
    write(
        tmp_path, ".serverless/a.py", "layer/python/lib/python3.12/site-packages/lib.py", "env2/pyvenv.cfg", "env2/a.py"
    )
    write(tmp_path, "{{cookiecutter.name}}/app.py")
    assert files(tmp_path) == ["app.py"]


def test_packages_copied_beside_the_handler_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "fn/app.py", "fn/pika/adapters.py", "fn/six.py", "fn/mine/util.py", "fn/botocore/session.py")
    write(tmp_path, "fn/pika-1.3.dist-info/RECORD", text="pika/adapters.py,sha256=x,10\n../../bin/p,,\nextra.py,,\n")
    write(tmp_path, "fn/extra.py")
    assert files(tmp_path) == ["fn/app.py", "fn/mine/util.py"]


def test_metadata_without_a_record_names_its_package(tmp_path: Path) -> None:
    write(tmp_path, "fn/app.py", "fn/zope_event/classhandler.py")
    write(tmp_path, "fn/zope.event-5.0.dist-info/METADATA")
    assert files(tmp_path) == ["fn/app.py"]


def test_a_library_s_own_repository_is_not_vendored(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "requests/api.py")
    assert files(tmp_path) == ["requests/api.py"]


def test_what_the_user_names_counts_even_if_ignored(tmp_path: Path) -> None:
    write(tmp_path, "gen/app.py", "cdk.out/asset/app.py", "app.py")
    write(tmp_path, ".gitignore", text="gen/\n")
    assert files(tmp_path, "gen/app.py") == ["app.py", "gen/app.py"]
    assert files(tmp_path, "gen") == ["app.py", "gen/app.py"]


def test_exclude_holds_for_a_file_that_is_named(tmp_path: Path) -> None:
    write(tmp_path, "legacy/app.py", "app.py")
    project = Project.find(tmp_path, [tmp_path / "legacy/app.py"], exclude=["legacy/"])
    assert project.files == ("app.py",)


def test_a_path_outside_of_the_root_keeps_its_absolute_name(tmp_path: Path) -> None:
    write(tmp_path, "in/app.py", "out/app.py")
    project = Project.find(tmp_path / "in", [tmp_path / "out"])
    assert project.files == ((tmp_path / "out/app.py").resolve().as_posix(), "app.py")
    assert project.select([tmp_path / "out"]) == {(tmp_path / "out/app.py").resolve().as_posix()}


def test_circles_of_links_end(tmp_path: Path) -> None:
    write(tmp_path, "a/app.py", "b/util.py")
    (tmp_path / "a/up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a/b").symlink_to(tmp_path / "b", target_is_directory=True)
    (tmp_path / "b/a").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "broken.py").symlink_to(tmp_path / "nowhere.py")
    for name in ("itself", "itself.py"):
        (tmp_path / name).symlink_to(tmp_path / name)
    assert files(tmp_path) == ["a/app.py", "b/util.py"]
    assert Project.find(tmp_path, [tmp_path]).problems == []


def test_a_shared_folder_linked_into_a_lambda_is_one_set_of_files(tmp_path: Path) -> None:
    write(tmp_path, "shared/util.py", "orders/app.py")
    (tmp_path / "orders/shared").symlink_to(tmp_path / "shared", target_is_directory=True)
    project = Project.find(tmp_path)
    assert project.files == ("orders/app.py", "shared/util.py")
    assert project.resolve("orders/app.py", "shared.util", 0) == "shared/util.py"


def test_selecting_takes_a_file_or_all_below_a_directory(tmp_path: Path) -> None:
    write(tmp_path, "a/x.py", "a/b/y.py", "ab/z.py")
    project = Project.find(tmp_path)
    assert project.select([tmp_path / "a"]) == {"a/x.py", "a/b/y.py"}
    assert project.select([tmp_path / "ab/z.py"]) == {"ab/z.py"}
    assert project.select([tmp_path]) == set(project.files)


def test_an_overlay_stands_for_a_file_that_need_not_exist(tmp_path: Path) -> None:
    write(tmp_path, "app.py", text="old")
    project = Project.find(tmp_path, overlays={tmp_path / "app.py": b"new", tmp_path / "stdin.py": b"typed"})
    assert [project.read(path) for path in project.files] == [b"new", b"typed"]


def test_a_huge_file_is_passed_over_with_a_note(tmp_path: Path) -> None:
    write(tmp_path, "big.py", text="#" * (LARGEST + 1))
    project = Project.find(tmp_path)
    assert (project.read("big.py"), project.problems) == (b"", [])
    assert project.read("big.py") == b""
    assert len(project.notes) == 1 and "big.py: skipped, larger than 2 MB" in project.notes[0]


def test_a_file_that_vanishes_is_a_problem_told_once(tmp_path: Path) -> None:
    write(tmp_path, "app.py")
    project = Project.find(tmp_path)
    (tmp_path / "app.py").unlink()
    assert project.read("app.py") + project.read("app.py") == b""
    assert project.problems == ["app.py: cannot be read: No such file or directory"]


def test_a_directory_that_cannot_be_listed_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "closed/app.py", "app.py")
    real = os.scandir

    def refuse(path: str) -> Any:
        if path.endswith("/closed/"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)  # permissions themselves do not stop root, whom containers run tests as
    project = Project.find(tmp_path)
    assert project.files == ("app.py",)
    assert project.problems == ["closed/: cannot list this directory: Permission denied"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        (
            b"#!python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
            "#!python\n# vim: set fileencoding=cp1252 :\nx = '€'\n",
        ),
        ("x = 'é'\r\n".encode(), "x = 'é'\r\n"),
    ],
)
def test_text_is_decoded_as_python_does(source: bytes, text: str) -> None:
    assert decode(source, "app.py") == text


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        (b"# coding: klingon\n", 1, "unknown encoding: klingon"),
        (b"# coding: hex\nx = 1\n", 1, "not a text encoding"),
        (b"x = 1\ny = 1\nz = '\xe9'\n", 3, "0xe9"),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1, "encoding problem"),
    ],
)
def test_an_encoding_that_does_not_fit_is_told_with_a_remedy(source: bytes, line: int, said: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        decode(source, "app.py")
    assert (caught.value.line, said in caught.value.message) == (line, True)
    assert "UTF-8" in caught.value.hint


@pytest.mark.parametrize(
    "patterns",
    [
        ["build/"],
        ["build/", "!build/"],
        ["!build/", "build/"],
        ["build/", "*.log", "!keep.log"],
        ["src/build/", "node_modules/", "/dist/"],
        ["build", "b*/", "a b/", "#x/", r"\!x/"],
        [],
    ],
    ids=" ".join,
)
def test_directories_are_ignored_as_gitignore_does(patterns: list[str]) -> None:
    """Patterns that name a directory are looked up, and what they say is what `pathspec` says."""
    paths = ["build/", "src/build/", "src/build/app.py", "build", "app.py", "node_modules/x.py", "dist/", "a/dist/x"]
    paths += ["keep.log", "x.log", "a b/", "a b/c.py", "#x/", "!x/", "src/", "builds/", "src/build"]
    ours, theirs = rules_of("/root/", patterns), GitIgnoreSpec.from_lines(patterns)
    for path in paths:
        assert bool(ours.decide(f"/root/{path}")) is bool(theirs.check_file(path).include), path


@pytest.mark.parametrize("line", ["[z-a]", "!", "\\", "a\\", "[\\d-a]"])
def test_an_ignore_line_that_is_no_pattern_is_named_and_the_others_hold(tmp_path: Path, line: str) -> None:
    write(tmp_path, "app.py", "gen/app.py", "lib/gen.py")
    write(tmp_path, "lib/.gitignore", text=f"{line}\ngen.py\n")
    write(tmp_path, ".gitignore", text=f"gen/\n{line}\n")
    project = Project.find(tmp_path)
    assert project.files == ("app.py",)
    assert project.problems == []
    assert [
        told.startswith(f"{file}: {line!r} is not a .gitignore pattern")
        for file, told in zip((".gitignore", "lib/.gitignore"), project.odd, strict=True)
    ] == [True, True]


def test_an_ignore_line_that_python_warns_of_is_just_read(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "a.py")
    write(tmp_path, ".gitignore", text="[[:alpha:]].py\n")
    assert Project.find(tmp_path).odd == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_pipes_are_neither_files_nor_ignore_files(tmp_path: Path) -> None:
    write(tmp_path, "app.py", "lib/x.py", "six-1.dist-info/x")
    for name in (".gitignore", "lib/.gitignore", "pipe.py", "template.yaml", "six-1.dist-info/RECORD"):
        os.mkfifo(tmp_path / name)
    project = Project.find(tmp_path)
    assert (project.files, project.problems) == (("app.py", "lib/x.py"), [])


def test_a_link_into_what_may_not_be_entered_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "app.py", "odd.py", "z.py")
    real = Walk._entry

    def refuse(self: Walk, entry: os.DirEntry[str], *rest: Any) -> Any:
        if entry.name == "odd.py":
            raise PermissionError(13, "Permission denied")
        return real(self, entry, *rest)

    monkeypatch.setattr(Walk, "_entry", refuse)
    project = Project.find(tmp_path)
    assert project.files == ("app.py", "z.py")
    assert project.problems == ["odd.py: cannot be read: Permission denied"]


def test_directories_may_be_deeper_than_the_stack(tmp_path: Path) -> None:
    folders = [f"{tmp_path}/{'d/' * depth}" for depth in range(1, 1200)]
    for folder in folders:
        Path(folder).mkdir()
    (Path(folders[-1]) / "app.py").touch()
    found = Project.find(tmp_path).files
    (Path(folders[-1]) / "app.py").unlink()
    for folder in reversed(folders):
        Path(folder).rmdir()
    assert found == (f"{'d/' * 1199}app.py",)
