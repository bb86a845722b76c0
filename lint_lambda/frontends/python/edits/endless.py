"""Refuse to wait for what never ends: a join would keep the response back until the invocation times out."""

from __future__ import annotations

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import NoFix
from lint_lambda.frontends.python.edits.code import Code
from lint_lambda.knowledge.texts import say


def refuse(intent: FixIntent, code: Code, launch: cst.BaseExpression) -> None:
    """Raises `NoFix` when the work of a launch loops until it is asked to stop, or starts itself again."""
    function = intent.label or code.source(launch)
    if "endless" in intent.traits:
        raise NoFix(say("refusals.endless", function=function))
    if "restarts" in intent.traits and not intent.remedy.kind.durable:  # its code runs again, and ends
        raise NoFix(say("refusals.restarts", function=function))
