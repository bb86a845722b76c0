"""What JavaScript means by the operations of the intermediate representation."""

from __future__ import annotations

import re

from lint_lambda.core.names import Symbol
from lint_lambda.core.semantics import Answering, Semantics

_ARRAY = [
    "forEach",
    "map",
    "flatMap",
    "filter",
    "reduce",
    "reduceRight",
    "some",
    "every",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "sort",
    "toSorted",
]
_PROMISE = ("then", "catch", "finally")
_LISTENING = ("on", "once", "addListener")
_GUESSED = {
    **dict.fromkeys(_ARRAY, "js.Array"),
    **dict.fromkeys(_PROMISE, "js.Promise"),
    **dict.fromkeys(_LISTENING, "node:stream.Guessed"),
}

_ERRORS = ("EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError", "AggregateError")


_READING = re.compile(
    "(?:get|list|find|read|load|describe|count|head|exists|scan|search|lookup|select|has|is|to|from|parse|format|decode|encode|"
    "fetch|download|validate|verify|check|connect|disconnect|map|filter|sort|json|text|blob|arrayBuffer|string|split|replace|trim|join|slice|keys|"
    "values|entries|includes|some|every|reduce|flat|concat|stringify|(?:un)?marshall|transformTo[A-Z]\\w*|pipe|promise|lean|where|limit|log|debug|info|warn|error|trace)(?![a-z])"
    r"|init(?:iali[sz]e)?\Z"
)
"""A verb that reads, as the first word of a name; what makes values of values, or a connection; what writes to the log."""

_WITHOUT_CALLBACKS = 24
"""The first version of Node whose runtime hands no callback to a handler, and waits for nothing but its promise."""


def _is_standard(symbol: Symbol) -> bool:
    return symbol.startswith(("js.", "node:"))


def _bases_of(symbol: Symbol) -> frozenset[Symbol]:
    name = symbol.removeprefix("js.")
    if name in _ERRORS:
        return frozenset({symbol, "js.Error"})
    return frozenset({symbol}) if symbol == "js.Error" else frozenset()


def _waits(engine: str) -> bool | None:
    """Up to Node 22 the runtime client does; where the runtime is not known, it may."""
    version = re.fullmatch(r"nodejs(\d+)(\.x)?", engine)
    return int(version[1]) < _WITHOUT_CALLBACKS if version else None


JAVASCRIPT = Semantics(
    language="javascript",
    async_call="eager",
    async_kind="promise",
    async_type="js.Promise",
    generator_type="js.Generator",
    awaits_values=True,
    handler_result="awaited",
    answering=Answering(frozenset({"succeed", "fail", "done"}), "callbackWaitsForEmptyEventLoop", _waits),
    library="js",
    text="String",
    types={"list": "Array", "tuple": "Array", "dict": "Object", "set": "Set"},
    receivers="apart",
    function_members={"call": "call", "apply": "apply", "bind": "bind"},
    unpacks_part=True,
    members_are_items=True,
    guessed_members=_GUESSED,
    ending=frozenset({"abort", "cancel", "destroy", "kill", "terminate"}),
    reading=_READING,
    environment="js.process.env",
    default_export="default",
    exported="<exports>",
    call=("()",),
    construct=("constructor",),
    wait=("then",),
    counts=frozenset({"length", "size"}),
    described="value",
    class_of="constructor",
    exit=("[Symbol.dispose]", "[Symbol.asyncDispose]"),
    advance=("next",),
    iterate=("[Symbol.iterator]", "[Symbol.asyncIterator]"),
    is_standard=_is_standard,
    bases_of=_bases_of,
    reflection={"super": "parent"},
)
