"""The schema of tables in `rules/`: readers, and a JSON schema for editors, derived from the dataclasses that the tables become.

A field's type says what its key may hold, its default whether the key may be left out, and the list item in the class's
docstring that begins with its name what the key means. There is no second list of keys.
"""

from __future__ import annotations

import enum
import re
import types
from collections.abc import Callable, Collection, Mapping
from functools import cache, partial
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from lint_lambda.core.finding import Fate
from lint_lambda.core.near import nearest
from lint_lambda.core.record import dataclass, is_record, names_of, needed_of
from lint_lambda.knowledge.selectors import CONDITION, SELECTOR, Condition, Selector, parse_condition, parse_selector
from lint_lambda.knowledge.tables import KindName, Regex

REMARKS = ("fixture", "note", "docs")
"""Keys of every row that are for people."""

Row = TypeVar("Row")


class Problem(Exception):
    """What is wrong with the value of a key, and the remedy, to be read after the key's name."""


class Missing(Problem):
    """A key that is not there."""


def read(row: type[Row], table: Mapping[str, Any], kinds: Collection[str] = ()) -> Row:
    """`table` as an object of the dataclass `row`. Raises `Problem`, which begins with the key. `kinds`: those that there are."""
    return _read(row, table, kinds, REMARKS)


def _read(row: type[Row], table: Any, kinds: Collection[str], remarks: Collection[str]) -> Row:
    if not isinstance(table, Mapping):
        raise Problem("must be a table")
    of: Any = row  # for mypy, types of which it knows too little cannot be hashed
    known = _keys(of)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in known:
            values[key] = _value(known[key], key, value, kinds)
        elif key not in remarks:
            raise Problem(f"`{key}` is not a key here; {suggestion(key, [*known, *remarks])}")
    for key in needed_of(row):
        if key not in values:
            raise Missing(f"`{key}` is missing; add it: {describe(of).get(key, '')}".rstrip(": "))
    built = row(**values)
    validate = getattr(built, "validate", None)
    if validate is not None:
        try:
            validate()
        except ValueError as error:
            raise Problem(str(error)) from error
    return built


def load(row: type[Row], table: Mapping[str, Any]) -> Row:
    """As `read`, for a table that has been read before, and is not checked again: most keys hold what the field does."""
    of: Any = row  # as in `_read`
    known, convert = _keys(of), _conversions(of)
    return row(
        **{key: convert[key](value) if key in convert else value for key, value in table.items() if key in known}
    )


@cache
def _conversions(row: Any) -> dict[str, Callable[[Any], Any]]:
    """How to come from what JSON has to what a field holds, by key; those of which both are the same are left out."""
    found: dict[str, Callable[[Any], Any]] = {}
    for key, type_ in _keys(row).items():
        if type_ in (str, bool, Regex, KindName) or get_origin(type_) is Literal:
            continue
        if get_origin(type_) is tuple and get_args(type_)[0] is str and get_args(type_)[-1] is Ellipsis:
            found[key] = _strings
        else:
            found[key] = partial(_unchecked, _form(type_))
    return found


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _unchecked(form: _Form, value: Any) -> Any:
    return form.read(value, _EVERY_KIND)


class _EveryKind(frozenset[str]):
    """Holds any kind: which there are has been checked."""

    def __contains__(self, kind: object) -> bool:
        return True


_EVERY_KIND = _EveryKind()


def suggestion(given: str, known: Collection[str]) -> str:
    """The end of a complaint about a word that is unknown."""
    near = nearest(given, known)
    return f"did you mean `{near}`?" if near else f"there are {', '.join(sorted(known))}"


@cache
def _keys(row: type) -> dict[str, Any]:
    """The type of each key."""
    hints = get_type_hints(row, include_extras=True)
    return {name: hints[name] for name in names_of(row)}


# --- values ----------------------------------------------------------------------------------------------------------


def _value(type_: Any, key: str, value: Any, kinds: Collection[str]) -> Any:
    try:
        return _form(type_).read(value, kinds)
    except ValueError as error:
        raise Problem(f"`{key}` {error}") from error


@dataclass(frozen=True)
class _Form:
    """What values of one type look like: `read` takes one and the kinds there are, and raises `ValueError`; `schema` gives the JSON schema."""

    read: Callable[[Any, Collection[str]], Any]
    schema: Callable[[Collection[str]], dict[str, Any]]


@cache
def _form(type_: Any) -> _Form:
    plain = _PLAIN.get(type_)
    if plain is not None:
        return plain
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is Literal:
        return _choice(arguments)
    if origin in (Union, types.UnionType):
        return _union([argument for argument in arguments if argument is not type(None)])
    if origin is tuple:
        return _many(arguments[0]) if arguments[-1] is Ellipsis else _several(arguments)
    if origin is frozenset:
        return _set(arguments[0])
    if origin is not None and issubclass(origin, Mapping):
        return _table_of(*arguments)
    if isinstance(type_, type) and issubclass(type_, enum.Enum):
        return _member(type_)
    if is_record(type_):
        return _nested(type_)
    raise TypeError(f"no form is known for {type_}")


def _of_text(parse: Callable[[str], Any], **schema: str) -> _Form:
    def read(value: Any, kinds: Collection[str]) -> Any:
        if not isinstance(value, str):
            raise ValueError(f"must be a string, not {value!r}")
        return parse(value)

    return _Form(read, lambda kinds: {"type": "string", **schema})


def _flag(value: Any, kinds: Collection[str]) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")
    return value


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    return text


def _kind(value: Any, kinds: Collection[str]) -> str:
    if not isinstance(value, str) or value not in kinds:
        raise ValueError(f"must be a kind of rules/kinds.toml, not {value!r}; {suggestion(str(value), kinds)}")
    return value


def _choice(choices: tuple[str, ...]) -> _Form:
    named = [choice for choice in choices if choice]

    def read(value: Any, kinds: Collection[str]) -> str:
        if value not in named:
            raise ValueError(f"must be one of {', '.join(named)}, not {value!r}")
        return str(value)

    return _Form(read, lambda kinds: {"enum": named})


def _member(type_: type[enum.Enum]) -> _Form:
    values = {member.value: member for member in type_}

    def read(value: Any, kinds: Collection[str]) -> enum.Enum:
        if value not in values:
            raise ValueError(f"must be one of {', '.join(values)}, not {value!r}")
        return values[value]

    return _Form(read, lambda kinds: {"enum": list(values)})


def _union(forms: list[Any]) -> _Form:
    """The first of the types that takes the value; literals come before what could be any text."""
    ordered = sorted((_form(each) for each in forms), key=lambda form: "enum" not in form.schema(()))
    if len(ordered) == 1:
        return ordered[0]

    def read(value: Any, kinds: Collection[str]) -> Any:
        for form in ordered[:-1]:
            try:
                return form.read(value, kinds)
            except ValueError:
                continue  # the last one says what is wrong
        return ordered[-1].read(value, kinds)

    return _Form(read, lambda kinds: {"anyOf": [form.schema(kinds) for form in ordered]})


def _many(type_: Any) -> _Form:
    """A list; of strings, one may stand alone."""
    item = _form(type_)
    tables = is_record(type_) and type_ not in _PLAIN

    def read(value: Any, kinds: Collection[str]) -> tuple[Any, ...]:
        if isinstance(value, str) and not tables:
            value = [value]
        if not isinstance(value, list):
            raise ValueError(f"must be a list{' of tables' if tables else ''}, not {value!r}")
        return tuple(item.read(each, kinds) for each in value)

    def schema(kinds: Collection[str]) -> dict[str, Any]:
        of = item.schema(kinds)
        listed = {"type": "array", "items": of}
        return listed if tables else {"anyOf": [of, listed]}

    return _Form(read, schema)


def _set(type_: Any) -> _Form:
    listed = _many(type_)
    return _Form(lambda value, kinds: frozenset(listed.read(value, kinds)), listed.schema)


def _several(types_: tuple[Any, ...]) -> _Form:
    """A list of a fixed length."""
    forms = [_form(each) for each in types_]

    def read(value: Any, kinds: Collection[str]) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(forms):
            raise ValueError(f"must be a list of {len(forms)}, not {value!r}")
        return tuple(form.read(each, kinds) for form, each in zip(forms, value))

    def schema(kinds: Collection[str]) -> dict[str, Any]:
        items = [form.schema(kinds) for form in forms]
        return {"type": "array", "items": items, "minItems": len(forms), "maxItems": len(forms)}

    return _Form(read, schema)


def _table_of(key: Any, value: Any) -> _Form:
    """A table of `value` by `key`; by kind, ``*`` stands for any, and a value alone for ``{ "*" = value }``."""
    of, by_kind = _form(value), key is KindName

    def read(given: Any, kinds: Collection[str]) -> dict[Any, Any]:
        if by_kind and not isinstance(given, Mapping):
            given = {"*": given}
        if not isinstance(given, Mapping):
            raise ValueError(f"must be a table, not {given!r}")
        keys = _form(key)
        return {each if each == "*" else keys.read(each, kinds): of.read(inner, kinds) for each, inner in given.items()}

    def schema(kinds: Collection[str]) -> dict[str, Any]:
        table = {"type": "object", "additionalProperties": of.schema(kinds)}
        if not by_kind:
            return table
        return {"anyOf": [of.schema(kinds), {**table, "propertyNames": {"enum": ["*", *sorted(kinds)]}}]}

    return _Form(read, schema)


def _nested(type_: type) -> _Form:
    def read(value: Any, kinds: Collection[str]) -> Any:
        try:
            return _read(type_, value, kinds, ())
        except Problem as error:
            raise ValueError(f"holds a table that is wrong: {error}") from error

    return _Form(read, lambda kinds: _json_table(type_, kinds))


_PLAIN: dict[Any, _Form] = {
    str: _of_text(str),
    bool: _Form(_flag, lambda kinds: {"type": "boolean"}),
    Regex: _of_text(_regex, format="regex"),
    KindName: _Form(_kind, lambda kinds: {"enum": sorted(kinds)}),
    Fate: _member(Fate),
    Selector: _of_text(parse_selector, pattern=SELECTOR),
    Condition: _of_text(parse_condition, pattern=CONDITION),
}

# --- for editors -----------------------------------------------------------------------------------------------------


def json_table(row: type, kinds: Collection[str], many: Collection[str] = ()) -> dict[str, Any]:
    """The JSON schema of one row, with the keys for people. Keys in `many` may hold a list of what they hold."""
    table = _json_table(row, kinds)
    for key in many:
        if key in table["properties"]:
            of = table["properties"][key]
            said = {"description": of.pop("description")} if "description" in of else {}
            table["properties"][key] = {**said, "anyOf": [of, {"type": "array", "items": of}]}
    table["properties"] |= {key: {"type": "string"} for key in REMARKS}
    return table


def _json_table(row: type, kinds: Collection[str]) -> dict[str, Any]:
    said = describe(row)
    properties = {key: {"description": said[key], **_form(type_).schema(kinds)} for key, type_ in _keys(row).items()}
    table: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    if row.__doc__:
        table["description"] = _line(row.__doc__.partition("\n\n")[0])
    required = needed_of(row)
    return {**table, "required": list(required)} if required else table


@cache
def describe(row: type) -> dict[str, str]:
    """What the docstrings of a dataclass and of its bases say of each field."""
    found: dict[str, str] = {}
    for each in reversed(row.__mro__):
        for item in re.split(r"\n\s*- (?=`)", each.__doc__ or "")[1:]:
            key, _, text = item.partition(": ")
            found[key.strip("`")] = _line(text)
    return found


def _line(text: str) -> str:
    """A docstring's words in one line, without its markup for code."""
    return " ".join(text.split()).replace("``", "`")
