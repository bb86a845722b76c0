"""Where functions run changes what becomes of their work: on Managed Instances nothing is frozen between invocations."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import Report, Request, check

CODE = """\
import asyncio
import threading


async def late():
    await asyncio.sleep(1)


async def main():
    asyncio.create_task(late())


def thread(event, context):
    threading.Thread(target=print).start()


def task(event, context):
    asyncio.run(main())


def kept(event, context):
    asyncio.get_event_loop().run_until_complete(main())


def coroutine(event, context):
    late()
"""

SAM = """\
Resources:
  Managed:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.thread
      CodeUri: src/
      CapacityProviderConfig:
        Arn: !GetAtt Provider.Arn
  Plain:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.other, CodeUri: src/}
"""


def report(root: Path, configuration: str) -> Report:
    (root / "pyproject.toml").write_text(f"[tool.lambda-lint]\n{configuration}\n", encoding="utf-8")
    return check(Request([root], load_config(root)))


def handlers(report: Report) -> set[str]:
    return {handler.rpartition(":")[2] for finding in report.findings for handler in finding.handlers}


@pytest.mark.parametrize(
    ("target", "lost"),
    [
        ('target = "lambda"', {"thread", "task", "kept", "coroutine"}),
        ('target = "managed-instances"', {"task", "kept", "coroutine"}),
        ('target = {"app.py" = "managed-instances"}', {"task", "kept", "coroutine"}),
        ('target = {"jobs/" = "managed-instances"}', {"thread", "task", "kept", "coroutine"}),
        (
            'target = {"*.py" = "managed-instances", "app.py" = "lambda"}',
            {"thread", "task", "kept", "coroutine"},
        ),
    ],
)
def test_threads_go_on_where_nothing_is_frozen(tmp_path: Path, target: str, lost: set[str]) -> None:
    (tmp_path / "app.py").write_text(CODE, encoding="utf-8")
    found = report(
        tmp_path, f'{target}\nhandlers = ["app.py:thread", "app.py:task", "app.py:kept", "app.py:coroutine"]'
    )
    assert handlers(found) == lost


def test_a_template_says_which_functions_are_managed(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    code = "import threading\n\n\ndef {}(event, context):\n    threading.Thread(target=print).start()\n"
    (tmp_path / "src/app.py").write_text(code.format("thread") + "\n\n" + code.format("other"), encoding="utf-8")
    (tmp_path / "template.yaml").write_text(SAM, encoding="utf-8")
    found = report(tmp_path, 'handlers = ["app.py:thread", "app.py:other"]')
    assert (handlers(found), found.problems) == ({"other"}, ())


def test_a_template_that_cannot_be_read_is_told_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "template.yaml").write_text("CapacityProviderConfig: [\n", encoding="utf-8")
    found = report(tmp_path, 'handlers = ["app.py:thread"]')
    assert "thread" in handlers(found)
    (problem,) = found.warnings
    assert "template.yaml:2: not valid YAML" in problem


def test_a_buffer_that_only_a_call_empties_is_lost_on_managed_instances_too(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "from buffers import Sender, Shipper\n"
        "sender, shipper = Sender(), Shipper()\n"
        "def handler(event, context):\n"
        "    sender.put(1)\n"
        "    shipper.put(1)\n",
        encoding="utf-8",
    )
    found = report(
        tmp_path,
        'target = "managed-instances"\n'
        "[[tool.lambda-lint.library]]\n"
        'library = {name = "buffers", docs = "none"}\n'
        'type = [{name = "buffers.Sender"}, {name = "buffers.Shipper"}]\n'
        "launch = [\n"
        '  {call = "buffers.Sender.put", kind = "client", handle = "self", fate = "buffered", passive = true},\n'
        '  {call = "buffers.Shipper.put", kind = "client", handle = "self", fate = "buffered"},\n'
        "]",
    )
    assert [finding.location.span.line for finding in found.findings] == [4]
