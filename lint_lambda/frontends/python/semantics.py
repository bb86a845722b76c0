"""What Python means by the operations of the intermediate representation."""

from __future__ import annotations

import builtins
import sys

from lint_lambda.core.names import Symbol
from lint_lambda.core.semantics import Semantics


def _is_package(path: str) -> bool:
    return path.rpartition("/")[2] == "__init__.py"


def _is_standard(symbol: Symbol) -> bool:
    return symbol.partition(".")[0] in sys.stdlib_module_names


def _bases_of(symbol: Symbol) -> frozenset[Symbol]:
    module, _, name = symbol.rpartition(".")
    class_ = getattr(builtins, name, None) if module == "builtins" else None
    if not isinstance(class_, type) or not issubclass(class_, BaseException):
        return frozenset()
    return frozenset(f"builtins.{base.__name__}" for base in class_.__mro__)


_NAMES = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
    "<<": "lshift",
    ">>": "rshift",
    "&": "and",
    "|": "or",
    "^": "xor",
}
_COMPARING = {
    "==": ("__eq__", "__eq__"),
    "!=": ("__ne__", "__ne__"),
    "<": ("__lt__", "__gt__"),
    "<=": ("__le__", "__ge__"),
    ">": ("__gt__", "__lt__"),
    ">=": ("__ge__", "__le__"),
}
_TEXTS = ("__format__", "__str__", "__repr__")

PYTHON = Semantics(
    language="python",
    counts=frozenset({"len"}),
    numbers="range",
    async_call="lazy",
    generator_type="builtins.generator",
    handler_result="ignored",
    library="builtins",
    text="str",
    iterate=("__iter__", "__aiter__"),
    advance=("__next__", "__anext__"),
    enter=("__enter__", "__aenter__"),
    exit=("__exit__", "__aexit__"),
    call=("__call__",),
    construct=("__init__",),
    constructed=("__post_init__", "__attrs_post_init__", "model_post_init"),
    wait=("__await__",),
    index=("__getitem__",),
    put_index=("__setitem__",),
    contains=("__contains__",),
    truth=("__bool__", "__len__"),
    operators={**{op: (f"__{name}__", f"__r{name}__") for op, name in _NAMES.items()}, **_COMPARING},
    changing={f"{op}=": f"__i{name}__" for op, name in _NAMES.items()},
    asking={
        "builtins.len": ("__len__",),
        "builtins.bool": ("__bool__", "__len__"),
        "builtins.int": ("__int__", "__index__"),
        "builtins.float": ("__float__",),
        "builtins.hash": ("__hash__",),
        "builtins.abs": ("__abs__",),
        "builtins.reversed": ("__reversed__",),
        "builtins.repr": ("__repr__",),
        "builtins.str": ("__str__", "__repr__"),
        "builtins.print": ("__str__", "__repr__"),
        "builtins.format": _TEXTS,
    },
    texts=_TEXTS,
    storing=("__setattr__",),
    read=("__get__",),
    otherwise=("__getattr__",),
    make=("__new__",),
    class_of="__class__",
    attributes_of="__dict__",
    subclasses_of="__subclasses__",
    subclassed=("__init_subclass__",),
    metaclass="metaclass",
    fields_are_parameters=True,
    module_name="__name__",
    imported="<imported>",
    is_package=_is_package,
    is_standard=_is_standard,
    bases_of=_bases_of,
    current_loop=frozenset({"asyncio.get_event_loop", "asyncio.events.get_event_loop"}),
    missing=frozenset({"builtins.KeyError", "builtins.IndexError", "builtins.LookupError", "builtins.TypeError"}),
    exhausted=frozenset({"builtins.StopIteration", "builtins.StopAsyncIteration"}),
    closed=frozenset({"builtins.GeneratorExit", "builtins.BaseException"}),
    catch_all=frozenset({"builtins.Exception", "builtins.BaseException"}),
    reflection={
        "super": "parent",
        "type": "class",
        "getattr": "get",
        "setattr": "set",
        "vars": "attributes",
        "globals": "module",
    },
    repeats="builtins.iter",
    defaulting=frozenset({"get", "pop", "setdefault"}),
    looking_up=frozenset({"get"}),
    pairs=frozenset({"items"}),
    transparent_types=frozenset({"Optional", "Annotated"}),
    several_types=frozenset({"list", "List", "set", "Set", "tuple", "Tuple", "Sequence", "Iterable", "Collection"}),
)
