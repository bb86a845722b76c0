"""From what is declared to a file and a name in it: where Lambda, or a server, finds what it calls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lint_lambda.core.near import nearest
from lint_lambda.core.record import dataclass, replace
from lint_lambda.deployment import sources
from lint_lambda.deployment.alike import alike
from lint_lambda.deployment.files import Files, folder, join, upward
from lint_lambda.deployment.model import Function


@dataclass(frozen=True, slots=True)
class Located:
    """The file that a function's module is, the name in it, and the folder from which its modules are imported.

    `application`: the name is a web application's; it may be empty, where the module starts a server of its own.
    `guessed`: the code is in an archive or a bucket, and no other file of the project can be its module.
    """

    path: str
    name: str
    root: str
    application: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a function is not found. `absent`: its folder is here, and does not hold what the template names."""

    why: str
    hint: str = ""
    absent: bool = False


def inline_path(function: Function) -> str:
    """The name under which code that stands in a template is analysed."""
    return f"{function.declared.file}!{function.name}{'.js' if function.is_node else '.py'}"


def locate(function: Function, files: Files) -> Located | Lost:
    """The place of one function's handler or application."""
    if not function.is_python and not function.is_node:
        return Lost(f"its runtime is {function.runtime}, neither Python nor Node.js")
    if function.application and not function.handler:
        return _application(function, files)
    if function.inline is not None:
        name = (function.handler or "").rpartition(".")[2]
        return Located(inline_path(function), name, "") if name else Lost("it names no handler")
    if function.is_node:
        return _script(function, files)
    found = _guessed(function, files)
    if found is not None:
        return found
    if function.archive in files.archives and not function.roots:
        return _packed(function)
    if function.files and not function.roots and function.handler:
        return Located(function.files[0], function.handler.rpartition(".")[2], folder(function.files[0]))
    if function.elsewhere and not function.roots:
        return Lost(f"its code is {function.elsewhere}, not a folder of this project")
    if function.unknown:
        return Lost(function.unknown[0])
    if not function.handler:
        return Lost("it names no handler")
    handler = _handler(function, function.handler, files)
    return _packed(function) if isinstance(handler, Lost) and function.archive in files.archives else handler


def _packed(function: Function) -> Lost:
    return Lost(f"its code is in {function.archive}, and archives are not opened")


def _script(function: Function, files: Files) -> Located | Lost:
    """The module of a Node function."""
    found = sources.find(function, files)
    if found is not None:
        return Located(found.path, found.name, folder(found.path), guessed=found.guessed)
    if function.archive in files.archives:
        return _packed(function)
    if function.elsewhere and not function.roots:
        return Lost(f"its code is {function.elsewhere}, not a folder of this project")
    if function.unknown:
        return Lost(function.unknown[0])
    if not function.handler:
        return Lost("it names no handler")
    module, _, name = function.handler.rpartition(".")
    near = nearest(module, sources.modules(function, files))
    hint = f"did you mean `{near}.{name}`?" if near else ""
    return Lost(f"its handler is {function.handler}, whose source is not here", hint, absent=bool(near))


def _guessed(function: Function, files: Files) -> Located | None:
    """The handler of code that the template does not name as a folder of the project, if one file alone may be its module.

    It is a guess, and marked as one: beside the archive, in a folder of its name, below the template's folder, or in the project. Of
    several modules of that name, the one that defines the handler; of several of those, the one in a folder that has the function's name.
    """
    is_here = function.roots or function.files or function.inline is not None or function.image is not None
    module, _, name = (function.handler or "").rpartition(".")
    end = "/".join(part for part in re.split("[./]", module) if part)
    if is_here or not end or not name or not (function.runtime or "").startswith("python"):
        return None
    if "/" not in end and not (function.archive or function.unmade or function.elsewhere == "in a bucket"):
        return None  # a short name says too little
    home = folder(function.archive)
    stem = function.archive.removesuffix(".zip")
    near = [
        place
        for place in (f"{home}/{end}.py".lstrip("/"), f"{stem}/{end}.py")
        if function.archive and files.is_file(place)
    ]
    below = folder(function.declared.file)
    every = [path for path in files.python if path == f"{end}.py" or path.endswith(f"/{end}.py")]
    beside = [path for path in every if _inside(path, below)]
    chosen = near[:1]
    for candidates in (beside, every):
        if len(chosen) != 1:
            says = [path for path in candidates if _says(files, path, name)]
            sure = len(candidates) == 1 and (not function.archive or candidates is beside)
            sure = sure and ("/" in end or not function.unmade)
            chosen = candidates if sure else says
    if len(chosen) != 1:
        named = alike(function, chosen)
        if named is None:
            return None
        chosen = [named]
    root = chosen[0][: -len(end) - len(".py")].rstrip("/")
    return Located(chosen[0], name, root, guessed=True)


def _says(files: Files, path: str, name: str) -> bool:
    """Whether a file defines a name, as far as its text tells."""
    return (
        re.search(
            rf"^(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b|^{re.escape(name)}[ \t]*=", files.text(path), re.MULTILINE
        )
        is not None
    )


def _inside(path: str, directory: str) -> bool:
    return not directory or path.startswith(f"{directory}/")


def _handler(function: Function, handler: str, files: Files) -> Located | Lost:
    module, dot, name = handler.rpartition(".")
    parts = [part for part in re.split("[./]", module) if part]  # Lambda takes either separator
    if not dot or not parts or not name:
        return Lost(f"its handler is {handler!r}; module.function is expected", absent=_says_python(function))
    for root in (*function.roots, *function.layers):
        file = _module(files, root, parts)
        if file is not None:
            return Located(file, name, root)
    renamed = _renamed(function, parts, files)
    if renamed is not None:
        return Located(renamed, name, folder(renamed))
    if function.rearranged and (moved := _moved(function, parts, files)) is not None:
        return Located(moved[0], name, moved[1], guessed=True)
    if function.runtime is None and (script := sources.find(function, files)) is not None and not script.guessed:
        return Located(script.path, script.name, folder(script.path))
    behind = _behind(function, handler, files)
    if behind is not None:
        return behind
    if not function.roots:
        return Lost("it names no folder of this project that holds its code")
    return _absent(function, handler, parts, files)


def _renamed(function: Function, parts: Sequence[str], files: Files) -> str | None:
    """The module, in a folder or a file that has another name in the task root than in the project."""
    for name, place in function.placed:
        above = name.removesuffix(".py").split("/")
        if list(parts[: len(above)]) == above:
            if files.is_file(place) and len(parts) == len(above):
                return place
            inside = parts[len(above) :]
            found = _module(files, place, inside) if inside else join(place, "__init__.py")
            if found is not None and files.is_file(found):
                return found
    return None


def _moved(function: Function, parts: Sequence[str], files: Files) -> tuple[str, str] | None:
    """The module and its import root, where a build puts a folder of code into the task root, or only what is in it.

    Of the folders inside, that may be the only one that holds such a module, or the one that has the function's name.
    """
    for root in function.roots:
        above, _, own = root.rpartition("/")
        if own == parts[0] and (found := _module(files, above, parts)) is not None:
            return found, above
        if len(parts) > 1 and (found := _module(files, root, parts[1:])) is not None:
            return found, root
    end = "/".join(parts) + ".py"
    below = [path for root in function.roots for path in _modules(files, root) if path.endswith(f"/{end}")]
    chosen = below[0] if len(below) == 1 else alike(function, below)
    return None if chosen is None else (chosen, chosen[: -len(end) - 1])


def _behind(function: Function, handler: str, files: Files) -> Located | None:
    """The function's own handler, where a library's stands before it and is told of it by a variable (``DD_LAMBDA_HANDLER``)."""
    for name, value in function.environment:
        if "HANDLER" in name.upper() and value != handler and "." in value:
            found = _handler(replace(function, environment=()), value, files)
            if isinstance(found, Located):
                return found
    return None


def _is_installed(function: Function, top: str, files: Files) -> bool:
    """Whether the handler is a library's, which the metadata around the code names."""
    word = re.compile(rf"(?<![\w]){re.escape(top).replace('_', '[-_.]')}(?![\w])", re.IGNORECASE)
    for root in function.roots:
        for directory in upward(root):
            for name in files.beside(directory):
                if re.fullmatch(r"requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|Pipfile|setup\.(?:py|cfg)", name):
                    if word.search(files.text(f"{directory}/{name}" if directory else name)):
                        return True
    return False


def _says_python(function: Function) -> bool:
    """Whether it is Python as far as it says: a runtime of one's own may run anything."""
    return function.runtime is None or function.runtime.lower().startswith("python")


def _absent(function: Function, handler: str, parts: Sequence[str], files: Files) -> Lost:
    roots = [root for root in function.roots if files.is_directory(root)]
    if not any(path.endswith(".py") for root in roots for path in files.below(root)):
        shown = function.roots[0] or "."
        return Lost(f"its code is {shown}, where this project has no Python file")
    inside = "/".join(part for part in (function.roots[0], *parts) if part)
    names = {
        ".".join(path[len(root) :].strip("/").removesuffix(".py").split("/")): path
        for root in roots
        for path in _modules(files, root)
    }
    near = nearest(".".join(parts), names)
    hint = f"did you mean `{near}.{handler.rpartition('.')[2]}`?" if near else ""
    is_ours = bool(near) or not _is_installed(function, parts[0], files)
    absent = is_ours and _says_python(function) and not function.elsewhere and not function.rearranged
    return Lost(f"its file {inside}.py does not exist", hint, absent)


def _modules(files: Files, root: str) -> Iterator[str]:
    return (path for path in sorted(files.below(root)) if path.endswith(".py"))


def _module(files: Files, root: str, parts: Sequence[str]) -> str | None:
    inside = join(root, "/".join(parts))
    if inside is None:
        return None
    for file in (f"{inside}/__init__.py", f"{inside}.py"):  # as in Python, the package wins
        if files.is_file(file):
            return file
    return None


def _application(function: Function, files: Files) -> Located | Lost:
    module, _, name = function.application.partition(":")
    if function.is_node:
        script = sources.started(function, module, files)
        if script is not None:
            return Located(script.path, name, folder(script.path), application=True, guessed=script.guessed)
        return Lost(f"it starts {module}, whose source is not here")
    parts = [part for part in re.split("[./]", module) if part]
    for root in function.roots:
        file = _module(files, root, parts)
        if file is not None:
            return Located(file, name.partition(".")[0], root, application=True)
    return Lost(f"it serves {function.application}, which none of its folders contains")


def near_name(name: str, known: Sequence[str]) -> str:
    """A hint at a name that a module has, for one that it has not."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else ""


def task_root(located: Located) -> str:
    """The folder that is deployed."""
    return located.root or folder(located.path)
