"""The machine format: what an LSP client would read."""

from __future__ import annotations

import json
from typing import Any

from lsprotocol import converters, types

from lint_lambda.core.finding import Confidence, Severity
from lint_lambda.output import json as output
from tests.output.sample import APP, FIXES, SOURCES, THREAD, context, finding

CONVERTER = converters.get_converter()


def published(text: str) -> list[types.PublishDiagnosticsParams]:
    """What an LSP implementation makes of the output."""
    return [CONVERTER.structure(params, types.PublishDiagnosticsParams) for params in json.loads(text)]


def test_an_lsp_implementation_reads_it() -> None:
    [params] = published(output.render([THREAD], context(SOURCES)))
    [diagnostic] = params.diagnostics
    assert params.uri == "file:///project/app.py"
    assert diagnostic.range == types.Range(types.Position(8, 4), types.Position(8, 59))
    assert diagnostic.severity is types.DiagnosticSeverity.Error
    assert diagnostic.code == "LAM201"
    assert diagnostic.code_description == types.CodeDescription("https://example.org/LAM201")
    assert diagnostic.source == "lambda-lint"
    assert diagnostic.message == "thread `send_mail` is frozen when `handler` returns"
    related = diagnostic.related_information or ()
    assert [(r.message, r.location.uri, r.location.range.start.line) for r in related] == [
        ("the handler", "file:///project/app.py", 7),
        ("the response goes out here", "file:///project/app.py", 9),
    ]


def test_nothing_is_lost_between_it_and_the_protocol() -> None:
    """What the protocol's own types write back is what was written: no key is misspelt or misplaced."""
    [written] = json.loads(output.render([finding(SOURCES, "Thread(target", fixes=FIXES)], context(SOURCES)))
    again = CONVERTER.unstructure(CONVERTER.structure(written, types.PublishDiagnosticsParams))
    assert again == written


def test_data_holds_what_the_protocol_has_no_word_for() -> None:
    [[diagnostic]] = [p["diagnostics"] for p in output.published([THREAD], context(SOURCES))]
    assert diagnostic["data"] == {
        "name": "orphan-thread",
        "fate": "frozen",
        "confidence": "high",
        "handlers": ["app.py:handler"],
        "help": ["wait for it before the response: `t.join()`", "hand the work to a queue"],
        "fingerprint": "0123456789abcdef",
        "fixes": [],
    }


def test_a_fix_is_a_code_action_with_its_applicability() -> None:
    found = finding(SOURCES, "Thread(target", fixes=FIXES)
    edit, advice = _data(output.render([found], context(SOURCES)))["fixes"]
    action = CONVERTER.structure(edit, types.CodeAction)
    assert action.edit is not None
    assert action.edit.changes is not None
    [change] = action.edit.changes["file:///project/app.py"]
    assert (change.range.start, change.new_text) == (types.Position(8, 4), "t = ")
    assert edit["applicability"] == "unsafe"
    assert (advice["applicability"], "edit" in advice) == ("display", False)
    CONVERTER.structure(advice, types.CodeAction)


def _data(text: str) -> Any:
    return json.loads(text)[0]["diagnostics"][0]["data"]


def test_columns_are_counted_in_utf16() -> None:
    source = 's = "🦀é"; start()\n'
    [params] = published(output.render([finding({"app.py": source}, "start()")], context({"app.py": source})))
    start = params.diagnostics[0].range.start
    assert start.character == len('s = "') + 2 + 1 + len('"; ')  # the crab is a surrogate pair


def test_severities_are_the_protocol_s() -> None:
    numbers = {}
    for severity in Severity:
        [params] = published(output.render([finding(SOURCES, "Thread(target", severity=severity)], context(SOURCES)))
        numbers[severity] = params.diagnostics[0].severity
    assert numbers == {
        Severity.ERROR: types.DiagnosticSeverity.Error,
        Severity.WARNING: types.DiagnosticSeverity.Warning,
        Severity.INFORMATION: types.DiagnosticSeverity.Information,
    }


def test_one_entry_a_file_in_order() -> None:
    sources = {"b.py": APP, "a b/ü.py": APP}
    found = [finding(sources, "Thread(target", path) for path in ("b.py", "a b/ü.py", "b.py")]
    params = published(output.render(found, context(sources)))
    assert [(p.uri, len(p.diagnostics)) for p in params] == [
        ("file:///project/a%20b/%C3%BC.py", 1),
        ("file:///project/b.py", 2),
    ]


def test_nothing_found_is_an_empty_array() -> None:
    assert json.loads(output.render([], context({}))) == []


def test_a_finding_about_no_launch_has_a_null_fate() -> None:
    found = finding(SOURCES, "from threading", fate=None, confidence=Confidence.MEDIUM)
    data = _data(output.render([found], context(SOURCES)))
    assert (data["fate"], data["confidence"]) == (None, "medium")
