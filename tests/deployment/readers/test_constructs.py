"""What programs of infrastructure say of functions: the CDK and Pulumi, in Python and TypeScript, and SST."""

from __future__ import annotations

import pytest

from tests.deployment.reading import deployment, only, places, reasons

CODE = {
    "lambdas/a.py": "",
    "lambdas/b/index.py": "",
    "layers/common/python/shared.py": "",
    "image/app.py": "",
    "image/Dockerfile": "FROM public.ecr.aws/lambda/python:3.12\nCOPY . .\n",
    "cdk.json": "{}",
}
PYTHON = """\
import os
from pathlib import Path
from textwrap import dedent
import aws_cdk as cdk
from aws_cdk import Duration, aws_lambda as lambda_, aws_lambda_python_alpha as python

HERE = Path(__file__).parent
RUNTIME = lambda_.Runtime.PYTHON_3_12
FOLDER = "lambdas"

class Shop(cdk.Stack):
    def __init__(self, scope):
        self.folder = os.path.join(os.path.dirname(__file__), "..", FOLDER)
        common = lambda_.LayerVersion(self, "Common", code=lambda_.Code.from_asset("layers/common"))
        shared = dict(runtime=RUNTIME, timeout=Duration.minutes(1))
        {line}
"""
MAKE = """
    def make(self, name, handler="a.default"):
        return lambda_.Function(self, name, runtime=RUNTIME, handler=handler, code=lambda_.Code.from_asset(FOLDER))
"""
TYPESCRIPT = """\
import * as cdk from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {{ PythonFunction }} from '@aws-cdk/aws-lambda-python-alpha';
import * as path from 'path';
import {{ FOLDER }} from './settings';

const shared = {{ runtime: lambda.Runtime.PYTHON_3_12, timeout: cdk.Duration.minutes(1) }};

export class Shop extends cdk.Stack {{
  private readonly folder = path.join(__dirname, '..', `lambdas`);
  constructor(scope: Construct) {{
    const common = new lambda.LayerVersion(this, 'Common', {{ code: lambda.Code.fromAsset('layers/common') }});
    {line}
  }}
  {make}
}}
"""
MAKE_TOO = """make(name: string, handler: string) {
    return new lambda.Function(this, name, { ...shared, handler, code: lambda.Code.fromAsset('lambdas') });
  }"""


def python(line: str) -> dict[str, str]:
    return {"infra/shop.py": PYTHON.replace("{line}", line) + (MAKE if "make(" in line else ""), **CODE}


def typescript(line: str) -> dict[str, str]:
    files = {
        "infra/shop.ts": TYPESCRIPT.format(line=line, make=MAKE_TOO if "make(" in line else ""),
        "infra/settings.ts": "export const FOLDER = 'lambdas';\n",
    }
    return {**files, **CODE}


@pytest.mark.parametrize(
    "code",
    [
        'lambda_.Code.from_asset("lambdas")',
        'lambda_.Code.from_asset(path="./lambdas")',
        "lambda_.Code.from_asset(self.folder)",
        'lambda_.Code.from_asset(str(HERE / ".." / "lambdas"))',
        'lambda_.Code.from_asset(str(HERE.parent.joinpath("lambdas").resolve()))',
        'lambda_.Code.from_asset(f"{HERE}/../lambdas")',
        "lambda_.Code.from_asset(str(Path(__file__).parents[1] / FOLDER))",
        'lambda_.AssetCode("lambdas")',
        'lambda_.Code.asset("./" + FOLDER)',
    ],
)
def test_python_paths_are_put_together(code: str) -> None:
    line = f'lambda_.Function(self, "F", runtime=RUNTIME, handler="a.run", code={code})'
    assert places(python(line)) == [("F", "lambdas/a.py", "run")]


@pytest.mark.parametrize(
    "code",
    [
        "lambda.Code.fromAsset('lambdas')",
        "lambda.Code.fromAsset(FOLDER)",
        "lambda.Code.fromAsset(this.folder)",
        "lambda.Code.fromAsset(path.join(__dirname, '../lambdas'), { exclude: ['x'] })",
        "lambda.Code.fromAsset(path.resolve(__dirname, '..', 'lambdas'))",
        "lambda.Code.fromAsset(__dirname + '/../lambdas')",
        "lambda.Code.fromAsset(`${__dirname}/../lambdas`)",
        "new lambda.AssetCode('./lambdas')",
        "lambda.Code.fromAsset('lambdas' as string)",
    ],
)
def test_typescript_paths_are_put_together(code: str) -> None:
    line = f"new lambda.Function(this, 'F', {{ ...shared, handler: 'a.run', code: {code} }});"
    assert places(typescript(line)) == [("F", "lambdas/a.py", "run")]


def test_a_function_has_everything_that_its_construct_says() -> None:
    files = {
        "shop.py": python(
            'lambda_.Function(self, "F", **shared, function_name="shop", handler="a.run", layers=[common], '
            'environment={"A": "1", "T": table.name}, code=lambda_.Code.from_asset(FOLDER))'
        ),
        "shop.ts": typescript(
            "new lambda.Function(this, 'F', { ...shared, functionName: 'shop', handler: 'a.run', layers: [common], "
            "environment: { A: '1', T: table.tableName }, code: lambda.Code.fromAsset(FOLDER) });"
        ),
    }
    for name, project in files.items():
        function = only(project)
        assert function.declared.file == f"infra/{name}"
        assert (function.names, function.handler, function.roots) == (("F", "shop"), "a.run", ("lambdas",))
        assert (function.runtime, function.timeout, function.layers) == ("python3.12", 60, ("layers/common/python",))
        assert function.environment == (("A", "1"),)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'python.PythonFunction(self, "F", entry="lambdas/b", runtime=RUNTIME)',
            ("F", "lambdas/b/index.py", "handler"),
        ),
        (
            'python.PythonFunction(self, "F", entry="lambdas", index="a.py", handler="run", runtime=RUNTIME)',
            ("F", "lambdas/a.py", "run"),
        ),
        (
            'lambda_.DockerImageFunction(self, "F", code=lambda_.DockerImageCode.from_image_asset("image", cmd=["app.run"]))',
            ("F", "image/app.py", "run"),
        ),
        ('self.make("F", "a.made")', ("F", "lambdas/a.py", "made")),
        ('self.make("F")', ("F", "lambdas/a.py", "default")),
        (
            'for name in ["x"]:\n            lambda_.Function(self, f"F{name}", handler=f"a.{name}", runtime=RUNTIME, code=lambda_.Code.from_asset(FOLDER))',
            ("Fx", "lambdas/a.py", "x"),
        ),
        (
            'for name, handler in {"x": "a.y"}.items():\n            lambda_.Function(self, name, handler=handler, runtime=RUNTIME, code=lambda_.Code.from_asset(FOLDER))',
            ("x", "lambdas/a.py", "y"),
        ),
        (
            'OurFunction(self, "F", handler="a.run", folder="lambdas", runtime="python3.12")',
            ("F", "lambdas/a.py", "run"),
        ),
        (
            'lambda_.Function(self, "F", handler="index.run", runtime=RUNTIME, code=lambda_.InlineCode(open("lambdas/a.py").read()))',
            ("F", "lambdas/a.py", "run"),
        ),
    ],
)
def test_python_constructs(line: str, expected: tuple[str, str, str]) -> None:
    assert places(python(line)) == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "new PythonFunction(this, 'F', { entry: 'lambdas/b', runtime: lambda.Runtime.PYTHON_3_12 });",
            ("F", "lambdas/b/index.py", "handler"),
        ),
        (
            "new lambda.DockerImageFunction(this, 'F', { code: lambda.DockerImageCode.fromImageAsset('image', { cmd: ['app.run'] }) });",
            ("F", "image/app.py", "run"),
        ),
        ("this.make('F', 'a.made');", ("F", "lambdas/a.py", "made")),
        (
            "for (const n of ['x']) { new lambda.Function(this, `F${n}`, { ...shared, handler: `a.${n}`, code: lambda.Code.fromAsset(FOLDER) }); }",
            ("Fx", "lambdas/a.py", "x"),
        ),
        (
            "['x'].forEach((n) => { new lambda.Function(this, n, { ...shared, handler: 'a.' + n, code: lambda.Code.fromAsset(FOLDER) }); });",
            ("x", "lambdas/a.py", "x"),
        ),
        (
            "Object.entries({ x: 'a.y' }).map(([n, h]) => new lambda.Function(this, n, { ...shared, handler: h, code: lambda.Code.fromAsset(FOLDER) }));",
            ("x", "lambdas/a.py", "y"),
        ),
        (
            "new Ours(this, 'F', { handler: 'a.run', folder: 'lambdas', runtime: 'python3.12' });",
            ("F", "lambdas/a.py", "run"),
        ),
    ],
)
def test_typescript_constructs(line: str, expected: tuple[str, str, str]) -> None:
    assert places(typescript(line)) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "new lambda.Function(this, 'F', { runtime: lambda.Runtime.JAVA_21, handler: 'index.handler', code: lambda.Code.fromAsset('lambdas') });",
        "new lambda.Function(this, 'F', props);",
        "new (",
    ],
)
def test_other_languages_and_broken_code_are_no_trouble(line: str) -> None:
    found = deployment(typescript(line))
    assert (found.located, found.warnings()) == ([], [])


def test_the_web_adapter_s_layer_is_known_by_its_address() -> None:
    address = "`arn:aws:lambda:${cdk.Stack.of(this).region}:753240598075:layer:LambdaAdapterLayerX86:23`"
    layer = f"lambda.LayerVersion.fromLayerVersionArn(this, 'L', {address})"
    line = f"new lambda.Function(this, 'F', {{ ...shared, handler: 'run.sh', code: lambda.Code.fromAsset('lambdas'), layers: [{layer}] }});"
    function = only({**typescript(line), "lambdas/run.sh": "exec uvicorn a:app\n"})
    assert (function.lifetime, function.application) == ("web-adapter", "a:app")


def test_what_only_the_program_knows_is_said() -> None:
    line = (
        'lambda_.Function(self, "F", runtime=RUNTIME, handler="a.run", code=lambda_.Code.from_asset(folder_of(self)))'
    )
    assert reasons(python(line)) == ["its code is folder_of(…), which is no folder of this project"]


def test_a_python_file_that_cannot_be_parsed_is_passed_over() -> None:
    assert deployment({"infra/shop.py": "import aws_cdk\nhandler = (\n"}).functions == ()


PULUMI = {
    "python": (
        "__main__.py",
        "import pulumi\nimport pulumi_aws as aws\n\n"
        'aws.lambda_.Function("f", runtime="python3.12", handler="a.run", code={code})\n',
    ),
    "typescript": (
        "index.ts",
        'import * as pulumi from "@pulumi/pulumi";\nimport * as aws from "@pulumi/aws";\n'
        'new aws.lambda.Function("f", {{ runtime: aws.lambda.Runtime.Python3d12, handler: "a.run", code: {code} }});\n',
    ),
}


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", 'pulumi.FileArchive("./lambdas")'),
        ("python", 'pulumi.AssetArchive({".": pulumi.FileArchive("./lambdas")})'),
        ("python", 'pulumi.AssetArchive({"a.py": pulumi.FileAsset("lambdas/a.py")})'),
        ("typescript", 'new pulumi.asset.FileArchive("./lambdas")'),
        ("typescript", 'new pulumi.asset.AssetArchive({ ".": new pulumi.asset.FileArchive("./lambdas") })'),
    ],
)
def test_pulumi(language: str, code: str) -> None:
    name, text = PULUMI[language]
    files = {name: text.format(code=code) if language == "typescript" else text.replace("{code}", code), **CODE}
    function = only({**files, "Pulumi.yaml": ""})
    assert (function.declared.format, function.runtime) == ("pulumi", "python3.12")
    assert places(files) == [("f", "lambdas/a.py", "run")]


@pytest.mark.parametrize(
    "text",
    [
        'new sst.aws.Function("F", { handler: "lambdas/a.run", runtime: "python3.12" });',
        'const api = new sst.aws.ApiGatewayV2("F");\napi.route("GET /", { handler: "lambdas/a.run", runtime: "python3.12" });',
        'new sst.aws.Cron("F", { schedule: "x", function: { handler: "lambdas/a.run" } });',
        'new sst.aws.Function("F", { handler: "./lambdas/a.run", runtime: "python3.12", timeout: "2 minutes" });',
    ],
)
def test_sst(text: str) -> None:
    files = {"sst.config.ts": f"/// sst\nexport default $config({{ async run() {{\n{text}\n}} }});\n", **CODE}
    assert [place[1:] for place in places(files)] == [("lambdas/a.py", "run")]


def test_what_sst_makes_on_another_cloud_is_no_function() -> None:
    text = """export default $config({ async run() {
      new sst.cloudflare.Worker("W", { handler: "./lambdas/proxy.ts" });
      new sst.aws.Function("F", { handler: "lambdas/page.handler" });
    } });"""
    files = {"sst.config.ts": text, "lambdas/proxy.ts": "", "lambdas/page.ts": ""}
    assert [function.handler for function in deployment(files).functions] == ["lambdas/page.handler"]


def test_sst_s_other_languages_are_left_out() -> None:
    text = 'export default $config({ async run() { new sst.aws.Function("F", { handler: "src/x.handler" }); } });'
    assert deployment({"sst.config.ts": text, **CODE}).functions == ()


@pytest.mark.parametrize(
    "functions",
    [
        "{ orders: { handler: 'lambdas/a.run' } }",
        "{ orders: { handler: `${FOLDER}/a.run` } }",
        "{ orders }",
        "shop",
    ],
)
def test_a_serverless_file_in_typescript(functions: str) -> None:
    text = (
        "import shop from './shop';\nconst FOLDER = 'lambdas';\nconst orders = { handler: 'lambdas/a.run' };\n"
        "const configuration: AWS = { service: 'x', provider: { name: 'aws', runtime: 'python3.12' }, functions: "
        f"{functions} }};\nmodule.exports = configuration;\n"
    )
    files = {"serverless.ts": text, "shop.ts": "export default { orders: { handler: 'lambdas/a.run' } };\n", **CODE}
    assert places(files) == [("orders", "lambdas/a.py", "run")]
