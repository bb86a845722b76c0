"""A library is added by one TOML file: the one that CONTRIBUTING shows, and code that uses it."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.config import Config
from lint_lambda.engine import Request, check

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]


def shown() -> dict[str, Any]:
    """The TOML of the section "Adding a library"."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Adding a library")[2]
    match = re.search(r"```toml\n(.*?)```", section, re.DOTALL)
    assert match is not None
    return tomllib.loads(textwrap.dedent(match.group(1)))


@pytest.mark.parametrize(
    ("made", "then", "code"),
    [
        ("crane.Client(URL)", "pass", "LAM501"),
        ("crane.Client(URL)", "client.flush()", None),
        ("crane.Client(URL)", "client.flush(timeout=0.1)", "LAM501"),
        ("crane.Client(URL, sync=True)", "pass", None),
        ("Client()", "pass", None),  # another one of that name
    ],
)
def test_the_library_that_contributing_shows_is_understood(
    tmp_path: Path, made: str, then: str, code: str | None
) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        f"""import crane

class Client:
    def send(self, record):
        print(record)

URL = "https://example.com"
client = {made}

def handler(event, context):
    client.send(event)
    {then}
    return 1
""",
        encoding="utf-8",
    )
    report = check(Request([app], Config(root=tmp_path, library=(shown(),))))
    assert report.problems == ()
    assert [finding.code for finding in report.findings] == ([] if code is None else [code])


def test_what_the_user_says_of_a_call_stands_in_place_of_what_is_shipped(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        "import threading\n\n\ndef handler(event, context):\n    threading.Timer(5, print).start()\n    return 1\n",
        encoding="utf-8",
    )
    row = {"call": "threading.Timer.start", "kind": "client", "handle": "self"}
    own = {"library": {"name": "own", "docs": "https://example.com"}, "launch": [row]}
    config = Config(root=tmp_path, library=(own,))
    assert [finding.code for finding in check(Request([app], config)).findings] == ["LAM501"]
