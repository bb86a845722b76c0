"""One run of each fixture that the selected tests are about, shared by all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.oracle.ahead import Ahead
from tests.oracle.fixture import Fixture


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Iterator[Ahead]:
    about = (
        getattr(item, "callspec", None)
        for item in request.session.items
        if "results" in getattr(item, "fixturenames", ())
    )
    asked = (found.params.get("fixture") for found in about if found is not None)
    ahead = Ahead(fixture for fixture in asked if isinstance(fixture, Fixture))
    yield ahead
    ahead.close()
