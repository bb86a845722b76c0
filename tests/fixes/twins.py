"""The twins: what `--fix --unsafe-fixes` makes of the fixtures with findings, as fixtures of their own.

    python -m tests.fixes.twins             say which twins differ from what the fixes make now
    python -m tests.fixes.twins --write     write them; read the difference, then run them in the sandbox

The twin of `X.py` is `X.fixed.py`, that of a folder `X/` is `X.fixed/`. It holds the fixed code; of the expectations, no
finding is left, and every probe that was late or lost is done. So the ordinary runners lint it and run it.
A fixture that keeps a finding, because a fix is not to be had, has no twin.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from lint_lambda.config import load_config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, check, fix
from tests.oracle.fixture import Fixture, discover

FIXTURES = Path(__file__).parent.parent / "fixtures"
ALLOWED = frozenset({Applicability.SAFE, Applicability.UNSAFE})


def originals() -> Iterator[Fixture]:
    """The fixtures that expect a finding. Those of ignores lose on purpose, on other lines, what is ignored there."""
    return (
        fixture
        for fixture in discover(FIXTURES)
        if fixture.expected and ".fixed" not in str(fixture.path) and FIXTURES / "ignores" not in fixture.path.parents
    )


def made(fixture: Fixture) -> dict[Path, str] | None:
    """The files of the twin by path; None when a finding is left."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        original = place(fixture)
        if fixture.root is None:
            shutil.copyfile(fixture.path, folder / "app.py")
        else:
            shutil.copytree(original, folder, dirs_exist_ok=True)
        (folder / "lambda-lint.toml").write_text("\n".join(fixture.config), encoding="utf-8")
        request = Request([folder], load_config(folder))
        fixed = fix(request, ALLOWED)
        for path, (_, after) in fixed.files.items():
            (folder / path).write_bytes(after)
        if not fixed.files or check(request).findings:
            return None
        if fixture.root is None:
            return {twin(original): _expectations((folder / "app.py").read_bytes().decode())}
        return {
            twin(original) / file.relative_to(folder): _expectations(file.read_bytes().decode())
            for file in sorted(folder.rglob("*.py"))
        }


def place(fixture: Fixture) -> Path:
    """The fixture's file or folder."""
    area, behaviour = fixture.path.relative_to(FIXTURES).parts[:2]
    return FIXTURES / area / behaviour


def twin(original: Path) -> Path:
    return original.with_name(f"{original.stem}.fixed{original.suffix}")


def _expectations(text: str) -> str:
    """Expectations of a fixture whose work is all done: no finding, no loss."""
    text = re.sub(r"[ \t]*# expect:[^\r\n]*", "", text)
    return re.sub(r"(?m)^# oracle:([^\r\n]*)", _all_done, text)


def _all_done(line: re.Match[str]) -> str:
    said: Mapping[str, str] = dict(part.partition("=")[::2] for part in line[1].split())
    done = [said[key] for key in ("done", "late", "lost") if said.get(key)]
    return "# oracle:" + (f" done={','.join(done)}" if done else "")


def main() -> int:
    write = "--write" in sys.argv[1:]
    wrong = twinned = 0
    fixtures = list(originals())
    for fixture in fixtures:
        original = place(fixture)
        before = existing(twin(original))
        after = made(fixture) or {}
        twinned += bool(after)
        if before == after:
            continue
        wrong += 1
        print(twin(original).relative_to(FIXTURES))
        if write:
            for path in before.keys() - after.keys():
                path.unlink()
            for path, text in after.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
    print(f"{twinned} of {len(fixtures)} fixtures with findings have a twin")
    return 0 if write else min(wrong, 1)


def existing(place: Path) -> dict[Path, str]:
    """The files of a twin that is there."""
    files = [place] if place.is_file() else sorted(place.rglob("*.py"))
    return {file: file.read_bytes().decode() for file in files}


if __name__ == "__main__":
    sys.exit(main())
