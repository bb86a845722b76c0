"""Kinds of work that can be left behind: what is true of each, whichever library starts it.

The rows are in ``rules/kinds.toml``; `lint_lambda.knowledge.kinds` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lint_lambda.core.record import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind.

    - `name`: the word that rules and library models use.
    - `noun`: what a sentence calls one of it.
    - `plural`: what it calls several.
    - `handle`: names that a fix gives to a handle and to a list of handles; empty where no fix keeps one.
    - `object`: the same for an object that goes on taking work, of which the launch is the construction.
    - `made_by`: who makes launches of it: a ``library`` (a model's row), the ``language``, the ``analysis`` (of a launch of the kind
      `of`); ``conduct`` is no launch but what an extension or a runtime does wrong.
    - `of`: the kind that the analysis makes it of.
    - `loop`: whether an event loop runs the work where that is a plain function: ``always``, ``never``, or as the code that
      launches it (``inherits``).
    - `gathers`: one object takes many, and waiting for it waits for all that it has taken.
    - `once`: of all that one object has taken, the first launch stands for the others.
    - `unstarted`: it does not run at all unless something runs it.
    - `registers`: the launch only names work for a moment to come, so it does not matter that it is done at import.
    - `coroutine`: the work is a coroutine, which belongs to an event loop.
    - `started`: a call of its own starts what another call has made.
    - `alike`: it is waited for in the same way whichever library starts it.
    - `by_library`: only the library that starts it knows a way to wait for it.
    - `deferrable`: a fix can hand the work to something that runs after the response.
    - `reasons`: by fate (``*`` for any), the reason of a verdict on one that nothing waits for, where the kind decides.
    - `no_join`: why nothing can wait for it, as a sentence without a full stop.
    - `of_library`: the work is done by something that belongs to a library, and may have been started long before.
    - `called_later`: a framework or a server calls it, whenever it likes.
    - `data`: what is left is data that a client keeps, of which nothing can be seen unless the client says it.
    - `durable`: a framework does it again, or knows its result, where a handler is called anew after a suspension.
    - `repeats`: to start it once more where a handler is called anew is worth a finding.
    - `observed`: as what kinds of left-over work the sandbox may see it (``*`` for any); empty where it cannot.
    """

    name: str = ""
    noun: str
    plural: str
    handle: tuple[str, str] = ("", "")
    object: tuple[str, str] = ("client", "clients")
    made_by: Literal["library", "language", "analysis", "conduct"] = "library"
    of: str = ""
    loop: Literal["always", "never", "inherits"] = "inherits"
    gathers: bool = False
    once: bool = False
    unstarted: bool = False
    registers: bool = False
    coroutine: bool = False
    started: bool = False
    alike: bool = False
    by_library: bool = False
    deferrable: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)
    no_join: str = ""
    of_library: bool = False
    called_later: bool = False
    data: bool = False
    durable: bool = False
    repeats: bool = False
    observed: tuple[str, ...] = ()

    def reason(self, fate: str) -> str:
        """The reason of a verdict on one that nothing waits for, where `reasons` has one for every fate."""
        return self.reasons.get(fate) or self.reasons["*"]


Kinds = Mapping[str, Kind]
"""Every kind, by name."""

ANY_KIND = Kind(noun="work", plural="work")
"""Where nothing is known of the kind."""
