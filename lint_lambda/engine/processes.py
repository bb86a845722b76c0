"""Which handlers may be analysed as one process: what a function's modules set up holds for that function only.

Clients, integrations, signal handlers and listeners are set up where modules are imported. So handlers that import the same files
see the same, and share what the analysis learns; those that import others do not. A runtime of one's own is one process with the
handlers that it calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from lint_lambda.core.verdict import Handler

Key = tuple[str, frozenset[str]]


def of(handlers: Iterable[Handler], imports: Callable[[str], Collection[str]]) -> list[Sequence[Handler]]:
    """The handlers by process, in their order; `imports` gives the files that a file loads in the end."""
    found: dict[Key, list[Handler]] = {}
    runtimes: list[tuple[frozenset[str], Key]] = []
    for handler in handlers:
        loaded = frozenset(imports(handler.path))
        key = (handler.adapter, loaded)
        if handler.runtime:
            runtimes.append((loaded, key))
        else:
            key = next((own for files, own in runtimes if handler.path in files and own[0] == handler.adapter), key)
        found.setdefault(key, []).append(handler)
    return list(found.values())
