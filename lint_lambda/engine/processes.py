"""Which handlers may be analysed as one process: what a function's modules set up holds for that function only.

A function that the deployment declares is a process of its own, with whatever its handler sets up. Of handlers that nothing
declares those that import the same files share what the analysis learns: clients, integrations, signal handlers and listeners are
set up where modules are imported. A runtime of one's own is one process with the handlers that it calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from lint_lambda.core.verdict import Handler

Key = tuple[str, frozenset[str], str]
"""Adapter, files, and the name of a handler that is a function by itself."""


def of(handlers: Iterable[Handler], imports: Callable[[str], Collection[str]]) -> list[Sequence[Handler]]:
    """The handlers by process, in their order; `imports` gives the files that a file loads in the end."""
    found: dict[Key, list[Handler]] = {}
    runtimes: list[tuple[frozenset[str], Key]] = []
    for handler in handlers:
        loaded = frozenset(imports(handler.path))
        key = (handler.adapter, loaded, handler.name if handler.source == "deployment" else "")
        if handler.runtime:
            runtimes.append((loaded, key))
        else:
            key = next((own for files, own in runtimes if handler.path in files and own[0] == handler.adapter), key)
        found.setdefault(key, []).append(handler)
    return list(found.values())
