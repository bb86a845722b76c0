"""Findings on small sources, made without the analysis: renderers must not care where findings come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lint_lambda.core.finding import Applicability, Confidence, Edit, Fate, Finding, Fix, Related, Role, Severity
from lint_lambda.core.source import Location, Span
from lint_lambda.output.context import Context

ROOT = Path("/project")

APP = """\
from threading import Thread


def send_mail(user):
    ...


def handler(event, context):
    Thread(target=send_mail, args=(event["user"],)).start()
    return {"statusCode": 201}
"""


def context(sources: Mapping[str, str], directory: Path = ROOT) -> Context:
    return Context(ROOT, sources.get, lambda code: f"https://example.org/{code}", directory)


def where(sources: Mapping[str, str], path: str, needle: str) -> Location:
    """The place of the first `needle` in a file."""
    text = sources[path]
    start = text.index(needle)
    end = start + len(needle)
    return Location(path, Span(*_position(text, start), *_position(text, end)))


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1)


def finding(sources: Mapping[str, str], needle: str, path: str = "app.py", **changes: object) -> Finding:
    """A frozen thread at `needle`, reached by `handler` if the source has one."""
    related = []
    if "def handler" in sources[path]:
        related.append(Related(Role.HANDLER, where(sources, path, "handler"), "the handler"))
    if "return" in sources[path]:
        response = where(sources, path, sources[path][sources[path].index("return") :].split("\n")[0])
        related.append(Related(Role.RETURN, response, "the response goes out here"))
    values: dict[str, object] = {
        "code": "LAM201",
        "name": "orphan-thread",
        "severity": Severity.ERROR,
        "confidence": Confidence.HIGH,
        "message": "thread `send_mail` is frozen when `handler` returns",
        "location": where(sources, path, needle),
        "fate": Fate.FROZEN,
        "handlers": ("app.py:handler",),
        "related": tuple(related),
        "help": ("wait for it before the response: `t.join()`", "hand the work to a queue"),
        "fingerprint": "0123456789abcdef",
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


SOURCES = {"app.py": APP}
THREAD = finding(SOURCES, 'Thread(target=send_mail, args=(event["user"],)).start()')
FIXES = (
    Fix("Join the thread", Applicability.UNSAFE, (Edit("app.py", Span(9, 4, 9, 4), "t = "),)),
    Fix("Send it to a queue", Applicability.DISPLAY),
)
