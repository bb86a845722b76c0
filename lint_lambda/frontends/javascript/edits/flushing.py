"""A library's own call that waits, before each return that follows: `await client.flush()`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.remedy import Join
from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.code import (
    Change,
    Code,
    before_returns,
    function_of,
    is_async,
    is_global,
)

if TYPE_CHECKING:
    from tree_sitter import Node


def changes(intent: FixIntent, code: Code, call: Node, hops: list[Node]) -> Iterator[Change]:
    """For each call that is known to wait, of the object that is launched on, or of the library.

    `hops`: the calls in the file that lead to the launch, the nearest first: it is flushed in the first async function.
    """
    for near in (call, *hops):
        function = function_of(near)
        if function is None:
            return
        if is_async(function):
            break
    else:
        return
    for join in intent.remedy.joins:
        if join.ends:
            continue
        words = _words(call, join)
        if words and (near is call or is_global(code, call, words)):
            edits = before_returns(code, near, function, f"await {words};")
            if edits:
                yield f"await {words}", edits


def _words(call: Node, join: Join) -> str:
    callee = call.child_by_field_name("function")
    name = join.call.rpartition(".")[2]
    if callee is None or callee.type != "member_expression" or join.on not in ("object", "library"):
        return ""
    receiver = callee.child_by_field_name("object")
    if receiver is None or receiver.type not in ("identifier", "member_expression"):
        return ""
    written = join.write.replace("{self}", syntax.text(receiver)) if join.write else ""
    return written or f"{syntax.text(receiver)}.{name}()"
