"""`dataclass` as the standard library's, but quick to define and to make.

The standard one compiles up to six functions for each class as it is defined; for over a hundred classes that was a third of what a
run over one file takes. Here a constructor is compiled when the first instance is made, and everything else is shared.
`frozen=True` is a promise that the type checker keeps: no check is made, and paid for, each time an attribute is set.
What `dataclasses` has for such classes (`fields`, `asdict`, `is_dataclass`) works on these, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["dataclass", "field", "is_record", "names_of", "needed_of", "replace"]

MISSING = object()
"""What stands for a default that there is not."""

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace  # noqa: TID251 - what ours are to a type checker
else:

    class _Field:
        """A field; what `dataclasses` calls one is made of it when somebody asks."""

        __slots__ = ("annotation", "compare", "default", "factory", "kw_only", "repr")

        def __init__(self, default=MISSING, default_factory=MISSING, **options):
            self.default, self.factory = default, default_factory
            self.repr, self.compare = options.get("repr", True), options.get("compare", True)

    def field(**options):
        return _Field(**options)

    def replace(obj, /, **changes):
        cls = obj.__class__
        if "__copied__" not in cls.__dict__:
            cls.__copied__ = _copier(cls, cls.__record__)
        return cls.__copied__(obj, **changes)

    def dataclass(cls=None, /, *, frozen=False, slots=False, order=False, kw_only=False, eq=True):
        def made(cls):
            own = dict(_defined(cls, kw_only))
            fields = {}
            for base in cls.__mro__[:0:-1]:
                fields |= base.__dict__.get("__record__", {})
            fields |= own
            if slots:
                cls = _with_slots(cls, own)
            _share(cls, fields, frozen, order, eq)
            return cls

        return made if cls is None else made(cls)

    def _defined(cls, kw_only):
        """The fields that the class itself names. What is left of it as an attribute is the default."""
        for name, annotation in cls.__annotations__.items():
            if str(annotation).startswith(("ClassVar", "typing.ClassVar")):
                continue
            default = cls.__dict__.get(name, MISSING)
            each = default if isinstance(default, _Field) else _Field(default)
            each.annotation, each.kw_only = annotation, kw_only
            if each.default is not MISSING:
                setattr(cls, name, each.default)
            elif default is not MISSING:
                delattr(cls, name)
            yield name, each

    def _with_slots(cls, own):
        left_out = {*own, "__dict__", "__weakref__"}
        namespace = {name: value for name, value in cls.__dict__.items() if name not in left_out}
        namespace["__slots__"] = tuple(own)
        again = type(cls)(cls.__name__, cls.__bases__, namespace)
        again.__qualname__ = cls.__qualname__
        return again

    def _share(cls, fields, frozen, order, eq):
        cls.__record__ = fields
        cls.__dataclass_fields__ = _Described(fields)
        cls.__match_args__ = tuple(name for name, each in fields.items() if not each.kw_only)
        if "__init__" not in cls.__dict__:
            cls.__init__ = _late(cls, "__init__", lambda: _constructor(cls, fields))
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = _repr
        compared = [name for name, each in fields.items() if each.compare]
        hashes = cls.__dict__.get("__hash__")
        if eq and "__eq__" not in cls.__dict__:
            cls.__eq__ = _late(cls, "__eq__", lambda: _comparison("__eq__", "==", compared))
        if eq and hashes is None:
            cls.__hash__ = _late(cls, "__hash__", lambda: _hash(compared)) if frozen else None
        for name, operator in _ORDER.items() if order else ():
            setattr(cls, name, _comparison(name, operator, compared))

    def _late(cls, name, write):
        """A method that is compiled as it is first called, and takes the place of this one."""

        def method(self, *args, **kwargs):
            made = write()
            setattr(cls, name, made)
            return made(self, *args, **kwargs)

        return method

    def _compiled(name, parameters, body, known):
        exec(f"def {name}({', '.join(parameters)}):\n " + "\n ".join(body), known)  # noqa: S102 - made of names of fields
        return known[name]

    def _constructor(cls, fields):
        known, parameters, body = {"MISSING": MISSING}, ["self"], []
        by_name = {name for name, each in fields.items() if each.kw_only}
        for name in sorted(fields, key=by_name.__contains__):
            each = fields[name]
            if name in by_name and "*" not in parameters:
                parameters.append("*")
            value, parameter = name, name
            if each.factory is not MISSING:
                known[f"make_{name}"] = each.factory
                value, parameter = f"make_{name}() if {name} is MISSING else {name}", f"{name}=MISSING"
            elif each.default is not MISSING:
                known[f"default_{name}"] = each.default
                parameter = f"{name}=default_{name}"
            parameters.append(parameter)
            body.append(f"self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        return _compiled("__init__", parameters, body or ["pass"], known)

    def _copier(cls, fields):
        """What makes an object like another, but for the fields that are given."""
        # No field has such a name as these.
        known, parameters = {"MISSING": MISSING, "_cls_": cls, "_new_": cls.__new__}, ["_self_", "/"]
        body = ["_made_ = _new_(_cls_)"]
        for name in fields:
            parameters.append(f"{name}=MISSING")
            body.append(f"_made_.{name} = _self_.{name} if {name} is MISSING else {name}")
        if hasattr(cls, "__post_init__"):
            body.append("_made_.__post_init__()")
        return _compiled("__copied__", parameters, [*body, "return _made_"], known)

    def _tuple(of, names):
        return f"({''.join(f'{of}.{name}, ' for name in names)})"

    def _hash(names):
        return _compiled("__hash__", ["self"], [f"return hash({_tuple('self', names)})"], {})

    def _comparison(method, operator, names):
        body = [
            "if other.__class__ is not self.__class__: return NotImplemented",
            f"return {_tuple('self', names)} {operator} {_tuple('other', names)}",
        ]
        return _compiled(method, ["self", "other"], body, {})

    _ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}

    def _repr(self):
        shown = (f"{name}={getattr(self, name)!r}" for name, each in self.__record__.items() if each.repr)
        return f"{self.__class__.__qualname__}({', '.join(shown)})"

    class _Described:
        """The fields as `dataclasses` wants them. It is imported only for who asks, as it takes a while."""

        def __init__(self, fields):
            self.fields = fields
            self.described = None

        def __get__(self, instance, owner):
            if self.described is None:
                import dataclasses  # noqa: TID251 - for whoever asks with its functions

                self.described = {}
                for name, each in self.fields.items():
                    factory = dataclasses.MISSING if each.factory is MISSING else each.factory
                    default = dataclasses.MISSING if each.default is MISSING else each.default
                    shown = dataclasses.field(
                        default=default,
                        default_factory=factory,
                        repr=each.repr,
                        compare=each.compare,
                        kw_only=each.kw_only,
                    )
                    shown.name, shown.type, shown._field_type = name, each.annotation, dataclasses._FIELD
                    self.described[name] = shown
            return self.described


def names_of(record: type) -> tuple[str, ...]:
    """The names of the fields of a class that `dataclass` made."""
    return tuple(vars(record)["__record__"])


def needed_of(record: type) -> tuple[str, ...]:
    """The names of the fields that have no default."""
    fields = vars(record)["__record__"]
    return tuple(name for name, each in fields.items() if each.default is MISSING and each.factory is MISSING)


def is_record(value: object) -> bool:
    """Whether `dataclass` made the class `value`."""
    return isinstance(value, type) and "__record__" in vars(value)
