"""Read Terraform and OpenTofu: modules, what they give each other, and their functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lint_lambda.deployment.files import Files, folder, join
from lint_lambda.deployment.hcl import Block, Scope
from lint_lambda.deployment.model import Declarations
from lint_lambda.deployment.readers.terraform_functions import LAMBDA_MODULE, Instance, has_code
from lint_lambda.deployment.readers.terraform_module import Module, turns
from lint_lambda.deployment.values import Unknown, Value, text

_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_TOKENS = re.compile(rb"aws_lambda_function|\bhandler\b|\bmodule\b")
_PACKED = frozenset({"local_filename", "s3_object", "lambda_function_local_filename"})
"""What a well-known module gives back that stands for the archive which it has made."""
MOST_MODULES = 500
DEEPEST = 6


def read(files: Files) -> Declarations:
    """Every function of every configuration; a module that another one uses is read as that uses it."""
    found = Declarations()
    directories: dict[str, list[str]] = {}
    for path in files.others:
        if path.endswith(_SUFFIXES):
            directories.setdefault(folder(path), []).append(path)
    if not any(_TOKENS.search(files.read(path)) for paths in directories.values() for path in paths):
        return found
    modules = {directory: Module(directory, paths, files, found) for directory, paths in directories.items()}
    used = {place for module in modules.values() for place in module.uses()}
    reader = _Reader(files, found, modules)
    for directory, module in modules.items():
        if directory not in used:
            reader.read(module, directory, {}, 0)
    return found


class _Reader:
    """Reads modules, each as often as it is used."""

    def __init__(self, files: Files, found: Declarations, modules: Mapping[str, Module]) -> None:
        self.files = files
        self.found = found
        self.modules = modules
        self._left = MOST_MODULES

    def read(self, module: Module, root: str, given: Mapping[str, Value], depth: int, label: str = "") -> None:
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            return
        scope = Scope(module.directory, root, {**module.variables(root), **given}, module.local)
        scope.outputs = _Outputs(self, module, scope, depth).value
        scope.files = self.files
        instance = Instance(self.found.functions, self.files, module, scope, label)
        instance.functions()
        for block in module.of("module"):
            for turn in turns(block, scope):
                self._use(instance, module, block, turn, root, depth)

    def _use(self, instance: Instance, module: Module, block: Block, scope: Scope, root: str, depth: int) -> None:
        source = text(scope.value(block.attributes.get("source")))
        arguments = {name: instance.passed(node, scope) for name, node in block.attributes.items()}
        place = join(module.directory, source) if source is not None and source.startswith(".") else None
        if place is not None and place in self.modules:
            before = len(self.found.functions)
            self.read(self.modules[place], root, arguments, depth + 1, ".".join(block.labels))
            if any(has_code(function) for function in self.found.functions[before:]):
                return
            followed = self.found.functions[before:]  # it cannot be followed what its functions are made of
            del self.found.functions[before:]
            instance.module_function(block, scope, arguments, source or "")
            if len(self.found.functions) == before:
                self.found.functions += followed
        elif source is not None:
            instance.module_function(block, scope, arguments, source)


class _Outputs:
    """What the modules give back that one module uses; each is asked once."""

    def __init__(self, reader: _Reader, module: Module, scope: Scope, depth: int) -> None:
        self._reader = reader
        self._module = module
        self._scope = scope
        self._depth = depth
        self._known: dict[tuple[str, str], Value] = {}
        self._inner: dict[str, Instance | str | None] = {}

    def value(self, label: str, name: str) -> Value:
        key = (label, name)
        if key not in self._known:
            self._known[key] = Unknown(name)  # while it is asked for: what hangs on itself is nothing
            self._known[key] = self._found(label, name)
        return self._known[key]

    def _found(self, label: str, name: str) -> Value:
        if label not in self._inner:
            self._inner[label] = self._instance(label)
        inner = self._inner[label]
        if isinstance(inner, str):
            return inner if name in _PACKED else Unknown(name)
        for block in inner.module.of("output", name) if inner is not None else ():
            return inner.passed(block.attributes.get("value"), inner.scope) if inner is not None else None
        return Unknown(name)

    def _instance(self, label: str) -> Instance | str | None:
        """The module under a label, as it is used there; of one from elsewhere, the folder that it packs."""
        block = next(self._module.of("module", label), None)
        if block is None or self._depth > DEEPEST:
            return None
        source = text(self._scope.value(block.attributes.get("source")))
        if source is None:
            return None
        user = Instance(self._reader.found.functions, self._reader.files, self._module, self._scope, "")
        place = join(self._module.directory, source) if source.startswith(".") else None
        if place is None or place not in self._reader.modules:
            return user.packed(_Arguments(user, block, {})) if LAMBDA_MODULE.search(source) else None
        module = self._reader.modules[place]
        root = self._scope.root
        scope = Scope(module.directory, root, _Arguments(user, block, module.variables(root)), module.local)
        scope.outputs = _Outputs(self._reader, module, scope, self._depth + 1).value
        scope.files = self._reader.files
        return Instance(self._reader.found.functions, self._reader.files, module, scope, label)


class _Arguments(Mapping[str, Value]):
    """The arguments of a module, each evaluated when it is asked for: most outputs hang on few of them."""

    def __init__(self, user: Instance, block: Block, defaults: Mapping[str, Value]) -> None:
        self._user = user
        self._given = block.attributes
        self._known = dict(defaults)
        self._pending = {*block.attributes}

    def __getitem__(self, name: str) -> Value:
        if name in self._pending:
            self._pending.discard(name)
            self._known[name] = Unknown(name)  # while it is evaluated
            self._known[name] = self._user.passed(self._given[name], self._user.scope)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._given})

    def __len__(self) -> int:
        return len({**self._known, **self._given})
