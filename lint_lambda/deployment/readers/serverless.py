"""Read the Serverless Framework's files: YAML, JSON, and literal TypeScript and JavaScript, with what they include."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_lambda.core.record import replace
from lint_lambda.deployment.documents import DocumentError, Items, Node, Scalar, Table, Tagged, load
from lint_lambda.deployment.files import Files, folder, join
from lint_lambda.deployment.intrinsics import Evaluation
from lint_lambda.deployment.model import Declarations, Declared, Function, Lifetime, Trouble
from lint_lambda.deployment.readers import cloudformation, images
from lint_lambda.deployment.readers.cloudformation import WEB_ADAPTER, layer_folders
from lint_lambda.deployment.values import Unknown, Value, items, number, table, text, texts, written

_FILE = re.compile(r"(?:.*/)?serverless[\w.-]*\.(?:ya?ml|json)")
_CODE = re.compile(r"(?:.*/)?serverless\.(?:ts|js|cjs|mjs)")
_VARIABLE = re.compile(r"\$\{([^${}]*)\}")
_INCLUDE = re.compile(r"file\(([^)]+)\)(?::([\w.-]+))?")

MOST_INCLUDES = 50
DEEPEST = 20


def read(files: Files) -> Declarations:
    """Every function of every service."""
    found = Declarations()
    for path in files.others:
        if _FILE.fullmatch(path):
            _read_file(path, files, found)
        elif _CODE.fullmatch(path):
            _read_code(path, files, found)
    return found


def _read_file(path: str, files: Files, found: Declarations) -> None:
    try:
        documents = load(path, files.read(path))
    except DocumentError as error:
        found.troubles.append(Trouble(path, error.line or 0, str(error)))
        return
    for document in documents[:1]:
        if isinstance(document, Table) and (document.get("functions") or document.get("provider")):
            service = _Service(path, files, found, document)
            if service.is_aws():
                service.read(service.functions())
                service.read_resources()
            else:
                found.foreign.add(service.home)


def _read_code(path: str, files: Files, found: Declarations) -> None:
    """``serverless.ts``: what it exports, as far as it is literal."""
    if b"functions" not in files.read(path):
        return
    from lint_lambda.deployment.typescript_program import Program

    module = Program(files, [path]).module(path)
    for node, scope in module.exported():
        document = module.document(node, scope)
        if isinstance(document, Table):
            service = _Service(path, files, found, document)
            if service.is_aws():
                service.read(service.functions())


class _Service:
    """One service: its document, and the variables in it."""

    def __init__(self, path: str, files: Files, found: Declarations, document: Table) -> None:
        self.path = path
        self.home = folder(path)
        self.files = files
        self.found = found
        self.document = document
        self.evaluation = Evaluation(Table(1))
        self.included: dict[str, Node | None] = {}
        self.provider = Table(1)  # while it is looked up itself
        self.provider = self._table(document.get("provider"))
        self.package = self._table(document.get("package"))
        self.layers = self._table(document.get("layers"))

    # --- variables ---------------------------------------------------------------------------------------------------

    def node(self, node: Node | None, depth: int = 0) -> Node | None:
        """A node, where it is a variable for a whole subtree: what it stands for."""
        if not isinstance(node, Scalar) or depth > DEEPEST:
            return node
        whole = _VARIABLE.fullmatch(self._flat(node.value.strip(), depth))
        if whole is None:
            return node
        for source in whole[1].split(","):
            source = source.strip()
            include = _INCLUDE.fullmatch(source)
            if include is not None:
                return self._include(include[1].strip(), include[2], node, depth)
            if source.startswith("self:"):
                looked = self._at(self.document, source[5:], depth)
                if looked is not None:
                    return self.node(looked, depth + 1)
        return node

    def _flat(self, given: str, depth: int) -> str:
        """A variable with those inside of it replaced; it stays one itself."""
        for _ in range(DEEPEST if given.startswith("${") and "${" in given[2:] else 0):
            head, tail = given[:2], given[2:]
            again = head + _VARIABLE.sub(lambda match: self._variable(match, depth + 1), tail)
            if again == given or len(again) > 10_000:
                break
            given = again
        return given

    def value(self, node: Node | None, depth: int = 0) -> Value:
        node = self.node(node, depth)
        if isinstance(node, Scalar):
            return None if not node.style and node.value in ("", "~", "null") else self._substituted(node.value, depth)
        if isinstance(node, Items):
            return [self.value(inner, depth + 1) for inner in node.values] if depth < DEEPEST else Unknown("…")
        if isinstance(node, Table) and depth < DEEPEST:
            return {key: self.value(inner, depth + 1) for key, inner in list(node.items())[:1000]}
        return self.evaluation.value(node) if isinstance(node, Tagged) else None if node is None else Unknown("…")

    def _substituted(self, given: str, depth: int) -> str:
        for _ in range(DEEPEST):  # variables may stand in variables, innermost first
            again = _VARIABLE.sub(lambda match: self._variable(match, depth), given)
            if again == given or len(again) > 10_000:
                break
            given = again
        return given

    def _variable(self, match: re.Match[str], depth: int) -> str:
        for source in match[1].split(","):
            source = source.strip()
            if source.startswith(("'", '"')):
                return source[1:-1]
            if source.startswith("self:") and depth < DEEPEST:
                known = text(self.value(self._at(self.document, source[5:], depth), depth + 1))
                if known is not None:
                    return known
            include = _INCLUDE.fullmatch(source)
            if include is not None and depth < DEEPEST:
                known = text(self.value(self._include(include[1], include[2], None, depth), depth + 1))
                if known is not None:
                    return known
        return match[0]

    def _at(self, node: Node | None, path: str, depth: int) -> Node | None:
        for part in path.split("."):
            node = self.node(node, depth + 1)
            if isinstance(node, Items) and part.isdigit():
                node = node.values[int(part)] if int(part) < len(node.values) else None
            else:
                node = node.get(part) if isinstance(node, Table) else None
        return node

    def _include(self, name: str, inside: str | None, asked: Node | None, depth: int) -> Node | None:
        path = join(self.home, self._substituted(name, depth + 1))
        if path is None or not self.files.is_file(path):
            return asked
        if path.endswith((".js", ".cjs", ".mjs", ".ts")):
            return self._exported(path, inside) or asked
        if not path.endswith((".yml", ".yaml", ".json")):
            return asked
        if path not in self.included:
            if len(self.included) >= MOST_INCLUDES:
                return asked
            self.included[path] = None  # while it is read: what includes itself includes nothing
            try:
                documents = load(path, self.files.read(path))
                self.included[path] = documents[0] if documents else None
            except DocumentError as error:
                self.found.troubles.append(Trouble(path, error.line or 0, str(error)))
        node = self.included[path]
        return self._at(node, inside, depth) if inside and node is not None else self.node(node, depth + 1)

    def _exported(self, path: str, inside: str | None) -> Node | None:
        """What a program exports, or returns, as far as it is literal."""
        from lint_lambda.deployment.typescript import Module

        name, _, rest = (inside or "").partition(".")
        module = Module(path, self.files)
        for node, scope in module.exported_as(name):
            document = module.document(node, scope)
            return self._at(document, rest, 0) if rest else document
        return None

    def _table(self, node: Node | None) -> Table:
        found = self.node(node)
        return found if isinstance(found, Table) else Table(1)

    def _trouble(self, line: int, what: str) -> None:
        trouble = Trouble(self.path, line, what)
        if trouble not in self.found.troubles:
            self.found.troubles.append(trouble)

    def is_aws(self) -> bool:
        """Whether the service is AWS's, as far as it says so."""
        provider = self.node(self.document.get("provider"))
        name = self.value(self.provider.get("name") if isinstance(provider, Table) else provider)
        known = text(name)
        return not known or known == "aws"

    # --- functions ---------------------------------------------------------------------------------------------------

    def functions(self) -> Iterator[tuple[str, int, Table, str]]:
        """Name, line, properties and file of each function; a list of groups is merged, and groups may be included."""
        pending = [(self.document.get("functions"), self.path)]
        left = 2000
        while pending and left > 0:
            left -= 1
            asked, file = pending.pop(0)
            node = self.node(asked)
            if node is asked and isinstance(asked, Scalar) and "file(" in asked.value:
                self._trouble(asked.line, f"{asked.value} includes a file that is not here")
            if node is not asked and isinstance(asked, Scalar):
                file = self._file_of(asked) or file
            if isinstance(node, Items):
                pending[:0] = [(inner, file) for inner in node.values]
            elif isinstance(node, Table):
                for name, given in node.items():
                    inner = self.node(given)
                    where, line = file, node.line_of(name)
                    if inner is not given and isinstance(given, Scalar) and isinstance(inner, Table):
                        where, line = self._file_of(given) or file, inner.line
                    if isinstance(inner, Table):
                        yield name, line, inner, where

    def _file_of(self, asked: Scalar) -> str | None:
        include = re.search(r"file\(([^)]+)\)", asked.value)
        return join(self.home, self._substituted(include[1].strip(), 0)) if include is not None else None

    def read_resources(self) -> None:
        """The functions that stand among the service's own resources; files that it includes are read for themselves."""
        resources = self.document.get("resources")
        for each in resources.values if isinstance(resources, Items) else [resources]:
            if isinstance(each, Table):
                cloudformation.read_document(self.path, each, self.files, self.found)

    def read(self, functions: Iterator[tuple[str, int, Table, str]]) -> None:
        for name, line, given, file in functions:
            self.found.functions.append(self._function(name, line, given, file))

    def _function(self, name: str, line: int, given: Table, file: str) -> Function:
        runtime = self.value(given.get("runtime"))
        runtime = self.value(self.provider.get("runtime")) if runtime is None else runtime
        handler = self.value(given.get("handler"))
        timeout = self.value(given.get("timeout"))
        variables = table(self.value(self.provider.get("environment")))
        variables = {**variables, **table(self.value(given.get("environment")))}
        unknown = []
        if handler is not None and text(handler) is None:
            unknown.append(f"its handler is {written(handler)}")
        image, elsewhere = self._image(given)
        module = text(self.value(given.get("module")))  # of serverless-python-requirements
        roots = [join(self.home, module)] if module else []
        roots = [] if elsewhere or image is not None else [*roots, self.home]
        artifact = self.value(self._table(given.get("package")).get("artifact")) or self.value(
            self.package.get("artifact")
        )
        if artifact is not None and image is None:
            # What it is packed of is not told; most pack the folder of the service, under the same paths.
            elsewhere = f"the artifact {written(artifact)}"
        archive = join(self.home, text(artifact) or "") if artifact is not None and image is None else None
        layers, web = self._layers(given)
        lifetime: Lifetime = "web-adapter" if web else "default"
        function = Function(
            declared=Declared(file, line, "serverless"),
            names=_names(name, self.value(given.get("name"))),
            handler=text(handler),
            roots=tuple(dict.fromkeys(root for root in roots if root is not None)),
            archive=archive if archive is not None and archive.endswith(".zip") else "",
            layers=layers,
            runtime=text(runtime),
            lifetime=lifetime,
            timeout=number(self.value(self.provider.get("timeout")) if timeout is None else timeout),
            environment=texts(variables),
            adapter="lambda-web-adapter" if web else "",
            elsewhere=elsewhere,
            unknown=tuple(unknown),
        )
        return images.joined(self._wsgi(function), image)

    def _wsgi(self, function: Function) -> Function:
        """`serverless-wsgi` brings a handler of its own, and is told the application elsewhere."""
        if function.handler not in ("wsgi_handler.handler", "wsgi.handler"):
            return function
        application = text(self.value(self._at(self.document, "custom.wsgi.app", 0)))
        if application is None or (module := application.rpartition("."))[1] == "":
            return function
        return replace(
            function, handler=None, application=f"{module[0].replace('/', '.')}:{module[2]}", adapter="serverless-wsgi"
        )

    def _image(self, given: Table) -> tuple[images.Described | None, str]:
        node = self.node(given.get("image"))
        if node is None:
            return None, ""
        if isinstance(node, Table):
            name = text(self.value(node.get("name"))) or text(self.value(node.get("uri"))) or ""
            command = [text(word) or "" for word in items(self.value(node.get("command")))]
        else:
            name, command = text(self.value(node)) or "", []
        built = self._at(self.document, f"provider.ecr.images.{name}", 0)
        if isinstance(built, Scalar):
            context, dockerfile = text(self.value(built)), None
        elif isinstance(built, Table):
            context, dockerfile = text(self.value(built.get("path"))), text(self.value(built.get("file")))
        else:
            return None, "a container image"
        directory = join(self.home, context or ".")
        image = None if directory is None else images.find(self.files, directory, dockerfile, command)
        return image, "" if image is not None else f"a container image, whose Dockerfile in {context} is not here"

    def _layers(self, given: Table) -> tuple[tuple[str, ...], bool]:
        found: list[str] = []
        web = False
        for node in (self.node(given.get("layers")), self.node(self.provider.get("layers"))):
            for layer in node.values if isinstance(node, Items) else ():
                referred = layer.text("Ref") if isinstance(layer, Table) else None
                if isinstance(layer, Tagged) and layer.tag == "Ref" and isinstance(layer.value, Scalar):
                    referred = layer.value.value
                spelled = self.value(layer)
                web |= isinstance(spelled, str) and WEB_ADAPTER in spelled
                for name, described in self.layers.items() if referred else ():
                    if f"{_logical(name)}LambdaLayer" == referred and isinstance(described, Table):
                        path = text(self.value(described.get("path")))
                        place = join(self.home, path) if path else None
                        found += layer_folders(self.files, place) if place is not None else ()
        return tuple(dict.fromkeys(found)), web


def _logical(name: str) -> str:
    """The name that the framework gives a layer's resource: as CloudFormation takes names."""
    normal = name.replace("-", "Dash").replace("_", "Underscore")
    return normal[:1].upper() + normal[1:]


def _names(name: str, given: Value) -> tuple[str, ...]:
    deployed = text(given)
    return (name,) if deployed is None or deployed == name else (name, deployed)
