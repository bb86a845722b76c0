"""A function is a process: what another function's modules set up does not hold for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import Report, Request, check

SENTRY = """\
import sentry_sdk
from sentry_sdk.integrations.aws_lambda import AwsLambdaIntegration

sentry_sdk.init(dsn="https://k@example.org/1"{arguments})

def handler(event, context):
    sentry_sdk.capture_message("seen")
"""
POSTHOG = """\
import posthog

posthog.api_key = "k"
{setting}

def handler(event, context):
    posthog.capture("seen", distinct_id="u")
"""
BUGSNAG = """\
import bugsnag

bugsnag.configure(api_key="k"{arguments})

def handler(event, context):
    bugsnag.notify(ValueError("seen"))
"""
LOSES_AND_WAITS = [
    (SENTRY.format(arguments=""), SENTRY.format(arguments=", integrations=[AwsLambdaIntegration()]")),
    (POSTHOG.format(setting=""), POSTHOG.format(setting="posthog.sync_mode = True")),
    (BUGSNAG.format(arguments=""), BUGSNAG.format(arguments=", asynchronous=False")),
]


def report(root: Path, files: dict[str, str]) -> Report:
    for name, text in {"lambda-lint.toml": "", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return check(Request([root], load_config(root)))


@pytest.mark.parametrize(("loses", "waits"), LOSES_AND_WAITS, ids=["sentry", "posthog", "bugsnag"])
@pytest.mark.parametrize("first", ["billing", "orders"])
def test_a_neighbour_s_set_up_acquits_nobody(tmp_path: Path, loses: str, waits: str, first: str) -> None:
    second = "users"
    code = {f"{first}/app.py": waits, f"{second}/app.py": loses}
    assert [finding.location.path for finding in report(tmp_path, code).findings] == ["users/app.py"]
    swapped = {f"{first}/app.py": loses, f"{second}/app.py": waits}
    assert [finding.location.path for finding in report(tmp_path, swapped).findings] == [f"{first}/app.py"]


def test_what_both_import_holds_for_both(tmp_path: Path) -> None:
    files = {"boot.py": "import posthog\nposthog.sync_mode = True\n"}
    code = "import boot\n" + POSTHOG.format(setting="")
    assert report(tmp_path, {**files, "a/app.py": code, "b/app.py": code}).findings == ()


def test_functions_that_share_a_launch_are_told_together(tmp_path: Path) -> None:
    shared = "import threading\n\ndef start():\n    threading.Thread(target=print).start()\n"
    code = "import shared\n\ndef handler(event, context):\n    shared.start()\n"
    files = {"shared.py": shared, "a/app.py": code, "b/app.py": code + "import json\n", "b/extra.py": ""}
    [finding] = report(tmp_path, files).findings
    assert finding.handlers == ("a/app.py:handler", "b/app.py:handler")


TEMPLATE = """\
Resources:
  Orders: {Type: "AWS::Serverless::Function", Properties: {Handler: app.orders, Runtime: python3.12}}
  Billing: {Type: "AWS::Serverless::Function", Properties: {Handler: app.billing, Runtime: python3.12}}
"""
LISTENERS = """\
import threading

listeners = []

def start():
    threading.Thread(target=print).start()

def {first}(event, context):
    {one}

def {second}(event, context):
    {other}
"""


@pytest.mark.parametrize("names", [("billing", "orders"), ("orders", "billing")])
def test_declared_functions_of_one_file_are_processes_of_their_own(tmp_path: Path, names: tuple[str, str]) -> None:
    """What one handler sets up for its own process is not there in the other's."""
    does = {"billing": "listeners.append(start)", "orders": "[each() for each in listeners]"}
    first, second = names
    code = LISTENERS.format(first=first, second=second, one=does[first], other=does[second])
    assert report(tmp_path, {"template.yaml": TEMPLATE, "app.py": code}).findings == ()
    both = code.replace("[each()", "listeners.append(start); [each()")
    [finding] = report(tmp_path, {"app.py": both}).findings
    assert finding.handlers == ("app.py:orders",)
