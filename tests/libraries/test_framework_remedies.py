"""A framework's own way to do slow work is a fact of its model, and the first remedy of a finding in what the framework calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.core.finding import Applicability, Finding
from lint_lambda.engine import Request, check

BOLT = """
import threading

from slack_bolt import App
from slack_bolt.adapter.aws_lambda import SlackRequestHandler

app = App(process_before_response={before})


@app.event("app_mention")
def mention(ack, event):
    ack()
    threading.Thread(target=print, args=(event["text"],)).start()


def handler(event, context):
    return SlackRequestHandler(app=app).handle(event, context)
"""
FLASK = """
import threading

from flask import Flask

app = Flask(__name__)


@app.route("/campaigns")
def send():
    threading.Thread(target=print).start()
    return "sent"
"""
CHALICE = FLASK.replace("from flask import Flask", "from chalice import Chalice").replace(
    "Flask(__name__)", 'Chalice(app_name="shop")'
)
FASTAPI = """
import threading

from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.post("/orders")
def order():
    threading.Thread(target=print).start()
    return "sent"


handler = Mangum(app)
"""


def findings(folder: Path, program: str, settings: object = None) -> list[Finding]:
    (folder / "app.py").write_text(program, encoding="utf-8")
    if settings is not None:
        (folder / "zappa_settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return list(check(Request([folder], load_config(folder), fixes=True)).findings)


@pytest.mark.parametrize("before", [True, False])
def test_a_listener_of_slack_bolt_gets_a_lazy_listener_and_never_a_join(tmp_path: Path, before: bool) -> None:
    found = findings(tmp_path, BOLT.format(before=before))
    assert found
    for finding in found:
        assert "lazy=[…]" in finding.help[0]
        said = " ".join((*finding.help, *(fix.title for fix in finding.fixes)))
        assert "join" not in said and "process_before_response" not in said
        assert finding.fixes[0].applicability is Applicability.DISPLAY


@pytest.mark.parametrize(
    ("program", "settings", "remedy"),
    [
        (FLASK, {"production": {"app_function": "app.app"}}, "`@task` of `zappa.asynchronous`"),
        (CHALICE, None, "`@app.on_sns_message(…)`"),
        (FASTAPI, None, "`BackgroundTasks`"),
    ],
    ids=["zappa", "chalice", "fastapi"],
)
def test_a_view_gets_the_framework_s_way_first(tmp_path: Path, program: str, settings: object, remedy: str) -> None:
    (finding,) = findings(tmp_path, program, settings)
    assert remedy in finding.help[0]
    assert "join" in " ".join(finding.help[1:])


def test_where_no_framework_calls_there_is_only_the_rule_s_remedy(tmp_path: Path) -> None:
    program = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n"
    (finding,) = findings(tmp_path, program)
    assert "join" in finding.help[0]
