"""What a Lambda handler looks like: the names people give it and its two parameters.

Counted over some 2,000 handlers of public repositories: nine in ten are ``(event, context)`` with the second name
sometimes ``_``, ``_context``, ``ctx`` or ``lambda_context``; the function is called ``lambda_handler`` or ``handler`` in
most, and anything at all in the rest. So a name alone or a parameter alone is not enough, except for `EXACT` names.
"""

from __future__ import annotations

import re
from typing import Literal

EXACT = frozenset({"handler", "lambda_handler", "lambdaHandler", "lambdahandler", "LambdaHandler", "lambda_main"})
"""Names that are a Lambda handler's even where another function of the file calls it."""
_UNMISTAKABLE = EXACT - {"handler"}

_HANDLER = re.compile(
    r"(?:.*_)?handler(?:_.*)?|handle|handle_.*|.*[a-z]Handler|lambda_.*|.*_lambda|lambda[A-Z].*|main|main_.*|run|index|entrypoint"
)
_ASSIGNED = re.compile(r"(?:.*_)?handler(?:_.*)?|.*[a-z]Handler|lambda_.*|.*_lambda|lambda[A-Z].*")
_CONTEXT = re.compile(
    r"_*(?:lambda_?|aws_?|unused_?|function_?|runtime_?)?(?:context|contex|contexts|ctx|ctxt|cntx|cntxt|contxt)_*"
)
_EVENT = re.compile(r"_*(?:\w+_)?(?:events?|evt)(?:_\w+)?_*|_*\w*[a-z]Event")
_PLAIN_EVENT = re.compile(r"_*(?:events?|evt)_*")
_PAYLOAD = re.compile(
    r"_*(?:req|request|payload|message|messages|msg|data|body|input|inputs|record|records|params|job|obj|e|ev|arg|args|"
    r"directive|alexa_request|_|item|params|parameters|config|question|findings)_*"
)
_OTHER_FIRST = (
    "self cls ctx context exc exception err error signum signal sig sender loop update client driver page conn connection "
    "sock socket app ack sess session fn func function f handler argv interaction"
)
NEVER_FIRST = frozenset(_OTHER_FIRST.split())
"""The first parameter of what something else than Lambda calls."""
_OTHER_SECOND = "frame instance exc exception err error response res resp"
_NEVER_SECOND = frozenset(_OTHER_SECOND.split())
_UNUSED = re.compile(r"_+")
_SHORT_EVENT, _SHORT_CONTEXT = frozenset({"e", "ev"}), frozenset({"c", "cx"})
"""The parameters of who is sparing with letters, which only a name of `EXACT` makes a handler's."""


Fit = Literal["", "signature", "name-and-signature", "name"]
"""What makes a function a handler: its parameters alone, its name with them, its name alone; empty when nothing does."""


def fits(name: str, first: str, second: str) -> Fit:
    """Whether a function `name` with these two parameters is a handler, and by what."""
    if name.startswith("test_") or first in NEVER_FIRST or second in _NEVER_SECOND:
        return ""
    context = _CONTEXT.fullmatch(second) is not None
    event = _EVENT.fullmatch(first) is not None
    unused = _UNUSED.fullmatch(second) is not None
    if event and (context or (unused and _PLAIN_EVENT.fullmatch(first))):
        return "signature"
    payload = _PAYLOAD.fullmatch(first) is not None or _UNUSED.fullmatch(first) is not None
    if _HANDLER.fullmatch(name) and ((context and payload) or (unused and event)):
        return "name-and-signature"
    if "handler" in name.lower() and unused and payload:
        return "name-and-signature"
    if name in EXACT and (context or event or (first in _SHORT_EVENT and second in _SHORT_CONTEXT)):
        return "name-and-signature"
    return "name" if name in _UNMISTAKABLE else ""


def is_unmistakable_name(name: str) -> bool:
    """Whether only a handler of Lambda's has this name, whatever its parameters are."""
    return name in _UNMISTAKABLE


def takes_something_else(first: str, second: str) -> bool:
    """Whether two parameters, empty where there are fewer, are those of what something else than Lambda calls."""
    return first in NEVER_FIRST or second in _NEVER_SECOND


def takes_an_event(name: str, first: str, second: str) -> bool:
    """Whether the parameters of a function speak for a handler: an event alone does, and what fits with the name."""
    return _EVENT.fullmatch(first) is not None or fits(name, first, second) in ("signature", "name-and-signature")


def looks_assigned(name: str) -> bool:
    """Whether a value assigned to this name may be a handler's."""
    return _ASSIGNED.fullmatch(name) is not None
