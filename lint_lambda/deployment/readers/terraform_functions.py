"""The functions of one module of Terraform's, and the archives and images that they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.deployment import inline
from lint_lambda.deployment.files import Files, folder
from lint_lambda.deployment.hcl import Block, Scope
from lint_lambda.deployment.model import Declared, Function, Inline, Lifetime
from lint_lambda.deployment.readers import images
from lint_lambda.deployment.readers.cloudformation import WEB_ADAPTER, layer_folders
from lint_lambda.deployment.readers.terraform_module import Module, place_of, turns
from lint_lambda.deployment.sources import ENDINGS
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

_ENDING = re.compile(r"\.(?:py|[cm]?js)\Z")
_FILE_ARCHIVE = re.compile(r"fileArchive\(\s*\"([^\"$%]+)\"\s*\)")
"""The folder of a function's code, as a program of Pulumi in HCL says it."""
_REFERENCE = re.compile(r"(?:data\.)?(\w+)\.(\w+)")
LAMBDA_MODULE = re.compile(
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


@dataclass(slots=True)
class _Code:
    roots: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    inline: Inline | None = None
    image: images.Described | None = None
    elsewhere: str = ""
    unknown: str = ""
    archive: str = ""
    unmade: str = ""
    packed: list[tuple[str, str | Inline]] = field(default_factory=list)
    """What is put into an archive one by one: under which name, and which file or text."""
    placed: list[tuple[str, str]] = field(default_factory=list)
    """Folders that are put into an archive under a name."""
    rearranged: bool = False

    def choose(self, handler: str) -> None:
        """Of what is packed one by one, the handler's module: by its name, or the only one where it has none."""
        module = "/".join(re.split("[./]", handler.rpartition(".")[0]))
        chosen = [what for name, what in self.packed if _ENDING.sub("", name) == module]
        others = [what for name, what in self.packed if len(self.packed) == 1 and not name]
        for what in chosen[:1] or others:
            if isinstance(what, Inline):
                self.inline = what
            else:
                self.files.append(what)

    @property
    def found(self) -> bool:
        return bool(self.roots or self.files or self.inline or self.image or self.packed or self.placed)

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """What has another name in the archive than in the project."""
        files = [(name, what) for name, what in self.packed if name and isinstance(what, str)]
        return tuple(dict.fromkeys((*self.placed, *files)))


class Instance:
    """One module with its variables; `label` is its name in the module that uses it, `found` what its functions are added to."""

    def __init__(self, found: list[Function], files: Files, module: Module, scope: Scope, label: str) -> None:
        self.label = label
        self.found = found
        self.files = files
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

    def packed(self, given: Mapping[str, Value]) -> str | None:
        """The folder that a well-known module makes an archive of."""
        code = self._sources(given)
        return PROJECT + code.roots[0] if code.roots else None

    def functions(self) -> None:
        for block in self.module.of("resource", "aws_lambda_function"):
            for scope in turns(block, self.scope):
                self.found.append(self._function(block, scope))

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
        code.choose(known or "")
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
            placed=code.renamed,
            rearranged=code.rearranged,
            layers=tuple(dict.fromkeys(folders)),
            runtime=text(runtime),
            lifetime=lifetime,
            timeout=number(timeout),
            environment=texts(variables),
            inline=code.inline,
            adapter="lambda-web-adapter" if web else "",
            archive=code.archive,
            unmade=code.unmade if not code.found else "",
            elsewhere=code.elsewhere if not code.found else "",
            unknown=tuple(unknown),
        )
        return images.joined(function, code.image)

    def module_function(self, block: Block, scope: Scope, given: Mapping[str, Value], source: str) -> None:
        """A function that a module from elsewhere makes: the well-known one, or any that is given a handler and a folder."""
        is_known = LAMBDA_MODULE.search(source) is not None and "//modules/" not in source
        handler, runtime = (
            given.get("handler", given.get("lambda_handler")),
            given.get("runtime", given.get("lambda_runtime")),
        )
        if is_known and (
            given.get("create_function") is False or (given.get("create_layer") is True and handler is None)
        ):
            return
        if not is_known and (text(handler) is None or not (text(runtime) or "").startswith(("python", "nodejs"))):
            return
        code = self._sources(given)
        if text(given.get("package_type")) == "Image" or given.get("image_uri") is not None:
            self._image(
                given.get("image_uri"),
                [text(word) or "" for word in items(given.get("image_config_command"))],
                scope,
                code,
            )
        for name in ("filename", "local_existing_package"):
            if not code.found and given.get(name) is not None:
                self._archive(given[name], scope, code)
        if not code.found and not code.unknown:
            code.unknown = "it names no folder of this project that holds its code"
        self.found.append(
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

    def _sources(self, given: Mapping[str, Value]) -> _Code:
        """The folders that a module is given, as the well-known one takes them: one or more, alone or with what is done to each."""
        code = _Code()
        for name in _SOURCES:
            value = given.get(name)
            for path in value if isinstance(value, list) else [value]:
                described = table(path)
                prefix = (text(described.get("prefix_in_zip")) or "").strip("/")
                place = self._place(text(described.get("path"))) if prefix else None
                if place is not None and self.files.is_directory(place):
                    code.placed.append((prefix, place))
                else:
                    self._folder(described.get("path") if isinstance(path, dict) else path, code)
                code.rearranged |= "commands" in described
        return code

    def _place(self, path: str | None) -> str | None:
        return place_of(self.scope, path, self.files)

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
        if isinstance(value, Unknown) and (given := _FILE_ARCHIVE.fullmatch(value.written.strip())) is not None:
            value = given[1]
        if isinstance(value, Unknown):
            self._refer(value, scope, code)
        path = text(value)
        if path is not None:
            place = self._place(path)
            if place is not None and self.files.is_directory(place):
                code.roots.append(place)
            for block in [*self.module.of("data", "archive_file"), *self.module.of("resource", "archive_file")]:
                for turn in turns(block, scope):
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
                for turn in turns(block, self.scope)
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
            name = scope.value(attributes.get("filename", attributes.get("source_content_filename")))
            self._content(
                text(name) or "", scope.value(attributes.get("content", attributes.get("source_content"))), code
            )

    def _content(self, name: str, value: Value, code: _Code) -> None:
        """Code that is written into an archive: from the configuration itself, or from a file."""
        if isinstance(value, Quoted):
            code.packed.append((name, value.inline))
        elif isinstance(value, Made) and value.last == "read" and value.arguments:
            place = self._place(text(value.arguments[0]))
            if place is not None and self.files.is_file(place):
                filled = len(value.arguments) > 1 and not place.endswith((".py", *ENDINGS))
                code.packed.append((name, self._filled(place) if filled else place))

    def _filled(self, path: str) -> Inline:
        """A file of any name that is filled in (``templatefile``): what only the deployment knows is a name."""
        content = self.files.text(path)
        code = inline.block(content, 1, [0] * (content.count("\n") + 1))
        return inline.as_code(replace(code, file=path, exact=False))

    def _folder(self, value: Value, code: _Code) -> None:
        if value is None:
            return
        place = self._place(text(value))
        if place is not None and self.files.is_file(place):
            place = folder(place)
        if place is not None and self.files.is_directory(place):
            code.roots.append(place)
        else:
            code.unmade = place or ""
            code.unknown = f"its code is {_shown(value)}, {self.files.lacks(place)}"

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


def has_code(function: Function) -> bool:
    return bool(function.roots or function.files or function.placed or function.inline or function.image)
