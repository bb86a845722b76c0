"""Which of the libraries that work after the response a file can import, and by which name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from lint_lambda.core.intent import EXTENSION, AfterResponse
from lint_lambda.engine.program import LoweredProgram
from lint_lambda.project.index import imports


def importable(program: LoweredProgram, importer: str, managed: bool) -> list[AfterResponse]:
    """The libraries among the project's files, each as `importer` would import it; the extension first.

    `managed`: for Managed Instances, which refuse extensions.
    """
    found: dict[str, AfterResponse] = {}
    for path in program.copies():
        library = program.copy_of(path)
        module = _module(program, importer, path)
        if module and library not in found and not (managed and library == EXTENSION):
            found[library] = AfterResponse(library, module)
    return [found[library] for library in sorted(found, reverse=True)]


def missing(handler_path: str) -> AfterResponse:
    """The library that has to be written first, next to the handler."""
    return AfterResponse(EXTENSION, EXTENSION, PurePosixPath(handler_path).parent.as_posix())


def _module(program: LoweredProgram, importer: str, path: str) -> str:
    """The module name with which `importer` can import the file; empty if it cannot."""
    target = PurePosixPath(path).with_suffix("")
    for root in _roots(program, importer):
        if root.startswith("."):
            if target.parent == PurePosixPath(importer).parent:
                return f".{target.name}"
        elif target.is_relative_to(root or "."):
            module = ".".join(target.relative_to(root or ".").parts)
            if program.resolve(importer, module, 0) == path:
                return module
    return ""


def _roots(program: LoweredProgram, importer: str) -> Iterator[str]:
    """Directories from which modules are named in `importer`, as its other imports show; ``.`` for its own package."""
    for module, level in imports(program.project.read(importer)):
        file = program.resolve(importer, module, level)
        if level == 1 and file is not None:
            yield "."
        elif level == 0 and file is not None and not file.endswith("/"):
            inside = PurePosixPath(file.removesuffix("/__init__.py")).with_suffix("")
            depth = module.count(".") + 1
            yield "/".join(inside.parts[:-depth])
    folder = PurePosixPath(importer).parent
    packages = [
        each for each in (folder, *folder.parents) if (each / "__init__.py").as_posix() in program.project.every_file
    ]
    yield (packages[-1].parent if packages else folder).as_posix().removeprefix(".")
    yield from (each.as_posix().removeprefix(".") for each in folder.parents)
