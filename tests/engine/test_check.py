"""Whole runs: what is analysed, what is reported, and what becomes of everything that goes wrong."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import libcst
import pytest

from lint_lambda.analysis.lifetimes import Analysis
from lint_lambda.cache import Cache
from lint_lambda.config import Config, ConfigError, load_config
from lint_lambda.core.finding import Confidence, Finding
from lint_lambda.core.source import Location, Span
from lint_lambda.core.verdict import Handler, Place
from lint_lambda.engine import Report, Request, check, list_handlers
from lint_lambda.engine.program import LoweredProgram
from lint_lambda.engine.versions import lowering_version
from lint_lambda.frontends.python import lower as front_end

LOSES = "import threading\ndef handler(event, context):\n    threading.Thread(target=print).start()\n"
CLEAN = "def handler(event, context):\n    return event\n"
HELPER = "import threading\ndef later():\n    threading.Thread(target=print).start()\n"
PYTHON_2 = "import threading\ndef handler(event, context):\n    print 'hello'\n    threading.Thread(target=f).start()\n"


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        file = root / name.replace("__", "/").replace("_py", ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def run(root: Path, *paths: str, **settings: Any) -> Report:
    config = dataclasses.replace(Config(root=root), **settings)
    return check(Request([root / path for path in paths] or [root], config))


def said(report: Report) -> list[str]:
    return [f"{f.location.path}:{f.location.span.line} {f.code}" for f in report.findings]


def test_a_run_finds_counts_and_times(tmp_path: Path) -> None:
    write(tmp_path, app_py=LOSES, clean_py=CLEAN, notes_py="x = 1\n")
    report = run(tmp_path)
    assert said(report) == ["app.py:3 LAM201"]
    assert (report.files, report.handlers, report.problems) == (3, 2, ())
    assert report.seconds > 0
    assert report.findings[0].handlers == ("app.py:handler",)


def test_a_given_file_filters_the_report_of_the_whole_project(tmp_path: Path) -> None:
    write(tmp_path, app_py="from util import later\ndef handler(event, context):\n    later()\n", util_py=HELPER)
    write(tmp_path, other_py=LOSES)
    assert said(run(tmp_path, "util.py")) == ["util.py:3 LAM201"]
    assert said(run(tmp_path, "app.py")) == ["util.py:3 LAM201"], "it leads through this file"
    assert said(run(tmp_path, "other.py")) == ["other.py:3 LAM201"]
    assert said(run(tmp_path, "app.py", "other.py")) == ["other.py:3 LAM201", "util.py:3 LAM201"]


def test_only_what_can_reach_a_given_file_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, app_py="from util import later\ndef handler(event, context):\n    later()\n", util_py=HELPER)
    write(tmp_path, other_py=LOSES, clean_py=CLEAN)
    parsed: list[str] = []
    real = front_end.lower

    def spy(source: bytes, path: str) -> Any:
        parsed.append(path)
        return real(source, path)

    monkeypatch.setattr(front_end, "lower", spy)
    run(tmp_path, "util.py")
    assert sorted(parsed) == ["app.py", "util.py"]
    parsed.clear()
    run(tmp_path)
    assert sorted(parsed) == ["app.py", "other.py", "util.py"]  # nothing can be launched from clean.py


def test_settings_choose_what_is_shown(tmp_path: Path) -> None:
    escapes = "import threading, keeper\ndef handler(event, context):\n    t = threading.Thread(target=print)\n    t.start()\n"
    write(tmp_path, app_py=LOSES, low_py=escapes + "    keeper.keep(t)\n", sub__more_py=LOSES)
    assert said(run(tmp_path)) == ["app.py:3 LAM201", "sub/more.py:3 LAM201"]
    assert "low.py:4 LAM201" in said(run(tmp_path, min_confidence=Confidence.LOW))
    assert said(run(tmp_path, ignore=("LAM201",))) == []
    assert said(run(tmp_path, select=("LAM3",))) == []
    assert said(run(tmp_path, per_file_ignores={"sub/": ("LAM2",)})) == ["app.py:3 LAM201"]
    assert said(run(tmp_path, extend_exclude=("sub/",))) == ["app.py:3 LAM201"]


def test_ignores_silence_and_unused_ones_are_told(tmp_path: Path) -> None:
    write(tmp_path, app_py=LOSES.replace("start()", "start()  # lambda-lint: ignore[LAM201] fine"))
    write(tmp_path, clean_py=CLEAN.replace("return event", "return event  # lambda-lint: ignore[LAM201]"))
    write(tmp_path, unreached_py="x = 1  # lambda-lint: ignore[LAM201]\n")
    assert said(run(tmp_path)) == ["clean.py:2 LAM901"]


def test_a_file_that_is_not_python_3_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, old_py=PYTHON_2, quiet_py="def handler(event, context):\n    print 'hello'\n")
    write(tmp_path, unrelated_py="print 'no handler can be here'\n")
    write(tmp_path, app_py="import broken\ndef handler(event, context):\n    broken.go()\n", broken_py="t.start(\n")
    (tmp_path / "bytes.py").write_bytes(b"# coding: klingon\n" + LOSES.encode())
    (tmp_path / "latin.py").write_bytes(b"# coding: latin-1\n# \xe9\n" + LOSES.encode())
    report = run(tmp_path)
    codes = [f"{f.location.path} {f.code}" for f in report.findings]
    assert codes == ["broken.py LAM900", "bytes.py LAM900", "latin.py LAM201", "old.py LAM900", "quiet.py LAM900"]
    (old,) = (f for f in report.findings if f.location.path == "old.py")
    assert old.location.span.line == 3 and "Python 2" in " ".join(old.help)
    assert report.problems == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["app.py", "app.js", "app.ts"])
def test_a_file_that_no_runtime_reads_is_a_finding(name: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(LOSES.encode(encoding))
    assert said(run(tmp_path)) == [f"{name}:1 LAM900"]


def test_syntax_that_is_newer_than_the_interpreter_is_not_an_error(tmp_path: Path) -> None:
    write(tmp_path, app_py="def handler[T](event: T, context):\n    type A = int\n    return event\n")
    assert said(run(tmp_path)) == []


def test_valid_code_that_is_nested_too_deeply_is_told_as_such(tmp_path: Path) -> None:
    write(tmp_path, app_py=LOSES + "x = y" + ".z" * 2000 + "\n", other_py=LOSES)
    report = run(tmp_path)
    assert (said(report), report.problems) == (["other.py:3 LAM201"], ())
    assert report.warnings == ("app.py: not analysed: the statement in line 4 is nested more than 1000 deep",)
    assert report.skipped == 1


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, app_py=LOSES, closed_py=LOSES)
    real = os.open

    def refuse(path: Any, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith("closed.py"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    report = run(tmp_path)
    assert said(report) == ["app.py:3 LAM201"]
    assert report.problems == ("closed.py: cannot be read: Permission denied",)


def test_a_path_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    report = run(tmp_path, "gone.py")
    assert report.problems == (f"{tmp_path / 'gone.py'}: no such file or directory",)


def test_a_defect_in_one_handler_is_told_and_the_others_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, a_py=LOSES, b_py=LOSES, c_py=LOSES)
    real = Analysis.handler

    def breaks(self: Analysis, handler: Handler) -> None:
        if handler.path == "b.py":
            raise KeyError("oops")
        real(self, handler)

    monkeypatch.setattr(Analysis, "handler", breaks)
    report = run(tmp_path)
    assert said(report) == ["a.py:3 LAM201", "c.py:3 LAM201"]
    (problem,) = report.problems
    assert problem.startswith("b.py:handler: its analysis failed (KeyError: 'oops', at test_check.py:")


def test_handlers_are_named_by_configuration_and_option(tmp_path: Path) -> None:
    write(tmp_path, app_py="import threading\ndef odd(x):\n    threading.Thread(target=print).start()\n")
    assert said(run(tmp_path)) == []
    assert said(run(tmp_path, handlers=("app.py:odd",))) == ["app.py:3 LAM201"]
    assert said(run(tmp_path, option_handlers=("*:*",))) == ["app.py:3 LAM201"]
    with pytest.raises(ConfigError, match="path:name"):
        run(tmp_path, handlers=("app.odd",))


def test_a_configured_handler_that_is_missing_is_a_finding_in_the_configuration(tmp_path: Path) -> None:
    write(tmp_path, app_py=CLEAN)
    (tmp_path / "lambda-lint.toml").write_text('# ours\nhandlers = ["app.py:handle"]\n', encoding="utf-8")
    report = check(Request([tmp_path], load_config(tmp_path)))
    (finding,) = report.findings
    assert (finding.code, finding.location.path, finding.location.span.line) == ("LAM902", "lambda-lint.toml", 2)
    assert "handler" in finding.message and any("did you mean `handler`?" in way for way in finding.help)
    only_a_file = check(Request([tmp_path / "app.py"], load_config(tmp_path)))
    assert [f.code for f in only_a_file.findings] == ["LAM902"]


def test_an_option_that_names_nothing_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, app_py=CLEAN)
    (problem,) = run(tmp_path, option_handlers=("app.py:handle",)).problems
    assert problem.startswith("--handler app.py:handle: not found") and "did you mean `handler`?" in problem


def test_a_pattern_is_not_missed_because_of_a_filter(tmp_path: Path) -> None:
    write(tmp_path, app_py=CLEAN, other_py=CLEAN)
    assert run(tmp_path, "other.py", option_handlers=("app.py:handler",)).problems == ()


def test_an_overlay_is_checked_instead_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, app_py=CLEAN)
    config = Config(root=tmp_path)
    report = check(Request([tmp_path / "app.py"], config, overlays={"app.py": LOSES.encode()}))
    assert said(report) == ["app.py:3 LAM201"]
    new = check(Request([tmp_path / "new.py"], config, overlays={"new.py": LOSES.encode()}))
    assert (said(new), new.problems) == (["new.py:3 LAM201"], ())


def test_listing_handlers_parses_those_that_launch_nothing_too(tmp_path: Path) -> None:
    write(tmp_path, app_py=CLEAN, sub__app_py=LOSES)
    request = Request([tmp_path], Config(root=tmp_path))
    assert [str(handler) for handler in list_handlers(request)] == ["app.py:handler", "sub/app.py:handler"]
    only = Request([tmp_path / "sub"], Config(root=tmp_path))
    assert [str(handler) for handler in list_handlers(only)] == ["sub/app.py:handler"]


def test_progress_goes_from_nothing_to_the_total(tmp_path: Path) -> None:
    write(tmp_path, app_py=LOSES, b_py=CLEAN)
    steps: list[tuple[int, int]] = []
    check(Request([tmp_path], Config(root=tmp_path), progress=lambda done, total: steps.append((done, total))))
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[0] == (0, 2) and all(done < total for done, total in steps)


def test_the_cache_changes_nothing_but_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, app_py="from util import later\ndef handler(event, context):\n    later()\n", util_py=HELPER)
    cache = tmp_path / ".lambda-lint-cache"
    first = run(tmp_path, cache_dir=cache)
    plain = run(tmp_path)

    def never(source: bytes, path: str) -> Any:
        raise AssertionError(f"{path} was parsed again")

    with monkeypatch.context() as patch:
        patch.setattr(front_end, "lower", never)
        patch.setattr(front_end, "locate", never)
        second = run(tmp_path, cache_dir=cache)
    assert first.findings == second.findings == plain.findings
    write(tmp_path, util_py="\n" + HELPER)
    assert said(run(tmp_path, cache_dir=cache)) == ["util.py:4 LAM201"]


def test_a_cache_that_cannot_be_written_is_noted(tmp_path: Path) -> None:
    write(tmp_path, app_py=LOSES, file_py="")
    report = run(tmp_path, cache_dir=tmp_path / "file.py")
    assert said(report) == ["app.py:3 LAM201"]
    assert report.problems == ()
    assert report.warnings == (f"nothing is kept for the next run: {tmp_path / 'file.py'} is not a folder",)


def test_the_answer_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    write(tmp_path, app_py="import a, b, c\ndef handler(event, context):\n    a.later(); b.later(); c.later()\n")
    write(tmp_path, a_py=HELPER, b_py=HELPER, c_py=HELPER, d_py=LOSES)
    write(tmp_path, z__app_py="import a\ndef on_event(event, context): a.later()\n")
    script = (
        "import sys; from pathlib import Path; from lint_lambda.config import Config;"
        "from lint_lambda.engine import Request, check; root = Path(sys.argv[1]);"
        "print(*check(Request([root], Config(root=root))).findings, sep='\\n')"
    )
    outputs = set()
    for seed in ("0", "1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        root = Path(__file__).parents[2]
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            env=environment,
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1 and outputs.pop().count("LAM201") == 4


def test_thousands_of_files_without_a_handler_are_read_and_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(5)
    body = Path(front_end.__file__).read_text(encoding="utf-8").replace("handler", "worker")
    for number in range(2000):
        folder = tmp_path / f"pkg{number % 50}"
        folder.mkdir(exist_ok=True)
        other = rng.randrange(2000)
        text = f"import pkg{other % 50}.m{other}\nimport threading, logging, asyncio\n{body}"
        (folder / f"m{number}.py").write_text(text, encoding="utf-8")

    def parsed(*given: object, **named: object) -> NoReturn:
        raise AssertionError("a file is parsed that no handler can reach")

    monkeypatch.setattr(libcst, "parse_module", parsed)
    monkeypatch.setattr(ast, "parse", parsed)
    report = run(tmp_path)
    assert (report.files, report.handlers, report.findings) == (2000, 0, ())
    assert report.problems == ()


def test_findings_are_sorted_by_place(tmp_path: Path) -> None:
    write(tmp_path, b_py=LOSES, a_py=LOSES + "    threading.Thread(target=print).start()\n")
    found: tuple[Finding, ...] = run(tmp_path).findings
    assert [f.sort_key for f in found] == sorted(f.sort_key for f in found)
    assert len(found) == 3


def test_a_file_that_is_saved_during_a_run_is_checked_as_it_was_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, app_py=LOSES)
    settings = {"cache_dir": tmp_path / "cache"}
    real = LoweredProgram.locate

    def locate(self: LoweredProgram, place: Place) -> Location:
        write(tmp_path, app_py=f"# one\n# two\n{LOSES}")
        return real(self, place)

    monkeypatch.setattr(LoweredProgram, "locate", locate)
    assert said(run(tmp_path, **settings)) == ["app.py:3 LAM201"]
    monkeypatch.undo()
    assert said(run(tmp_path, **settings)) == ["app.py:5 LAM201"]
    write(tmp_path, app_py=LOSES)
    assert said(run(tmp_path, **settings)) == ["app.py:3 LAM201"]


def test_spans_of_another_text_in_the_cache_are_not_believed(tmp_path: Path) -> None:
    write(tmp_path, app_py=LOSES)
    kept = {"cache_dir": tmp_path / "cache"}
    assert said(run(tmp_path, **kept)) == ["app.py:3 LAM201"]
    digest = hashlib.sha256(LOSES.encode()).hexdigest()
    for spans in ((), (Span(1, 0, 1, 4),), (Span(99, 0, 99, 4),) * 50):
        Cache(tmp_path / "cache", lowering_version()).store_spans(digest, spans)
        assert said(run(tmp_path, **kept)) == ["app.py:3 LAM201"]


def test_what_there_is_no_time_for_is_named(tmp_path: Path) -> None:
    write(tmp_path, app_py=LOSES, other_py=LOSES)
    config = Config(root=tmp_path)
    report = check(Request([tmp_path], config, timeout=1e-9))
    assert said(report) == []
    assert any("app.py" in warning and "other.py" in warning for warning in report.warnings)
    assert report.problems == ()
    assert said(check(Request([tmp_path], config, timeout=1e9))) == ["app.py:3 LAM201", "other.py:3 LAM201"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_a_file_of_wide_characters_is_an_error_though_no_word_can_be_read_in_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "app.py").write_bytes(LOSES.encode(encoding))
    assert said(run(tmp_path)) == ["app.py:1 LAM900"]


def test_a_python_file_with_nul_bytes_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_bytes(LOSES.encode() + b"s = 'a\0b'\n")
    (tmp_path / "lost.py").write_bytes(b"\0" * 512)
    (tmp_path / "bundle.js").write_bytes(b"/* \0 */ exports.handler = async () => { fetch('https://example.com') }\n")
    (tmp_path / "._app.py").write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X")
    report = run(tmp_path)
    last = LOSES.count("\n") + 1
    assert said(report) == [f"app.py:{last} LAM900", "bundle.js:1 LAM102", "lost.py:1 LAM900"]
    assert all("NUL" in finding.message for finding in report.findings if finding.code == "LAM900")
    assert report.problems == ()


def test_a_folder_that_gitignore_leaves_out_is_not_said_to_be_absent(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "build/fn").mkdir(parents=True)
    (tmp_path / "build/fn/app.py").write_text(LOSES)
    properties = "{Handler: app.handler, Runtime: python3.12, CodeUri: build/fn}"
    function = "{Type: 'AWS::Serverless::Function', Properties: " + properties + "}"
    (tmp_path / "template.yaml").write_text("Resources:\n  Fn: " + function + "\n")
    assert any("its code is build/fn, which .gitignore leaves out" in warning for warning in run(tmp_path).warnings)
    given = check(Request([tmp_path, tmp_path / "build/fn"], Config(root=tmp_path)))
    assert said(given) == ["build/fn/app.py:3 LAM201"]
    assert given.warnings == ()
