"""Every fixture with a finding has its twin, or a fix is refused for a reason; the twins are what the fixes make now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lint_lambda.core.finding import Applicability
from lint_lambda.knowledge.texts import say
from tests.fixes import twins
from tests.oracle.fixture import FIXTURES, Fixture, read
from tests.test_fixtures import observed

ORIGINALS = list(twins.originals())


def mend(fixture: Fixture) -> str:
    """What to do when a twin is not what the fixes make."""
    name = fixture.name(FIXTURES)
    return f"run `python -m tests.fixes.twins --write {name}`, read the difference, and run both in the sandbox"


@pytest.mark.parametrize("fixture", ORIGINALS, ids=lambda fixture: fixture.name(FIXTURES))
def test_the_twin_is_what_the_fix_makes(fixture: Fixture) -> None:
    twin = twins.twin(twins.place(fixture), ".fixed")
    written = twins.existing(twin)

    def is_known(files: Mapping[Path, str]) -> bool:
        """Whether the twin has been linted as the fixture that it is, and nothing was found. A folder holds more than its sources."""
        return fixture.root is None and files == written and not observed(read(twin))["found"]

    assert written == (twins.made(fixture, ".fixed", is_known) or {}), mend(fixture)


@pytest.mark.parametrize(("way", "name"), [(way, name) for way, names in twins.OTHERS.items() for name in names])
def test_the_other_twin_is_what_the_fix_makes_that_defers(way: str, name: str) -> None:
    [fixture] = [fixture for fixture in ORIGINALS if fixture.name(FIXTURES) == name]
    made = twins.made(fixture, way)
    assert made and twins.existing(twins.twin(twins.place(fixture), way)) == made, mend(fixture)


@pytest.mark.parametrize("way", twins.OTHERS)
def test_there_is_no_other_twin_but_those(way: str) -> None:
    there = {path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob(f"*/*{way}*")}
    assert {path.replace(way, "").removesuffix(".py") for path in there} == set(twins.OTHERS[way])


def test_most_findings_have_a_fix_or_a_stated_reason_for_none() -> None:
    # A fixture with a twin is checked above to have the fix that makes it; the others are asked here.
    without = [fixture for fixture in ORIGINALS if not twins.existing(twins.twin(twins.place(fixture), ".fixed"))]
    total, answered = len(ORIGINALS), len(ORIGINALS) - len(without)
    for fixture in without:
        findings = twins.reported(fixture)
        # Of several ways out the first is the one to wait, or to mend what was misused.
        answered += all(say("refusals.none-holds") not in finding.fixes[0].title for finding in findings)
        for offered in (each for finding in findings for each in finding.fixes):
            assert (offered.applicability is Applicability.DISPLAY) == (offered.edits == ())
    assert answered / total >= 0.8
