"""Read Terraform and OpenTofu: functions, the archives that they are made of, and modules that make functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lint_lambda.core.record import dataclass, field
from lint_lambda.deployment import hcl_json
from lint_lambda.deployment.files import Files, folder, join
from lint_lambda.deployment.hcl import Block, Scope, parse
from lint_lambda.deployment.model import Declarations, Declared, Function, Inline, Lifetime, Trouble
from lint_lambda.deployment.readers import images
from lint_lambda.deployment.readers.cloudformation import WEB_ADAPTER, layer_folders
from lint_lambda.deployment.values import (
    PROJECT,
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

_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_VALUES = re.compile(r"terraform\.tfvars(?:\.json)?|.*\.auto\.tfvars(?:\.json)?")
_TOKENS = re.compile(rb"aws_lambda_function|\bhandler\b|\bmodule\b")
_REFERENCE = re.compile(r"(?:data\.)?(\w+)\.(\w+)")
_LAMBDA_MODULE = re.compile(
    r"(?:^|/)(?:terraform-aws-modules/lambda|terraform-aws-lambda)\b|terraform-aws-modules/terraform-aws-lambda"
)
_SOURCES = (
    "source_path",
    "source_dir",
    "source_directory",
    "lambda_source_dir",
    "path",
    "code_path",
    "source_code_path",
)
"""Arguments by which modules take the folder of a function's code."""
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
    modules = {directory: _Module(directory, paths, files, found) for directory, paths in directories.items()}
    used = {place for module in modules.values() for place in module.uses()}
    reader = _Reader(files, found, modules)
    for directory, module in modules.items():
        if directory not in used:
            reader.read(module, directory, {}, 0)
    return found


class _Module:
    """The blocks of one directory."""

    def __init__(self, directory: str, paths: list[str], files: Files, found: Declarations) -> None:
        self.directory = directory
        self.blocks: list[Block] = []
        for path in paths:
            source = files.read(path)[:2_000_000]
            block, broken = hcl_json.parse(path, source) if path.endswith(".json") else parse(path, source)
            if broken:
                found.troubles.append(Trouble(path, broken, "not valid Terraform; the rest of the file is read"))
            self.blocks += block.blocks
        self.local = {
            name: node for block in self.blocks if block.kind == "locals" for name, node in block.attributes.items()
        }
        self.given = {}
        for path in files.beside(directory):
            if _VALUES.fullmatch(path):
                whole = f"{directory}/{path}" if directory else path
                source = files.read(whole)
                values = hcl_json.parse_values(whole, source) if path.endswith(".json") else parse(whole, source)[0]
                self.given.update(values.attributes)

    def of(self, kind: str, *labels: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind == kind and block.labels[: len(labels)] == labels)

    def uses(self) -> Iterator[str]:
        """The directories of the modules that this one uses by path."""
        empty = Scope(self.directory, self.directory, {}, {})
        for block in self.of("module"):
            source = text(empty.value(block.attributes.get("source")))
            if source is not None and source.startswith("."):
                place = join(self.directory, source)
                if place is not None and place != self.directory:
                    yield place


@dataclass(slots=True)
class _Code:
    roots: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    inline: Inline | None = None
    image: images.Described | None = None
    elsewhere: str = ""
    unknown: str = ""
    archive: str = ""

    @property
    def found(self) -> bool:
        return bool(self.roots or self.files or self.inline or self.image)


class _Reader:
    """Reads modules, each as often as it is used."""

    def __init__(self, files: Files, found: Declarations, modules: Mapping[str, _Module]) -> None:
        self.files = files
        self.found = found
        self.modules = modules
        self._left = MOST_MODULES

    def read(self, module: _Module, root: str, given: Mapping[str, Value], depth: int, label: str = "") -> None:
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            return
        defaults = Scope(module.directory, root, {}, {})
        variables: dict[str, Value] = {}
        for block in module.of("variable"):
            if block.labels and "default" in block.attributes:
                variables[block.labels[0]] = defaults.value(block.attributes["default"])
        variables.update({name: defaults.value(node) for name, node in module.given.items()})
        scope = Scope(module.directory, root, {**variables, **given}, module.local)
        instance = _Instance(self, module, scope, label)
        instance.functions()
        for block in module.of("module"):
            for turn in _turns(block, scope):
                self._use(instance, module, block, turn, root, depth)

    def _use(self, instance: _Instance, module: _Module, block: Block, scope: Scope, root: str, depth: int) -> None:
        source = text(scope.value(block.attributes.get("source")))
        arguments = {name: instance.passed(node, scope) for name, node in block.attributes.items()}
        place = join(module.directory, source) if source is not None and source.startswith(".") else None
        if place is not None and place in self.modules:
            before = len(self.found.functions)
            self.read(self.modules[place], root, arguments, depth + 1, ".".join(block.labels))
            if any(_has_code(function) for function in self.found.functions[before:]):
                return
            del self.found.functions[before:]  # how that module makes its function cannot be followed
        if source is not None:
            instance.module_function(block, scope, arguments, source)


class _Instance:
    """One module with its variables; `label` is its name in the module that uses it."""

    def __init__(self, reader: _Reader, module: _Module, scope: Scope, label: str) -> None:
        self.label = label
        self.reader = reader
        self.files = reader.files
        self.module = module
        self.scope = scope

    def passed(self, node: object, scope: Scope) -> Value:
        """An argument of a module, with what is made here (an archive, a layer) looked up before it leaves this module."""
        value = scope.value(node)  # type: ignore[arg-type]
        if isinstance(value, Unknown):
            code = _Code()
            self._refer(value, scope, code)
            if code.roots:
                return PROJECT + code.roots[0]
        if isinstance(value, list):
            return [
                PROJECT + layers[0]
                if isinstance(each, Unknown) and (layers := list(self._layer(each, scope)))
                else each
                for each in value
            ]
        return value

    def functions(self) -> None:
        for block in self.module.of("resource", "aws_lambda_function"):
            for scope in _turns(block, self.scope):
                self.reader.found.functions.append(self._function(block, scope))

    def _function(self, block: Block, scope: Scope) -> Function:
        def value(name: str) -> Value:
            return scope.value(block.attributes.get(name))

        code = _Code()
        image = value("image_uri")
        if image is not None:
            config = block.inner("image_config")
            command = items(scope.value(config.attributes.get("command"))) if config is not None else []
            self._image(image, [text(word) or "" for word in command], scope, code)
        else:
            self._code(block, scope, code)
        environment = block.inner("environment")
        variables = scope.value(environment.attributes.get("variables")) if environment is not None else None
        name = block.labels[1] if len(block.labels) > 1 else ""
        return self._finished(
            block,
            scope,
            code,
            name,
            value("handler"),
            value("runtime"),
            value("timeout"),
            variables,
            value("function_name"),
            value("layers"),
        )

    def _finished(
        self,
        block: Block,
        scope: Scope,
        code: _Code,
        name: str,
        handler: Value,
        runtime: Value,
        timeout: Value,
        variables: Value,
        function_name: Value,
        layers: Value,
    ) -> Function:
        known = text(handler)
        unknown = [f"its handler is {written(handler)}"] if handler is not None and known is None else []
        unknown += [code.unknown] if code.unknown and not code.found else []
        folders, web = self._layers(layers, scope)
        lifetime: Lifetime = "web-adapter" if web else "default"
        if any(inner.kind == "capacity_provider_config" for inner in block.blocks):
            lifetime = "managed-instances"
        elif (text(runtime) or "").startswith("provided") and not web:
            lifetime = "custom-runtime"
        each = text(scope.each[0]) if scope.each is not None else None
        names = (f"{name}[{each}]" if each else name, text(function_name), self.label)
        function = Function(
            declared=Declared(block.path, block.line, "terraform"),
            names=tuple(dict.fromkeys(given for given in names if given)),
            handler=known,
            roots=tuple(dict.fromkeys(code.roots)),
            files=tuple(code.files),
            layers=tuple(dict.fromkeys(folders)),
            runtime=text(runtime),
            lifetime=lifetime,
            timeout=number(timeout),
            environment=texts(variables),
            inline=code.inline,
            adapter="lambda-web-adapter" if web else "",
            archive=code.archive,
            elsewhere=code.elsewhere if not code.found else "",
            unknown=tuple(unknown),
        )
        return images.joined(function, code.image)

    def module_function(self, block: Block, scope: Scope, given: Mapping[str, Value], source: str) -> None:
        """A function that a module from elsewhere makes: the well-known one, or any that is given a handler and a folder."""
        is_known = _LAMBDA_MODULE.search(source) is not None and "//modules/" not in source
        handler, runtime = (
            given.get("handler", given.get("lambda_handler")),
            given.get("runtime", given.get("lambda_runtime")),
        )
        if is_known and (
            given.get("create_function") is False or (given.get("create_layer") is True and handler is None)
        ):
            return
        if not is_known and (text(handler) is None or not (text(runtime) or "").startswith("python")):
            return
        code = _Code()
        if text(given.get("package_type")) == "Image" or given.get("image_uri") is not None:
            self._image(
                given.get("image_uri"),
                [text(word) or "" for word in items(given.get("image_config_command"))],
                scope,
                code,
            )
        for name in _SOURCES:
            for path in given.get(name) if isinstance(given.get(name), list) else [given.get(name)]:  # type: ignore[union-attr]
                self._folder(table(path).get("path") if isinstance(path, dict) else path, code)
        for name in ("filename", "local_existing_package"):
            if not code.found and given.get(name) is not None:
                self._archive(given[name], scope, code)
        if not code.found and not code.unknown:
            code.unknown = "it names no folder of this project that holds its code"
        self.reader.found.functions.append(
            self._finished(
                block,
                scope,
                code,
                block.labels[0] if block.labels else "",
                handler,
                runtime,
                given.get("timeout"),
                given.get("environment_variables"),
                given.get("function_name"),
                given.get("layers"),
            )
        )

    def _place(self, path: str | None) -> str | None:
        return _place(self.scope, path, self.files)

    # --- code --------------------------------------------------------------------------------------------------------

    def _code(self, block: Block, scope: Scope, code: _Code) -> None:
        for name in ("filename", "s3_key", "s3_object_version", "source_code_hash"):
            value = scope.value(block.attributes.get(name))
            if value is not None and not code.found:
                self._archive(value, scope, code)
        if not code.found and "s3_bucket" in block.attributes and "filename" not in block.attributes:
            code.elsewhere, code.unknown = "in a bucket", ""

    def _archive(self, value: Value, scope: Scope, code: _Code) -> None:
        """What an archive is made of: by the resource that makes it, or by the path under which that writes it."""
        if isinstance(value, Unknown):
            self._refer(value, scope, code)
        path = text(value)
        if path is not None:
            place = self._place(path)
            if place is not None and self.files.is_directory(place):
                code.roots.append(place)
            for block in [*self.module.of("data", "archive_file"), *self.module.of("resource", "archive_file")]:
                for turn in _turns(block, scope):
                    made = text(turn.value(block.attributes.get("output_path")))
                    if made is not None and self._place(made) == place and place is not None:
                        self._archived(block, turn, code)
        if not code.found and not code.unknown:
            code.archive = self._place(path) or "" if path is not None and path.endswith(".zip") else ""
            code.unknown = f"its code is {_shown(path or value)}, which is known only at deployment time"

    def _refer(self, value: Unknown, scope: Scope, code: _Code) -> None:
        match = _REFERENCE.search(value.written)
        if match is None:
            return
        kind, name = match[1], match[2]
        for block in (*self.module.of("data", kind, name), *self.module.of("resource", kind, name)):
            turned = [
                turn
                for turn in _turns(block, self.scope)
                if scope.each is None or turn.each is None or turn.each[0] == scope.each[0]
            ]
            for turn in turned[:1]:
                if kind == "archive_file":
                    self._archived(block, turn, code)
                elif kind in ("aws_s3_object", "aws_s3_bucket_object"):
                    self._archive(turn.value(block.attributes.get("source")), turn, code)
                elif "triggers" in block.attributes:
                    continue

    def _archived(self, block: Block, scope: Scope, code: _Code) -> None:
        self._folder(scope.value(block.attributes.get("source_dir")), code)
        path = scope.value(block.attributes.get("source_file"))
        if path is not None:
            place = self._place(text(path))
            if place is not None and self.files.is_file(place):
                code.roots.append(folder(place))
            else:
                code.unknown = f"its code is {_shown(path)}, which is not a file of this project"
        sources = [
            scope_source for inner in block.blocks if inner.kind == "source" for scope_source in [inner.attributes]
        ]
        sources += [block.attributes] if "source_content" in block.attributes else []
        for attributes in sources:
            self._content(scope.value(attributes.get("content", attributes.get("source_content"))), code)

    def _content(self, value: Value, code: _Code) -> None:
        """Code that is written into an archive: from the configuration itself, or from a file."""
        if isinstance(value, Quoted) and code.inline is None:
            code.inline = value.inline
        elif isinstance(value, Made) and value.last == "read" and value.arguments:
            place = self._place(text(value.arguments[0]))
            if place is not None and self.files.is_file(place):
                code.files.append(place)

    def _folder(self, value: Value, code: _Code) -> None:
        if value is None:
            return
        place = self._place(text(value))
        if place is not None and self.files.is_file(place):
            place = folder(place)
        if place is not None and self.files.is_directory(place):
            code.roots.append(place)
        else:
            code.unknown = f"its code is {_shown(value)}, which is not a folder with Python code of this project"

    def _image(self, value: Value, command: list[str], scope: Scope, code: _Code) -> None:
        code.elsewhere = "a container image"
        match = _REFERENCE.search(value.written) if isinstance(value, Unknown) else None
        if match is None:
            return
        for block in (*self.module.of("module", match[2]), *self.module.of("resource", match[1], match[2])):
            inner = block.inner("build") or block
            for name in ("source_path", "context", "path"):
                place = self._place(text(scope.value(inner.attributes.get(name))))
                file = text(scope.value(inner.attributes.get("docker_file_path", inner.attributes.get("dockerfile"))))
                if place is not None and code.image is None:
                    code.image = images.find(self.files, place, file, command)

    # --- layers ------------------------------------------------------------------------------------------------------

    def _layers(self, value: Value, scope: Scope) -> tuple[list[str], bool]:
        found: list[str] = []
        web = False
        for layer in items(value):
            if isinstance(layer, str) and layer.startswith(PROJECT):
                found.append(layer[len(PROJECT) :])
            elif isinstance(layer, str):
                web |= WEB_ADAPTER in layer
            elif isinstance(layer, Unknown):
                web |= WEB_ADAPTER in layer.written
                found += self._layer(layer, scope)
        return found, web

    def _layer(self, value: Unknown, scope: Scope) -> Iterator[str]:
        match = _REFERENCE.search(value.written)
        for block in self.module.of("resource", "aws_lambda_layer_version", match[2]) if match is not None else ():
            code = _Code()
            self._code(block, scope, code)
            for root in code.roots:
                yield from layer_folders(self.files, root)
        for block in self.module.of("module", match[2]) if match is not None and match[1] == "module" else ():
            code = _Code()
            path = scope.value(block.attributes.get("source_path"))
            for each in path if isinstance(path, list) else [path]:
                self._folder(table(each).get("path") if isinstance(each, dict) else each, code)
            for root in code.roots:
                yield from layer_folders(self.files, root)


def _shown(value: Value) -> str:
    """A path for a message."""
    return written(value.removeprefix(PROJECT).lstrip("/") if isinstance(value, str) else value)


def _has_code(function: Function) -> bool:
    return bool(function.roots or function.files or function.inline or function.image)


def _turns(block: Block, scope: Scope) -> list[Scope]:
    """The scopes of a block's instances."""
    each = scope.value(block.attributes.get("for_each"))
    if isinstance(each, dict) and len(each) <= MOST_MODULES:
        return [scope.turn((key, value), None) for key, value in each.items()]
    if isinstance(each, list) and len(each) <= MOST_MODULES:
        return [scope.turn((value, value), None) for value in each]
    count = scope.value(block.attributes.get("count"))
    if isinstance(count, (int, float)) and not isinstance(count, bool):
        return [scope.turn(scope.each, index) for index in range(min(int(count), MOST_MODULES))]
    return [scope]


def _place(scope: Scope, path: str | None, files: Files) -> str | None:
    """What a path means: a relative one is seen from where Terraform is run, that is the root module, or from the module."""
    if path is None:
        return None
    if path.startswith(PROJECT):
        return join("", path[len(PROJECT) :].lstrip("/") or ".")
    places = [join(directory, path) for directory in (scope.root, scope.directory)]
    here = (place for place in places if place is not None and (files.is_file(place) or files.is_directory(place)))
    return next(here, places[-1])
