"""What constructs of the CDK, in whichever language, say of functions: from a call with its arguments to a `Function`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.deployment.files import Files, folder, join, upward
from lint_lambda.deployment.inline import as_code
from lint_lambda.deployment.locating import Located, locate
from lint_lambda.deployment.model import Declarations, Declared, Function, Inline, Lifetime, Trouble
from lint_lambda.deployment.readers import images
from lint_lambda.deployment.readers.cloudformation import WEB_ADAPTER, layer_folders
from lint_lambda.deployment.sources import ENDINGS
from lint_lambda.deployment.values import (
    PROJECT,
    SPREAD,
    Made,
    Quoted,
    Unknown,
    Value,
    items,
    number,
    table,
    text,
    texts,
    written,
)

_RUNTIME = re.compile(r"(?i)(python|nodejs|java|ruby|go|dotnet|provided)_?(\w*)")
_UNITS = {"millis": 0.001, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86400.0}
_DURATION = re.compile(r"(\d+) (second|minute|hour)s?")
_TEST = re.compile(
    r"(?:^|/)(?:__tests__/|(?:unit[-_]?)?tests?/(?:.*/)?[^/]*$|test_[^/]*\.py$|[^/]*\.(?:test|spec)\.\w+$)"
)
_HANDLER = re.compile(r"[A-Za-z_][\w./-]*\.[A-Za-z_]\w*")
_ASSETS = frozenset(
    {
        "fromAsset",
        "asset",
        "fromDockerBuild",
        "fromCustomCommand",
        "FileArchive",
        "AssetCode",
        "fromImageAsset",
        "fromAssetImage",
    }
)
_ASSET = "/asset"
"""The folder of an image that `fromDockerBuild` takes unless it is told of another."""
_INLINE = frozenset({"fromInline", "inline", "InlineCode"})
_IMAGES = frozenset({"DockerImageFunction"})
_BESIDE = frozenset({"from_asset", "Runtime", "Alias", "EventSourceMapping", "LambdaIntegration", "addMethod"})
_LAYERS = frozenset({"LayerVersion", "PythonLayerVersion"})


@dataclass(slots=True)
class Code:
    """Where a function's code is, as far as it has been made out."""

    roots: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    placed: tuple[tuple[str, str], ...] = ()
    rearranged: bool = False
    entries: tuple[str, ...] = ()
    inline: Inline | None = None
    image: images.Described | None = None
    elsewhere: str = ""
    archive: str = ""
    unmade: str = ""
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Site:
    """The file that constructs stand in: relative paths are seen from `home`, the directory of the application."""

    path: str
    files: Files
    format: Literal["cdk", "pulumi", "sst"] = "cdk"

    @property
    def homes(self) -> list[str]:
        """Directories that a relative path may be seen from, the likeliest first: that of ``cdk.json``, the file's, those above."""
        above = list(upward(folder(self.path)))
        marks = ("cdk.json", "Pulumi.yaml", "sst.json", "sst.config.ts")
        apps = [d for d in above if any(self.files.is_file(f"{d}/{mark}" if d else mark) for mark in marks)]
        return list(dict.fromkeys([*apps, *above]))

    def place(self, path: str) -> str | None:
        """The project's file or folder that a path means; None where there is none."""
        if path.startswith(PROJECT):
            whole = join("", path[len(PROJECT) :].lstrip("/") or ".")
            return whole if whole is not None and self._is_here(whole) else None
        places = (join(home, path) for home in self.homes)
        return next((place for place in places if place is not None and self._is_here(place)), None)

    def nominal(self, path: str) -> str:
        """Where a path that leads to nothing would lead."""
        place = join("", path[len(PROJECT) :].lstrip("/")) if path.startswith(PROJECT) else join(self.homes[0], path)
        return place or ""

    def lacks(self, path: str | None) -> str:
        """How it is said of a folder that it is not here."""
        return self.files.lacks(self.nominal(path) if path is not None else None)

    def _is_here(self, path: str) -> bool:
        return self.files.is_file(path) or self.files.is_directory(path)


def functions(site: Site, constructs: Iterable[Made]) -> Iterator[Function]:
    """The functions that constructs make."""
    for made in constructs:
        function = _function(site, made)
        if function is not None:
            yield function
        for given in made.named.values():
            if isinstance(given, dict) and given.keys() >= {"handler", "code"}:  # a pattern that makes it of these
                inner = _function(site, replace(made, name="Function", named={**given}))
                if inner is not None:
                    yield inner


def is_test(path: str) -> bool:
    """Whether a file tests programs of infrastructure: what it puts together is not deployed."""
    return _TEST.search(path) is not None


class Program(Protocol):
    """A program of infrastructure."""

    too_much: dict[str, None]

    def constructs(self) -> Iterator[tuple[str, Made]]:
        """Every call with its arguments, and the file it stands in."""


def read_program(
    files: Files, program: Program, found: Declarations, format_: Literal["cdk", "pulumi", "sst"] = "cdk"
) -> None:
    """Add the functions that a program makes, and say where it comes to more than is followed."""
    found.functions += all_functions(files, program.constructs(), format_)
    what = "its loops and calls come to more than is followed; some functions may be missing"
    found.troubles += [Trouble(path, 0, what) for path in program.too_much]


def all_functions(
    files: Files, found: Iterable[tuple[str, Made]], format_: Literal["cdk", "pulumi", "sst"] = "cdk"
) -> list[Function]:
    """The functions that a program's constructs make, each once, however many ways of the program lead to it.

    Of what a call makes that may call one of several, only that counts whose code is here, if any is.
    """
    kept: dict[tuple[object, ...], Function] = {}
    perhaps: dict[tuple[object, ...], list[Function]] = {}
    for path, made in found:
        for function in functions(Site(path, files, format_), [made]):
            key = (function.declared, function.names, function.handler, function.roots)
            if made.perhaps:
                perhaps.setdefault(function.names[-1:], []).append(function)
            else:
                kept.setdefault(key, function)
    for choices in perhaps.values():
        here = [function for function in choices if isinstance(locate(function, files), Located)]
        for function in here or choices:
            kept.setdefault((function.declared, function.names, function.handler, function.roots), function)
    return list(kept.values())


def _function(site: Site, made: Made) -> Function | None:
    last = made.last
    if last in _BESIDE:
        return None
    if last == "CallbackFunction":
        return _finished(
            site, made, None, Code(), ["its handler is a function of the program itself, which is not analysed"]
        )
    code = made.get("code")
    if last in _IMAGES or (last == "Function" and isinstance(code, Made) and "Image" in code.last):
        return _of_image(site, made)
    if last in ("PythonFunction", "NodejsFunction") or made.get("entry") is not None:
        return _of_entry(site, made)
    handler = made.get("handler")
    if handler is None or not (
        last.endswith("Function") or made.get("code") is not None or _HANDLER.fullmatch(text(handler) or "")
    ):
        return None
    if last in ("addMethod", "LambdaIntegration") or (text(handler) is None and not last.endswith("Function")):
        return None
    place = Code()
    if code is not None:
        _read_code(site, code, place)
    else:
        if last != "Function":
            _guess_code(site, made, text(handler) or "", place)
        if not place.roots and not last.endswith("Function"):
            return None
        place.unknown += [] if place.roots else ["it names no code"]
    return _finished(site, made, text(handler), place, [] if text(handler) else [f"its handler is {written(handler)}"])


def _of_entry(site: Site, made: Made) -> Function | None:
    """`PythonFunction`: a folder, a file in it (``index.py``), a name in that (``handler``)."""
    runtime = runtime_of(made.get("runtime"))
    if made.last == "NodejsFunction" or (runtime or "").startswith("nodejs"):
        return _of_source(site, made, runtime or "nodejs")
    if made.last != "PythonFunction" and not (runtime or "").startswith("python"):
        return None
    entry, code = text(made.get("entry")), Code()
    index = text(made.get("index")) or "index.py"
    name = text(made.get("handler")) or "handler"
    place = site.place(entry) if entry is not None else None
    if SPREAD in made.named and (made.get("index") is None or made.get("handler") is None):
        code.unknown.append(f"its handler is in {written(made.named[SPREAD])}, which is known only at deployment time")
    if place is None:
        code.unknown.append(f"its code is {written(made.get('entry'))}, {site.lacks(entry)}")
    else:
        code.roots = (place,)
    return _finished(site, made, f"{index.removesuffix('.py')}.{name}", code, [])


def _of_source(site: Site, made: Made, runtime: str) -> Function:
    """`NodejsFunction`: a source file, by default the one beside the stack's with the construct's name, and a name in it."""
    code, entry = Code(), text(made.get("entry"))
    names = _names(made)
    if entry is None and made.get("entry") is None and names:
        entry = f"{PROJECT}{site.path.rpartition('.')[0]}.{names[0]}"
    places = [site.place(f"{entry}{ending}") for ending in ("", *ENDINGS)] if entry is not None else []
    place = next((each for each in places if each is not None and site.files.is_file(each)), None)
    if place is not None:
        code.entries = (place,)
    else:
        code.unknown.append(f"its code is {written(made.get('entry'))}, which is no file of this project")
    name = text(made.get("handler")) or "handler"
    function = _finished(site, made, name if "." in name else f"index.{name}", code, [])
    return replace(function, runtime=runtime)


def _of_image(site: Site, made: Made) -> Function:
    code = Code()
    given = made.get("code")
    if isinstance(given, Made):
        context = text(given.get("directory", position=0))
        options = given.arguments[-1] if given.arguments and isinstance(given.arguments[-1], dict) else given.named
        command = [text(word) or "" for word in items(options.get("cmd"))]
        place = site.place(context) if context is not None else None
        if place is not None:
            code.image = images.find(site.files, place, text(options.get("file")), command)
    if code.image is None:
        code.elsewhere = "a container image, whose Dockerfile is not here"
    return _finished(site, made, None, code, [])


def _finished(site: Site, made: Made, handler: str | None, code: Code, unknown: list[str]) -> Function:
    layers, web = _layers(site, made.get("layers"))
    runtime = runtime_of(made.get("runtime"))
    lifetime: Lifetime = "web-adapter" if web else "default"
    if lifetime == "default" and runtime is not None and runtime.startswith("provided"):
        lifetime = "custom-runtime"
    function = Function(
        declared=Declared(site.path, made.line, site.format),
        names=_names(made),
        handler=handler,
        roots=code.roots,
        files=code.files,
        placed=code.placed,
        rearranged=code.rearranged,
        entries=code.entries,
        layers=layers,
        runtime=runtime,
        lifetime=lifetime,
        timeout=seconds(made.get("timeout")),
        environment=texts(made.get("environment")),
        inline=code.inline,
        adapter="lambda-web-adapter" if web else "",
        archive=code.archive,
        unmade=code.unmade,
        elsewhere=code.elsewhere,
        unknown=(*unknown, *code.unknown),
    )
    return images.joined(function, code.image)


def _read_code(site: Site, given: Value, code: Code) -> None:
    if isinstance(given, Made) and given.last in _INLINE:
        written_here = given.get("code", position=0)
        read = _is_read(written_here, site.files, site.homes[0])
        if isinstance(written_here, Quoted):
            code.inline = as_code(written_here.inline)
        elif read is not None:
            code.files = (read,)
        else:
            code.unknown.append(f"its inline code is {written(written_here)}, which is known only at deployment time")
        return
    if isinstance(given, Made) and (given.last in _ASSETS or given.last.endswith("Asset")):
        path = text(given.get("path", position=0))
        place = site.place(path) if path is not None else None
        if place is None:
            shown = written(given.get("path", position=0)).removeprefix(PROJECT)
            code.archive = site.nominal(path) if path is not None and path.endswith(".zip") else ""
            code.unmade = path if path is not None and not code.archive else ""
            code.unknown.append(f"its code is {shown}, {site.lacks(path)}")
        elif given.last == "fromDockerBuild":
            _read_build(site, given, place, code)
        else:
            code.roots = (folder(place) if site.files.is_file(place) else place,)
            code.rearranged = "bundling" in given.named
        return
    if isinstance(given, Made) and ("ucket" in given.last or given.last == "S3Code"):
        code.elsewhere = "in a bucket"
        return
    if isinstance(given, Made) and given.last == "CodeProperty":
        zipped = given.get("zipFile")
        code.inline = as_code(zipped.inline) if isinstance(zipped, Quoted) else None
        code.elsewhere = "" if code.inline is not None else "in a bucket"
        return
    if isinstance(given, Made) and given.last == "AssetArchive":
        for name, asset in table(given.get("assets", position=0)).items():
            _read_asset(site, name, asset, code)
        return
    path = text(given)
    place = site.place(path) if path is not None else None
    if place is not None:
        code.roots = (place,)
    else:
        code.unknown.append(f"its code is {written(given)}, which is known only at deployment time")


def _read_build(site: Site, given: Made, context: str, code: Code) -> None:
    """What a build of an image leaves in one folder of it, which alone is deployed."""
    options = given.arguments[-1] if given.arguments and isinstance(given.arguments[-1], dict) else given.named
    place = text(options.get("imagePath")) or text(options.get("image_path")) or _ASSET
    built = images.left(site.files, context, text(options.get("file")), place.rstrip("/."))
    code.roots = built.roots if built is not None else (context,)
    code.placed = built.placed if built is not None else ()
    code.rearranged = built is None or built.installs


def _read_asset(site: Site, name: str, asset: Value, code: Code) -> None:
    """One entry of a Pulumi archive: a folder, a file, or a text, under a name."""
    if not isinstance(asset, Made):
        return
    given = asset.get("path", "text", position=0)
    if asset.last == "StringAsset" and isinstance(given, Quoted):
        code.inline = as_code(given.inline)
        return
    path = text(given)
    place = site.place(path) if path is not None else None
    if place is None:
        code.unknown.append(f"its code is {written(given)}, {site.lacks(path)}")
    elif name in (".", "./", ""):
        code.roots = (*code.roots, place)
    elif place == name.strip("./") or place.endswith(f"/{name.strip('./')}"):
        code.roots = (*code.roots, place[: -len(name.strip("./"))].rstrip("/"))
    else:
        code.placed = (*code.placed, (name.strip("./"), place))


def _guess_code(site: Site, made: Made, handler: str, code: Code) -> None:
    """A construct of the project's own: of the folders that it is given, the one that holds the module."""
    module = "/".join(part for part in re.split("[./]", handler.rpartition(".")[0]) if part)
    for value in made.named.values():
        path = text(value)
        if isinstance(value, Made) and value.arguments:
            path = text(value.arguments[0])
        place = site.place(path) if path else None
        if place is not None and site.files.is_file(f"{place}/{module}.py" if place else f"{module}.py"):
            code.roots = (place,)
            return


def runtime_of(value: Value) -> str | None:
    """A runtime as AWS calls it: of a text, of ``Runtime.PYTHON_3_12``, or of ``Runtime("python3.12")``."""
    if isinstance(value, Made):
        return text(value.get("name", position=0))
    if isinstance(value, Unknown):
        match = _RUNTIME.search(value.written.rpartition(".")[2])
        if match is None:
            return None
        version = match[2].lower().replace("_", ".").replace("d", ".")
        return f"{match[1].lower()}{'' if version == 'latest' else version}"
    return text(value)


def seconds(value: Value) -> float | None:
    """A time: a number of seconds, ``Duration.minutes(5)``, or as SST writes it (``"5 minutes"``)."""
    if isinstance(value, Made):
        amount = number(value.get("amount", position=0))
        return None if amount is None or value.last not in _UNITS else amount * _UNITS[value.last]
    written_out = _DURATION.fullmatch(text(value) or "")
    if written_out is not None:
        return float(written_out[1]) * _UNITS[f"{written_out[2]}s"]
    return number(value)


def _names(made: Made) -> tuple[str, ...]:
    """The construct's identifier, and the function's name in AWS."""
    named = (text(made.get("functionName")), text(made.get("name")))
    identifier = next(filter(None, (text(argument) for argument in made.arguments[:2])), None) or text(made.get("id"))
    return tuple(dict.fromkeys(name for name in (identifier, *named, made.owner) if name))


def _spelled(value: Value) -> str:
    """A text, or how an expression is written that comes to none."""
    return value.written if isinstance(value, Unknown) else value if isinstance(value, str) else ""


def _layers(site: Site, value: Value) -> tuple[tuple[str, ...], bool]:
    found: list[str] = []
    web = False
    for layer in items(value):
        if isinstance(layer, Made) and layer.last in _LAYERS:
            code = layer.get("code")
            path = text(code.get("path", position=0)) if isinstance(code, Made) else text(layer.get("entry"))
            place = site.place(path) if path is not None else None
            found += layer_folders(site.files, place) if place is not None else ()
        elif isinstance(layer, Made):
            web |= any(WEB_ADAPTER in _spelled(argument) for argument in (*layer.arguments, *layer.named.values()))
        elif isinstance(layer, str):
            web |= WEB_ADAPTER in layer
    return tuple(dict.fromkeys(found)), web


def _is_read(value: Value, files: Files, home: str) -> str | None:
    """The project's file whose text a value is; None for any other."""
    if not isinstance(value, Made) or value.last not in ("read", "readFileSync") or not value.arguments:
        return None
    path = text(value.arguments[0])
    place = path[len(PROJECT) :] if path and path.startswith(PROJECT) else join(home, path) if path else None
    return place if place is not None and files.is_file(place) else None
