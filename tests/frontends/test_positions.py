"""Positions told by `ast` are those that libcst tells, only sooner; where the two walks disagree, libcst is believed."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from lint_lambda.frontends.python import lower as front_end
from lint_lambda.frontends.python.lower import locate, lower
from lint_lambda.frontends.python.positions import Positions

_IN_F_STRINGS = sys.version_info < (3, 12)
"""Whether the parser tells wrong places in f-strings, so that the whole one has to do."""

ALL_FORMS = '''\
"""Text."""
from __future__ import annotations
import a.b, c as d
from .e import (f,
    g as h)
from i import *

@deco
@deco.more(1)
async def outer(p, /, q: "List[Thread]" = make(), *args: int, k: Dict[str, x.Y] = {1: z()}, **kw) -> a.B | None:
    """Docs."""
    with open(p) as q, (lock()) as (r, s.t):
        async for u in aiter(v): yield (w, await x)
        else: pass
    try: raise E(1) from z()
    except (A, b.C) as error: return
    else: one()
    finally: two()
    while (n := next(it)): del n.x, y[0], (z)
    lambda a=1, *b: (a, *b, c.d)
    [x.y for x in it() if x.ok() for z in x.zs]; {k: v() for k, v in m.items()}; sum(x() for x in y)
    é = "é" + f"{é.x!r:>{w}} {g()}" + "t" - s & t | u % v @ m
    a = b = c[1, f(2)] = d[(1, 2)].e = t[f():] = (yield)
    f(a, *b, c=d(), *e(), **g())
    match a.b:
        case C.D if t(): pass
        case {"k": v, **rest} | [*_, v]: pass
        case _: x += y.z
    print(f"{a.b}" "c" f"{d()}", not -x.y, a < b.c < d(), a if b.c else d.e)
    assert x.y, m.n
    return [*a, b()], {*c}, {**d, "e": f()}

class K(base.L, metaclass=m.N):
    f: "Thread" = g()
    @property
    def p(self): return self.q
    @p.setter
    @other
    def p(self, v): self.q = v
    @staticmethod
    @functools.cache
    def s(): pass
if a.b:
    pass
elif c.d:
    (e.f)
else:
    g.h
'''


def differing(source: str) -> list[str]:
    """Sites that the two tell apart."""
    content = source.encode()
    module = lower(content, "app.py")
    found = Positions(source, ast.parse(source), front_end._DESCRIPTORS)
    expected = front_end._by_libcst(content, "app.py")
    assert found.fit(module)
    assert len(found.spans) == len(expected)
    return [
        said
        for said, mine, theirs in zip(found.said, found.spans, expected)
        if mine != theirs and not (_IN_F_STRINGS and mine < theirs and mine.end_line >= theirs.end_line)
    ]


def test_every_form_of_the_language_is_found_where_libcst_finds_it() -> None:
    assert differing(ALL_FORMS) == []


@pytest.mark.parametrize("path", sorted(Path(front_end.__file__).parent.rglob("*.py")), ids=lambda path: path.name)
def test_so_is_this_very_front_end(path: Path) -> None:
    assert set(differing(path.read_text(encoding="utf-8"))) <= {"Collection"}  # a tuple's last comma and comment


def test_spans_of_another_module_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    source = b"x.start()\ny.join()\n"
    module = lower(source, "app.py")
    right = locate(source, "app.py", module)
    monkeypatch.setattr(Positions, "_attribute", lambda self, node: self._expr(node.value))
    assert locate(source, "app.py", module) == right
