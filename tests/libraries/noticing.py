"""Which fixture noticed last that a row of the library models was cut: it is asked first the next time.

    python -m tests.libraries.noticing --write      find one for each row that has none, or whose own is no longer the first to notice

The file beside this one, `noticing.txt`, has a line for each row: what `Cut.key` makes of what the row says, and the fixture. It only
saves time. A row that is new, or whose fixture has ceased to notice, is looked for among all the fixtures.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".txt")


@cache
def noticing() -> Mapping[str, str]:
    """The fixture by the key of the cut."""
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.exists() else []
    return dict(line.split(" ", 1) for line in lines)


def main() -> int:
    from tests.conftest import pytest_configure, pytest_unconfigure
    from tests.libraries.test_every_row_matters import cuts, noticed_by

    pytest_configure()
    found: dict[str, str] = {}
    try:
        for cut in cuts():
            with tempfile.TemporaryDirectory() as folder:
                name = noticed_by(cut, Path(folder))
            if name is None:
                print(f"no fixture notices {cut}")
            else:
                found[cut.key] = name
    finally:
        pytest_unconfigure()
    print(f"{len(found)} rows are noticed")
    if "--write" in sys.argv[1:]:
        FILE.write_text("".join(f"{key} {name}\n" for key, name in sorted(found.items())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
