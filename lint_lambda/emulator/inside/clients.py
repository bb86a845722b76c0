"""What client libraries have not sent yet, by the attributes in which they keep it.

Which class keeps what where is told by the emulator's caller, as plain data: [{"library", "type", "paths"}]. Nothing is
imported for it: only classes of loaded modules are looked for, among the objects that there are.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as in `typing`, whose import the function would pay for
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any


def look(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every instance of an observed class, with how much it has not sent."""
    wanted = [(class_, row) for row in rows if (class_ := _loaded(row["type"])) is not None]
    if not wanted:
        return
    import gc

    row_of = {class_: row for base, row in wanted for class_ in _with_subclasses(base)}
    for one in [one for one in gc.get_objects() if type(one) in row_of]:
        row = row_of[type(one)]
        try:
            unsent = sum(_amount(one, path) for path in row["paths"])
        except (TypeError, AttributeError):
            continue  # another version of the library, which keeps it elsewhere: nothing is known of this one
        yield {"number": id(one), "library": row["library"], "type": row["type"], "unsent": unsent}


def _with_subclasses(class_: type) -> Iterator[type]:
    yield class_
    derived: type
    for derived in type.__subclasses__(class_):
        yield from _with_subclasses(derived)


def _loaded(name: str) -> Any:
    module_name, _, attribute = name.rpartition(".")
    found = getattr(sys.modules.get(module_name), attribute, None)
    return found if isinstance(found, type) else None


def _amount(thing: Any, path: str) -> int:
    """What the attribute path counts: a number as it is, a queue by its unfinished tasks or its size, a container by its length.

    A `*` in the path stands for each element of what is before it. What is not there counts as nothing.
    """
    things = [thing]
    for name in path.split("."):
        if name == "*":
            things = [inside for one in things for inside in (one.values() if isinstance(one, dict) else one)]
        else:
            things = [inside for one in things if (inside := getattr(one, name, None)) is not None]
    return sum(map(_count, things))


def _count(value: Any) -> int:
    if isinstance(value, (int, float)):
        return int(value)
    unfinished = getattr(value, "unfinished_tasks", None)
    if isinstance(unfinished, int):
        return unfinished
    if hasattr(value, "qsize"):
        return int(value.qsize())
    return len(value) if hasattr(value, "__len__") else 0
