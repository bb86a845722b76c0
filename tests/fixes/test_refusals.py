"""Where no fix is written, the finding says which call or edit a person has to make: by its name in the source, or in the model."""

from __future__ import annotations

import re

import pytest

from lint_lambda.core.finding import Finding
from tests.fixes import twins
from tests.oracle.fixture import FIXTURES, Fixture

WITHOUT = [each for each in twins.originals() if not twins.existing(twins.twin(twins.place(each), ".fixed"))]
QUOTED = re.compile(r"`([^`]+)`")
SAYS_NOTHING = frozenset({"async", "await", "finally", "return", "with"})


def named(finding: Finding) -> set[str]:
    """What the first remedy, and the reason for no fix, quote: but for the handler, the function, and words of the language."""
    text = " ".join((*finding.help[:1], *(each.title for each in finding.fixes)))
    handlers = {each.rpartition(":")[2] for each in finding.handlers}
    return set(QUOTED.findall(text)) - handlers - SAYS_NOTHING


@pytest.mark.parametrize("fixture", WITHOUT, ids=lambda fixture: fixture.name(FIXTURES))
def test_a_finding_without_a_fix_names_what_is_to_be_written(fixture: Fixture) -> None:
    for finding in twins.reported(fixture):
        assert finding.intent is None or finding.fixes, f"{finding.code}: neither a fix nor a reason for none"
        if finding.intent is not None and not any(each.edits for each in finding.fixes):
            assert named(finding), (finding.help, [each.title for each in finding.fixes])
