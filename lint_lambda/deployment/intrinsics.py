"""What CloudFormation's intrinsic functions come to: literals, parameters by their defaults, mappings; else `Unknown`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy

from lint_lambda.deployment.documents import Items, Node, Scalar, Table, Tagged
from lint_lambda.deployment.values import Unknown, Value, items, table, text

MOST_NODES = 20_000
"""Nodes that are evaluated for one function: aliases can make few bytes mean many."""

DEEPEST = 40

_LONG = re.compile(r"Ref|Condition|Fn::\w+")
_VARIABLE = re.compile(r"[$&]\{([^!}][^}]*)\}")


class Evaluation:
    """Evaluates the nodes of one template."""

    def __init__(self, document: Table, parameters: Mapping[str, Value] | None = None) -> None:
        """`parameters` are given by a template that nests this one."""
        self._left = MOST_NODES
        self._mappings = document.table("Mappings")
        self._parameters: dict[str, Value] = {}
        for name, parameter in document.table("Parameters").items():
            default = parameter.text("Default") if isinstance(parameter, Table) else None
            if default is not None:
                self._parameters[name] = default
        self._parameters.update(parameters or {})

    def binding(self, names: Mapping[str, Value]) -> Evaluation:
        """The same template, with names that a loop binds."""
        other = copy(self)
        other._parameters = {**self._parameters, **names}
        return other

    def refresh(self) -> None:
        """Begin to count anew: for the next function."""
        self._left = MOST_NODES

    def value(self, node: Node | None, depth: int = 0) -> Value:
        if node is None:
            return None
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            return Unknown("…")
        if isinstance(node, Scalar):
            return None if not node.style and node.value in ("", "~", "null") else node.value
        if isinstance(node, Items):
            return [self.value(inner, depth + 1) for inner in node.values]
        if isinstance(node, Tagged):
            return self._function(node.tag, node.value, depth)
        single = function_of(node)
        if single is not None:
            return self._function(single[0].removeprefix("Fn::"), single[1], depth)
        return {key: self.value(inner, depth + 1) for key, inner in node.items()}

    def _function(self, name: str, argument: Node, depth: int) -> Value:
        unknown = Unknown(f"!{name} {argument.value}" if isinstance(argument, Scalar) else f"!{name} …")
        if name == "Ref" and isinstance(argument, Scalar):
            return self._parameters.get(argument.value, unknown)
        if name == "Sub":
            return self._substituted(argument, depth, unknown)
        given = items(self.value(argument, depth + 1)) if isinstance(argument, Items) else []
        if name == "Join" and len(given) == 2:
            return self._joined(given, unknown)
        if name == "FindInMap" and len(given) >= 3:
            return self._mapped(given, unknown)
        if name == "If" and len(given) == 3:
            # Which branch it is, the deployment knows; where both say the same, or one says nothing, it does not matter.
            branches = [value for value in given[1:] if not _is_nothing(value)]
            if branches and all(value == branches[0] for value in branches):
                return branches[0]
        if name == "Split" and len(given) == 2:
            joint, whole = text(given[0]), text(given[1])
            return [*whole.split(joint)] if joint and whole is not None else unknown
        if name.startswith("Rain::"):  # of a tool that packages local files as it deploys
            path = table(self.value(argument, depth + 1)).get("Path") if isinstance(argument, Table) else None
            return path if path is not None else argument.value if isinstance(argument, Scalar) else unknown
        if name == "Select" and len(given) == 2 and str(given[0]).isdigit():
            choices = items(given[1])
            return choices[int(str(given[0]))] if int(str(given[0])) < len(choices) else unknown
        return unknown

    def _substituted(self, argument: Node, depth: int, unknown: Unknown) -> Value:
        local: dict[str, Value] = {}
        if isinstance(argument, Items) and len(argument.values) == 2:
            given = self.value(argument.values[1], depth + 1)
            local = given if isinstance(given, dict) else {}
            argument = argument.values[0]
        if not isinstance(argument, Scalar):
            return unknown

        def replace(match: re.Match[str]) -> str:
            name = match[1].strip()
            known = text(local.get(name, self._parameters.get(name)))
            return match[0] if known is None else known

        whole = _VARIABLE.sub(replace, argument.value)
        # What stays symbolic keeps its `${…}`, which no reader takes for a literal.
        return whole.replace("${!", "${")

    @staticmethod
    def _joined(given: list[Value], unknown: Unknown) -> Value:
        parts = [text(part) for part in items(given[1])]
        if not isinstance(given[0], str) or None in parts or not isinstance(given[1], list):
            return unknown
        return given[0].join(part for part in parts if part is not None)

    def _mapped(self, given: list[Value], unknown: Unknown) -> Value:
        name, first, second = (text(part) for part in given[:3])
        rows = self._mappings.table(name or "")
        if second is None:
            return unknown
        if first is not None:
            found = rows.table(first).get(second)
            return unknown if found is None else self.value(found, 1)
        # The row is the deployment's to choose; where all rows say the same, it does not matter.
        values = [self.value(row.get(second), 1) for _, row in rows.items() if isinstance(row, Table)]
        return values[0] if values and all(value == values[0] for value in values) else unknown


def function_of(node: Table) -> tuple[str, Node] | None:
    """The intrinsic function that a mapping of one entry is, in its long form."""
    if len(node.own) != 1 or node.merged:
        return None
    key, value = next(iter(node.own.items()))
    return (key, value) if _LONG.fullmatch(key) else None


def _is_nothing(value: Value) -> bool:
    return value is None or (isinstance(value, Unknown) and value.written == "!Ref AWS::NoValue")
