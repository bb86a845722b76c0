"""Read Dockerfiles: what is copied where, what the image is started with, and whether the web adapter is in it."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Sequence

from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.deployment import commands
from lint_lambda.deployment.files import Files, folder, join, upward
from lint_lambda.deployment.model import Declarations, Declared, Function, Image
from lint_lambda.deployment.sources import ENDINGS, unbuilt

_NAMES = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile", "Containerfile.*")
_LAMBDA_BASE = re.compile(
    r"(?:public\.ecr\.aws/lambda/|amazon/aws-lambda-|public\.ecr\.aws/sam/)(?:python|(nodejs))\b:?(\d*)"
)
_OTHER_BASE = re.compile(r"(?:public\.ecr\.aws/lambda/|amazon/aws-lambda-)(?!python|nodejs|provided)\w+")
_WEB_ADAPTER = re.compile(r"aws-lambda-(?:web-)?adapter|/lambda-adapter\b")
_TASK_ROOT = "/var/task"
_TOOLS = (
    ("uv", "sync", "--no-install-project"),
    ("poetry", "install", "--no-root"),
    ("pdm", "install", "--no-self"),
    ("pdm", "sync", "--no-self"),
    ("uv", "export", "--no-emit-project"),
)
"""What installs the project it is called in, unless it is told not to."""
_VALUED = frozenset(
    {"-r", "--requirement", "-c", "--constraint", "-t", "--target", "--prefix", "--root", "-i", "--index-url"}
)
_ARGUMENTS = re.compile(r"\"?\$(?:@|\*|1|\{[@*1]\}|_HANDLER|\{_HANDLER\})\"?")
"""How a script speaks of what it is given: the handler."""
_PACKAGING = ("pyproject.toml", "setup.py", "setup.cfg")
_INSTRUCTION = re.compile(r"\s*(?:ONBUILD\s+)?([A-Za-z]+)\s+(.*)", re.DOTALL)
_HEREDOC = re.compile(r"<<-?\s*([\"']?)(\w+)\1")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")


def is_dockerfile(name: str) -> bool:
    named = any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in _NAMES)
    return named and not name.endswith(".dockerignore")


@dataclass(slots=True)
class _Stage:
    """One stage of a build. `placed`: (a path in the image, the project's file or folder that stands there)."""

    name: str = ""
    base: str = ""
    directory: str = "/"
    placed: list[tuple[str, str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    line: int = 0
    web_adapter: bool = False
    installs: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """What an image is: see `Function` for the fields. `node`: the runtime, where it is Node.js."""

    image: Image
    line: int
    roots: tuple[str, ...]
    placed: tuple[tuple[str, str], ...]
    environment: tuple[tuple[str, str], ...]
    handler: str | None
    application: str
    web_adapter: bool
    on_lambda: bool
    other_language: bool
    installs: bool = False
    node: str = ""


def read(files: Files) -> Declarations:
    """The images that are for Lambda by themselves: by their base, their command, or the web adapter."""
    found = Declarations()
    for path in files.others:
        if is_dockerfile(path.rpartition("/")[2]):
            described = describe(files, path, None, ())
            if described.on_lambda and not described.other_language and (described.handler or described.web_adapter):
                declared = Declared(path, described.line, "image")
                found.functions.append(joined(Function(declared), described))
    return found


def find(files: Files, context: str, dockerfile: str | None, command: Sequence[str]) -> Described | None:
    """The image that is built from a directory, as a template says it; None when its Dockerfile is not there."""
    path = join(context, dockerfile or "Dockerfile")
    if path is None or not files.is_file(path):
        return None
    return describe(files, path, context, command)


def left(files: Files, context: str, dockerfile: str | None, place: str) -> Described | None:
    """What a build leaves in a folder of its image, whence it is taken; None when its Dockerfile is not there."""
    path = join(context, dockerfile or "Dockerfile")
    return describe(files, path, context, (), place) if path is not None and files.is_file(path) else None


def joined(function: Function, described: Described | None) -> Function:
    """The function with what its image says; what the template says comes first."""
    if described is None:
        return function
    lifetime = function.lifetime
    if described.web_adapter and lifetime == "default":
        lifetime = "web-adapter"
    return replace(
        function,
        handler=function.handler or described.handler,
        roots=function.roots or described.roots,
        placed=function.placed or described.placed,
        environment=tuple({**dict(described.environment), **dict(function.environment)}.items()),
        application=function.application or described.application,
        adapter=function.adapter or ("lambda-web-adapter" if described.web_adapter else ""),
        lifetime=lifetime,
        image=described.image,
        elsewhere=function.elsewhere or ("installed in its image" if described.installs else ""),
        runtime=function.runtime or ("other" if described.other_language else described.node or None),
    )


def describe(
    files: Files, path: str, context: str | None, command: Sequence[str], taken: str | None = None
) -> Described:
    """Read one Dockerfile. `context`: the directory it is built from, if that is known; `command`: what a template starts instead.

    `taken`: the folder of the image that alone is deployed.
    """
    text = files.text(path)
    if context is None:
        context = _context(files, path, text)
    stage, every = _stages(files, context, text)
    words = [*(stage.entrypoint or _entrypoint(stage.base, stage.command)), *(command or stage.command)]
    words = [posixpath.relpath(word, stage.directory) if _is_below(word, stage.directory) else word for word in words]
    begun = commands.started(words)
    given = " ".join(words[words.index(begun.script) + 1 :]) if begun.script in words else ""

    def script(name: str) -> str:
        return _expanded(_ARGUMENTS.sub(lambda _: given, _script(files, stage, name)), stage)

    begun = commands.followed(begun, script)
    named = stage.environment.get("FLASK_APP", "")
    if begun.application == "app:" and named and "flask" in words:
        begun = replace(begun, application=named if ":" in named else f"{named.removesuffix('.py')}:")
    base = _LAMBDA_BASE.search(stage.base)
    on_aws = base is not None
    handler = begun.handler or None
    if handler and not on_aws and not stage.entrypoint:
        handler = None if not command else handler  # a program of that name, unless a template says it is Lambda's
    if command and not handler and len(command) == 1:
        handler = command[0]
    cwd = posixpath.normpath(posixpath.join(stage.directory, begun.directory or "."))
    places = [cwd, *([_TASK_ROOT] if on_aws else []), *stage.environment.get("PYTHONPATH", "").split(":")]
    places = places if taken is None else [taken]
    roots = dict.fromkeys(root for place in places if place for root in _standing(stage, place))
    installs = any(each.installs for each in every)
    if installs:
        copied = [path for each in every for _, path in each.placed]
        roots.update(dict.fromkeys(root for path in (*copied, context) for root in _distribution(files, path)))
    return Described(
        image=Image(path, context, tuple(words)),
        line=stage.line,
        roots=tuple(roots),
        placed=tuple(dict.fromkeys(each for place in places if place for each in _renamed(stage, place))),
        environment=tuple(stage.environment.items()),
        handler=handler,
        application=begun.application,
        web_adapter=stage.web_adapter,
        on_lambda=on_aws or stage.web_adapter or bool(handler),
        other_language=bool(_OTHER_BASE.search(stage.base)),
        installs=installs,
        node=_node(base, begun, words),
    )


def _entrypoint(base: str, command: Sequence[str]) -> list[str]:
    """What an image starts by itself, by its base: images without a shell have an interpreter, Node's runs a file."""
    if re.search(r"(?:^|/)distroless/(?:nodejs|python3)", base):
        return ["python3"] if "/python3" in base else ["node"]
    is_file = bool(command) and command[0].endswith((".js", ".mjs", ".cjs"))
    return ["node"] if is_file and re.search(r"(?:^|/)node(?::|$)", base) else []


def _is_below(word: str, directory: str) -> bool:
    return directory != "/" and word.startswith(f"{directory}/")


def _node(base: re.Match[str] | None, begun: commands.Started, words: Sequence[str]) -> str:
    """The runtime of an image for Node.js, by its base or by what it is started with; empty for any other."""
    if base is not None:
        return (f"nodejs{base[2]}.x" if base[2] else "nodejs") if base[1] else ""
    return "nodejs" if begun.is_node or any("aws-lambda-ric" in word for word in words) else ""


def _installs(command: str) -> bool:
    """Whether a command puts a package of the project into the image: from a folder, a wheel, or the lock of the project."""
    words = commands.split(command)
    for tool, verb, unless in _TOOLS:
        if tool in words and verb in words[words.index(tool) :] and unless not in words:
            return True
    if "install" not in words or not any(re.fullmatch(r"pip[\d.]*", word.rpartition("/")[2]) for word in words):
        return False
    given = words[words.index("install") + 1 :]
    plain = [word for before, word in zip(["", *given], given) if before not in _VALUED and not word.startswith("-")]
    return any(re.match(r"\.{0,2}/|\.(?:$|\[)", word) or word.endswith(".whl") for word in plain)


def _distribution(files: Files, path: str) -> Iterator[str]:
    """The folders from which a distribution is imported that stands in a folder, or whose packaging is a file."""
    directory = folder(path) if files.is_file(path) else path
    if any(files.is_file(f"{directory}/{name}".lstrip("/")) for name in _PACKAGING):
        source = f"{directory}/src".lstrip("/")
        yield from (source, directory) if files.is_directory(source) else (directory,)


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and argument of each instruction; comments, continued lines and here-documents are understood."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        first = number
        line = lines[number]
        number += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        while line.rstrip().endswith("\\") and number < len(lines):
            follows = lines[number]
            number += 1
            if not follows.lstrip().startswith("#"):
                line = line.rstrip()[:-1] + " " + follows
        ran: list[str] = []
        for heredoc in _HEREDOC.finditer(line) if line.lstrip()[:3].upper() in ("RUN", "COP") else ():
            while number < len(lines) and lines[number].strip() != heredoc[2]:
                ran.append(lines[number])
                number += 1
            number += 1
        is_run = line.lstrip()[:3].upper() == "RUN"
        match = _INSTRUCTION.match("\n".join([line, *ran]).replace("\\\n", " ") if is_run else line)
        if match is not None:
            yield first + 1, match[1].upper(), match[2].strip()


def _stages(files: Files, context: str, text: str) -> tuple[_Stage, list[_Stage]]:
    """The last stage of a build, with what it takes from those before it; and all of them."""
    stages: dict[str, _Stage] = {}
    stage = _Stage()
    for line, name, argument in _instructions(text):
        if name != "FROM":
            argument = _expanded(argument, stage)
        if name == "FROM":
            stage = _from(_expanded(argument, stage).split(), stages)
            stages[str(len({id(each) for each in stages.values()}))] = stage
            if stage.name:
                stages[stage.name] = stage
        elif name == "WORKDIR":
            stage.directory = posixpath.normpath(posixpath.join(stage.directory, argument.strip("\"'")))
        elif name in ("ENV", "ARG"):
            _set(stage, name, argument)
        elif name in ("COPY", "ADD"):
            _copy(files, context, stage, stages, argument)
        elif name == "CMD":
            stage.command, stage.line = commands.split(argument), line
        elif name == "ENTRYPOINT":
            stage.entrypoint, stage.command, stage.line = commands.split(argument), [], line
        elif name == "RUN":
            stage.installs |= any(_installs(command) for command in re.split(r"&&|\|\||;|\n", argument))
    return stage, list({id(each): each for each in (*stages.values(), stage)}.values())


def _from(words: list[str], stages: dict[str, _Stage]) -> _Stage:
    words = [word for word in words if not word.startswith("--")]
    base = words[0] if words else ""
    name = words[2] if len(words) > 2 and words[1].lower() == "as" else ""
    if base in stages:
        before = stages[base]
        return replace(
            before, name=name, placed=list(before.placed), environment=dict(before.environment), base=before.base
        )
    on_aws = _LAMBDA_BASE.search(base) is not None
    environment = {"LAMBDA_TASK_ROOT": _TASK_ROOT} if on_aws else {}
    return _Stage(name, base, directory=_TASK_ROOT if on_aws else "/", environment=environment)


def _expanded(argument: str, stage: _Stage) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[3]
        return stage.environment.get(name, match[2] if match[2] is not None else match[0])

    return _VARIABLE.sub(value, argument)


def _set(stage: _Stage, name: str, argument: str) -> None:
    if name == "ENV" and "=" not in argument.split(" ", 1)[0]:
        key, _, value = argument.partition(" ")
        stage.environment[key] = value.strip()
        return
    for word in commands.split(argument):
        key, equals, value = word.partition("=")
        if equals:
            stage.environment[key] = value


def _copy(files: Files, context: str, stage: _Stage, stages: dict[str, _Stage], argument: str) -> None:
    options = re.findall(r"--(\w+)(?:=(\S+))?", argument)
    words = commands.split(re.sub(r"--\w+(?:=\S+)?\s*", "", argument))
    if _WEB_ADAPTER.search(argument):
        stage.web_adapter = True
        return
    if len(words) < 2:
        return
    sources, into = words[:-1], words[-1]
    target = posixpath.normpath(posixpath.join(stage.directory, into))
    as_folder = into.endswith("/") or into in (".", "..") or len(sources) > 1
    origin = dict(options).get("from")
    for source in sources:
        if origin is not None:
            before = stages.get(origin)
            taken = [] if before is None else _taken(before, source.removesuffix("/*"), target)
            if before is not None and not taken:  # what a build has made of what stands beside it
                taken = _taken(before, unbuilt(source.removesuffix("/*")), target)
            stage.placed += taken
        else:
            stage.placed += _put(files, context, source, target, as_folder)


def _taken(before: _Stage, source: str, target: str) -> list[tuple[str, str]]:
    """What stands at `source` in an earlier stage, at `target` in this one."""
    whole = posixpath.normpath(posixpath.join(before.directory, source))
    found = []
    for place, path in before.placed:
        if place == whole or place.startswith(f"{whole.rstrip('/')}/"):
            found.append((posixpath.normpath(target + "/" + posixpath.relpath(place, whole)), path))
        elif whole.startswith(f"{place.rstrip('/')}/"):
            found.append((target, posixpath.normpath(posixpath.join(path, posixpath.relpath(whole, place)))))
    return found


def _put(files: Files, context: str, source: str, target: str, as_folder: bool) -> list[tuple[str, str]]:
    """The project's files that `COPY source target` puts into the image."""
    wild = "*" in source or "?" in source or "[" in source
    path = join(context, source.lstrip("/") if not wild else folder(source.lstrip("/")))
    if path is None:
        return []
    if files.is_file(path):
        into_folder = as_folder or not posixpath.splitext(target)[1]
        return [(posixpath.join(target, path.rpartition("/")[2]) if into_folder else target, path)]
    return [(target, path)] if files.is_directory(path) else []


def _standing(stage: _Stage, place: str) -> Iterator[str]:
    """The project's folders from which modules are imported, if the image imports them from `place`."""
    for target, path in reversed(stage.placed):  # what is copied later lies over what was there
        is_file = path.endswith((".py", *ENDINGS))
        if is_file and folder(target) == place and target.rpartition("/")[2] == path.rpartition("/")[2]:
            yield folder(path)
        elif not is_file and target == place:
            yield path
        elif not is_file and place.startswith(f"{target.rstrip('/')}/"):
            yield posixpath.normpath(posixpath.join(path, posixpath.relpath(place, target)))
        elif target.startswith(f"{place.rstrip('/')}/"):
            inside = posixpath.relpath(target, place)
            if path == inside or path.endswith(f"/{inside}"):
                yield path[: -len(inside)].rstrip("/")


def _renamed(stage: _Stage, place: str) -> Iterator[tuple[str, str]]:
    """What stands below `place` under another name than in the project: the path there, and the project's file or folder."""
    for target, path in reversed(stage.placed):
        if target.startswith(f"{place.rstrip('/')}/"):
            inside = posixpath.relpath(target, place)
            if path != inside and not path.endswith(f"/{inside}"):
                yield inside, path


def _context(files: Files, path: str, text: str) -> str:
    """The directory a Dockerfile is built from: its own, or the nearest above that holds what it copies."""
    sources = [
        source
        for _, name, argument in _instructions(text)
        if name in ("COPY", "ADD") and "--from" not in argument
        for source in commands.split(re.sub(r"--\w+(?:=\S+)?\s*", "", argument))[:-1]
    ]

    def held(directory: str) -> int:
        places = (join(directory, source.lstrip("/")) for source in sources)
        return sum(place is not None and (files.is_file(place) or files.is_directory(place)) for place in places)

    own = folder(path)
    best = max(upward(own), key=lambda directory: (held(directory), len(directory)))
    return best if held(best) > held(own) else own


def _script(files: Files, stage: _Stage, name: str) -> str:
    """The text of a script that the image is started with."""
    whole = posixpath.normpath(posixpath.join(stage.directory, name))
    for target, path in reversed(stage.placed):
        if target == whole and files.is_file(path):
            return files.text(path)
        if whole.startswith(f"{target.rstrip('/')}/"):
            inside = posixpath.normpath(posixpath.join(path, posixpath.relpath(whole, target)))
            if files.is_file(inside):
                return files.text(inside)
    return ""
