"""A front-end in thirty lines: a program written down as intermediate representation, without any language.

It keeps the analysis honest: what works here works for whatever a second front-end will lower.
"""

from __future__ import annotations

from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.semantics import Semantics
from lint_lambda.core.verdict import Handler, Place

PATH = "app.fake"

LAZY = Semantics("fake", async_call="lazy", handler_result="ignored", library="fake")
"""A language whose async functions do nothing before they are waited for, on a Lambda that does not wait for them."""

EAGER = Semantics("fake", async_call="eager", handler_result="awaited", library="fake")
"""A language whose async functions run at once up to where they first wait, on a Lambda that waits for the handler's."""

_SITES = iter(range(1, 1_000_000))


def call(func: ir.Expr, *args: ir.Expr, **named: ir.Expr) -> ir.Call:
    """``func(args)``, at a site of its own."""
    given = (*map(ir.Arg, args), *(ir.Arg(value, name) for name, value in named.items()))
    return ir.Call(func, given, next(_SITES))


def attr(base: ir.Expr, name: str) -> ir.Attr:
    return ir.Attr(base, name, next(_SITES))


def function(name: str, *body: ir.Stmt, params: tuple[str, ...] = (), is_async: bool = False) -> ir.Function:
    """A function of the module; its parameters are positional."""
    taken = tuple(ir.Param(param, "positional", None, None) for param in params)
    return ir.Function(name, taken, body, is_async, False, "function", (), (), None, None, next(_SITES))


class FakeProgram:
    """One module made of `functions`, which imports `library` under its own name."""

    def __init__(self, library: str, *functions: ir.Function, semantics: Semantics = LAZY) -> None:
        self.semantics = semantics
        defined = tuple(ir.Assign((ir.Name(f.qualname, MODULE_BODY),), ir.Func(f.qualname)) for f in functions)
        imported = ir.Import(ir.Name(library, MODULE_BODY), library, None, 0, library, next(_SITES))
        self._module = ir.Module(PATH, "fake", (function(MODULE_BODY, imported, *defined), *functions), ())

    def module(self, path: str) -> ir.Module | None:
        return self._module if path == PATH else None

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        return None

    def copy_of(self, path: str) -> str:
        return ""

    def imports(self, path: str) -> set[str]:
        return {path}

    def may_launch(self, path: str) -> bool:
        return True

    def documents(self, importer: str, name: str) -> list[dict[str, object]]:
        return []


def handler(function_: ir.Function) -> Handler:
    return Handler(PATH, function_.qualname, Place(PATH, function_.site), "option", "the test says so")
