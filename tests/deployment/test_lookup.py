"""A function's name in a deployment template leads to its file, or to a message that says why it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint_lambda.config import DEFAULT_EXCLUDE
from lint_lambda.deployment import Deployment
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.lookup import LookupFailed, find
from lint_lambda.project import Project

SAM = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.12, CodeUri: src/, Handler: app.handler}
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: shop-orders
      Policies: [!Ref Policy, !Sub "${Stage}-x", !GetAtt [A, B]]
  Users:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ./users, Handler: api/main.run, FunctionName: !Sub "${Stage}-users"}
"""
SERVERLESS = """\
service: shop
provider: {name: aws, runtime: python3.12, stage: "${opt:stage}"}
functions:
  orders:
    handler: src/app.handler
    name: shop-orders
  users:
    module: users
    handler: api.main.run
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Code, without a template. The current directory."""
    for file in ("src/app.py", "users/api/main.py", "users/api/__init__.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def look(root: Path, name: str) -> tuple[str, str, str] | None:
    """The file, the name in it, and the deployed folder."""
    project = Project.find(root, exclude=DEFAULT_EXCLUDE)
    found = find(Deployment(Files(project.files, project.others, project.peek)), name)
    return None if found is None else (found[1].path, found[1].name, found[1].root)


def complaint(project: Path, name: str) -> str:
    with pytest.raises(LookupFailed) as error:
        look(project, name)
    return str(error.value)


@pytest.mark.parametrize("name", ["Orders", "shop-orders"])
@pytest.mark.parametrize("file", ["template.yaml", "template.yml"])
def test_sam_by_logical_name_and_by_function_name(project: Path, name: str, file: str) -> None:
    (project / file).write_text(SAM)
    assert look(project, name) == ("src/app.py", "handler", "src")


def test_a_functions_own_properties_win_over_globals(project: Path) -> None:
    (project / "template.yaml").write_text(SAM)
    assert look(project, "Users") == ("users/api/main.py", "run", "users")


@pytest.mark.parametrize("indent", [2, "\t"])
def test_cloudformation_in_json(project: Path, indent: int | str) -> None:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Code": "src", "Handler": "app.handler"}}
    (project / "template.json").write_text(json.dumps({"Resources": {"Orders": function}}, indent=indent))
    assert look(project, "Orders") == ("src/app.py", "handler", "src")


@pytest.mark.parametrize(
    ("name", "file", "function", "root"),
    [
        ("orders", "src/app.py", "handler", ""),
        ("shop-orders", "src/app.py", "handler", ""),
        ("users", "users/api/main.py", "run", "users"),
    ],
)
@pytest.mark.parametrize("listed", [False, True])
def test_serverless(project: Path, name: str, file: str, function: str, root: str, listed: bool) -> None:
    text = SERVERLESS
    if listed:
        text = text.replace("  orders:\n", "  - ${file(more.yml)}\n  - orders:\n").replace(
            "    handler", "      handler"
        )
        text = (
            text.replace("    name", "      name")
            .replace("  users:", "  - users:")
            .replace("    module", "      module")
        )
    (project / "serverless.yml").write_text(text)
    assert look(project, name) == (file, function, root)


def test_merge_keys_are_followed(project: Path) -> None:
    text = "x: &x {handler: src/app.handler}\nfunctions:\n  orders:\n    <<: *x\n"
    (project / "serverless.yml").write_text(text)
    assert look(project, "orders") == ("src/app.py", "handler", "")


def test_a_template_below_is_relative_to_itself(project: Path) -> None:
    (project / "infra").mkdir()
    (project / "infra" / "template.yaml").write_text(SAM.replace("src/", "../src"))
    assert look(project, "Orders") == ("src/app.py", "handler", "src")


@pytest.mark.parametrize("directory", [".aws-sam/build", "node_modules/x", "cdk.out"])
def test_what_tools_build_is_no_second_declaration(project: Path, directory: str) -> None:
    (project / directory).mkdir(parents=True)
    for place in (project, project / directory):
        (place / "template.yaml").write_text(SAM)
    assert look(project, "Orders") is not None


def test_a_virtual_environment_is_passed_over(project: Path) -> None:
    (project / "env").mkdir()
    (project / "env" / "template.yaml").write_text(SAM)
    (project / "env" / "pyvenv.cfg").write_text("")
    assert look(project, "Orders") is None


def test_without_a_template_there_is_nothing_to_say(project: Path) -> None:
    assert look(project, "Orders") is None


def test_a_name_in_two_templates_names_both_lines(project: Path) -> None:
    (project / "users" / "serverless.yml").write_text(SERVERLESS)
    (project / "template.yaml").write_text(SAM)
    text = complaint(project, "shop-orders")
    assert "  template.yaml:6\n  users/serverless.yml:4\n" in text


def test_a_misspelt_name_is_corrected(project: Path) -> None:
    (project / "template.yaml").write_text(SAM)
    text = complaint(project, "Order")
    assert "no template declares a function 'Order'; did you mean Orders?\n  template.yaml:6\n" in text


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("template.yaml", "Resources:\n  Orders: [", "template.yaml:3: not valid YAML"),
        ("template.yaml", "Resources:\n\tOrders: 1\n", "template.yaml:2: not valid YAML"),
        ("template.yaml", "Resources: *nowhere\n", "template.yaml:1: not valid YAML"),
        ("template.yaml", "a: \x07\n", "template.yaml: not valid YAML"),
        ("template.yaml", "[" * 500, "template.yaml:1: it is nested too deeply"),
        ("template.json", '{\n"Resources": {,}}', "template.json:2: not valid JSON"),
        ("template.json", "[" * 200_000, "template.json: not valid JSON: it is nested too deeply"),
    ],
)
def test_a_half_written_template_is_named_with_its_line(project: Path, file: str, text: str, message: str) -> None:
    (project / file).write_text(text)
    assert message in complaint(project, "Orders")


def test_a_template_that_is_not_text_is_named(project: Path) -> None:
    (project / "template.yaml").write_bytes(b"\xff\xfe\x00")
    assert "template.yaml:1: not UTF-8" in complaint(project, "Orders")


def test_a_half_written_template_does_not_hide_another(project: Path) -> None:
    (project / "users" / "template.yaml").write_text("{{ helm }}: [")
    (project / "template.yaml").write_text(SAM)
    assert look(project, "Orders") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Orders\n",
        "- Orders\n",
        "Resources:\n",
        "Resources: [Orders]\n",
        "Resources: {1: 2, Orders: }\n",
        "Resources: {Orders: {Type: AWS::Lambda::Layer}}\n",
        "Globals: {Function: 3}\nResources: {Zeta: {Type: AWS::Serverless::Function, Properties: [1]}}\n",
        "Resources: &r {Self: *r}\n",
        "Day: 2026-13-45\n? [a, b]\n: c\n",
    ],
)
def test_other_shapes_declare_nothing_of_the_name(project: Path, text: str) -> None:
    (project / "template.yaml").write_text(text)
    assert look(project, "Orders") is None


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (
            "{CodeUri: !Ref Source, Handler: app.handler}",
            "its code is !Ref Source, which is known only at deployment time",
        ),
        ("{CodeUri: s3://bucket/key, Handler: app.handler}", "its code is in a bucket"),
        (
            "{CodeUri: {Bucket: b, Key: k}, Handler: app.handler}",
            "its code is in a bucket, not a folder of this project",
        ),
        (
            "{CodeUri: lib, Handler: app.handler}",
            "its code is lib, which is no folder of this project",
        ),
        ('{CodeUri: "a\\0b", Handler: app.handler}', "its code is 'a\\x00b', which is known"),
        ("{CodeUri: , Handler: app.handler}", "its code is None"),
        ("{CodeUri: src}", "it names no handler"),
        ("{CodeUri: src, Handler: handler}", "its handler is 'handler'; module.function is expected"),
        ("{CodeUri: src, Handler: !Ref H}", "its handler is !Ref H"),
        ("{CodeUri: src, Handler: main.handler}", "its file src/main.py does not exist"),
        (
            "{CodeUri: src, Handler: app.handler, Runtime: nodejs22.x}",
            "its handler is app.handler, whose source is not here",
        ),
        ("{PackageType: Image}", "its code is a container image, not a folder"),
    ],
)
def test_code_that_is_not_here_is_said_with_the_line(project: Path, properties: str, message: str) -> None:
    text = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: " + properties + "\n"
    (project / "template.yaml").write_text(text)
    assert complaint(project, "F").startswith(f"template.yaml:2: F: {message}")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{image: repository}", "its code is a container image"),
        ("{handler: '${self:custom.h}'}", "its handler is ${self:custom.h}"),
        ("{handler: nowhere/app.handler, package: {artifact: dist.zip}}", "its file nowhere/app.py does not exist"),
        ("{handler: src/app.handler, runtime: java21}", "its runtime is java21, neither Python nor Node.js"),
    ],
)
def test_what_serverless_deploys_from_elsewhere_is_said(project: Path, given: str, message: str) -> None:
    (project / "serverless.yml").write_text(f"functions:\n  f: {given}\n")
    assert complaint(project, "f").startswith(f"serverless.yml:2: f: {message}")
