"""Reads fixtures: runnable Lambdas that say what becomes of their work, to the sandbox and to the linter.

A fixture is `<area>/<behaviour>.py`, or a folder `<area>/<behaviour>/` with an `app.py`. Its docstring is one sentence.
Between the docstring and the first line of code stand header comments, each `# key: value`:

    # lambda: handler=NAME event=JSON     one invocation, in order, all in one sandbox; both parts may be left out
    # oracle: done=a,b late=c lost=d errors=Runtime.MarshalError     what that invocation does to the probes
    # static-only: REASON                 instead of the two: no probe can show it
    # requires: python>=3.11 | DISTRIBUTION | DISTRIBUTION<VERSION (or >=)
    # timeout: SECONDS                    that of an invocation which is to time out, 5 when left out
    # patience: SECONDS                   the timeout of an invocation that waits it out and answers, two minutes when left out
    # root: DIRECTORY                     of a folder: the task root inside it
    # scaffold: extension | hook          the module that `lambda-lint scaffold` writes stands in the task root
    # serve: COMMAND                      a web server on $PORT, behind the web adapter; events then name path and method
    # config: TOML                        settings for the linter; `target` is the sandbox's too
    # once: REASON                        its invocations cannot be made again, so that those of its fix are made once
    # runtime: nodejs24.x                 of a Node function: the runtime it is deployed as, in a template; unknown when left out
On the line of a launch stands what the linter must say there, several separated by `;`:

    # expect: CODE fate=FATE confidence=LEVEL        # ok: CODE reason
    # missed: CODE #n    # false: CODE #n            a known wrong answer of the linter, and its issue

What a fix makes of a fixture, `X.fixed.py` and its kin, is a fixture too. Its invocations are made three times over in its sandbox, as a fix
has to hold cold, warm and warm again.

A Node function is the same in JavaScript or TypeScript: its file ends in .js, .mjs, .cjs or .ts (`app.js` in a folder), its comments
begin with `//`, and the first of them is the sentence. It has one handler.
"""

from __future__ import annotations

import ast
import io
import json
import re
import shlex
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lint_lambda.emulator.frames import parsed
from lint_lambda.scaffold import EXTENSION, HOOK, write

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FIXTURES = Path(__file__).parent.parent / "fixtures"

WAYS = (".fixed", ".deferred", ".hooked")
"""What the names of fixtures end in that fixes have made."""

TURNS = 3
"""How often the invocations of a fix are made: what it leaves behind shows in the second, what it takes away in the second and third."""

SCAFFOLDS = {"extension": EXTENSION, "hook": HOOK}
COMMENTS = {".py": "#", ".js": "//", ".mjs": "//", ".cjs": "//", ".ts": "//"}
"""What a fixture's file may end in, and how a comment begins in it."""
KEYS = (
    "lambda",
    "oracle",
    "static-only",
    "requires",
    "timeout",
    "patience",
    "root",
    "scaffold",
    "serve",
    "config",
    "runtime",
    "once",
)
_HEADER = re.compile(rf"({'|'.join(KEYS)}):\s*(.*)\Z")
_MARK = re.compile(r"(?:#|//)\s*(expect|ok|missed|false):\s*(.*)\Z")
_CODE = re.compile(r"LAM\d{3}\Z")


PATIENCE = 120.0
"""Seconds after which what should come soon is given up: a limit, so that a run fails instead of hanging."""


class BadFixture(Exception):
    """A fixture that does not follow the form; the message begins with file:line."""


@dataclass(frozen=True)
class Invocation:
    """One `# lambda:` line with its `# oracle:` line. Probe names are in the order given."""

    handler: str
    event: Any
    done: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    errors: str | None = None


@dataclass(frozen=True)
class Mark:
    """`kind` is expect, ok, missed or false; `line` is 1-based; `rest` is a reason, or an issue (`#12`)."""

    kind: str
    file: Path
    line: int
    code: str
    fate: str | None = None
    confidence: str | None = None
    rest: str = ""


@dataclass(frozen=True)
class Fixture:
    """`path` is the file with the header; `root` is its task root, None for a single file, which is one by itself."""

    path: Path
    sentence: str
    files: tuple[Path, ...]
    root: Path | None
    invocations: tuple[Invocation, ...]
    marks: tuple[Mark, ...]
    static_only: str | None = None
    requires: tuple[str, ...] = ()
    timeout: float = 5.0
    patience: float = PATIENCE
    config: tuple[str, ...] = ()
    scaffold: str = ""
    serve: str = ""
    folder: Path | None = None
    runtime: str = ""

    @property
    def is_node(self) -> bool:
        return self.path.suffix != ".py"

    @property
    def app(self) -> str:
        """The name of its file in its task root."""
        return f"app{self.path.suffix}"

    @property
    def place(self) -> Path:
        """Its file or its folder."""
        return self.folder or self.path

    def write_scaffold(self, task_root: Path) -> None:
        """Put the module that it asks for into a copy of its task root."""
        if self.scaffold:
            write(SCAFFOLDS[self.scaffold], task_root)

    def template(self) -> str:
        """A template that deploys it as its runtime."""
        named = self.invocations[0].handler if self.invocations else "handler"
        properties = f"{{CodeUri: ., Handler: app.{named}, Runtime: {self.runtime}}}"
        return (
            "Transform: AWS::Serverless-2016-10-31\n"
            f"Resources: {{Fixture: {{Type: AWS::Serverless::Function, Properties: {properties}}}}}\n"
        )

    @property
    def managed(self) -> bool:
        """Whether its configuration puts it on Lambda Managed Instances, where nothing is frozen."""
        return "managed-instances" in [tomllib.loads(line).get("target") for line in self.config]

    @property
    def times_out(self) -> bool:
        return any(said.errors == "Sandbox.Timedout" for said in self.invocations)

    @property
    def expected(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.kind == "expect")

    @property
    def claims_loss(self) -> bool:
        """Whether its marks say that work is lost. What the linter is known to get wrong counts as the truth is."""
        return any(mark.kind in ("expect", "missed") for mark in self.marks)

    @property
    def claims_repeats_only(self) -> bool:
        """Whether all that its marks say is that work is done again."""
        return self.claims_loss and all(
            mark.fate == "repeats" for mark in self.marks if mark.kind in ("expect", "missed")
        )

    def name(self, below: Path) -> str:
        """Its path below the fixtures' directory, without the suffix of a file."""
        named = self.folder or self.path.with_suffix("")
        return named.relative_to(below).as_posix()


def discover(*places: Path) -> Iterator[Fixture]:
    """Every fixture at or below `places`, sorted by path. Raises BadFixture.

    A directory that holds an `app.py` (`app.js` …), itself or in the directory its header names as root, is one fixture.
    """
    for place in places:
        if place.is_file():
            yield read(place)
            continue
        app = _app_of(place)
        if app is not None:
            yield _read_folder(place, app)
            continue
        for entry in sorted(place.iterdir()):
            if entry.is_dir() and not entry.name.startswith((".", "__")):
                yield from discover(entry)
            elif entry.suffix in COMMENTS and entry.name != "__init__.py":
                yield read(entry)


@cache
def every() -> tuple[Fixture, ...]:
    """All fixtures there are. They are read once in each process, however many modules ask for them."""
    return tuple(discover(FIXTURES))


def is_fix(place: Path) -> bool:
    """Whether a fixture's file or folder is what a fix has made of another."""
    return (place.stem if place.suffix in COMMENTS else place.name).endswith(WAYS)


def read(path: Path) -> Fixture:
    """The single-file fixture `path`, or the folder fixture whose `app.py` it is. Raises BadFixture."""
    if path.stem == "app":
        for folder in (path.parent, *path.parents[1:3]):
            if _app_of(folder) == path:
                return _read_folder(folder, path)
    return _read(path, None, (path,))


def _app_of(folder: Path) -> Path | None:
    found = (app for pattern in ("app.*", "*/app.*") for app in sorted(folder.glob(pattern)) if app.suffix in COMMENTS)
    for app in found:
        root = next((value for _, key, value in _header(app)[1] if key == "root"), None)
        if app.parent == (folder / root if root else folder):
            return app
    return None


def _read_folder(folder: Path, app: Path) -> Fixture:
    files = [file for file in folder.rglob("*") if COMMENTS.get(file.suffix) == COMMENTS[app.suffix]]
    files.sort(key=lambda file: (file.parent != folder, file))
    return _read(app, app.parent, tuple(files), folder)


def _read(path: Path, root: Path | None, files: tuple[Path, ...], folder: Path | None = None) -> Fixture:
    sentence, header = _header(path)
    values: dict[str, list[str]] = {key: [] for key in KEYS}
    lambdas: list[tuple[int, str]] = []
    oracles: list[str] = []
    for line, key, value in header:
        values[key].append(value)
        if key == "lambda":
            lambdas.append((line, value))
        elif key == "oracle":
            oracles.append(value)
            if len(oracles) != len(lambdas):
                raise BadFixture(f"{path}:{line}: an `# oracle:` line follows each `# lambda:` line")
    if len(oracles) != len(lambdas):
        raise BadFixture(f"{path}:{lambdas[-1][0]}: this `# lambda:` line has no `# oracle:` line")
    static_only = values["static-only"][0] if values["static-only"] else None
    if bool(lambdas) == (static_only is not None):
        raise BadFixture(f"{path}:1: either `# lambda:` and `# oracle:` lines, or one `# static-only:` line, is needed")
    timeout, patience = (_seconds(path, key, values[key]) for key in ("timeout", "patience"))
    scaffold = values["scaffold"][0] if values["scaffold"] else ""
    invocations = tuple(_invocation(path, line, said, oracle) for (line, said), oracle in zip(lambdas, oracles))
    if is_fix(folder or path) and not values["once"] and not any(said.errors for said in invocations):
        invocations *= TURNS
    if scaffold and scaffold not in SCAFFOLDS:
        raise BadFixture(f"{path}:1: `# scaffold:` takes {' or '.join(SCAFFOLDS)}, not {scaffold!r}")
    return Fixture(
        path=path,
        sentence=sentence,
        files=files,
        root=root,
        invocations=invocations,
        marks=tuple(mark for file in files for mark in _marks(file)),
        static_only=static_only,
        requires=tuple(values["requires"]),
        timeout=5.0 if timeout is None else timeout,
        patience=PATIENCE if patience is None else patience,
        config=tuple(values["config"]),
        scaffold=scaffold,
        serve=values["serve"][0] if values["serve"] else "",
        folder=folder,
        runtime=values["runtime"][0] if values["runtime"] else "",
    )


def _seconds(path: Path, key: str, said: list[str]) -> float | None:
    try:
        return float(said[0]) if said else None
    except ValueError as error:
        raise BadFixture(f"{path}:1: `# {key}:` takes seconds, not {said[0]!r}") from error


def _header(path: Path) -> tuple[str, list[tuple[int, str, str]]]:
    """The sentence and (line, key, value) of the header. Reads no further than the first line of code."""
    text = path.read_text(encoding="utf-8")
    sentence, found = _python_header(text) if path.suffix == ".py" else _node_header(text)
    if not sentence:
        raise BadFixture(f"{path}:1: the docstring, one sentence that names the behaviour, is missing")
    return sentence, found


def _node_header(text: str) -> tuple[str, list[tuple[int, str, str]]]:
    sentence, found = "", []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.removeprefix("//").strip()
        if line.strip() and not line.startswith("//"):
            break
        match = _HEADER.match(said)
        if match:
            found.append((number, match[1], match[2].strip()))
        else:
            sentence = sentence or said
    return sentence, found


def _python_header(text: str) -> tuple[str, list[tuple[int, str, str]]]:
    sentence, found = "", []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                match = _HEADER.match(token.string[1:].lstrip())
                if match:
                    found.append((token.start[0], match[1], match[2].strip()))
            elif token.type == tokenize.STRING and not sentence:
                sentence = (ast.get_docstring(parsed(token.string), clean=False) or "").strip()
            elif token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING):
                break
    except tokenize.TokenError:
        pass  # a file that is not Python, which fixtures of LAM900 are; what was read before it stands
    return sentence, found


def _invocation(path: Path, line: int, said: str, oracle: str) -> Invocation:
    match = re.fullmatch(r"(?:handler=(\S+))?\s*(?:event=(.*))?", said)
    if match is None:
        raise BadFixture(f"{path}:{line}: `# lambda: handler=NAME event=JSON` is expected, not {said!r}")
    try:
        event = json.loads(match[2]) if match[2] else {}
    except ValueError as error:
        raise BadFixture(f"{path}:{line}: the event is not JSON: {error}") from error
    probes: dict[str, tuple[str, ...]] = {}
    errors = None
    for part in oracle.split():
        key, equals, names = part.partition("=")
        if key == "errors" and names:
            errors = names
        elif key in ("done", "late", "lost") and equals:
            probes[key] = tuple(name for name in names.split(",") if name)
        else:
            raise BadFixture(f"{path}:{line + 1}: `done=`, `late=`, `lost=` or `errors=` is expected, not {part!r}")
    return Invocation(match[1] or "handler", event, errors=errors, **probes)


def _marks(file: Path) -> Iterator[Mark]:
    marker = COMMENTS[file.suffix]
    for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        starts = [found.start() for found in re.finditer(rf"{marker}\s*(?:expect|ok|missed|false):", text)]
        for position, end in zip(starts, [*starts[1:], len(text)]):
            match = _MARK.match(text[position:end].rstrip())
            assert match is not None
            kind, said = match.groups()
            for part in said.split(";") if kind == "expect" else [said]:
                yield _mark(file, number, kind, part.strip())


def _mark(file: Path, line: int, kind: str, said: str) -> Mark:
    code, *words = shlex.split(said) if kind == "expect" else said.split()[:1] or [""]
    if not _CODE.match(code):
        raise BadFixture(f"{file}:{line}: `# {kind}:` is followed by a code, not {code!r}")
    if kind != "expect":
        return Mark(kind, file, line, code, rest=said[len(code) :].strip())
    given: dict[str, str] = {}
    for word in words:
        key, _, value = word.partition("=")
        if key not in ("fate", "confidence") or not value:
            raise BadFixture(f"{file}:{line}: `fate=` or `confidence=` is expected after the code, not {word!r}")
        given[key] = value
    return Mark(kind, file, line, code, **given)
