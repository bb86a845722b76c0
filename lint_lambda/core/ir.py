"""The language-neutral intermediate representation: what a front-end makes of one file.

A module is a tree of *functions* and *classes*; a function's body is a list of *statements* (regions: sequence, if,
loop, try, with, match), whose leaves are *expressions*. Names are resolved to the scope that binds them, imports are
kept as written, and no library is known here.

A *site* is the ordinal of a node within its module. It is stable for one source text, and the front-end that made the
module can turn it into a `Span` on demand: positions are expensive, and most modules never have a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Union

from lint_lambda.core import names
from lint_lambda.core.cuts import LeftOut
from lint_lambda.core.record import dataclass

Site = names.Site

LOCAL = ""
"""`Name.owner` of a variable of the function the name stands in."""

BUILTIN = "<builtins>"
"""`Name.owner` of a name of the language's own that no scope of the module binds."""

UNBOUND = "<unbound>"
"""`Name.owner` of a name that nothing we can see binds."""


SETTER = "<set {}>"
"""The class attribute that holds the function which runs when the named property is assigned."""


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """A variable. `owner` is LOCAL, BUILTIN, UNBOUND, ``<module>``, or the qualified name of the enclosing function that binds it."""

    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class Const:
    """A literal value."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Attr:
    """``base.name``"""

    base: Expr
    name: str
    site: Site


@dataclass(frozen=True, slots=True)
class Item:
    """``base[index]``; a slice has `index` None, and is `partial` when its bounds leave something out, or may."""

    base: Expr
    index: Expr | None
    partial: LeftOut = ""


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: positional (`name` None), keyword, ``*spread`` (`spread` 1) or ``**spread`` (`spread` 2)."""

    value: Expr
    name: str | None = None
    spread: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """``func(args)``. `decorates` marks the call a decorator stands for: ``f = decorator(f)``. `gives`: the type that the code says it gives."""

    func: Expr
    args: tuple[Arg, ...]
    site: Site
    decorates: bool = False
    gives: Expr | None = None


@dataclass(frozen=True, slots=True)
class Await:
    value: Expr
    site: Site


@dataclass(frozen=True, slots=True)
class Func:
    """A function or lambda expression: the closure over the function `qualname` of this module."""

    qualname: str


@dataclass(frozen=True, slots=True)
class Class_:
    """A class statement's value: the class `qualname` of this module."""

    qualname: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A display. For a dict, `keys` runs beside `values`, with None for a ``**spread``; else `keys` is empty.

    A ``*spread`` element is a `Spread`.
    """

    kind: Literal["list", "tuple", "set", "dict"]
    values: tuple[Expr, ...]
    keys: tuple[Expr | None, ...]
    site: Site


@dataclass(frozen=True, slots=True)
class Spread:
    value: Expr


@dataclass(frozen=True, slots=True)
class Generator:
    """One ``for target in iterable if conditions`` clause of a comprehension."""

    target: Target
    iterable: Expr
    conditions: tuple[Expr, ...]
    is_async: bool


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`kind` ``generator`` is lazy; the others run at once. `key` is set for a dict."""

    kind: Literal["list", "set", "dict", "generator"]
    element: Expr
    key: Expr | None
    generators: tuple[Generator, ...]
    site: Site


@dataclass(frozen=True, slots=True)
class Choice:
    """``then if test else otherwise``"""

    test: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Bool:
    """Short-circuit ``and``/``or``."""

    op: Literal["and", "or"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Not:
    value: Expr


@dataclass(frozen=True, slots=True)
class Compare:
    """A single comparison; `op` is the operator's text (``==``, ``is not``, ``in`` …)."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Bind:
    """An assignment expression; its value is what is assigned."""

    target: Target
    value: Expr


@dataclass(frozen=True, slots=True)
class Sequence:
    """Expressions that are evaluated one after another; the value is the last one's."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Yield:
    """``yield value``; `delegates` for ``yield from``."""

    value: Expr | None
    delegates: bool
    site: Site


@dataclass(frozen=True, slots=True)
class Concat:
    """Sequences or texts put end to end: ``a + b``, an f-string's parts.

    `op`: the operator that stands between them, if any, or after them: then what is on its other side are `others`, and nothing of these
    is in the result.
    """

    parts: tuple[Expr, ...]
    site: Site
    op: str = ""
    others: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Without:
    """The members of an object but for those of these `names`, as a copy."""

    base: Expr
    names: tuple[str, ...]
    site: Site


@dataclass(frozen=True, slots=True)
class Opaque:
    """An operation on values we do not model (arithmetic …): its parts run, its value is unknown. `op`: the operator, where it has two of them."""

    parts: tuple[Expr, ...]
    op: str = ""


Expr = Union[
    Name,
    Const,
    Attr,
    Item,
    Call,
    Await,
    Func,
    Class_,
    Collection,
    Spread,
    Comprehension,
    Choice,
    Bool,
    Not,
    Compare,
    Bind,
    Sequence,
    Yield,
    Concat,
    Without,
    Opaque,
]


@dataclass(frozen=True, slots=True)
class Unpack:
    """``a, *b, c`` as a target; `starred` is the index of the starred element, or -1."""

    targets: tuple[Target, ...]
    starred: int = -1


Target = Union[Name, Attr, Item, Unpack]


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Eval:
    """An expression statement: its value is dropped."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Assign:
    """``targets = value``. A bare annotation (``x: T``) has `value` None."""

    targets: tuple[Target, ...]
    value: Expr | None
    annotation: Expr | None = None


@dataclass(frozen=True, slots=True)
class Augment:
    """``target op= value``"""

    target: Target
    op: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Return:
    value: Expr | None
    site: Site


@dataclass(frozen=True, slots=True)
class Raise:
    value: Expr | None
    site: Site


@dataclass(frozen=True, slots=True)
class If:
    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class While:
    test: Expr
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class For:
    target: Target
    iterable: Expr
    body: Block
    orelse: Block
    is_async: bool
    site: Site


@dataclass(frozen=True, slots=True)
class Catch:
    """An exception handler; `types` None catches everything."""

    types: Expr | None
    name: Name | None
    body: Block


@dataclass(frozen=True, slots=True)
class Try:
    body: Block
    catches: tuple[Catch, ...]
    orelse: Block
    final: Block


@dataclass(frozen=True, slots=True)
class WithItem:
    manager: Expr
    target: Target | None


@dataclass(frozen=True, slots=True)
class With:
    items: tuple[WithItem, ...]
    body: Block
    is_async: bool
    site: Site


@dataclass(frozen=True, slots=True)
class Case:
    """A match arm: the names its pattern binds, its guard; `irrefutable` for a bare capture or ``_`` without guard."""

    pattern: Expr | None
    binds: tuple[Name, ...]
    guard: Expr | None
    body: Block
    irrefutable: bool


@dataclass(frozen=True, slots=True)
class Match:
    subject: Expr
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A block that a `Break` with its `label` leaves, from however deep inside."""

    label: str
    body: Block


@dataclass(frozen=True, slots=True)
class Break:
    """Leaves the nearest loop, or the `Labelled` block with that label."""

    label: str = ""


@dataclass(frozen=True, slots=True)
class Continue:
    pass


@dataclass(frozen=True, slots=True)
class Delete:
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """Bind `target` to a module (`name` None), to `name` of it, or (``*``) every public name of it.

    `level` counts the leading dots of a relative import. ``import a.b`` binds ``a``: `module` is then ``a`` and
    `loads` the full dotted name.
    """

    target: Name
    module: str
    name: str | None
    level: int
    loads: str
    site: Site


Stmt = Union[
    Eval,
    Assign,
    Augment,
    Return,
    Raise,
    If,
    While,
    For,
    Try,
    With,
    Match,
    Labelled,
    Break,
    Continue,
    Delete,
    Import,
]

Block = tuple[Stmt, ...]


# --- definitions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Param:
    """`kind`: ``positional`` (also by keyword), ``keyword`` (only), ``rest`` (``*args``) or ``keywords`` (``**kwargs``).

    ``receiver`` is what the function is called on, where a language hands that over apart from the arguments. It comes first.
    """

    name: str
    kind: Literal["positional", "keyword", "rest", "keywords", "receiver"]
    default: Expr | None
    annotation: Expr | None
    decorators: tuple[Expr, ...] = ()


Binding = Literal["function", "static", "class", "property", "kept", "class-property"]
"""How a class hands out a member: a plain ``function``, bound to the instance; bound to the ``class``; as it is (``static``); or it is
called where it is read, with the instance (``property``; ``kept``: only once) or with the class (``class-property``)."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method, lambda, or a module's body (qualname ``<module>``, no parameters).

    `binding` says how a class hands it out: see `Binding`. `captured` are its variables that nested functions use. `owner_class` is the qualified name of the
    class it is a method of. `decorators` repeats, for discovery, what the body of the enclosing scope applies as calls.
    """

    qualname: str
    params: tuple[Param, ...]
    body: Block
    is_async: bool
    is_generator: bool
    binding: Binding
    decorators: tuple[Expr, ...]
    captured: tuple[str, ...]
    owner_class: str | None
    returns: Expr | None
    site: Site

    def __hash__(self) -> int:
        """Of what tells functions apart, and not of all that is in them: they are keys of many tables."""
        return hash((self.qualname, self.site))


@dataclass(frozen=True, slots=True)
class Class:
    """A class: `bases` and `decorators` are evaluated in the enclosing scope, `body` in the class's own.

    Names that `body` assigns are LOCAL to it and become the class's attributes. `fields` are its annotated names, in order.
    `promises`: types that its instances may stand for, though it inherits nothing from them. `options`: what else it is defined with, by
    name; one of them may be the class that it is an instance of itself.
    """

    qualname: str
    bases: tuple[Expr, ...]
    body: Block
    decorators: tuple[Expr, ...]
    fields: tuple[tuple[str, Expr], ...]
    site: Site
    promises: tuple[Expr, ...] = ()
    options: tuple[Arg, ...] = ()

    def __hash__(self) -> int:
        """As a function's."""
        return hash((self.qualname, self.site))


@dataclass(frozen=True, slots=True)
class Module:
    """One lowered file. `functions` and `classes` are sorted by qualified name; the last of equal names wins."""

    path: str
    language: str
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]


def whole_module(
    path: str, language: str, body: Block, site: Site, functions: Mapping[str, Function], classes: Mapping[str, Class]
) -> Module:
    """The module of what a front-end has made of a file: the code of the file itself, its functions and its classes by name."""
    itself = Function(
        qualname=names.MODULE_BODY,
        params=(),
        body=body,
        is_async=False,
        is_generator=False,
        binding="static",
        decorators=(),
        captured=(),
        owner_class=None,
        returns=None,
        site=site,
    )
    known = {**functions, names.MODULE_BODY: itself}
    return Module(
        path, language, tuple(known[name] for name in sorted(known)), tuple(classes[name] for name in sorted(classes))
    )
