"""A process that cannot launch anything is not analysed. Whether it can is told by names; in doubt it can."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import Request
from lint_lambda.engine.reaching import may_launch
from lint_lambda.engine.run import Run

HEAD = "import threading\nimport helper\n"
HANDLER = HEAD + "\ndef handler(event, context):\n    {body}\n"
START = "threading.Thread(target=print).start()"
NEVER_CALLED = f"import threading\n\ndef other():\n    {START}\n"


def reaches(root: Path, body: str, helper: str, handler: str = HANDLER) -> bool:
    for name, text in {"lambda-lint.toml": "", "app.py": handler.format(body=body), "helper.py": helper}.items():
        (root / name).write_text(text, encoding="utf-8")
    run = Run.of(Request([root], load_config(root)))
    handlers = run.entry_points(every=True).handlers
    assert [str(each) for each in handlers] == ["app.py:handler"]
    return may_launch(run.program, run.models("app.py"), handlers)


@pytest.mark.parametrize(
    ("body", "helper"),
    [
        ("helper.other()", NEVER_CALLED),
        ("getattr(helper, 'other')()", NEVER_CALLED),
        ("getattr(helper, event['name'])()", NEVER_CALLED),
        ("helper.again()", "from helper import other as again\n" + NEVER_CALLED),
        ("TABLE['x']()", NEVER_CALLED + "TABLE = {'x': other}\n"),
        ("pass", NEVER_CALLED + "other()\n"),
        ("pass", NEVER_CALLED.replace("def", "@registered\ndef")),
        ("helper.Job()", f"import threading\nclass Job:\n    def __init__(self):\n        {START}\n"),
        ("helper.made().run()", f"import threading\nclass Job:\n    def run(self):\n        {START}\n"),
        ("pass", f"import base, threading\nclass Job(base.Job):\n    def called(self):\n        {START}\n"),
        (
            "helper.go(run_outer)",
            f"import threading\ndef go(f):\n    def inner():\n        {START}\n    return inner\n",
        ),
        ("helper.find('helper.other')", "import importlib\nfind = importlib.import_module\n" + NEVER_CALLED),
        ("helper.go()", "async def work():\n    pass\n\ndef go():\n    work()\n"),
        ("helper.go()", "from subprocess import *\ndef go():\n    Popen(['true'])\n"),
        ("helper.go()", "def go():\n    import os\n    os.system('sleep 9 &')\n"),
        ("helper.send()", "from posthog import capture\ndef send():\n    capture('x')\n"),
        ("pass", "import sentry_sdk\n"),
        ("yield 1", ""),
        ("pass", "ADDRESS = 'http://localhost/2020-01-01/extension/register'\n"),
        ("pass", "def (:\n"),
    ],
)
def test_what_may_launch(tmp_path: Path, body: str, helper: str) -> None:
    assert reaches(tmp_path, body, helper)


@pytest.mark.parametrize(
    ("body", "helper"),
    [
        ("pass", NEVER_CALLED),
        ("helper.others()", NEVER_CALLED),
        ("getattr(helper, 'others', None)", NEVER_CALLED),
        ("helper.Job()", f"import threading\nclass Job:\n    def call(self):\n        {START}\n"),
        ("helper.go()", "def go():\n    return {'role': 'system', 'run': 'start'}\n"),
        ("helper.go('start')", 'def go(run):\n    """Call, and start."""\n    return run  # .start()\n'),
        ("helper.go(event)", "import re\ndef go(event):\n    return re.match('a', event).start()\n"),
        ("helper.go(event)", "def go(event):\n    return list(map(str, event))\n"),
        ("helper.go()", "from posthog import capture\ndef send():\n    capture('x')\ndef go():\n    pass\n"),
        ("helper.go()", "async def work():\n    pass\n\ndef go():\n    pass\n"),
        ("helper.JobError()", f"import threading\nclass JobError(ValueError):\n    def call(self):\n        {START}\n"),
    ],
)
def test_what_cannot(tmp_path: Path, body: str, helper: str) -> None:
    plain = "import helper\n\ndef handler(event, context):\n    {body}\n"
    assert not reaches(tmp_path, body, helper, plain)
