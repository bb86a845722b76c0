"""What the names of a module are bound to once it has been imported: the last binding wins."""

from __future__ import annotations

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Binding:
    """One assignment to a module's name: a value, or an import. `before` is what the name was bound to until then."""

    value: ir.Expr | ir.Import
    before: Binding | None


class ModuleNames:
    """A module's top-level names, functions and classes."""

    def __init__(self, module: ir.Module) -> None:
        self.path = module.path
        self.functions = {function.qualname: function for function in module.functions}
        self.classes = {class_.qualname: class_ for class_ in module.classes}
        self.body = self.functions[MODULE_BODY].body if MODULE_BODY in self.functions else ()
        self.bound: dict[str, Binding] = {}
        for statement in tree.top_level(self.body):
            if isinstance(statement, ir.Import):
                self._bind(statement.target, statement)
            elif isinstance(statement, ir.Assign) and statement.value is not None:
                for target in statement.targets:
                    self._bind(target, statement.value)

    def _bind(self, target: ir.Target, value: ir.Expr | ir.Import) -> None:
        if isinstance(target, ir.Name) and target.owner == MODULE_BODY:
            self.bound[target.name] = Binding(value, self.bound.get(target.name))

    def value(self, expression: ir.Expr, inside: str = "") -> ir.Expr | ir.Import:
        """What `expression` is, with names of the module followed; in the value of name `inside`, that means before it."""
        current, seen = expression, set[int]()
        while isinstance(current, ir.Name) and current.owner == MODULE_BODY:
            name = current.name
            binding = self.bound.get(name)
            if binding is not None and name == inside:
                binding = binding.before
            if binding is None or id(binding) in seen:
                break
            seen.add(id(binding))
            if isinstance(binding.value, ir.Import):
                return binding.value
            current, inside = binding.value, name
        return current

    def function(self, expression: ir.Expr, inside: str = "") -> ir.Function | None:
        """The function of this module that `expression` is, decorated or not."""
        value = self.value(expression, inside)
        value = value if isinstance(value, ir.Import) else tree.undecorated(value)
        return self.functions.get(value.qualname) if isinstance(value, ir.Func) else None

    def class_(self, expression: ir.Expr, inside: str = "") -> ir.Class | None:
        """The class of this module that `expression` is."""
        value = self.value(expression, inside)
        value = value if isinstance(value, ir.Import) else tree.undecorated(value)
        return self.classes.get(value.qualname) if isinstance(value, ir.Class_) else None

    def method(self, class_: ir.Class, name: str) -> ir.Function | None:
        """The method `name` of a class of this module, its bases in this module included."""
        pending, seen = [class_], set()
        while pending:
            current = pending.pop(0)
            if current.qualname in seen:
                continue
            seen.add(current.qualname)
            found = self.functions.get(f"{current.qualname}.{name}")
            if found is not None:
                return found
            pending += [base for expression in current.bases if (base := self.class_(expression)) is not None]
        return None
