"""Files that are half written, hostile or huge are warnings within bounds, and never the end of a run."""

from __future__ import annotations

import json

import pytest

from tests.deployment.reading import deployment

APP = {"app.py": ""}
FUNCTION = "  F: {Type: AWS::Serverless::Function, Properties: {Handler: app.run, CodeUri: ., Runtime: python3.12}}\n"


def bomb(levels: int, form: str, first: str, last: str) -> str:
    """Lines that each mean the one before it many times."""
    return first + "".join(form.format(this=number, before=number - 1) for number in range(1, levels)) + last


YAML_BOMB = bomb(
    25,
    "a{this}: &a{this} [*a{before}, *a{before}, *a{before}, *a{before}]\n",
    "a0: &a0 [x, x]\n",
    "Resources:\n" + FUNCTION,
)
MERGE_BOMB = bomb(
    25,
    "a{this}: &a{this}\n  <<: [*a{before}, *a{before}, *a{before}]\n",
    "a0: &a0 {x: y}\n",
    "Resources:\n  <<: *a24\n" + FUNCTION,
)
PYTHON_BOMB = bomb(
    25,
    "a{this} = [a{before}, a{before}, a{before}, a{before}]\n",
    "import aws_cdk\na0 = ['x', 'x']\n",
    "lambda_.Function(self, 'F', handler='app.run', code=a24)\n",
)
TYPESCRIPT_BOMB = bomb(
    25,
    "const a{this} = [a{before}, a{before}, a{before}];\n",
    "import 'aws-cdk-lib';\nconst a0 = ['x'];\n",
    "new lambda.Function(this, 'F', { handler: 'app.run', code: a24 });\n",
)
TERRAFORM_BOMB = "locals {\n" + bomb(
    25,
    " a{this} = [local.a{before}, local.a{before}, local.a{before}, local.a{before}]\n",
    ' a0 = ["x"]\n',
    '}\nresource "aws_lambda_function" "f" {\n handler = "app.run"\n filename = local.a24\n}\n',
)


@pytest.mark.parametrize("text", [YAML_BOMB, MERGE_BOMB])
def test_a_bomb_of_aliases_is_read(text: str) -> None:
    assert len(deployment({"template.yaml": text, **APP}).located) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [("stack.py", PYTHON_BOMB), ("stack.ts", TYPESCRIPT_BOMB), ("main.tf", TERRAFORM_BOMB)],
)
def test_expressions_that_double_each_other_end(name: str, text: str) -> None:
    [function] = deployment({name: text, **APP}).functions
    assert function.unknown


@pytest.mark.parametrize(
    ("name", "text", "warning"),
    [
        ("template.yaml", "Resources:\n  F: [\n", "template.yaml:3: not valid YAML"),
        ("template.yaml", "[" * 500, "template.yaml:1: it is nested too deeply"),
        ("template.json", "[" * 100_000, "template.json: not valid JSON: it is nested too deeply"),
        ("template.yaml", "x" * 2_000_001, "template.yaml: larger than 2 MB"),
        ("serverless.yml", "functions: {a: [}\n", "serverless.yml:1: not valid YAML"),
        ("zappa_settings.json", "{", "zappa_settings.json:1: not valid JSON"),
        (".chalice/config.json", "{", ".chalice/config.json:1: not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_a_warning(name: str, text: str, warning: str) -> None:
    [said] = deployment({name: text, **APP}).warnings()
    assert said.startswith(warning)


@pytest.mark.parametrize(
    "text",
    [
        "Resources: &r\n  F: *r\n  Type: AWS::Serverless::Function\n  Properties: *r\n",
        "Resources: {[1, 2]: {Type: AWS::Lambda::Function}, 1: {Type: AWS::Lambda::Function, Properties: [1]}}\n",
        "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Handler: 5, CodeUri: 3, Timeout: !!int x, Layers: y}}}\n",
        'Resources: {F: {Type: AWS::Serverless::Function, Properties: {Handler: !!python/object:os.system [x], CodeUri: "\\0"}}}\n',
        "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: {Fn::Join: [1]}}, Environment: []}}}\n",
        "Globals: 3\nParameters: [x]\nMappings: y\nResources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !FindInMap [a]}}}\n",
        "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Handler: app.run, CodeUri: !Sub [], InlineCode: !Ref x}}}\n",
    ],
)
def test_odd_shapes_are_no_functions_that_can_be_found(text: str) -> None:
    assert deployment({"template.yaml": text, **APP}).located == []


def test_of_many_functions_each_is_read() -> None:
    text = "Resources:\n" + "".join(FUNCTION.replace("F:", f"F{number}:") for number in range(3000))
    assert len(deployment({"template.yaml": text, **APP}).located) == 3000


def test_a_defect_of_one_reader_hides_nothing_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from lint_lambda.deployment import reading
    from lint_lambda.deployment.files import Files
    from lint_lambda.deployment.model import Declarations

    def fails(files: Files) -> Declarations:
        raise ZeroDivisionError("by nought")

    every = reading.readers
    monkeypatch.setattr(reading, "readers", lambda files: (fails, *every(files)))
    found = deployment(
        {
            "template.json": json.dumps(
                {"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "app.run"}}}}
            ),
            **APP,
        }
    )
    assert len(found.located) == 1
    assert "ZeroDivisionError: by nought" in found.warnings()[0]
