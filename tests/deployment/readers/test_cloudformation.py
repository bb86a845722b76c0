"""What AWS SAM and CloudFormation templates say of functions."""

from __future__ import annotations

import json

import pytest

from tests.deployment.reading import deployment, only, places, reasons

CODE = {"src/app.py": "", "users/api/main.py": "", "layers/common/python/shared.py": "", "layers/flat/tool.py": ""}


def sam(properties: str, rest: str = "") -> dict[str, str]:
    lines = ["Resources:", "  F:", "    Type: AWS::Serverless::Function", f"    Properties: {properties}", rest]
    return {"template.yaml": "\n".join(lines), **CODE}


def test_a_function_has_everything_that_its_template_says() -> None:
    function = only(
        sam(
            "{Handler: app.run, CodeUri: src/, Runtime: python3.12, Timeout: 30, FunctionName: shop, Layers: [!Ref Common],"
            " Environment: {Variables: {STAGE: dev, SIZE: 3, TABLE: !Ref Table}}}",
            "  Common: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/common}}\n",
        )
    )
    assert (str(function.declared), function.declared.format) == ("template.yaml:2", "sam")
    assert (function.names, function.handler, function.roots) == (("F", "shop"), "app.run", ("src",))
    assert (function.runtime, function.timeout, function.lifetime) == ("python3.12", 30, "default")
    assert function.layers == ("layers/common/python",)
    assert dict(function.environment) == {"STAGE": "dev", "SIZE": "3"}


def test_globals_give_what_a_function_does_not_and_layers_and_variables_add_up() -> None:
    function = only(
        sam(
            "{CodeUri: users, Layers: [!Ref Flat], Environment: {Variables: {A: own}}}",
            "  Flat: {Type: AWS::Lambda::LayerVersion, Properties: {Content: layers/flat}}\n"
            "  Common: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/common}}\n"
            "Globals:\n  Function:\n    Handler: api/main.run\n    Layers: [!GetAtt Common.Arn]\n"
            "    Environment: {Variables: {A: all, B: all}}\n",
        )
    )
    assert function.handler == "api/main.run"
    assert function.layers == ("layers/flat", "layers/common/python")
    assert dict(function.environment) == {"A": "own", "B": "all"}


@pytest.mark.parametrize(
    ("code", "head"),
    [
        ("!Ref Folder", "Parameters: {Folder: {Default: src}}"),
        ("!Sub '${Folder}'", "Parameters: {Folder: {Default: src}}"),
        ("!Sub ['${Name}', {Name: !Ref Folder}]", "Parameters: {Folder: {Default: src}}"),
        ("{'Fn::Sub': '${Folder}/'}", "Parameters: {Folder: {Default: src}}"),
        ("!Join ['', [s, !Ref Rest]]", "Parameters: {Rest: {Default: rc}}"),
        ("!FindInMap [Where, dev, folder]", "Mappings: {Where: {dev: {folder: src}, prod: {folder: other}}}"),
        ("!FindInMap [Where, !Ref Stage, folder]", "Mappings: {Where: {dev: {folder: src}, prod: {folder: src}}}"),
        ("!If [Dev, src, src]", "Conditions: {Dev: true}"),
        ("!If [Dev, src, !Ref AWS::NoValue]", "Conditions: {Dev: true}"),
        ("!Select [1, [other, src]]", ""),
    ],
)
def test_intrinsic_functions_come_to_what_the_template_says(code: str, head: str) -> None:
    files = sam(f"{{Handler: app.run, CodeUri: {code}}}", head + "\n")
    assert places(files) == [("F", "src/app.py", "run")]


@pytest.mark.parametrize("code", ["!Ref Nothing", "!ImportValue x", "!If [Dev, src, users]", "!Sub 'x/${AWS::Region}'"])
def test_what_only_the_deployment_knows_is_said_and_not_guessed(code: str) -> None:
    [reason] = reasons(sam(f"{{Handler: app.run, CodeUri: {code}, Runtime: python3.12}}"))
    assert "which is known only at deployment time" in reason
    assert deployment(sam(f"{{Handler: app.run, CodeUri: {code}, Runtime: python3.12}}")).warnings()


def test_json_is_read_with_its_lines() -> None:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Code": "src", "Handler": "app.run"}}
    files = {"stacks/any.json": json.dumps({"Resources": {"F": function}}, indent="\t"), "stacks/src/app.py": ""}
    assert str(only(files).declared) == "stacks/any.json:3"
    assert places(files) == [("F", "stacks/src/app.py", "run")]


def test_a_nested_template_gets_the_parameters_of_the_one_that_nests_it() -> None:
    nested = sam("{Handler: !Ref Handler, CodeUri: src}", "Parameters: {Handler: {Type: String}}\n")
    files = {**nested, "parent.yaml": "Resources:\n  Child:\n    Type: AWS::Serverless::Application\n"}
    files["parent.yaml"] += (
        "    Properties: {Location: template.yaml, Parameters: {Handler: app.run}}\n# AWS::Lambda::Function\n"
    )
    assert places(files) == [("F", "src/app.py", "run")]


@pytest.mark.parametrize(
    ("properties", "lifetime"),
    [
        ("CapacityProviderConfig: {Arn: x}", "managed-instances"),
        ("Layers: [!Sub 'arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerX86:25']", "web-adapter"),
        ("Runtime: provided.al2023", "custom-runtime"),
        ("Runtime: python3.13", "default"),
    ],
)
def test_what_lets_the_sandbox_live(properties: str, lifetime: str) -> None:
    assert only(sam(f"{{Handler: app.run, CodeUri: src, {properties}}}")).lifetime == lifetime


def test_an_image_has_the_handler_of_its_dockerfile_or_of_the_template() -> None:
    files = sam("{PackageType: Image}", "    Metadata: {DockerContext: users, Dockerfile: Dockerfile}\n")
    files["users/Dockerfile"] = (
        'FROM public.ecr.aws/lambda/python:3.12\nCOPY api ${LAMBDA_TASK_ROOT}/api\nCMD ["api.main.run"]\n'
    )
    assert places(files) == [("F", "users/api/main.py", "run")]
    override = sam(
        "{PackageType: Image, ImageConfig: {Command: [api.main.other]}}", "    Metadata: {DockerContext: users}\n"
    )
    assert places({**override, "users/Dockerfile": files["users/Dockerfile"]}) == [("F", "users/api/main.py", "other")]


def test_what_sam_build_wrote_is_no_second_function() -> None:
    files = sam("{Handler: app.run, CodeUri: src}")
    built = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: app.run, CodeUri: F}\n"
    files["out/template.yaml"] = built + "    Metadata: {SamResourceId: F}\n"
    files["out/F/app.py"] = ""
    assert places(files) == [("F", "src/app.py", "run")]
    assert deployment(files).is_built("out/F/app.py")


def test_other_languages_are_no_trouble() -> None:
    found = deployment(sam("{Handler: app.run, CodeUri: !Ref X, Runtime: java21}"))
    assert (found.located, found.warnings()) == ([], [])


def test_a_name_that_is_not_there_comes_with_the_nearest() -> None:
    [(_, lost)] = deployment(sam("{Handler: ap.run, CodeUri: src}")).lost
    assert (lost.absent, lost.hint) == (True, "did you mean `app.run`?")


@pytest.mark.parametrize("code", ["''", "{'Fn::Join': ['', []]}", '"\\n"'])
def test_an_empty_inline_code_is_filled_in_by_something_else(code: str) -> None:
    text = (
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n"
        f"    Properties: {{Handler: index.run, Runtime: python3.12, Code: {{ZipFile: {code}}}}}\n"
    )
    [(_, lost)] = deployment({"t.yaml": text}).lost
    assert (lost.why, lost.absent) == ("its inline code is known only at deployment time", False)
