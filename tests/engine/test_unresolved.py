"""Imports that find no file of the project are said, and what may hang on them is not sure."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.core.finding import Role
from lint_lambda.engine import Report, Request, check

HANDLER = """\
import threading

from shared.mailer import send

def handler(event, context):
    threading.Thread(target=send).start()
"""


def report(root: Path, files: dict[str, str]) -> Report:
    for name, text in {"lambda-lint.toml": "", "shared/__init__.py": "", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return check(Request([root], load_config(root)))


def test_the_run_says_what_was_not_found_and_whom_it_concerns(tmp_path: Path) -> None:
    found = report(tmp_path, {"orders/app.py": HANDLER, "users/app.py": HANDLER})
    assert found.warnings == (
        "`shared.mailer`, imported by orders/app.py:3, was not found; 2 handlers are affected: set `source-roots`",
    )
    assert found.problems == ()


def test_a_finding_that_may_hang_on_it_is_not_sure(tmp_path: Path) -> None:
    [finding] = report(tmp_path, {"app.py": HANDLER}).findings
    assert finding.confidence.label == "medium"
    [note] = [related for related in finding.related if related.role is Role.NOTE]
    assert (note.location.span.line, note.message) == (3, "`shared.mailer` was not found, and may change this")


def test_one_that_does_not_is(tmp_path: Path) -> None:
    other = "import threading\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n"
    report_ = report(tmp_path, {"app.py": other, "orders/app.py": HANDLER})
    assert [finding.confidence.label for finding in report_.findings] == ["high", "medium"]


def test_what_is_buffered_hangs_on_all_that_the_handler_loads(tmp_path: Path) -> None:
    setup = "from shared.telemetry import start\n\nstart()\n"
    code = "import boot\nimport posthog\n\ndef handler(event, context):\n    posthog.capture('x')\n"
    [finding] = report(tmp_path, {"app.py": code, "boot.py": setup}).findings
    assert finding.confidence.label == "medium"


def test_handlers_that_are_not_parsed_are_counted_too(tmp_path: Path) -> None:
    quiet = "from shared.nothing import x\n\ndef handler(event, context):\n    return x\n"
    assert "1 handler is affected" in report(tmp_path, {"app.py": quiet}).warnings[0]


def test_scripts_that_launch_nothing_are_counted_too(tmp_path: Path) -> None:
    answers = "exports.handler = (event, context, callback) => {\n  callback(null, { statusCode: 200 });\n};\n"
    done = report(tmp_path, {"app.js": answers, "other.js": "exports.add = (one, two) => one + two;\n"})
    assert (done.handlers, done.warnings) == (1, ())


@pytest.mark.parametrize(
    "statement",
    [
        "try:\n    from shared.fast import x\nexcept ImportError:\n    x = None",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shared.types import x",
        "from shared import x",
        "import requests.nothing",
        "text = '''\nfrom shared.doc import x\n'''",
        "from shared.api_pb2 import x",
        "from . import __version__",
    ],
)
def test_what_need_not_be_there_is_not_missed(tmp_path: Path, statement: str) -> None:
    code = f"{statement}\n\ndef handler(event, context):\n    return 1\n"
    assert report(tmp_path, {"app.py": code}).warnings == ()


@pytest.mark.parametrize("ignored", ["", "*.txt\n", "requirements*\n"])
def test_a_dependency_is_not_taken_for_a_file_of_its_name(tmp_path: Path, ignored: str) -> None:
    files = {
        ".gitignore": ignored,
        "requirements.txt": "celery==5.3\n",
        "config/__init__.py": "",
        "config/celery.py": "",
    }
    code = "from celery.schedules import crontab\n\ndef handler(event, context):\n    return crontab\n"
    assert report(tmp_path, {**files, "app.py": code}).warnings == ()


def test_where_a_guess_was_made_it_can_be_read(tmp_path: Path) -> None:
    found = report(tmp_path, {"app.py": HANDLER, "a/b/shared/mailer.py": "def send(): ...\n"})
    assert found.warnings == ()
    assert found.notes == ("`shared.mailer`, imported in ., resolved to a/b, which nothing declares as an import root",)


def scripts(root: Path, files: dict[str, str]) -> Report:
    handler = "exports.handler = async () => {\n  send();\n  return 1;\n};\n"
    return report(root, {"app.js": 'const { send } = require("./built/mailer");\n' + handler, **files})


def test_a_script_that_is_not_found_is_said(tmp_path: Path) -> None:
    assert scripts(tmp_path, {}).warnings == (
        "`./built/mailer`, imported by app.js:1, was not found; 1 handler is affected, and what it does is not known",
    )


@pytest.mark.parametrize(
    "there", ["built/mailer.ts", "built/mailer/index.js", "built/mailer.d.ts", "built/mailer.json"]
)
def test_a_script_that_is_there_is_not(tmp_path: Path, there: str) -> None:
    assert scripts(tmp_path, {there: "{}"}).warnings == ()


@pytest.mark.parametrize(
    "line",
    [
        'import type { A } from "./types";',
        '// import { a } from "./old";',
        'import data from "./data.json";',
        'import dayjs from "dayjs";',
        'import { db } from "./generated/client";',
    ],
)
def test_what_loads_no_code_of_the_project_is_not(tmp_path: Path, line: str) -> None:
    code = f"{line}\nexport const handler = async () => 1;\n"
    assert report(tmp_path, {"app.ts": code}).warnings == ()


def test_an_alias_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    files = {
        "tsconfig.json": '{"compilerOptions": {"paths": {"@libs/*": ["src/libs/*"]}}}',
        "app.ts": 'import { a } from "@libs/a";\nimport { b } from "@libs/b";\nexport const handler = async () => a(b);\n',
        "src/libs/a.ts": "export const a = () => 1;\n",
    }
    [said] = report(tmp_path, files).warnings
    assert said.startswith("`@libs/b`, imported by app.ts:2, was not found")


def test_a_layer_brings_a_file(tmp_path: Path) -> None:
    client = 'const { SQSClient } = require("@aws-sdk/client-sqs");\nexports.client = new SQSClient();\n'
    handler = 'const { client } = require("/opt/clients");\nexports.handler = async () => {\n  client.send({});\n  return 1;\n};\n'
    found = report(tmp_path, {"functions/a/app.js": handler, "layers/shared/nodejs/clients.js": client})
    assert [(finding.code, finding.location.span.line) for finding in found.findings] == [("LAM102", 3)]
    assert found.warnings == ()
