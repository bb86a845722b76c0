"""The schema that the verbs' classes are: what readers take and refuse, and the JSON schema that editors check rows with."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from lint_lambda.core.kinds import Kind
from lint_lambda.knowledge.kinds import kinds_schema, load_kinds
from lint_lambda.knowledge.loader import Header, ModelError, library_schema, load_models, read_library
from lint_lambda.knowledge.schema import describe
from lint_lambda.knowledge.tables import OTHER_TABLES
from lint_lambda.knowledge.verbs import CALL_VERBS, CallRow

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
FILES = sorted((RULES / "libraries").rglob("*.toml"))
SCHEMA = library_schema(load_kinds())
CHECK = jsonschema.Draft7Validator(SCHEMA)


def tables(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


# --- for editors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "schema"), [("library", SCHEMA), ("kinds", kinds_schema())], ids=["library", "kinds"])
def test_the_written_schema_is_that_of_the_classes(name: str, schema: dict[str, Any]) -> None:
    written = json.loads((RULES / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert written == schema, "the classes have changed: run `python docs/schemas.py`"
    jsonschema.Draft7Validator.check_schema(written)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_model_is_valid(path: Path) -> None:
    CHECK.validate(tables(path))


def test_the_kinds_are_valid() -> None:
    jsonschema.validate(tables(RULES / "kinds.toml"), kinds_schema())


def test_editors_are_told_where_the_schemas_are() -> None:
    for rule in tables(ROOT / ".taplo.toml")["rule"]:
        assert (ROOT / rule["schema"]["path"]).is_file()
        assert all(list(ROOT.glob(pattern)) for pattern in rule["include"])


@pytest.mark.parametrize(
    "row", [*CALL_VERBS.values(), *OTHER_TABLES.values(), Header, Kind], ids=lambda row: row.__name__
)
def test_every_key_is_explained(row: Any) -> None:
    assert {field.name for field in dataclasses.fields(row)} <= describe(row).keys()
    assert all(describe(row).values())


def test_every_verb_spells_its_conditions_alike() -> None:
    for name, verb in CALL_VERBS.items():
        assert issubclass(verb, CallRow)
        properties = SCHEMA["properties"][name]["items"]["properties"]
        conditions = {key: {**properties[key], "description": ""} for key in ("when", "unless")}
        assert conditions["when"] == conditions["unless"]
        assert conditions["when"]["anyOf"][1]["type"] == "array"


# --- readers ---------------------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "library": {"name": "crane", "docs": "https://crane.example"},
    "launch": [{"call": "crane.lift", "kind": "thread", "handle": "return", "returns": "crane.Load"}],
}


def changed(table: str, **keys: Any) -> dict[str, Any]:
    """`GOOD` with a second row of `table`, the launch with other keys or a row of the keys alone."""
    first = GOOD["launch"][0] if table == "launch" else {}
    row = {key: value for key, value in {**first, **keys}.items() if value is not None}
    return {**GOOD, table: [*GOOD.get(table, ()), row]}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": (
        changed("launch", hanlde="self"),
        "[[launch]] number 2 (crane.lift): `hanlde` is not a key here; did you mean `handle`?",
    ),
    "missing key": (
        changed("join", call="crane.Load.landed"),
        "[[join]] number 1 (crane.Load.landed): `target` is missing; add it: what is waited for.",
    ),
    "unknown kind": (
        changed("launch", kind="thraed"),
        "`kind` must be a kind of rules/kinds.toml, not 'thraed'; did you mean `thread`?",
    ),
    "selector": (
        changed("launch", work="args:0"),
        "`work` holds 'args:0', which is not a selector; write self, return",
    ),
    "condition": (
        changed("launch", unless=["self ="]),
        "`unless` holds 'self =', which is not a condition; write SELECTOR",
    ),
    "regular expression": (changed("launch", when="arg:0 ~ ("), "`when` holds '(', which is not a regular expression"),
    "flag": (changed("launch", lazy="yes"), "`lazy` must be true or false, not 'yes'"),
    "fate": (changed("launch", fate="lost"), "`fate` must be one of joined, never-runs, cancelled"),
    "choice": (changed("launch", takes="class"), "`takes` must be one of function, coroutine, not 'class'"),
    "text": (changed("launch", returns=3), "`returns` must be a string, not 3"),
    "number for a list": (changed("failure", call="crane.drop", raises=3), "`raises` must be a list, not 3"),
    "fates by kind": (changed("launch", exit={"thraed": "joined"}), "`exit` must be a kind of rules/kinds.toml"),
    "both of two": (
        changed("scope", call="crane.run", type="crane.Yard"),
        "give either `type` (a context manager) or `call`",
    ),
    "conditions of a context manager": (
        changed("scope", type="crane.Yard", exit="joined", when="arg:0"),
        "`when` and `unless` go with `call`",
    ),
    "conditions of a shield": (
        changed("shield", call="crane.quiet", catches="arg:0", unless="arg:1"),
        "`when` and `unless` are no keys of a shield",
    ),
    "needs another": (changed("scope", call="crane.run", around="self"), "`around` needs `decorates`"),
    "path": (changed("endpoint", path="next", means="register"), "`path` must begin with a slash, not 'next'"),
    "nested": (
        changed("adapter", name="crane", signs=[{"file": "Dockerfile", "pattern": "("}]),
        "[[adapter]] number 1 (crane): `signs` holds a table that is wrong: `pattern` is not a regular expression",
    ),
    "unknown table": ({**GOOD, "lanuch": []}, "[[lanuch]] is no table of a library; did you mean `launch`?"),
    "one table for many": (
        {**GOOD, "join": {"call": "x"}},
        "`join` must be a list of tables: write [[join]] above each",
    ),
    "no header": ({"launch": []}, "the table [library] is missing; add it, with `name` and `docs`"),
    "no documentation": ({"library": {"name": "crane"}}, "[library]: `docs` is missing; add it"),
}


@pytest.mark.parametrize(("table", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_row_is_refused_with_its_place_and_a_remedy(table: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_library(table, "python/crane.toml", load_kinds())
    assert str(caught.value).startswith("python/crane.toml: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in WRONG
        if name
        not in (
            "regular expression",
            "both of two",
            "conditions of a context manager",
            "conditions of a shield",
            "needs another",
            "path",
            "nested",
        )
    ],
)
def test_editors_refuse_it_too(name: str) -> None:
    assert not CHECK.is_valid(WRONG[name][0])


def test_a_row_of_the_users_is_named_with_its_file() -> None:
    with pytest.raises(ModelError) as caught:
        load_models([GOOD, changed("launch", kind="thraed")], "pyproject.toml")
    where = "pyproject.toml: [[tool.lambda-lint.library]] number 2: [[launch]] number 2 (crane.lift): "
    assert str(caught.value).startswith(where)


def test_a_list_of_calls_is_a_row_of_each() -> None:
    library = read_library(changed("harmless", call=["crane.look", "crane.weigh"]), "crane", load_kinds())
    assert [row.symbol for row in library.rows] == ["crane.lift", "crane.look", "crane.weigh"]


def test_one_fate_stands_for_all_kinds() -> None:
    row = changed("scope", type="crane.Yard", exit="cancelled")
    [scope] = [row.model for row in read_library(row, "crane", load_kinds()).rows if row.symbol == "crane.Yard"]
    assert {kind: fate.value for kind, fate in scope.exit.items()} == {"*": "cancelled"}  # type: ignore[union-attr]
