"""A helper that puts its handle into a list of its caller, who waits for it on some paths."""

from __future__ import annotations

from pathlib import Path

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, check, fix

HELPER = """\
import threading


def begin(item, threads):
    thread = threading.Thread(target=print, args=(item,))
    threads.append(thread)
    thread.start()


def handler(event, context):
    threads = []
    for item in event["items"]:
        begin(item, threads)
        if item == "bad":
            return 400
    for thread in threads:
        thread.join()
    return 200
"""


def test_the_caller_who_waits_on_other_paths_is_the_one_to_wait(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HELPER)
    request = Request([tmp_path], Config(root=tmp_path), fixes=True)
    (finding,) = check(request).findings
    assert finding.code == "LAM201"
    titles = [each.title for each in finding.fixes]
    assert any("`threads` comes from the caller" in title for title in titles), titles
    assert fix(request, frozenset({Applicability.SAFE, Applicability.UNSAFE})).files == {}


def test_a_list_of_its_own_is_waited_for_in_the_function(tmp_path: Path) -> None:
    own = HELPER.replace("def begin(item, threads):\n", "def begin(item, threads):\n    threads = []\n")
    (tmp_path / "app.py").write_text(own)
    request = Request([tmp_path], Config(root=tmp_path))
    assert list(fix(request, frozenset({Applicability.SAFE, Applicability.UNSAFE})).files) == ["app.py"]
