"""What Chalice, Zappa and Amplify projects say of functions, and what other platforms say."""

from __future__ import annotations

import json

import pytest

from tests.deployment.reading import deployment, only, places


def test_chalice_deploys_app_py_beside_its_settings() -> None:
    settings = {"app_name": "shop", "stages": {"dev": {"lambda_timeout": 20, "environment_variables": {"A": "1"}}}}
    files = {"api/.chalice/config.json": json.dumps(settings, indent=2), "api/app.py": "", "api/vendor/x.py": ""}
    function = only(files)
    assert (function.declared.format, function.names, function.timeout) == ("chalice", ("shop",), 20)
    assert (function.roots, function.environment) == (("api", "api/vendor"), (("A", "1"),))
    assert places(files) == [("shop", "api/app.py", "app")]


ZAPPA = {
    "json": '{"dev": {"app_function": "shop.web.app", "timeout_seconds": 40, "events": [{"function": "shop.jobs.clean"}]},'
    ' "prod": {"extends": "dev"}}',
    "yaml": "dev:\n  app_function: shop.web.app\n  timeout_seconds: 40\n  events:\n    - function: shop.jobs.clean\n",
    "toml": '[dev]\napp_function = "shop.web.app"\ntimeout_seconds = 40\n[[dev.events]]\nfunction = "shop.jobs.clean"\n',
}


@pytest.mark.parametrize("suffix", ZAPPA)
def test_zappa_is_told_an_application_and_functions_of_events(suffix: str) -> None:
    found = deployment({f"zappa_settings.{suffix}": ZAPPA[suffix], "shop/web.py": "", "shop/jobs.py": ""})
    told = [(place.path, place.name, place.application) for _, place in found.located]
    assert told == [("shop/web.py", "app", True), ("shop/jobs.py", "clean", False)]
    assert (found.functions[0].adapter, found.functions[0].timeout, found.functions[1].adapter) == ("zappa", 40, "")


def test_amplify_keeps_the_code_beside_its_template() -> None:
    template = {
        "Resources": {
            "LambdaFunction": {
                "Type": "AWS::Lambda::Function",
                "Metadata": {"aws:asset:path": "./src"},
                "Properties": {
                    "Handler": "index.handler",
                    "Runtime": "python3.12",
                    "Code": {"S3Bucket": {"Ref": "bucket"}, "S3Key": {"Ref": "key"}},
                },
            }
        }
    }
    home = "amplify/backend/function/shop"
    files = {f"{home}/shop-cloudformation-template.json": json.dumps(template), f"{home}/src/index.py": ""}
    assert places(files) == [("LambdaFunction", f"{home}/src/index.py", "handler")]
    assert only(files).declared.format == "amplify"


def test_copilot_s_addons_are_templates_like_others() -> None:
    text = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: app.run, CodeUri: ./fn, Runtime: python3.12}\n"
    files = {"copilot/api/addons/fn.yml": text, "copilot/api/addons/fn/app.py": ""}
    assert places(files) == [("F", "copilot/api/addons/fn/app.py", "run")]
    assert only(files).declared.format == "copilot"


def test_copilot_takes_code_from_the_workspace() -> None:
    text = "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {Handler: app.run, Code: jobs/fn, Runtime: python3.12}\n"
    files = {"shop/copilot/api/addons/fn.yml": text, "shop/jobs/fn/app.py": "", "shop/copilot/api/addons/app.py": ""}
    assert places(files) == [("F", "shop/jobs/fn/app.py", "run")]


@pytest.mark.parametrize(
    ("call", "file", "told"),
    [
        (
            'defineFunction({ name: "mail", entry: "./send.ts", runtime: 22, timeoutSeconds: 60 })',
            "send.ts",
            ("mail", "nodejs22.x", 60),
        ),
        ("defineFunction()", "handler.ts", ("mailer", "nodejs", None)),
        ('defineFunction({ entry: "./send.py" })', "send.py", ("mailer", "python", None)),
        ('defineFunction({ entry: "send" })', "send.js", ("mailer", "nodejs", None)),
    ],
)
def test_amplify_s_functions_are_the_modules_that_they_name(
    call: str, file: str, told: tuple[str, str, float | None]
) -> None:
    home = "amplify/functions/mailer"
    program = f'import {{ defineFunction }} from "@aws-amplify/backend";\nexport const f = {call};\n'
    files = {f"{home}/resource.ts": program, f"{home}/{file}": "", f"{home}/other.ts": ""}
    assert places(files) == [(told[0], f"{home}/{file}", "handler")]
    function = only(files)
    assert (function.name, function.runtime, function.timeout) == told
    assert str(function.declared) == f"{home}/resource.ts:2"


def test_what_amplify_is_given_as_a_construct_is_the_cdk_s() -> None:
    program = (
        'import { defineFunction } from "@aws-amplify/backend";\nimport { Code, Function, Runtime } from "aws-cdk-lib/aws-lambda";\n'
        'export const f = defineFunction((scope) => new Function(scope, "say", {\n  handler: "index.reply", runtime: Runtime.PYTHON_3_12,\n'
        "  code: Code.fromAsset(__dirname),\n}));\n"
    )
    files = {"amplify/functions/say/resource.ts": program, "amplify/functions/say/index.py": ""}
    assert places(files) == [("say", "amplify/functions/say/index.py", "reply")]


def test_a_module_of_amplify_s_that_is_not_here_is_said() -> None:
    program = 'import { defineFunction } from "@aws-amplify/backend";\nexport const f = defineFunction({ entry: "./gone.ts" });\n'
    assert [lost.why for _, lost in deployment({"amplify/functions/f/resource.ts": program}).lost] == [
        "its code is ./gone.ts, which is no file of this project"
    ]


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"fn/function.json": '{"bindings": []}', "fn/app.py": ""}, "fn/app.py"),
        (
            {"fc/s.yaml": "services:\n  a:\n    component: fc3\n    props: {code: ./code}\n", "fc/code/app.py": ""},
            "fc/code/app.py",
        ),
        ({"docs/fix.yaml": "script: |\n  %%SCRIPT=scripts/fix.py%%\n", "scripts/fix.py": ""}, "scripts/fix.py"),
    ],
)
def test_other_platforms_and_runbooks_say_so(files: dict[str, str], path: str) -> None:
    found = deployment({**files, "lambda/app.py": ""})
    assert found.is_foreign(path)
    assert not found.is_foreign("lambda/app.py")
