"""The documentation site: built strictly and without a network, of pages that are as the code is now."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lint_lambda import check
from lint_lambda.config import Config
from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.settings import KEYS

ROOT = Path(__file__).parent.parent.parent
OWN = ("https://lambda-lint.readthedocs.io/", "https://github.com/lambda-lint/lambda-lint")


def script(name: str) -> Any:
    """One of the scripts in docs/."""
    specification = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert specification is not None and specification.loader is not None
    module = sys.modules.get(f"docs_{name}", ModuleType(name))
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_site_is_built_without_a_complaint_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="the site is built with lambda-lint[docs]")
    script("site").build(tmp_path / "site")
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"?(https?:[^\" >]*)", text)
        loaded += re.findall(
            r"<link\b[^>]*\brel=\"?(?:stylesheet|preconnect|icon)[^>]*\bhref=\"?(https?:[^\" >]*)", text
        )
        assert loaded == [], page.name
    rule = load_rules()["LAM201"]
    assert (
        tmp_path / "site" / "rules" / rule.file_name.removesuffix(".md") / "index.html"
    ).is_file()  # as `rule-url` says


def test_every_page_stands_in_the_menu_and_is_there() -> None:
    site = script("site")
    found = site.pages()
    shown = set(re.findall(r"[\w/-]+\.md", str(site.menu(found))))
    assert shown == found.keys()
    assert set(site.missing(found)) <= {"editors.md"}


def test_the_table_of_settings_is_the_code_s() -> None:
    settings = script("settings_index")
    assert settings.page() == settings.PAGE.read_text(encoding="utf-8"), "python docs/settings_index.py"
    assert all(f"| `{key}` |" in settings.table() for key in KEYS)


def test_the_pictures_show_what_is_printed() -> None:
    pictures = script("pictures")
    for name, drawn in pictures.pictures().items():
        kept = (pictures.PICTURES / f"{name}.svg").read_text(encoding="utf-8")
        assert _words(drawn) == _words(kept), "python docs/pictures.py"
        assert "url(" not in kept.replace("url(#", "")


def _words(drawn: str) -> list[str]:
    """The texts of a picture: where they stand differs with the version of rich."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawn)


def test_the_comparison_shows_its_example_and_what_the_linter_says_of_it() -> None:
    page = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    code = (ROOT / "docs" / "comparison" / "app.py").read_text(encoding="utf-8")
    assert f"```python\n{code}```" in page
    folder = ROOT / "docs" / "comparison"
    report = check([folder], Config(folder))
    found = [(each.location.span.line, each.code) for each in report.findings]
    assert found == [
        (int(line), code) for line, code in re.findall(r"^\| (\d+) \| [^|]* \| (LAM\d+) \|", page, re.MULTILINE)
    ]
    assert len(found) == 5
