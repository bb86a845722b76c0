"""Build the documentation site: `python docs/site.py [DIRECTORY]` (by default build/site). It needs `lambda-lint[docs]`, and no network.

The pages of this folder are taken as they are, with links that fit the site; the pages of rules, libraries and commands are made from
the rules, the models and the commands themselves. A link that leads nowhere, or a page that no menu shows, ends the build.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lint_lambda import HOMEPAGE, __version__
from lint_lambda.knowledge.describe import LANGUAGES, calls_of, listed
from lint_lambda.knowledge.loader import load_models
from lint_lambda.knowledge.models import Library
from lint_lambda.knowledge.rulebook import load_rules

REPOSITORY = "https://github.com/lambda-lint/lambda-lint"
SOURCE = f"{REPOSITORY}/blob/main"
_LINK = re.compile(r"(?<=\]\()(?!https?://|#|mailto:)([^)#\s]+)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)

MENU: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Start here", ("index.md", "start.md", "installation.md", "how-it-decides.md")),
    (
        "Use it",
        (
            "configuration.md",
            "commands.md",
            "output.md",
            "fixes.md",
            "deployments.md",
            "adapters.md",
            "durable-functions.md",
            "ci.md",
            "editors.md",
        ),
    ),
    ("Prove it", ("prove.md", "pytest.md", "scaffold.md")),
    ("Rules", ("rules.md",)),
    ("Libraries", ("libraries.md",)),
    (
        "Trust it",
        (
            "comparison.md",
            "limitations.md",
            "real-world.md",
            "agreement.md",
            "performance.md",
            "support.md",
            "changelog.md",
        ),
    ),
    ("Inside", ("api.md", "architecture.md", "analysis.md", "contributing.md")),
)
"""The menu, by its headings. The pages of rules and libraries follow theirs."""


def pages() -> dict[str, str]:
    """Every page by its path in the site."""
    found = {path.name: _moved(path.read_text(encoding="utf-8"), _from_docs) for path in (ROOT / "docs").glob("*.md")}
    found["changelog.md"] = _moved((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), _from_root)
    found["contributing.md"] = _moved((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), _from_root)
    found["commands.md"] = _commands()
    for rule in load_rules():
        found[f"rules/{rule.file_name}"] = _rule_page(ROOT / "rules" / rule.file_name)
    for library in listed(load_models()):
        found[f"libraries/{_slug(library)}.md"] = _library(library)
    return found


def _moved(text: str, target: Callable[[str], str]) -> str:
    """A page with links that fit the site; what stands in code blocks is none."""
    parts: list[str] = []
    position = 0
    for fence in _FENCE.finditer(text):
        parts += [_LINK.sub(lambda match: target(match[1]), text[position : fence.start()]), fence[0]]
        position = fence.end()
    return "".join([*parts, _LINK.sub(lambda match: target(match[1]), text[position:])])


def _from_docs(link: str) -> str:
    """A link in a page of this folder."""
    if link.startswith("../rules/LAM"):
        return link.removeprefix("../")
    known = {"../README.md": "index.md", "../CONTRIBUTING.md": "contributing.md", "../CHANGELOG.md": "changelog.md"}
    return known.get(link) or (f"{SOURCE}/{link.removeprefix('../')}" if link.startswith("../") else link)


def _from_root(link: str) -> str:
    return link.removeprefix("docs/") if link.startswith("docs/") else f"{SOURCE}/{link}"


def _rule_page(file: Path) -> str:
    """A rule's page: what its front matter says stands in a table."""
    rule = load_rules()[file.name[:6]]
    body = file.read_text(encoding="utf-8").split("+++\n", 2)[2]
    fates = ", ".join(fate.value for fate in rule.fates if fate.value != "unknown")
    facts = {"severity": rule.severity.value, "fate": fates, "since": rule.since}
    said = " · ".join(f"{name}: {value}" for name, value in facts.items() if value)
    return f"# {rule.code}: {rule.name}\n\n{said}\n{_moved(body, lambda link: link.replace('../docs/', '../'))}"


def _library(library: Library) -> str:
    parts = [f"# {library.name}\n\n{LANGUAGES[library.language]} · <{library.docs}>\n"]
    if library.verified:
        parts.append(f"\nVerified: {library.verified}.\n")
    for verb, calls in calls_of(library).items():
        parts.append(f"\n## {verb[0].upper()}{verb[1:]}\n\n" + "".join(f"- `{call}`\n" for call in calls))
    return "".join(parts)


def _slug(library: Library) -> str:
    return re.sub(r"\W+", "-", f"{library.language}-{library.name}").strip("-").lower()


def _commands() -> str:
    """The help of every command."""
    folder = ROOT / "lint_lambda" / "cli" / "help"
    files = sorted(folder.glob("*.txt"), key=lambda file: (file.stem != "lambda-lint", file.stem))
    parts = ["# Commands\n\nWhat `lambda-lint COMMAND --help` prints.\n"]
    for file in files:
        name = "lambda-lint" if file.stem == "lambda-lint" else f"lambda-lint {file.stem}"
        parts.append(f"\n## {name}\n\n```text\n{file.read_text(encoding='utf-8').rstrip()}\n```\n")
    return "".join(parts)


def menu(found: dict[str, str]) -> list[dict[str, list[object]]]:
    """The menu as mkdocs takes it."""
    more = {
        "Rules": [path for path in found if path.startswith("rules/")],
        "Libraries": [
            {LANGUAGES[language]: [path for path in found if path.startswith(f"libraries/{language}-")]}
            for language in LANGUAGES
        ],
    }
    return [{title: [*(name for name in names if name in found), *more.get(title, [])]} for title, names in MENU]


def settings(found: dict[str, str], source: Path, into: Path) -> dict[str, object]:
    """The settings of mkdocs: no font, no script and no picture comes from elsewhere."""
    return {
        "site_name": "lambda-lint",
        "site_url": os.environ.get("READTHEDOCS_CANONICAL_URL", HOMEPAGE),
        "site_description": "Find work in AWS Lambda handlers that is still pending when the response is sent.",
        "repo_url": REPOSITORY,
        "docs_dir": str(source),
        "site_dir": str(into),
        "nav": menu(found),
        "theme": {
            "name": "material",
            "font": False,
            "features": [
                "navigation.tabs",
                "navigation.indexes",
                "navigation.top",
                "toc.follow",
                "content.code.copy",
                "search.highlight",
            ],
            "palette": [
                {
                    "media": "(prefers-color-scheme: light)",
                    "scheme": "default",
                    "primary": "deep orange",
                    "toggle": {"icon": "material/weather-night", "name": "Dark"},
                },
                {
                    "media": "(prefers-color-scheme: dark)",
                    "scheme": "slate",
                    "primary": "deep orange",
                    "toggle": {"icon": "material/weather-sunny", "name": "Light"},
                },
            ],
        },
        "extra": {"generator": False, "version": __version__},
        "plugins": ["search"],
        "markdown_extensions": [
            "admonition",
            "attr_list",
            "tables",
            "pymdownx.superfences",
            {"pymdownx.highlight": {"anchor_linenums": True}},
            {"toc": {"permalink": True}},
        ],
        "validation": {
            "omitted_files": "warn",
            "absolute_links": "warn",
            "unrecognized_links": "warn",
            "anchors": "warn",
            "links": {"not_found": "warn"},
        },
    }


def build(into: Path) -> None:
    """Build the site. Raises `subprocess.CalledProcessError` where mkdocs has anything to complain about."""
    found = pages()
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "source"
        for path, text in found.items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_text(text, encoding="utf-8")
        shutil.copytree(ROOT / "docs" / "pictures", source / "pictures")
        configuration = Path(work) / "mkdocs.yml"
        configuration.write_text(json.dumps(settings(found, source, into.resolve())), encoding="utf-8")  # JSON is YAML
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", str(configuration)]
        subprocess.run(command, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})


def missing(found: dict[str, str]) -> Iterator[str]:
    """Pages that the menu names and that are not there yet."""
    yield from (name for _, names in MENU for name in names if name not in found)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site")
