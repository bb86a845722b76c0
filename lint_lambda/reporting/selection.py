"""Which rule objects to which verdicts: one finding for each launch and rule, and findings that are about no launch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext

from lint_lambda.core import ir
from lint_lambda.core.finding import Confidence, Finding
from lint_lambda.core.record import replace
from lint_lambda.core.remedy import NOTHING_KNOWN, Remedy
from lint_lambda.core.source import Location
from lint_lambda.core.verdict import Place, Verdict
from lint_lambda.knowledge.rules import Rule, Rules
from lint_lambda.reporting.fingerprints import fingerprint, with_fingerprints
from lint_lambda.reporting.naming import Bodies
from lint_lambda.reporting.wording import Case, Locate, Sources, general_remedies, remedies


def findings(
    verdicts: Iterable[Verdict],
    rules: Rules,
    locate: Locate,
    source: Callable[[str], str],
    module: Callable[[str], ir.Module | None],
    remedy: Callable[[Verdict], Remedy] = lambda verdict: NOTHING_KNOWN,
    guard: Callable[[str, str], AbstractContextManager[object]] = lambda item, doing: nullcontext(),
) -> list[Finding]:
    """One finding for each launch and rule, sorted by place.

    `locate` gives the span of a place, `source` the text of a file, `module` its lowered form, and `remedy` what the library
    models know to help. A launch may have
    several verdicts under one rule (cancelled for one handler, frozen for another): the most certain one is reported,
    and it names all the handlers. `guard` is held around what makes one finding. Raises `LookupError` for a verdict that no
    rule claims.
    """
    groups: dict[tuple[Place, str], list[Verdict]] = {}
    for verdict in verdicts:
        rule = rules.select(verdict.kind, verdict.fate, verdict.reason)
        groups.setdefault((verdict.launch, rule.code), []).append(verdict)
    sources, bodies = Sources(source), Bodies(module)
    found = []
    for (_, code), group in groups.items():
        group.sort(key=lambda verdict: -verdict.confidence)
        handlers = {str(handler): handler for verdict in group for handler in verdict.handlers}
        verdict = replace(group[0], handlers=tuple(handlers.values()))
        with guard(verdict.launch.path, f"telling of {code}"):
            case = Case(verdict, rules[code], locate, sources, bodies, remedy(verdict))
            found.append((case.finding(), verdict.function, case.launch_text))
    return with_fingerprints(found)


def about_no_launch(
    rule: Rule,
    location: Location,
    *,
    subject: str = "",
    problem: str = "",
    hint: str = "",
    ordinal: int = 0,
    confidence: Confidence = Confidence.HIGH,
) -> Finding:
    """A finding of a rule that claims no launch, with the values of its placeholders.

    `ordinal` distinguishes equal findings of one file, for the fingerprint.
    """
    values = {"subject": subject, "problem": problem, "hint": hint}
    return Finding(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        confidence=confidence,
        message=rule.message.format_map(values),
        location=location,
        help=remedies(rule, values),
        general=general_remedies(rule),
        fingerprint=fingerprint(rule.code, "", f"{subject}\n{problem}", ordinal),
    )
