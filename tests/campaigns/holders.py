"""What a generated program keeps a handle in, and how it gets it back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Holder:
    """`{n}` is the strand's name, `{handle}` the expression of what is kept.

    - `keep`: lines that keep it; `defined`: such of the module.
    - `give`: ways to get it back: lines, and the expression that it is then. What is waited for stands below the last line, if that
      opens a block.
    - `starts`: what is kept is perhaps not kept: it has to be started there and then.
    """

    name: str
    keep: tuple[str, ...]
    give: tuple[tuple[str, ...], ...]
    defined: tuple[str, ...] = ()
    starts: bool = False


_EACH = ("for each_{n} in held_{n}:", "each_{n}")

HOLDERS = (
    Holder("name", ("held_{n} = {handle}",), (("held_{n}",), ("other_{n} = held_{n}", "other_{n}"))),
    Holder(
        "list",
        ("held_{n} = []", "held_{n}.append({handle})"),
        (_EACH, ("held_{n}[0]",), ("held_{n}[-1]",), ("held_{n}.pop()",), ("for _, each_{n} in enumerate(held_{n}):", "each_{n}")),
    ),
    Holder("display", ("held_{n} = [{handle}]",), (_EACH, ("(each_{n},) = held_{n}", "each_{n}"), ("held_{n}[0]",))),
    Holder("sum", ("held_{n} = []", "held_{n} += [{handle}]"), (_EACH, ("for each_{n} in reversed(held_{n}):", "each_{n}"))),
    Holder("extended", ("held_{n} = []", "held_{n}.extend([{handle}])"), (_EACH,)),
    Holder("comprehension", ("kept_{n} = {handle}", "held_{n} = [each for each in [kept_{n}] if each]"), (_EACH,)),
    Holder("set", ("held_{n} = set()", "held_{n}.add({handle})"), (_EACH, ("for each_{n} in list(held_{n}):", "each_{n}"))),
    Holder("tuple", ("held_{n} = (1, {handle})",), (("held_{n}[1]",), ("_, each_{n} = held_{n}", "each_{n}"))),
    Holder(
        "dict",
        ("held_{n} = {{}}", 'held_{n}["a"] = {handle}'),
        (
            ('held_{n}["a"]',),
            ('held_{n}.pop("a")',),
            ("for each_{n} in held_{n}.values():", "each_{n}"),
            ("for _, each_{n} in held_{n}.items():", "each_{n}"),
            ("for key_{n} in held_{n}:", "held_{n}[key_{n}]"),
        ),
    ),
    Holder("default", ("held_{n} = collections.defaultdict(list)", 'held_{n}["a"].append({handle})'), (('for each_{n} in held_{n}["a"]:', "each_{n}"),)),
    Holder("nested", ('held_{n} = [{{"a": {handle}}}]',), (("for row_{n} in held_{n}:", 'row_{n}["a"]'), ('held_{n}[0]["a"]',))),
    Holder("attribute", ("held_{n} = Box()", "held_{n}.kept = {handle}"), (("held_{n}.kept",), ('getattr(held_{n}, "kept")',))),
    Holder("list of an object", ("held_{n} = Box()", "held_{n}.kept = []", "held_{n}.kept.append({handle})"), (("for each_{n} in held_{n}.kept:", "each_{n}"),)),
    Holder("module", ('KEPT_{n}["a"] = {handle}',), (('KEPT_{n}["a"]',), ('KEPT_{n}.pop("a")',)), ("KEPT_{n} = {{}}", "")),
    Holder("queue", ("held_{n} = queue.Queue()", "held_{n}.put({handle})"), (("each_{n} = held_{n}.get()", "each_{n}"),)),
    Holder("deque", ("held_{n} = collections.deque()", "held_{n}.append({handle})"), (("while held_{n}:", "held_{n}.popleft()"), _EACH)),
    Holder(
        "dataclass",
        ("held_{n} = Kept_{n}({handle})",),
        (("held_{n}.handle",),),
        ("@dataclasses.dataclass", "class Kept_{n}:", "    handle: object", ""),
    ),
    Holder(
        "namedtuple",
        ("held_{n} = Kept_{n}({handle}, 1)",),
        (("held_{n}.handle",), ("each_{n}, _ = held_{n}", "each_{n}")),
        ('Kept_{n} = collections.namedtuple("Kept_{n}", "handle number")', ""),
    ),
    Holder(
        "method",
        ("held_{n} = Keeper_{n}()", "held_{n}.add({handle})"),
        (("for each_{n} in held_{n}.all():", "each_{n}"), ("for each_{n} in held_{n}.kept:", "each_{n}")),
        ("class Keeper_{n}:", "    def __init__(self):", "        self.kept = []", "", "    def add(self, handle):", "        self.kept.append(handle)", "", "    def all(self):", "        return list(self.kept)", ""),
    ),
    Holder("function", ("held_{n} = same_{n}({handle})",), (("held_{n}",),), ("def same_{n}(handle):", "    return handle", "")),
    Holder("argument", ("held_{n} = []", "add_{n}(held_{n}, {handle})"), (_EACH,), ("def add_{n}(held, handle):", "    held.append(handle)", "")),
    Holder("keyword", ("held_{n} = pair_{n}(handle={handle})",), (("held_{n}[0]",),), ("def pair_{n}(**given):", '    return given["handle"], 1', "")),
    Holder("closure", ("kept_{n} = {handle}", "held_{n} = lambda: kept_{n}"), (("held_{n}()",),)),
    Holder(
        "generator",
        ("kept_{n} = {handle}",),
        (("for each_{n} in give_{n}(kept_{n}):", "each_{n}"), ("each_{n} = next(give_{n}(kept_{n}))", "each_{n}")),
        ("def give_{n}(handle):", "    yield handle", ""),
    ),
    Holder("conditional", ('held_{n} = {handle} if event["fail"] else None',), (("if held_{n}:", "held_{n}"), ("if held_{n} is not None:", "held_{n}")), starts=True),
    Holder("walrus", ("if (held_{n} := {handle}):", "    touch(event)"), (("held_{n}",),)),
    Holder("zip", ("held_{n} = [{handle}]",), (("for each_{n}, _ in zip(held_{n}, [1]):", "each_{n}"),)),
    Holder("starred", ("held_{n} = [*[{handle}]]",), (_EACH, ("first_{n}, *_ = held_{n}", "first_{n}"))),
    Holder("merged", ('held_{n} = {{**{{"a": {handle}}}}}',), (('held_{n}["a"]',),)),
)  # fmt: skip
