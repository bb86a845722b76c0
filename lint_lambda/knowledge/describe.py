"""Library models in words, for the command that lists them and for the page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping

from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.models import Library, Models
from lint_lambda.knowledge.selectors import Condition, Selector

VERBS: tuple[tuple[type, str], ...] = (
    (m.LaunchModel, "starts work"),
    (m.JoinModel, "waits"),
    (m.NonWaitingFlushModel, "does not wait, although it looks like it"),
    (m.CancelModel, "cancels"),
    (m.ScopeModel, "runs to completion"),
    (m.CallbackModel, "calls its argument"),
)
"""The verbs that a person asks about, in the order of the page; the others only help the analysis."""


LANGUAGES = {"python": "Python", "javascript": "JavaScript and TypeScript"}
"""The names of languages, for people."""


def listed(models: Models) -> list[Library]:
    """The libraries by name, whatever the case; those of one language stand together."""
    order = list(LANGUAGES)
    return sorted(models.libraries, key=lambda library: (order.index(library.language), library.name.lower()))


def calls_of(library: Library) -> dict[str, list[str]]:
    """What each call means, by verb: the call, and the conditions under which it does."""
    found: dict[str, list[str]] = {}
    puts = [model for model in library.models if isinstance(model, m.PutModel)]
    kept = {put.into.name: _setting(put) for put in puts if put.into.base == "global"}
    for type_, verb in VERBS:
        lines = [_line(model, kept) for model in library.models if isinstance(model, type_)]
        if lines:
            found[verb] = list(dict.fromkeys(lines))
    return found


def _setting(put: m.PutModel) -> str:
    """What a person calls what a call sets: its argument, or the call where that argument is what the call is about."""
    is_setting = put.value.base == "arg" and put.value.name and put.value.position != 0
    return put.value.name if is_setting else put.call


def _line(model: m.CallModel, kept: Mapping[str, str]) -> str:
    """`kept`: what sets the objects that the process keeps, by their names."""
    call = model.call
    if isinstance(model, m.ScopeModel) and model.type:
        call = f"with {model.type}"
    parts = []
    if isinstance(model, m.LaunchModel):
        is_open = isinstance(model.scope, Selector) and model.scope.base == "global"
        parts.append(f"{model.fate.value} outside its scope" if is_open else model.fate.value)
        parts += [f"if {_condition(condition, kept)}" for condition in model.when]
    parts += [f"unless {_condition(condition, kept)}" for condition in getattr(model, "unless", ())]
    parts += [f"may time out with {_condition(condition, kept)}" for condition in getattr(model, "may_when", ())]
    return f"{call} ({', '.join(parts)})" if parts else call


def _condition(condition: Condition, kept: Mapping[str, str]) -> str:
    said = _selector(condition.selector, kept)
    return said if condition.op == "given" else f"{said} {condition.op} {condition.value}"


def _selector(selector: Selector, kept: Mapping[str, str]) -> str:
    if selector.base in ("self", "loop", "return"):
        return {"self": "the object", "loop": "the loop", "return": "the result"}[selector.base]
    if selector.base == "arg":
        return selector.name or f"argument {selector.position}"
    if selector.base == "init" and selector.name == "kept":
        return "kept for later events"
    return kept.get(selector.name, selector.name) if selector.base == "global" else selector.name
