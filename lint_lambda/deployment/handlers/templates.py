"""Find a function by the name that a deployment template gives it.

AWS SAM and CloudFormation (``template.yaml``, ``.yml``, ``.json``) and the Serverless Framework (``serverless.yml``, ``.yaml``,
``.json``). Only what stands in the template itself is read: what is put together when it is deployed (``!Sub``, ``${…}``) is
not guessed.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathspec import GitIgnoreSpec

MANAGED = "CapacityProviderConfig"
"""The property of a function that makes it run on a Managed Instance."""

FILES = frozenset(stem + suffix for stem in ("template", "serverless") for suffix in (".yaml", ".yml", ".json"))
_HELP = "help: name the file and its handler instead, as in path/to/app.py:handler"


class TemplateError(Exception):
    """A function cannot be told from the templates; the message names the file, where it can the line, and the remedy."""


@dataclass(frozen=True)
class Declared:
    """A function of a template: its file, its name in that file, and the directory that is deployed; absolute paths."""

    file: Path
    function: str
    task_root: Path


@dataclass(frozen=True)
class _Entry:
    """One function as a template has it; `runtime`, `handler` and `code` (what is deployed) may be anything, or None.

    `elsewhere` says what the code is when it is no directory; it is empty when it may be one. `managed`: it runs on a Managed
    Instance.
    """

    template: Path
    line: int | None
    names: tuple[str, ...]
    runtime: object
    handler: object
    code: object
    elsewhere: str
    managed: bool = False

    def place(self) -> str:
        return _place(self.template, self.line)


class _Table(dict[Any, Any]):
    """A mapping that knows on which line (from 1) each of its keys stands; it is empty for JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class _Computed:
    """A value with a tag of its own, as in ``!Ref Name``: known to the deployment only."""

    def __init__(self, tag: str) -> None:
        self.tag = tag


def find(name: str, directory: Path, root: Path, exclude: Sequence[str]) -> Declared | None:
    """The function called `name` (its logical name, or the one it gets in AWS) in the templates below `directory`.

    `exclude` are patterns in the language of ``.gitignore``, relative to `root`, which is `directory` or above it; both are
    absolute. None when no template says anything of such a name. Raises `TemplateError` when several do, when one that
    cannot be read may, when a name is close to it, and when the function's code is no Python file that is here.
    """
    problems: list[str] = []
    entries: list[_Entry] = []
    for template in _templates(directory, root, exclude, problems):
        try:
            entries += _entries(template)
        except TemplateError as error:  # it may be half written, and another template may hold the function
            problems.append(str(error))
    found = [entry for entry in entries if name in entry.names]
    if len(found) > 1:
        places = "\n".join(f"  {entry.place()}" for entry in found)
        raise TemplateError(
            f"several functions are called {name!r}:\n{places}\n{_HELP}, or run it in the template's directory"
        )
    if found:
        return _declared(found[0], name)
    known = {known: entry for entry in reversed(entries) for known in entry.names}
    close = difflib.get_close_matches(name, known, 1)
    if not close and not problems:
        return None
    lines = [f"no template declares a function {name!r}" + (f"; did you mean {close[0]}?" if close else "")]
    if close:
        lines.append(f"  {known[close[0]].place()}")
    if problems:
        lines += ["these could not be read:", *(f"  {problem}" for problem in problems)]
    raise TemplateError("\n".join([*lines, _HELP]))


def managed(template: Path) -> Iterator[Declared]:
    """The functions of one template that run on Managed Instances, as far as their code is here.

    Raises `TemplateError` when the template cannot be read.
    """
    for entry in _entries(template):
        if entry.managed:
            try:
                yield _declared(entry, entry.names[0])
            except TemplateError:
                continue  # its code is somewhere else, or not Python: none of what is checked


def _templates(directory: Path, root: Path, exclude: Sequence[str], problems: list[str]) -> Iterator[Path]:
    spec = GitIgnoreSpec.from_lines(exclude)

    def unreadable(error: OSError) -> None:
        problems.append(f"{_shown(Path(error.filename))}: cannot list this directory: {error.strerror}")

    def ignored(path: Path, end: str = "") -> bool:
        return spec.match_file(path.relative_to(root).as_posix() + end)

    for place, directories, files in os.walk(directory, onerror=unreadable):
        here = Path(place)
        directories[:] = sorted(
            inner
            for inner in directories
            if not ignored(here / inner, "/") and not (here / inner / "pyvenv.cfg").is_file()
        )
        for file in sorted(files):
            if file in FILES and not ignored(here / file):
                yield here / file


# --- reading ---------------------------------------------------------------------------------------------------------


def _entries(template: Path) -> Iterator[_Entry]:
    try:
        text = template.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{_shown(template)}: cannot be read: {error}") from error
    try:
        document = _json(template, text) if template.suffix == ".json" else _yaml(template, text)
    except RecursionError as error:
        raise TemplateError(f"{_shown(template)}: it is nested too deeply") from error
    if isinstance(document, dict):
        read = _serverless if template.stem == "serverless" else _cloudformation
        yield from read(template, text, document)


def _json(template: Path, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise TemplateError(f"{_place(template, line)}: not valid JSON: {error}") from error


def _yaml(template: Path, text: str) -> object:
    import yaml  # only here, as most runs read no template

    class Loader(yaml.SafeLoader):
        """Safe, as it constructs plain data only; tags that it does not know stand for what they compute."""

    def table(loader: Loader, node: yaml.MappingNode) -> Iterator[_Table]:
        made = _Table()
        yield made  # filled below: YAML lets it refer to itself
        loader.flatten_mapping(node)
        made.lines = {key.value: key.start_mark.line + 1 for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
        made.update(loader.construct_mapping(node))

    def computed(loader: Loader, node: yaml.Node) -> _Computed:
        return _Computed(node.tag)

    Loader.add_constructor("tag:yaml.org,2002:map", table)
    Loader.add_constructor(None, computed)
    try:
        return yaml.load(text, Loader)  # noqa: S506 a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        raise TemplateError(f"{_place(template, line)}: not valid YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:  # a ValueError comes of a date that does not exist
        raise TemplateError(f"{_shown(template)}: not valid YAML: {error}") from error


def _cloudformation(template: Path, text: str, document: dict[Any, Any]) -> Iterator[_Entry]:
    defaults = _table(_table(document.get("Globals")).get("Function"))
    resources = _table(document.get("Resources"))
    for name, resource in resources.items():
        resource = _table(resource)
        given = _table(resource.get("Properties"))
        if resource.get("Type") == "AWS::Serverless::Function":
            given = {**defaults, **given}
            code = given.get("CodeUri", ".")  # as `sam build` takes it
            inline = "InlineCode" in given
        elif resource.get("Type") == "AWS::Lambda::Function":
            code = given.get("Code")
            inline = "ZipFile" in _table(code)
        else:
            continue
        image = given.get("PackageType") == "Image"
        yield _Entry(
            template,
            _line(resources, name, text),
            _names(name, given.get("FunctionName")),
            runtime=given.get("Runtime"),
            handler=given.get("Handler"),
            code=code,
            elsewhere="a container image" if image else "written in the template" if inline else "",
            managed=MANAGED in given,
        )


def _serverless(template: Path, text: str, document: dict[Any, Any]) -> Iterator[_Entry]:
    runtime = _table(document.get("provider")).get("runtime")
    artifact = _table(document.get("package")).get("artifact")
    functions = document.get("functions")
    for group in functions if isinstance(functions, list) else [functions]:  # a list is merged
        for name, given in _table(group).items():
            given = _table(given)
            packed = _table(given.get("package")).get("artifact", artifact)
            yield _Entry(
                template,
                _line(_table(group), name, text),
                _names(name, given.get("name")),
                runtime=given.get("runtime", runtime),
                handler=given.get("handler"),
                code=given.get("module", "."),  # of serverless-python-requirements, with `package.individually`
                elsewhere="a container image" if "image" in given else f"the artifact {packed}" if packed else "",
            )


def _table(value: object) -> dict[Any, Any]:
    """`value` where it is a mapping; what stands in a mapping's place declares nothing."""
    return value if isinstance(value, dict) else {}


def _names(*given: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in given if isinstance(name, str)))


def _line(table: dict[Any, Any], key: object, text: str) -> int | None:
    if isinstance(table, _Table):
        return table.lines.get(str(key))
    match = re.search(rf"{re.escape(json.dumps(key))}\s*:", text)
    return text.count("\n", 0, match.start()) + 1 if match is not None else None


# --- from what is declared to a file ---------------------------------------------------------------------------------


def _declared(entry: _Entry, name: str) -> Declared:
    def fail(what: str) -> TemplateError:
        return TemplateError(f"{entry.place()}: {name}: {what}\n{_HELP}")

    if entry.elsewhere:
        raise fail(f"its code is {entry.elsewhere}, not a directory")
    if isinstance(entry.runtime, str) and not entry.runtime.startswith(("python", "provided", "$")):
        raise fail(f"its runtime is {entry.runtime}, not Python")
    if entry.code is None:
        raise fail("it names no code")
    code = _literal(entry.code)
    if code is None or code.startswith("s3://"):
        raise fail(f"its code ({_written(entry.code)}) is known to the deployment only")
    task_root = Path(os.path.realpath(entry.template.parent / code))
    if not task_root.is_dir():
        raise fail(f"its code is {code}, which is not a directory")
    handler = _literal(entry.handler)
    if handler is None:
        raise fail("it has no handler" if entry.handler is None else f"its handler is {_written(entry.handler)}")
    module, dot, function = handler.rpartition(".")
    parts = [part for part in re.split("[./]", module) if part]  # Lambda takes either separator
    if not dot or not parts or not function:
        raise fail(f"its handler is {handler!r}; module.function is expected")
    inside = task_root.joinpath(*parts)
    for file in (inside / "__init__.py", inside.with_name(f"{inside.name}.py")):  # as in Python, the package wins
        if file.is_file():
            return Declared(file, function, task_root)
    raise fail(f"its handler is {handler}, but {_shown(inside)}.py does not exist")


def _literal(value: object) -> str | None:
    return value if isinstance(value, str) and "${" not in value and "\0" not in value else None


def _written(value: object) -> str:
    if isinstance(value, _Computed):
        return f"{value.tag} …"
    if isinstance(value, dict):
        return ", ".join(map(str, value))
    return repr(value) if isinstance(value, str) and not value.isprintable() else str(value)


def _place(template: Path, line: int | None) -> str:
    return _shown(template) if line is None else f"{_shown(template)}:{line}"


def _shown(path: Path) -> str:
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
