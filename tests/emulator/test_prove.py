"""The story of a run: items and their fates, findings judged by them, and its three renderings."""

from __future__ import annotations

import html.parser
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lint_lambda.emulator.document import as_json
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.judging import CANNOT_BE_OBSERVED, CONFIRMED, NOT_REPRODUCED
from lint_lambda.emulator.picture import page
from lint_lambda.emulator.prove import Run, prove
from lint_lambda.emulator.story import ANYTHING, Finding, Sight, Story
from lint_lambda.prove_command import Analysis, Target
from lint_lambda.prove_command import prove as command
from tests.emulator.client import PATIENCE

Make = Callable[..., Function]
DATA = Path(__file__).with_name("data")
LATE = DATA / "late_thread.py"
LAUNCH = next(number for number, text in enumerate(LATE.read_text().splitlines(), 1) if ".start()" in text)


def _finding(path: Path, line: int, code: str = "LAM201", sight: Sight = ANYTHING) -> Finding:
    message = "thread `audit` is frozen when `handler` returns"
    return Finding(code, str(path), line, line, message, "frozen", "high", sight=sight)


@pytest.fixture
def story(function: Make) -> Story:
    made = function("late_thread.py", observe=True)
    app = made.task_root / "app.py"
    events = [{"order": 1}, {"order": 2, "takes": 0.3}, {"order": 3}]
    return prove(made, events, [_finding(app, LAUNCH), _finding(app, 1, "LAM301")])


def test_work_ends_late_or_never(story: Story) -> None:
    assert [(item.since, item.fate, item.ended_in) for item in story.items] == [(1, "late", 2), (3, "lost", None)]
    assert [len(step.pending) for step in story.steps] == [1, 0, 1]
    logs = [step.outcome.log for step in story.steps]
    assert logs == ["", "audit written for order 1\naudit written for order 2\n", ""], "the late effect is in the next"
    assert all(item.at is not None and item.launched is not None for item in story.items)


def test_findings_are_confirmed_or_not_reproduced(story: Story) -> None:
    verdicts = {one.finding.code: one for one in story.verdicts}
    assert (verdicts["LAM201"].verdict, len(verdicts["LAM201"].items)) == (CONFIRMED, 2)
    assert (verdicts["LAM301"].verdict, verdicts["LAM301"].items) == (NOT_REPRODUCED, ())
    assert story.not_predicted == []


def test_what_no_finding_foretold_is_unexpected(function: Make) -> None:
    story = prove(function("late_thread.py", observe=True), [{"order": 1}], [])
    assert [item.work.name for item in story.not_predicted] == ["audit"]
    quiet = prove(function("late_thread.py", observe=True), [{}], [])
    assert quiet.not_predicted == [] and quiet.lost == []


def test_every_kind_is_matched_with_its_line(function: Make) -> None:
    made = function("leaves_everything.py", observe=True)
    app = made.task_root / "app.py"
    marked = [number for number, text in enumerate(app.read_text().splitlines(), 1) if "  # " in text]
    story = prove(made, [{}], [_finding(app, line) for line in marked])
    assert [one.verdict for one in story.verdicts] == [CONFIRMED] * len(marked)
    assert story.not_predicted == []
    assert {item.fate for item in story.lost} == {"lost", "cancelled", "never-started"}


def test_an_async_handler_is_matched_with_its_definition(function: Make) -> None:
    made = function(source="async def handler(event, context):\n    return 1\n", observe=True)
    story = prove(made, [{}], [_finding(made.task_root / "app.py", 1, "LAM104")])
    assert story.verdicts[0].verdict == CONFIRMED
    assert story.steps[0].outcome.error_name == "Runtime.MarshalError"


def test_work_that_a_worker_thread_of_a_pool_takes_up_later_is_matched_with_its_submit(function: Make) -> None:
    source = (
        "import time\nfrom concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\n"
        "pool.submit(len, ()).result()\ndef work(): time.sleep(30)\n"
        "def handler(event, context):\n    pool.submit(work)\n"
    )
    made = function(source=source, observe=True)
    app = made.task_root / "app.py"
    story = prove(made, [{}], [_finding(app, 4), _finding(app, 7)])
    assert [one.verdict for one in story.verdicts] == [NOT_REPRODUCED, CONFIRMED]


def test_what_cannot_be_seen_is_called_so(function: Make) -> None:
    made = function(source="import atexit\natexit.register(print)\ndef handler(event, context): pass\n", observe=True)
    story = prove(made, [{}], [_finding(made.task_root / "app.py", 2, "LAM504", Sight(observed=()))])
    assert story.verdicts[0].verdict == CANNOT_BE_OBSERVED


def test_a_handler_that_fails_on_the_event_is_a_hint() -> None:
    analysis = Analysis(findings=lambda target: [_finding(LATE, LAUNCH)], locate=lambda name: None)
    result = _run(f"{LATE}:handler", "--event", "[]", "--invocations", "1", analysis=analysis)
    assert "could not be judged" in result.stdout
    assert "failed: the handler raised AttributeError in invocation 1" in result.stdout
    assert "not tried: LAM201" in result.stdout, "a run that did not come to the launch says nothing of it"


def test_a_timeout_ends_the_story_of_what_was_alive(function: Make) -> None:
    with Run(function("late_thread.py", observe=True)) as run:
        run.invoke({"order": 1})
        run.sandbox.function = replace(run.sandbox.function, timeout=0.3)
        run.invoke({"takes": 600})
        run.sandbox.function = replace(run.sandbox.function, timeout=PATIENCE)
        run.invoke({})
    assert [step.outcome.kind for step in run.story.steps] == ["response", "timeout", "response"]
    assert page(run.story)


def test_the_json_is_complete(story: Story) -> None:
    said = json.loads(json.dumps(as_json(story)))
    assert [one["outcome"] for one in said["invocations"]] == ["response"] * 3
    assert [one["pending"] for one in said["invocations"]] == [[1], [], [2]]
    first, second = said["leftOver"]
    assert (first["fate"], first["endedIn"], second["fate"], second["endedIn"]) == ("late", 2, "lost", None)
    assert first["launched"][0]["line"] == LAUNCH and first["launched"][0]["function"] == "handler"
    assert "audit hook" in first["how"]
    assert [(one["code"], one["verdict"], one["leftOver"]) for one in said["findings"]] == [
        ("LAM201", "confirmed", [1, 2]),
        ("LAM301", "not reproduced by this event", []),
    ]
    kinds = [one["kind"] for one in said["timeline"] if one["invocation"] == 2]
    assert kinds == ["thaw", "invoke", "response", "runtime-ready", "freeze"]


class _Page(html.parser.HTMLParser):
    """Collects the text, and whatever would load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.open: list[str] = []
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe") or any(
            name in ("src", "onload") or (name == "href" and not str(value).startswith("#"))
            for name, value in attributes
        ):
            self.foreign.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_picture_is_self_contained_and_says_it_all(story: Story) -> None:
    drawn = page(story)
    parsed = _Page()
    parsed.feed(drawn)
    text = " ".join(parsed.text)
    assert parsed.foreign == []
    assert drawn.count('title="FROZEN') == 3 and drawn.count("invocation 2") >= 2
    for words in (
        "ended in invocation 2",
        "never finished",
        "it runs on, late",
        "confirmed",
        "audit written for order 1",
    ):
        assert words in text, words


def test_the_picture_escapes_what_the_function_says(function: Make) -> None:
    source = "def handler(event, context):\n    print('<script>alert(1)</script>')\n    return '<b>&'\n"
    drawn = page(prove(function(source=source, observe=True), ["<i>"], []))
    assert "<script>" not in drawn and "<b>" not in drawn and "<i>" not in drawn
    assert "&lt;script&gt;" in drawn


def _run(*arguments: str, analysis: Analysis | None = None) -> Result:
    return CliRunner().invoke(command, arguments, obj=analysis)


def test_the_command_warns_prints_and_says_by_its_status_whether_work_was_left_over() -> None:
    asked: list[Target] = []

    def findings(target: Target) -> list[Finding]:
        asked.append(target)
        return [_finding(LATE, LAUNCH)]

    analysis = Analysis(findings=findings, locate=lambda name: None)
    result = _run(f"{LATE}:handler", "--event", '{"order": 7}', analysis=analysis)
    assert result.exit_code == 1, result.output
    assert asked == [Target(LATE, "handler", LATE.parent)]
    assert "executes" in result.stderr
    for words in ("FREEZE", "pending", f"late_thread.py:{LAUNCH} in handler", "confirmed: LAM201"):
        assert words in result.stdout, words
    assert _run(f"{LATE}:handler", "--invocations", "1").exit_code == 0


def test_events_from_files_and_variables(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import os\ndef handler(e, c): return [e, os.environ['TABLE']]\n")
    (tmp_path / "event.json").write_text('{"n": 1}')
    target = f"{tmp_path / 'app.py'}:handler"
    event = str(tmp_path / "event.json")
    result = _run(
        target,
        "--event",
        event,
        "--event",
        "[2]",
        "--env",
        "TABLE=a=b",
        "--python",
        sys.executable,
        "--output-format",
        "json",
    )
    assert [json.loads(one["payload"]) for one in json.loads(result.stdout)["invocations"]] == [
        [{"n": 1}, "a=b"],
        [[2], "a=b"],
    ]


def test_a_module_in_a_package_and_a_template_name(tmp_path: Path) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "orders.py").write_text("def handler(e, c): return __name__\n")
    result = _run(f"{package / 'orders.py'}:handler", "--invocations", "1", "--output-format", "json")
    assert json.loads(json.loads(result.stdout)["invocations"][0]["payload"]) == "shop.orders"
    located = Target(package / "orders.py", "handler", tmp_path)
    analysis = Analysis(findings=lambda target: [], locate=lambda name: located if name == "Orders" else None)
    named = _run("Orders", "--output-format", "json", analysis=analysis)
    assert json.loads(named.stdout)["handler"] == "shop/orders.handler"
    unknown = _run("Payments", analysis=analysis)
    assert unknown.exit_code == 2 and "no template declares" in unknown.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["/nowhere/app.py:handler"], "is not a file"),
        ([f"{LATE}:handler", "--event", "{"], "neither JSON"),
        ([f"{LATE}:handler", "--env", "X"], "NAME=VALUE"),
        ([f"{LATE}:handler", "--python", "/nowhere/python"], "not a Python that runs"),
        ([f"{LATE}:handler", "--root", "/usr"], "is not below"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], message: str) -> None:
    result = _run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_pictures_are_written_and_printed(tmp_path: Path) -> None:
    result = _run(f"{LATE}:handler", "--output-format", "html", "--picture", str(tmp_path / "p.html"))
    assert result.stdout.startswith("<!DOCTYPE html>")
    assert (tmp_path / "p.html").read_text().startswith("<!DOCTYPE html>")


def test_what_the_function_prints_steers_nothing(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        "import threading, time\n"
        "def handler(e, c):\n"
        "    print('::error::x\\n\\x1b[2J##[group]')\n"
        "    threading.Thread(target=time.sleep, args=(9,), name='\\x1b]0;x\\x07::notice::').start()\n"
        "    return '\\x1b[31m'\n"
    )
    for form in ("text", "json"):
        result = _run(f"{app}:handler", "--invocations", "1", "--output-format", form)
        assert result.exit_code == 1, result.output
        assert not any(mark in result.output for mark in ("\x1b", "\x07", "##["))
        assert not any(line.lstrip().startswith("::") for line in result.output.splitlines())
