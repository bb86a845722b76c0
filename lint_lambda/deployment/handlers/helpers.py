"""Leave out what only helps a handler: a function of a handler's shape that another handler calls.

``async def process(event, context)`` is no handler when ``def handler(event, context)`` runs it. Told by which names a
handler can get to, in its own module and in the modules that it imports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Handler
from lint_lambda.deployment.handlers.bindings import ModuleNames
from lint_lambda.deployment.handlers.shape import EXACT

Key = tuple[str, str]
"""A module's file, and a name of its own scope."""


def without_helpers(
    handlers: Sequence[Handler],
    modules: Mapping[str, ir.Module],
    resolve: Callable[[str, str, int], str | None],
    imports: Callable[[str], Collection[str]],
) -> list[Handler]:
    """The `handlers` that no other handler gets to, in the order given.

    `modules` holds the modules of all of them, by path; `resolve` is that of the project, `imports` gives the files that a file
    loads in the end.
    """
    graph = _References(modules, resolve)
    keys = {(handler.path, handler.name): handler for handler in handlers}
    files = Counter(path for path, _ in keys)
    helped: dict[Key, set[Key]] = {}  # by whom each is reached
    for key in keys:
        own = key[0]
        if files[own] == 1 and not any(file in files and file != own for file in imports(own)):
            continue  # it is alone
        for reached in graph.closure(key) & keys.keys():
            if reached != key:
                helped.setdefault(reached, set()).add(key)

    def is_helper(key: Key) -> bool:
        return any(
            (key[1] not in EXACT or (other[1] in EXACT and not _stands_alone(key, other, modules)))
            and (other not in helped or key not in helped[other] or _rank(other) < _rank(key))
            for other in helped.get(key, ())
        )

    return [handler for key, handler in keys.items() if not is_helper(key)]


def _stands_alone(key: Key, other: Key, modules: Mapping[str, ir.Module]) -> bool:
    """Whether a handler that one of another file calls is one itself: a plain function by a handler's own name, as Lambda takes it."""
    module = modules.get(key[0])
    if key[0] == other[0] or module is None:
        return False
    function = ModuleNames(module).function(ir.Name(key[1], MODULE_BODY))
    return function is not None and not function.is_async and not function.is_generator


def _rank(key: Key) -> tuple[bool, Key]:
    """Of two that call each other, the one with a handler's own name comes first."""
    return (key[1] not in EXACT, key)


class _References:
    """Which module-level names each module-level name mentions, across modules."""

    def __init__(self, modules: Mapping[str, ir.Module], resolve: Callable[[str, str, int], str | None]) -> None:
        self._resolve = resolve
        self._names = {path: ModuleNames(module) for path, module in modules.items()}
        self._edges: dict[Key, set[Key]] = {}

    def closure(self, start: Key) -> set[Key]:
        """Every name that `start` gets to. An import in a handler's own file leads on into the imported file."""
        seen: set[Key] = set()
        pending = [start]
        while pending:
            fresh = self._mentioned(pending.pop()) - seen
            seen |= fresh
            pending.extend(fresh)
        return seen

    def _mentioned(self, key: Key) -> set[Key]:
        if key not in self._edges:
            path, name = key
            names = self._names.get(path)
            self._edges[key] = set() if names is None else set(self._find(names, path, name))
        return self._edges[key]

    def _find(self, names: ModuleNames, path: str, name: str) -> Iterator[Key]:
        binding = names.bound.get(name)
        while binding is not None:
            if isinstance(binding.value, ir.Import):
                yield from self._imported(path, binding.value, ())
            else:
                yield from self._in(names, path, binding.value)
            if not isinstance(binding.value, ir.Call):
                break  # a call may wrap what the name was bound to before
            binding = binding.before

    def _in(self, names: ModuleNames, path: str, value: ir.Expr) -> Iterator[Key]:
        for part in self._bodies(names, value):
            local = {node.target.name: node for node in tree.nodes(part) if isinstance(node, ir.Import)}
            for node in tree.nodes(part):
                base = node.base if isinstance(node, ir.Attr) else node
                if not isinstance(base, ir.Name):
                    continue
                members = (node.name,) if isinstance(node, ir.Attr) else ()
                if base.owner == MODULE_BODY:
                    yield (path, base.name)
                    binding = names.bound.get(base.name)
                    if members and binding is not None and isinstance(binding.value, ir.Import):
                        yield from self._imported(path, binding.value, members)
                elif base.name in local:
                    yield from self._imported(path, local[base.name], members)

    @staticmethod
    def _bodies(names: ModuleNames, value: ir.Expr) -> Iterator[object]:
        """`value`, and the functions and classes defined in it, with everything nested in them."""
        yield value
        for node in tree.nodes(value):
            if isinstance(node, (ir.Func, ir.Class_)):
                inside = f"{node.qualname}."
                for qualname, function in names.functions.items():
                    if qualname == node.qualname or qualname.startswith(inside):
                        yield function
                for qualname, class_ in names.classes.items():
                    if qualname == node.qualname or qualname.startswith(inside):
                        yield class_

    def _imported(self, path: str, statement: ir.Import, members: Iterable[str]) -> Iterator[Key]:
        """The names that an import, or attributes of what it binds, stand for in other modules of handlers."""
        wanted = list(members) if statement.name is None else [statement.name, *members]
        file = self._resolve(path, statement.loads if statement.name is None else statement.module, statement.level)
        if file is not None:
            for name in wanted:
                yield (file, name)
        if statement.name is not None and wanted[1:]:  # `from package import module`, then `module.name`
            dotted = f"{statement.module}.{statement.name}" if statement.module else statement.name
            inner = self._resolve(path, dotted, statement.level)
            if inner is not None:
                for name in wanted[1:]:
                    yield (inner, name)
