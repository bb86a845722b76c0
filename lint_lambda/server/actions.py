"""Code actions: every fix of a finding, also those that need a module first; ignoring it; and all safe fixes of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from lint_lambda.core.finding import Applicability, Edit, Finding, Fix
from lint_lambda.core.record import dataclass
from lint_lambda.core.source import Location, Span
from lint_lambda.engine import after_response
from lint_lambda.engine.live import View
from lint_lambda.engine.room import with_room
from lint_lambda.engine.run import finding_key
from lint_lambda.ignores.adding import CannotIgnore, may_be_ignored, with_ignores
from lint_lambda.knowledge.texts import say
from lint_lambda.output import json as dialect
from lint_lambda.output.context import Context
from lint_lambda.scaffold import EXTENSION, SOURCES
from lint_lambda.server.documents import lines_of
from lint_lambda.server.showing import Data

FIX_ALL = "source.fixAll.lambda-lint"
"""The kind of the action that makes all safe fixes of a file."""

Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Change:
    """One action: `edits` of files, before which the files `new` are written. `safe` changes nothing but the loss."""

    title: str
    edits: tuple[Edit, ...]
    new: tuple[tuple[str, str], ...] = ()
    safe: bool = False


@with_room
def changes(view: View, finding: Finding, step: Step) -> list[Change]:
    """What can be done about a finding, best first."""
    tried = view.fixes(finding, step)
    found = [_fix(finding, fix) for fix in tried if fix.edits]
    if any(not fix.edits for fix in tried):
        found += _with_module(view, finding, {fix.edits for fix in tried}, step)
    ignored = _ignore(view, finding)
    return found if ignored is None else [*found, ignored]


def _fix(finding: Finding, fix: Fix, new: tuple[tuple[str, str], ...] = ()) -> Change:
    title = say("editor.fix", title=_capital(fix.title), code=finding.code)
    return Change(title, fix.edits, new, fix.applicability is Applicability.SAFE)


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]


def _with_module(view: View, finding: Finding, known: set[tuple[Edit, ...]], step: Step) -> list[Change]:
    """The fixes that there are once the module for work after the response is written next to the handler."""
    original = view.originals.get(finding_key(finding))
    if original is None or original.intent is None or original.intent.managed:
        return []
    missing = after_response.missing(original.intent.handler.path)
    [name] = EXTENSION
    path = (PurePosixPath(missing.directory) / name).as_posix()
    if path in view.run.project.every_file:
        return []
    content = (SOURCES / name).read_bytes()
    there = view.with_file(path, content).fixes(finding, step)
    new = ((path, content.decode()),)
    return [
        Change(say("editor.fix-with-module", title=_capital(fix.title), code=finding.code, file=path), fix.edits, new)
        for fix in there
        if fix.edits and fix.edits not in known
    ]


def _ignore(view: View, finding: Finding) -> Change | None:
    """A comment that silences the finding; None where no comment can."""
    path = finding.location.path
    if not may_be_ignored(finding) or path not in view.run.project.every_file:
        return None
    before = view.run.program.text(path)
    try:
        after = with_ignores(path, before, [finding], say("editor.ignore-reason"))
    except CannotIgnore:
        return None
    return Change(say("editor.ignore", code=finding.code), (least(path, before, after),))


@with_room
def fix_all(view: View, path: str, step: Step) -> Change | None:
    """All safe fixes of one file, made one after the other; None where there is none."""
    from lint_lambda.engine import fixing

    run = view.stepping(step)
    originals = [each for each in view.originals.values() if each.location.path == path]
    fixed = fixing.fix_files(run, view.points.files, originals, frozenset({Applicability.SAFE}))
    edits = []
    for name, (before, after) in sorted(fixed.files.items()):
        try:
            edits.append(least(name, before.decode("utf-8"), after.decode("utf-8")))
        except UnicodeDecodeError:
            return None
    return Change(say("editor.fix-all"), tuple(edits), safe=True) if edits else None


def least(path: str, before: str, after: str) -> Edit:
    """The one edit of whole lines that makes `after` of `before`."""
    old, new = lines_of(before), lines_of(after)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    end = (len(old) - tail + 1, 0) if tail else (len(old), len(old[-1]))
    return Edit(path, Span(head + 1, 0, *end), "".join(new[head : len(new) - tail]))


def as_action(change: Change, about: Context, known: Sequence[Data], *, kind: str, versions: bool) -> Data:
    """An action as LSP has it. `known`: the diagnostics it is for. `versions`: the editor takes changes of documents."""
    action: Data = {"title": change.title, "kind": kind, "diagnostics": list(known), "isPreferred": change.safe}
    per_file: dict[str, list[Data]] = {}
    for edit in change.edits:
        replaced = {"range": dialect.range_of(Location(edit.path, edit.span), about), "newText": edit.text}
        per_file.setdefault(edit.path, []).append(replaced)
    if not versions:
        return {**action, "edit": {"changes": {about.uri(path): edits for path, edits in per_file.items()}}}
    made: list[Data] = []
    for path, text in change.new:
        made.append({"kind": "create", "uri": about.uri(path), "options": {"ignoreIfExists": True}})
        start = {"line": 0, "character": 0}
        written = {"range": {"start": start, "end": start}, "newText": text}
        made.append({"textDocument": {"uri": about.uri(path), "version": None}, "edits": [written]})
    for path, edits in per_file.items():
        made.append({"textDocument": {"uri": about.uri(path), "version": None}, "edits": edits})
    return {**action, "edit": {"documentChanges": made}}
