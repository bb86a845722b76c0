"""A response that carries a job's identifier: its caller does not want to wait for the job."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, check, fix

MINTED = """\
import threading
import uuid


def handler(event, context):
    job_id = str(uuid.uuid4())
    threading.Thread(target=print, args=(job_id,)).start()
    return {"jobId": job_id}
"""


@pytest.mark.parametrize(
    ("old", "new", "waits"),
    [
        ("", "", False),
        ("str(uuid.uuid4())", 'event["id"]', True),  # the caller knows it already
        ('{"jobId": job_id}', "200", True),  # the caller never hears of it
        ("args=(job_id,)", "args=(event,)", True),  # the work never hears of it
    ],
)
def test_only_what_the_caller_can_ask_for_later_is_not_waited_for(
    tmp_path: Path, old: str, new: str, waits: bool
) -> None:
    (tmp_path / "app.py").write_text(MINTED.replace(old, new) if old else MINTED)
    request = Request([tmp_path], Config(root=tmp_path), fixes=True)
    (finding,) = check(request).findings
    titles = [each.title for each in finding.fixes]
    assert any("the response contains `job_id`" in title for title in titles) is not waits, titles
    made = fix(request, frozenset({Applicability.SAFE, Applicability.UNSAFE}))
    assert list(made.files) == (["app.py"] if waits else [])
