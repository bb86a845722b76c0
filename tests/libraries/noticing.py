"""Which fixture noticed last that a row of the library models was cut: it is asked first the next time.

    python -m tests.libraries.noticing --write crane    find one for each row of that library that has none, or whose own notices no more
    python -m tests.libraries.noticing --write          the same for all libraries, which takes long

The file beside this one, `noticing.txt`, has a line for each row: what `Cut.key` makes of what the row says, and the fixture. It only
saves time. A row that is new, or whose fixture has ceased to notice, is looked for among all the fixtures.
"""

from __future__ import annotations

import argparse
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
    from tests.libraries.test_every_row_matters import TABLES, cuts, noticed_by

    parser = argparse.ArgumentParser(
        "python -m tests.libraries.noticing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("libraries", nargs="*", metavar="LIBRARY", help="as its file is named")
    parser.add_argument("--write", action="store_true", help="write noticing.txt")
    options = parser.parse_args()
    if unknown := sorted(set(options.libraries) - TABLES.keys()):
        parser.error(f"rules/libraries/python has no {', '.join(f'{name}.toml' for name in unknown)}")
    pytest_configure()
    asked = [cut for cut in cuts() if not options.libraries or cut.stem in options.libraries]
    found: dict[str, str] = {}
    try:
        for cut in asked:
            with tempfile.TemporaryDirectory() as folder:
                name = noticed_by(cut, Path(folder))
            if name is None:
                print(f"no fixture notices {cut}")
            else:
                found[cut.key] = name
    finally:
        pytest_unconfigure()
    print(f"{len(found)} of {len(asked)} rows are noticed")
    if options.write:
        others = noticing() if options.libraries else {}
        lines = (f"{key} {name}\n" for key, name in sorted({**others, **found}.items()))
        FILE.write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
