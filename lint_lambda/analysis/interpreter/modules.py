"""Modules: what importing one runs, and what its names are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import NOTHING, External, FunctionObj, ModuleObj, Unknown, Value
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Modules:
    """Modules of the project; names that they take over from others."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._semantics = machine.semantics

    def run(self, path: str, frame: Frame) -> None:
        """Have a module's body analysed, for its names."""
        module = self._world.function(path, MODULE_BODY)
        if module is None:
            return
        callee = self._universe.make(FunctionObj, path, module, 0)
        activation = self._world.activation(callee, (), ())
        if self._world.reading:
            self._world.depends(self._world.reading[-1], activation.number)
        if activation.number not in self._world.summaries and activation.number not in self._world.reading:
            self._machine.summaries.make(activation.number, callee, {})

    def import_effects(self, path: str, site: ir.Site, frame: Frame) -> None:
        """What importing a module launches is launched here."""
        module = None if self._world.program.copy_of(path) else self._world.function(path, MODULE_BODY)
        if module is not None and not self._world.is_running(path):
            self._machine.summaries.apply(self._universe.make(FunctionObj, path, module, 0), Args(), site, frame)

    def import_(self, node: ir.Import, frame: Frame) -> None:
        """An import statement."""
        program = self._world.program
        if frame.state is not None:
            frame.raise_edge(frame.state, explicit=False)
        path = program.resolve(frame.path, node.module, node.level)
        if node.loads != node.module and path is not None:
            self._imported(program.resolve(frame.path, node.loads, 0), node.site, frame)
        copied = "" if path is None else program.copy_of(path)
        whole: Value
        if path is None or copied:
            name = copied or node.module
            is_whole = node.name in (None, "*", self._semantics.default_export)
            symbol = name if is_whole else f"{name}.{node.name}"
            canonical = self._models.canonical(symbol)
            if is_whole and self._models.type(canonical) is not None:
                canonical = symbol  # it is one of its classes, but has members that the class has not
            whole = value = self._universe.external(canonical)
        else:
            self._imported(path, node.site, frame)
            module = self._world.module(path)
            whole = value = (module,)
            if node.name is None:
                value = self._given_by(module, frame)
            elif node.name != "*":
                value = self.attribute(module, node.name, frame)
                if len(value) == 1 and isinstance(value[0], ModuleObj) and value[0] is not module:
                    self._imported(value[0].path, node.site, frame)
        if node.name == "*":
            self._heap.store(self._world.module(frame.path), Fact.STARS, whole)
        else:
            self._machine.assign(node.target, value, frame)

    def _imported(self, path: str | None, site: ir.Site, frame: Frame) -> None:
        """Import the module in a file, if that can launch anything."""
        if path is not None and not path.endswith("/") and self._world.program.may_launch(path):
            self.import_effects(path, site, frame)

    def load(self, name: object, site: ir.Site, frame: Frame) -> Value:
        """Import the module called `name`, if the project has one."""
        path = self._world.program.resolve(frame.path, name, 0) if isinstance(name, str) else None
        if path is None:
            return NOTHING
        self._imported(path, site, frame)
        return self.at(path)

    def attribute(self, module: ModuleObj, name: str, frame: Frame) -> Value:
        """A module's global, or its submodule, or (through ``import *``, which may lead round in a ring) another module's global."""
        visited: set[ModuleObj] = set()
        pending: list[ModuleObj | External | str] = [module]
        while pending:
            source = pending.pop()
            if isinstance(source, External):
                return self._machine.objects.external_attribute(source, name)
            if isinstance(source, str):
                child = self._world.program.resolve(source, name, 1)
                if child is not None:
                    return self.at(child)
            elif source not in visited:
                visited.add(source)
                found = self._own_global(source, name, frame)
                if found and (source is module or not _is_unknown(found)):
                    return found
                pending += self._further(source)
        return self._of_whole(module, name, frame) or self._universe.unknown

    def _of_whole(self, module: ModuleObj, name: str, frame: Frame) -> Value:
        """What the one value that a module gives has under this name; by default, that value, or the module itself."""
        if not self._semantics.exported or module.path.endswith("/"):
            return NOTHING
        whole = self._heap.load(module, self._semantics.exported)
        if name == self._semantics.default_export:
            return whole or (module,)
        return self._machine.objects.attribute(whole, name, frame) if whole and module not in whole else NOTHING

    def _given_by(self, module: ModuleObj, frame: Frame) -> Value:
        """What a module is to whoever asks for all of it."""
        if not self._semantics.exported:
            return (module,)
        self._own_global(module, self._semantics.exported, frame)
        return self._heap.load(module, self._semantics.exported) or (module,)

    def _own_global(self, module: ModuleObj, name: str, frame: Frame) -> Value:
        if module.path.endswith("/"):
            return ()
        self.run(module.path, frame)
        return self._heap.load(module, name)

    def _further(self, module: ModuleObj) -> list[ModuleObj | External | str]:
        """Where else a name of a module may come from, the last first: what it imports with a star; a package's path, for submodules."""
        is_folder = module.path.endswith("/")
        further: list[ModuleObj | External | str] = []
        if is_folder or self._semantics.is_package(module.path):
            further.append(module.path)
        if not is_folder:
            stars = self._heap.load(module, Fact.STARS)
            further += [source for source in reversed(stars) if isinstance(source, (ModuleObj, External))]
        return further

    def at(self, path: str) -> Value:
        """The module in a file: a library's, where the file is a copy of one."""
        copied = self._world.program.copy_of(path)
        return self._universe.external(copied) if copied else (self._world.module(path),)


def _is_unknown(value: Value) -> bool:
    return all(isinstance(obj, Unknown) for obj in value)
