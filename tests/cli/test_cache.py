"""``lambda-lint cache``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_the_cache_is_shown_and_emptied(project: Path, run: Run) -> None:
    place = project / ".lambda-lint-cache"
    assert run("cache", "info").stdout == f"cache: {place}\nIt is empty.\n"
    assert run("cache", "clean").stdout == f"Deleted 0.0 MB from {place}.\n"
    run("-q")
    (place / "notes").write_text("mine")
    entries = len(list(place.rglob("*.module")))
    said = run("cache", "info", "orders").stdout
    assert said.startswith(f"cache: {place}\n") and " of 1 version take 0." in said and entries > 0
    assert run("cache", "clean").exit_code == 0
    assert sorted(path.name for path in place.rglob("*")) == [".gitignore", "CACHEDIR.TAG", "notes"]
    (place / "notes").unlink()
    run("cache", "clean")
    assert not place.exists()


def test_what_is_no_cache_is_left_alone(project: Path, run: Run) -> None:
    (project / "lambda-lint.toml").write_text('cache-dir = "orders"\n')
    for command in ("info", "clean"):
        done = run("cache", command)
        assert (done.exit_code, "holds files that are not the cache's" in done.stderr) == (2, True)
    assert (project / "orders/app.py").exists()
