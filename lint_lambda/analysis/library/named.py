"""Objects that a library keeps by dotted names: one of each name, below those whose names its own goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import Alloc, Const, Instance, Obj, Value, union

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


class _Name(NamedTuple):
    """`parts`: of the dotted name; None where it is not known. `of_file`: it is a module's, told by where the file stands, which
    may be below the folder that the module is imported from.
    """

    parts: tuple[str, ...] | None
    of_file: bool = False


class Named:
    """The named objects of every library, each with its name. A root has the empty one."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._names: dict[Obj, _Name] = {}
        self._numbers: dict[_Name, int] = {}
        self._above: dict[Obj, tuple[Value, list[Obj]]] = {}

    def of(self, root: Value, names: Value, importer: str) -> Value:
        """The objects below `root` that the `names` may mean in the file `importer`."""
        found = [self._one(obj, self._read(name, importer)) for obj in root for name in names]
        return union(found) if found else root

    def every(self, root: Obj) -> Value:
        """`root` and all that have been named below it."""
        return union((root,), self._machine.heap.load(root, Fact.NAMED))

    def above(self, obj: Obj, passes: str) -> Value:
        """`obj` and those above it, nearest first, up to the first whose attribute `passes` is false."""
        own = self._names.get(obj.base)
        root = self._root(obj)
        if root is None:
            return (obj,)
        chain: list[Obj] = []
        for each in (obj, *self._over(obj, own or _Name(()), root)):
            chain.append(each)
            held = self._machine.heap.load(each, passes)
            if held and all(isinstance(value, Const) and not value.value for value in held):
                break
        return union(chain)

    def _over(self, obj: Obj, own: _Name, root: Obj) -> list[Obj]:
        """Those above it, nearest first: the same as long as nothing more has been named."""
        named = self._machine.heap.load(root, Fact.NAMED)
        before = self._above.get(obj.base)
        if before is None or before[0] is not named:
            known = [(each, self._names.get(each.base, _Name(()))) for each in self.every(root)]
            over = [found for found in known if found[0].base is not obj.base and _is_over(found[1], own)]
            over.sort(key=lambda found: -len(found[1].parts or ()))
            before = self._above[obj.base] = (named, [each for each, _ in over])
        return before[1]

    def _root(self, obj: Obj) -> Obj | None:
        if not isinstance(obj, Instance):
            return None
        root = self._machine.universe.make(Instance, obj.type, Alloc("", 0, 0))
        return root if obj.base is root or obj.base in self._names else None

    def _one(self, root: Obj, name: _Name) -> Obj:
        if not isinstance(root, Instance) or name.parts == ():
            return root
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        made = self._machine.universe.make(Instance, root.type, root.alloc._replace(site=-number))
        self._names[made] = name
        self._machine.heap.store(root, Fact.NAMED, (made,))
        return made

    def _read(self, name: Obj, importer: str) -> _Name:
        if not isinstance(name, Const):
            return _Name(None)
        if name.value is None:
            return _Name(())
        if name.value == self._machine.semantics.imported:
            parts = importer.rpartition(".")[0].split("/")
            return _Name(tuple(parts), of_file=True)
        return _Name(tuple(part for part in str(name.value).split(".") if part))


def _is_over(upper: _Name, lower: _Name) -> bool:
    """Whether an object called `upper` may be the one called `lower`, or above it."""
    if upper.parts is None or lower.parts is None:
        return True
    if upper.of_file and lower.of_file:
        return _begins(lower.parts, upper.parts)
    for start in range(len(lower.parts) if lower.of_file else 1):
        for skipped in range(len(upper.parts) if upper.of_file else 1):
            if _begins(lower.parts[start:], upper.parts[skipped:]):
                return True
    return not upper.parts


def _begins(parts: tuple[str, ...], beginning: tuple[str, ...]) -> bool:
    return parts[: len(beginning)] == beginning
