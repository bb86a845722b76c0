"""Read AWS CloudFormation and AWS SAM templates, in YAML and JSON, and those that they nest.

Any file counts that names a type of function, whatever it is called. Code may stand in the template itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lint_lambda.deployment import inline
from lint_lambda.deployment.documents import DocumentError, Items, Node, Scalar, Table, Tagged, load
from lint_lambda.deployment.files import Files, folder, join
from lint_lambda.deployment.intrinsics import Evaluation, function_of
from lint_lambda.deployment.model import Declarations, Declared, Function, Inline, Lifetime, Trouble
from lint_lambda.deployment.readers import amplify, images
from lint_lambda.deployment.values import Unknown, Value, items, number, table, text, texts, written

SUFFIXES = (".yaml", ".yml", ".json", ".template")
_OTHERS = re.compile(r"serverless\.(?:ya?ml|json)")
"""Files of the Serverless Framework, whose resources may be written as CloudFormation's."""
_NAMES = frozenset(f"template{suffix}" for suffix in SUFFIXES)
_SAM = "AWS::Serverless::Function"
_PLAIN = "AWS::Lambda::Function"
_TOKENS = (_SAM.encode(), _PLAIN.encode(), b"CapacityProviderConfig")
MANAGED = "CapacityProviderConfig"
"""The property of a function that makes it run on a Managed Instance."""
_LOOP = "Fn::ForEach::"
DEEPEST_LOOP = 5
MOST_TURNS = 200
WEB_ADAPTER = "LambdaAdapterLayer"
"""What the names of the web adapter's layers have in common."""


def read(files: Files) -> Declarations:
    """Every function of every template."""
    found = Declarations()
    templates: dict[str, Table] = {}
    for path in files.others:
        if not path.endswith(SUFFIXES) or _OTHERS.fullmatch(path.rpartition("/")[2]):
            continue
        content = files.read(path)
        named = path.rpartition("/")[2] in _NAMES
        if not named and not any(token in content for token in _TOKENS):
            continue
        try:
            documents = load(path, content)
        except DocumentError as error:
            found.troubles.append(Trouble(path, error.line or 0, str(error)))
            continue
        for document in documents:
            if isinstance(document, Table) and isinstance(document.get("Resources"), Table):
                templates[path] = document
    nested = _nested(templates)
    for path, document in templates.items():
        if _is_built(document, folder(path)):
            found.built.add(folder(path))
            continue
        _Template(path, document, files, nested.get(path, {}), found).read()
    return found


def read_document(path: str, document: Table, files: Files, found: Declarations) -> None:
    """The functions of a template that stands in another file."""
    _Template(path, document, files, {}, found).read()


def _is_built(document: Table, directory: str) -> bool:
    """Whether `sam build` wrote this template.

    It says of each resource which one it was, as people do, too, and gives each function a folder of that name beside the template.
    """
    for name, resource in document.table("Resources").items():
        if not isinstance(resource, Table) or resource.table("Metadata").get("SamResourceId") is None:
            continue
        given = resource.table("Properties")
        place = join(directory, given.text("CodeUri") or given.text("ContentUri") or "")
        if place == join(directory, name):
            return True
    return False


def _nested(templates: Mapping[str, Table]) -> dict[str, dict[str, Value]]:
    """The parameters that templates give to those they nest, where they are literal."""
    found: dict[str, dict[str, Value]] = {}
    for path, document in templates.items():
        evaluation = Evaluation(document)
        for resource in document.table("Resources").values():
            if not isinstance(resource, Table):
                continue
            given = resource.table("Properties")
            location = text(evaluation.value(given.get("Location") or given.get("TemplateURL")))
            target = join(folder(path), location) if location else None
            if target is not None and target in templates:
                parameters = table(evaluation.value(given.get("Parameters")))
                known = {name: value for name, value in parameters.items() if text(value) is not None}
                found.setdefault(target, known)
    return found


class _Template:
    """One template, and the functions it declares."""

    def __init__(
        self, path: str, document: Table, files: Files, parameters: Mapping[str, Value], found: Declarations
    ) -> None:
        self.path = path
        self.files = files
        self.found = found
        self.evaluation = Evaluation(document, parameters)
        self.resources = document.table("Resources")
        self.globals = document.table("Globals").table("Function")
        self._raw: list[str] | None = None
        self._turns = 0

    def read(self) -> None:
        plain = self.evaluation
        for name, line, node, loop in self._declared(self.resources, {}, 0):
            kind = node.text("Type") if isinstance(node, Table) else None
            if isinstance(node, Table) and kind in (_SAM, _PLAIN):
                self.evaluation = plain.binding(loop) if loop else plain
                self.found.functions.append(self._function(name, line, node, kind == _SAM))
        self.evaluation = plain

    def _declared(
        self, resources: Table, loop: Mapping[str, Value], depth: int
    ) -> Iterator[tuple[str, int, Node, Mapping[str, Value]]]:
        """Name, line and description of each resource, and what loops (``Fn::ForEach``) bind for it."""
        for name, node in resources.items():
            if not name.startswith(_LOOP) or depth > DEEPEST_LOOP:
                yield name, resources.line_of(name), node, loop
                continue
            parts = node.values if isinstance(node, Items) else []
            if len(parts) != 3 or not isinstance(parts[0], Scalar) or not isinstance(parts[2], Table):
                continue  # CloudFormation refuses it
            given = self.evaluation.binding(loop).value(parts[1])
            if not isinstance(given, list):
                what = f"what {name} loops over is {written(given)}, which is known only at deployment time"
                self.found.troubles.append(Trouble(self.path, resources.line_of(name), what))
            for value in items(given)[:MOST_TURNS]:
                self._turns += 1
                if self._turns > MOST_TURNS * DEEPEST_LOOP:
                    return
                bound = {**loop, parts[0].value: value}
                for inner, line, described, within in self._declared(parts[2], bound, depth + 1):
                    spelled = text(value) or ""
                    for mark in ("${%s}", "&{%s}"):
                        inner = inner.replace(mark % parts[0].value, spelled)
                    yield inner, line, described, within

    def _function(self, name: str, line: int, resource: Table, sam: bool) -> Function:
        self.evaluation.refresh()
        given = resource.table("Properties")
        metadata = resource.table("Metadata")

        def get(key: str) -> Node | None:
            own = given.get(key)
            return self.globals.get(key) if own is None and sam else own

        def value(key: str) -> Value:
            return self.evaluation.value(get(key))

        runtime, handler = value("Runtime"), value("Handler")
        environment = self._environment(given, sam)
        code = _Code()
        image = None
        if text(value("PackageType")) == "Image" or given.get("ImageUri") is not None:
            image = self._image(metadata, given, code)
        elif sam:
            self._sam_code(get("CodeUri"), given.get("InlineCode"), code)
        else:
            self._plain_code(given.get("Code"), code)
        layers, adapter = self._layers(given, sam)
        unknown = [*code.unknown]
        if handler is not None and text(handler) is None:
            unknown.append(f"its handler is {written(handler)}")
        web = adapter or (image is not None and image.web_adapter)
        managed = get(MANAGED) is not None
        return images.joined(
            Function(
                declared=Declared(self.path, line, self._format(sam)),
                names=_names(name, self.evaluation.value(given.get("FunctionName"))),
                handler=text(handler),
                roots=code.roots,
                entries=self._entries(metadata, code),
                layers=layers,
                runtime=text(runtime),
                lifetime=_lifetime(managed, web, text(runtime)),
                adapter="lambda-web-adapter" if web else "",
                timeout=number(value("Timeout")),
                environment=environment,
                inline=code.inline,
                archive=code.archive,
                key=code.key,
                unmade=code.unmade,
                elsewhere=code.elsewhere,
                rearranged=text(self.evaluation.value(metadata.get("BuildMethod"))) == "makefile",
                unknown=tuple(unknown),
            ),
            image,
        )

    def _entries(self, metadata: Table, code: _Code) -> tuple[str, ...]:
        """The sources that ``sam build`` bundles with esbuild."""
        given = items(self.evaluation.value(metadata.table("BuildProperties").get("EntryPoints")))
        places = (join(root, path) for root in code.roots for path in map(text, given) if path is not None)
        return tuple(place for place in places if place is not None and self.files.is_file(place))

    def _format(self, sam: bool) -> str:
        """The tool that the template belongs to."""
        parts = self.path.split("/")
        if parts[-1].endswith(amplify.TEMPLATE):
            return "amplify"
        if "copilot" in parts and "addons" in parts:
            return "copilot"
        return "sam" if sam else "cloudformation"

    def _environment(self, given: Table, sam: bool) -> tuple[tuple[str, str], ...]:
        shared = self.globals.table("Environment").get("Variables") if sam else None
        both = {**table(self.evaluation.value(shared))}
        both.update(table(self.evaluation.value(given.table("Environment").get("Variables"))))
        return texts(both)

    def _image(self, metadata: Table, given: Table, code: _Code) -> images.Described | None:
        context = text(self.evaluation.value(metadata.get("DockerContext")))
        dockerfile = text(self.evaluation.value(metadata.get("Dockerfile")))
        if context is None:
            code.elsewhere = "a container image"
            return None
        config = table(self.evaluation.value(given.get("ImageConfig")))
        command = [text(part) or "" for part in items(config.get("Command"))]
        directory = join(folder(self.path), context)
        image = None if directory is None else images.find(self.files, directory, dockerfile, command)
        if image is None:
            code.elsewhere = (
                f"a container image, whose Dockerfile ({dockerfile or 'Dockerfile'} in {context}) is not here"
            )
        return image

    # --- code --------------------------------------------------------------------------------------------------------

    def _sam_code(self, uri: Node | None, written_here: Node | None, code: _Code) -> None:
        if written_here is not None:
            code.inline = self._inline(written_here)
            if code.inline is None:
                code.unknown.append("its inline code is known only at deployment time")
            return
        if isinstance(uri, Table) and function_of(uri) is None:
            code.elsewhere, code.key = "in a bucket", text(self.evaluation.value(uri.get("Key"))) or ""
            return
        self._local(self.evaluation.value(uri) if uri is not None else ".", code)  # `sam build` takes the same default

    def _plain_code(self, given: Node | None, code: _Code) -> None:
        if isinstance(given, Table) and function_of(given) is None:
            zipped = given.get("ZipFile")
            if zipped is not None:
                code.inline = self._inline(zipped)
                if code.inline is None:
                    code.unknown.append("its inline code is known only at deployment time")
                return
            if given.get("ImageUri") is not None:
                code.elsewhere = "a container image"
                return
            beside = amplify.code(self.path, self.files)
            if beside is not None:
                code.roots = (beside,)
                return
            code.elsewhere, code.key = "in a bucket", text(self.evaluation.value(given.get("S3Key"))) or ""
            return
        if given is None:
            code.unknown.append("it names no code")
            return
        self._local(self.evaluation.value(given), code)

    def _local(self, value: Value, code: _Code) -> None:
        """Code in a folder of the project, as ``aws cloudformation package`` and `sam` take it."""
        path = text(value)
        if path is None:
            code.unknown.append(f"its code is {written(value)}, which is known only at deployment time")
            return
        if path.startswith(("s3://", "https://")):
            code.elsewhere, code.key = "in a bucket", path
            return
        place = self._place(path)
        if place is not None and self.files.is_file(place):
            code.roots = (folder(place),)
        elif place is not None and self.files.is_directory(place):
            code.roots = (place,)
        else:
            code.archive = place or "" if path.endswith(".zip") else ""
            code.unmade = path if not code.archive else ""
            shown = written(path) if place is None or not self.files.is_directory(path.strip("./")) else place
            code.unknown.append(f"its code is {shown}, {self.files.lacks(place)}")

    def _place(self, path: str) -> str | None:
        """What a path means: it is relative to the template, or, in an addon of Copilot's, to the workspace."""
        places = [join(folder(self.path), path)]
        if self._format(False) == "copilot":
            parts = self.path.split("/")
            places.insert(0, join("/".join(parts[: parts.index("copilot")]), path))
        here = (
            each for each in places if each is not None and (self.files.is_file(each) or self.files.is_directory(each))
        )
        return next(here, places[0])

    def _inline(self, node: Node) -> Inline | None:
        """The code that stands here; none where something else fills in an empty text."""
        found = self._written(node)
        return found if found is not None and found.text.strip() else None

    def _written(self, node: Node) -> Inline | None:
        tag, inner = ("", node)
        if isinstance(node, Tagged):
            tag, inner = node.tag, node.value
        elif isinstance(node, Table):
            tag, inner = function_of(node) or ("", node)
            tag = tag.removeprefix("Fn::")
        if tag == "Sub" and isinstance(inner, Items) and inner.values:
            inner = inner.values[0]
        if isinstance(inner, Scalar) and tag in ("", "Sub"):
            return inline.of_scalar(inner, self._lines(), substituted=tag == "Sub")
        if tag == "Join" and isinstance(inner, Items) and len(inner.values) == 2:
            joint, parts = inner.values
            if isinstance(joint, Scalar) and isinstance(parts, Items):
                scalars = [part for part in parts.values if isinstance(part, Scalar)]
                if len(scalars) == len(parts.values):
                    return inline.of_lines(scalars, joint.value)
        return None

    def _lines(self) -> list[str]:
        if self._raw is None:
            self._raw = re.split(r"\r\n|\r|\n", self.files.text(self.path).removeprefix("\ufeff"))
        return self._raw

    # --- layers ------------------------------------------------------------------------------------------------------

    def _layers(self, given: Table, sam: bool) -> tuple[tuple[str, ...], bool]:
        """The folders of the function's layers, and whether the web adapter is one of them."""
        nodes = [given.get("Layers"), self.globals.get("Layers") if sam else None]
        found: list[str] = []
        adapter = False
        for node in nodes:
            for layer in node.values if isinstance(node, Items) else ():
                name = _referred(layer)
                if name is not None and isinstance(resource := self.resources.get(name), Table):
                    found += self._layer(resource.table("Properties"))
                elif WEB_ADAPTER in _spelled(layer, self.evaluation):
                    adapter = True
        return tuple(dict.fromkeys(found)), adapter

    def _layer(self, given: Table) -> Iterator[str]:
        content = text(self.evaluation.value(given.get("ContentUri") or given.get("Content")))
        place = join(folder(self.path), content) if content else None
        if place is not None:
            yield from layer_folders(self.files, place)


class _Code:
    """Where a function's code is, as far as it has been made out."""

    def __init__(self) -> None:
        self.roots: tuple[str, ...] = ()
        self.inline: Inline | None = None
        self.elsewhere = ""
        self.key = ""
        self.archive = ""
        self.unmade = ""
        self.unknown: list[str] = []


def layer_folders(files: Files, place: str) -> Iterator[str]:
    """The folders that a layer made of this one puts on the path: its ``python/``, or itself where a tool makes that."""
    inside = f"{place}/python" if place else "python"
    if files.is_directory(inside):
        yield inside
        for path in files.below(inside):
            packages = re.match(r"lib/python3\.\d+/site-packages/", path[len(inside) + 1 :])
            if packages is not None:
                yield f"{inside}/{packages[0].rstrip('/')}"
                break
    elif files.is_directory(place):
        yield place


def _referred(node: Node) -> str | None:
    """The resource that ``!Ref Name`` or ``!GetAtt Name.Arn`` stands for."""
    tag, inner = "", node
    if isinstance(node, Tagged):
        tag, inner = node.tag, node.value
    elif isinstance(node, Table) and (single := function_of(node)) is not None:
        tag, inner = single[0].removeprefix("Fn::"), single[1]
    if isinstance(inner, Items) and inner.values:
        inner = inner.values[0]
    return inner.value.partition(".")[0] if tag in ("Ref", "GetAtt") and isinstance(inner, Scalar) else None


def _spelled(node: Node, evaluation: Evaluation) -> str:
    value = evaluation.value(node)
    return value.written if isinstance(value, Unknown) else value if isinstance(value, str) else ""


def _names(name: str, given: Value) -> tuple[str, ...]:
    deployed = text(given)
    return (name,) if deployed is None or deployed == name else (name, deployed)


def _lifetime(managed: bool, web: bool, runtime: str | None) -> Lifetime:
    if managed:
        return "managed-instances"
    if web:
        return "web-adapter"
    return "custom-runtime" if runtime is not None and runtime.startswith("provided") else "default"
