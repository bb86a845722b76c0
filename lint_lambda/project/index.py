"""The byte index: what a file holds, read off its bytes. Nothing is parsed.

It answers three questions that keep most files out of the parser: can this file define a handler, does it mention
anything that launches work, and which files does it import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from lint_lambda.project import scripts

_IMPORT = re.compile(
    rb"""(?:^|[;:\t ])
    (?: from[ \t]+ (?P<dots>\.*)[ \t]* (?P<module>[\w.]*) [ \t]+ import [ \t]*
        (?: \( (?P<many>[^)]*) \) | (?P<names>(?:[^\n;\\]|\\\r?\n)*) )
      | import[ \t]+ (?P<modules>\w(?:[^\n;#\\]|\\\r?\n)*) )""",
    re.MULTILINE | re.VERBOSE,
)
_COMMENT = re.compile(rb"#[^\n]*")
_CLAUSE = re.compile(rb"([\w.]+|\*)(?:\s+as\s+\w+)?")

Imported = tuple[str, int]
"""A module as an import statement names it: its dotted name, and the number of leading dots."""


def imports(source: bytes) -> list[Imported]:
    """The modules that `source` may import, in order. ``from a import b`` may load ``a.b`` as well.

    Over-approximate: what looks like an import inside a string counts.
    """
    found: dict[Imported, None] = {}
    position, end = -1, 0
    while (position := source.find(b"import", max(position + 1, end))) >= 0:
        match = _IMPORT.search(source, max(source.rfind(b"\n", end, position) + 1, end))
        if match is None:
            break
        end = match.end()
        if match["modules"] is not None:
            for name in _names(match["modules"]):
                found[name, 0] = None
            continue
        level, module = len(match["dots"]), match["module"].decode("ascii", "ignore")
        found[module, level] = None
        for name in _names(match["many"] if match["many"] is not None else match["names"]):
            if name != "*":
                found[f"{module}.{name}" if module else name, level] = None
    return list(found)


def _names(clauses: bytes) -> Iterator[str]:
    for clause in _CLAUSE.finditer(_COMMENT.sub(b"", clauses)):
        yield clause[1].decode("ascii", "ignore")


_WORDS = bytes(byte if chr(byte).isascii() and (chr(byte).isalnum() or byte == 0x5F) else 0x20 for byte in range(256))
"""Makes a blank of every byte that is no part of an ASCII word."""


def words_of(source: bytes) -> frozenset[bytes]:
    """Every whole word of ASCII that stands in `source`, names among them."""
    return frozenset(source.translate(_WORDS).split())


def imported_words(source: bytes) -> frozenset[bytes]:
    """Every whole word of ASCII in the lines of `source` that hold an import, names of modules among them.

    Lines that go on after a backslash are one; what stands between brackets after ``import`` may be left out.
    """
    found: list[bytes] = []
    end = 0
    while (position := source.find(b"import", end)) >= 0:
        start = source.rfind(b"\n", end, position) + 1 or end
        while start > end and source.endswith(_GOES_ON, 0, start):
            start = source.rfind(b"\n", end, start - 1) + 1 or end
        end = source.find(b"\n", position) + 1
        while end and source.endswith(_GOES_ON, position, end):
            end = source.find(b"\n", end) + 1
        end = end or len(source)
        found.append(source[start:end])
    return words_of(b"".join(found))


_GOES_ON = (b"\\\n", b"\\\r\n")


def mentions(tokens: Iterable[str]) -> Callable[[bytes], bool]:
    """A test for files: does one of `tokens`, which are names, stand in it as a whole word?"""
    words = frozenset(token.encode() for token in tokens)

    def test(source: bytes) -> bool:
        return not words.isdisjoint(source.translate(_WORDS).split())

    return test


class Reach:
    """Which files can get to a launch through what they import. Each file is looked at once, when it is asked for."""

    def __init__(
        self,
        read: Callable[[str], bytes],
        resolve: Callable[[str, str, int], str | None],
        launches: Callable[[str, bytes], bool],
    ) -> None:
        self._read = read
        self._resolve = resolve
        self._launches = launches
        self._imports: dict[str, tuple[str, ...]] = {}
        self._own: dict[str, bool] = {}
        self._answers: dict[str, bool] = {}

    def overlaid(
        self,
        changed: Collection[str],
        read: Callable[[str], bytes],
        resolve: Callable[[str, str, int], str | None],
    ) -> Reach:
        """What can be reached where the files `changed` have other contents; what is known of the others is kept."""
        other = Reach(read, resolve, self._launches)
        other._imports = {path: files for path, files in self._imports.items() if path not in changed}
        other._own = {path: own for path, own in self._own.items() if path not in changed}
        known = [path for path in changed if path in self._imports]
        if all(other.imported(path) == self._imports[path] and other._own[path] == self._own[path] for path in known):
            other._answers = dict(self._answers)  # a changed file that nothing is known of has no part in any answer
        return other

    def may_launch(self, path: str) -> bool:
        """Whether `path`, or any file that it imports in the end, mentions a launch."""
        if path not in self._answers:
            self._explore(path)
        return self._answers[path]

    def closure(self, path: str) -> set[str]:
        """`path` and every file it imports in the end."""
        seen = {path}
        pending = [path]
        while pending:
            fresh = set(self.imported(pending.pop())) - seen
            seen |= fresh
            pending.extend(fresh)
        return seen

    def imported(self, path: str) -> tuple[str, ...]:
        """The project's files that importing `path` loads directly, packages on the way included."""
        if path not in self._imports:
            source = self._read(path)
            self._own[path] = self._launches(path, source)
            loaded = self._named(path, source) if scripts.is_script(path) else self._loaded(path, imports(source))
            self._imports[path] = tuple(dict.fromkeys(loaded))
        return self._imports[path]

    def _named(self, path: str, source: bytes) -> Iterator[str]:
        for specifier in scripts.imports(source):
            file = self._resolve(path, specifier, 0)
            if file is not None:
                yield file

    def _loaded(self, path: str, modules: Iterable[Imported]) -> Iterator[str]:
        for module, level in modules:
            parts = module.split(".") if module else []
            for length in range(0 if level else 1, len(parts) + 1):
                file = self._resolve(path, ".".join(parts[:length]), level)
                if file is not None and not file.endswith("/"):
                    yield file

    def _explore(self, start: str) -> None:
        """Answer for every file in the closure of `start`: walk forward once, then carry each yes back."""
        importers: dict[str, list[str]] = {start: []}
        pending = [start]
        certain: list[str] = []
        while pending:
            path = pending.pop()
            reached = self.imported(path)
            if self._own[path] or any(self._answers.get(file, False) for file in reached):
                certain.append(path)
            for file in reached:
                if file in self._answers:
                    continue
                if file not in importers:
                    importers[file] = []
                    pending.append(file)
                importers[file].append(path)
        self._answers.update(dict.fromkeys(importers, False))
        while certain:
            path = certain.pop()
            if not self._answers[path]:
                self._answers[path] = True
                certain.extend(importers[path])
