"""Deployments of Node functions in valid forms: what they declare, and where that is."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from lint_lambda.config import Config
from lint_lambda.core.finding import Finding
from lint_lambda.engine import Request, check
from tests.deployment.reading import deployment

ADAPTER = "COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter\n"
AWS = "FROM public.ecr.aws/lambda/nodejs:22\n"

FORMS: dict[str, tuple[dict[str, str], list[tuple[str, str | None]]]] = {
    "code in a template whose runtime is a parameter": (
        {
            "template.yaml": """\
                Transform: AWS::Serverless-2016-10-31
                Parameters: {Runtime: {Type: String}}
                Resources:
                  F:
                    Type: AWS::Serverless::Function
                    Properties:
                      Handler: index.run
                      Runtime: !Ref Runtime
                      InlineCode: |
                        const save = async () => {};
                        exports.run = async () => { await save(); };
                """,
        },
        [("template.yaml!F.js:run", None)],
    ),
    "AWS's image": (
        {"Dockerfile": f'{AWS}COPY src/ ${{LAMBDA_TASK_ROOT}}/\nCMD ["index.run"]\n', "src/index.js": ""},
        [("src/index.js:run", "nodejs22.x")],
    ),
    "an image with the runtime client": (
        {
            "Dockerfile": 'FROM node:22-slim\nWORKDIR /fn\nCOPY lib/ ./\nENTRYPOINT ["/usr/local/bin/npx", "aws-lambda-ric"]\nCMD ["a.go"]\n',
            "lib/a.mjs": "",
        },
        [("lib/a.mjs:go", "nodejs")],
    ),
    "the client by its path": (
        {
            "Dockerfile": 'FROM node:22\nWORKDIR /fn\nCOPY . .\nENTRYPOINT ["node", "node_modules/.bin/aws-lambda-ric"]\nCMD ["a.go"]\n',
            "a.js": "",
        },
        [("a.js:go", "nodejs")],
    ),
    "an image of a template, compiled in a stage of its own": (
        {
            "template.yaml": """\
                Transform: AWS::Serverless-2016-10-31
                Resources:
                  F: {Type: AWS::Serverless::Function, Properties: {PackageType: Image}, Metadata: {DockerContext: app}}
                """,
            "app/Dockerfile": f'{AWS.strip()} AS build\nWORKDIR /src\nCOPY main.ts package.json ./\nRUN npm run build\n{AWS}COPY --from=build /src/dist/* ./\nCMD ["main.go"]\n',
            "app/main.ts": "",
            "app/package.json": "{}",
        },
        [("app/main.ts:go", "nodejs22.x")],
    ),
    "a server in an image": (
        {
            "Dockerfile": f'FROM node:22\n{ADAPTER}WORKDIR /app\nCOPY . .\nCMD ["node", "--enable-source-maps", "dist/server.js"]\n',
            "src/server.ts": "",
        },
        [("src/server.ts:", "nodejs")],
    ),
    "a server that npm starts": (
        {
            "Dockerfile": f'FROM node:22\n{ADAPTER}WORKDIR /app\nCOPY web/ .\nCMD ["npm", "run", "serve"]\n',
            "web/package.json": '{"scripts": {"start": "jest", "serve": "NODE_ENV=production node server"}}',
            "web/server.js": "",
        },
        [("web/server.js:", "nodejs")],
    ),
    "a server behind the layer": (
        {
            "template.yaml": """\
                Transform: AWS::Serverless-2016-10-31
                Resources:
                  F:
                    Type: AWS::Serverless::Function
                    Properties:
                      {CodeUri: app, Handler: run.sh, Runtime: nodejs22.x, Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap}}}
                """,
            "app/run.sh": "#!/bin/sh\nexec node index.js\n",
            "app/index.js": "",
        },
        [("app/index.js:", "nodejs22.x")],
    ),
    "the path of a file that calls a helper of another": (
        {
            "serverless.ts": """\
                import hello from '@functions/hello';
                const functions = { hello, other: { handler: 'src/other.go' } };
                module.exports = { service: 's', provider: { name: 'aws', runtime: 'nodejs22.x' }, functions };
                """,
            "tsconfig.json": '{"extends": "./tsconfig.paths.json"}',
            "tsconfig.paths.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@functions/*": ["src/functions/*"], "@libs/*": ["src/libs/*"]}}}',
            "src/libs/paths.ts": """\
                export const handlerPath = (context: string) => {
                  return `${context.split(process.cwd())[1].substring(1).replace(/\\\\/g, '/')}`
                };
                """,
            "src/functions/hello/index.ts": """\
                import { handlerPath } from '@libs/paths';
                export default { handler: `${handlerPath(__dirname)}/handler.main`, events: [] };
                """,
            "src/functions/hello/handler.ts": "",
            "src/other.ts": "",
        },
        [("src/functions/hello/handler.ts:main", "nodejs22.x"), ("src/other.ts:go", "nodejs22.x")],
    ),
    "functions that another file exports": (
        {
            "serverless.js": "const { more } = require('./fns');\nmodule.exports = { provider: { name: 'aws', runtime: 'nodejs22.x' }, functions: { ...more } };\n",
            "fns.js": "exports.more = { b: { handler: 'sub/h.b' } };\n",
            "sub/h.js": "",
        },
        [("sub/h.js:b", "nodejs22.x")],
    ),
    "among the resources of a service": (
        {
            "serverless.yml": """\
                provider: {name: aws, runtime: nodejs22.x}
                functions: {a: {handler: a.go}}
                resources:
                  - Resources:
                      Extra:
                        Type: AWS::Lambda::Function
                        Properties: {Runtime: python3.13, Handler: index.go, Code: {ZipFile: "def go(event, context): pass"}}
                """,
            "a.js": "",
        },
        [("a.js:go", "nodejs22.x"), ("serverless.yml!Extra.py:go", "python3.13")],
    ),
    "the CDK's names of runtimes": (
        {
            "cdk.json": "{}",
            "lib/s.ts": """\
                import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
                import { Runtime } from 'aws-cdk-lib/aws-lambda';
                new NodejsFunction(this, 'A', { entry: 'src/a.ts', runtime: Runtime.NODEJS_22_X });
                new NodejsFunction(this, 'B', { entry: 'src/b.ts', runtime: Runtime.NODEJS_LATEST });
                """,
            "src/a.ts": "",
            "src/b.ts": "",
        },
        [("src/a.ts:handler", "nodejs22.x"), ("src/b.ts:handler", "nodejs")],
    ),
    "a program of Pulumi's in YAML, with variables": (
        {
            "Pulumi.yaml": """\
                runtime: yaml
                config: {engine: {default: nodejs22.x}}
                variables: {file: index, archive: {"fn::fileArchive": ./app}}
                resources:
                  fn:
                    type: aws:lambda:Function
                    properties: {handler: "${file}.go", runtime: "${engine}", code: "${archive}"}
                """,
            "app/index.js": "",
        },
        [("app/index.js:go", "nodejs22.x")],
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_function_of_the_form_is_found(name: str) -> None:
    files, expected = FORMS[name]
    found = deployment({path: textwrap.dedent(text) for path, text in files.items()})
    assert sorted((f"{place.path}:{place.name}", each.runtime) for each, place in found.located) == sorted(expected)
    assert found.lost == []
    assert found.warnings() == []


def findings(root: Path, files: dict[str, str]) -> list[Finding]:
    (root / ".git").mkdir()
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return list(check(Request([root], Config(root=root))).findings)


@pytest.mark.parametrize(("awaited", "lines"), [("", [3]), ("await ", [])])
def test_the_application_that_a_server_loads_is_what_lambda_comes_to(
    awaited: str, lines: list[int], tmp_path: Path
) -> None:
    files = {
        "Dockerfile": f'FROM node:22\n{ADAPTER}WORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n',
        "package.json": '{"scripts": {"start": "node server.js"}}',
        "server.js": "const app = require('./app');\napp.listen(8080);\n",
        "app.js": f"const app = require('express')();\napp.get('/', async (request, response) => {{\n  {awaited}fetch('https://x.example');\n  response.json(1);\n}});\nmodule.exports = app;\n",
    }
    found = findings(tmp_path, files)
    assert [(each.location.path, each.location.span.line) for each in found] == [("app.js", line) for line in lines]


TEMPLATE = """\
Resources:
  Here:
    Type: AWS::Lambda::Function
    Properties: {{Runtime: {runtime}, Handler: {handler}, Code: {code}}}
"""


@pytest.mark.parametrize(
    ("runtime", "handler", "code", "message", "help_"),
    [
        ("python3.13", "index.on_evnt", '{ZipFile: "def on_event(e, c): pass"}', "`template.yaml` does not define `on_evnt`", "on_event"),
        ("nodejs22.x", "index.mian", "fn", "`fn/index.js` does not define `mian`", "main"),
        ("nodejs22.x", "indx.main", "fn", "its handler is indx.main, whose source is not here", "index.main"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named_with_what_is_like_it(
    runtime: str, handler: str, code: str, message: str, help_: str, tmp_path: Path
) -> None:
    template = TEMPLATE.format(runtime=runtime, handler=handler, code=code)
    [found] = findings(tmp_path, {"template.yaml": template, "fn/index.js": "exports.main = async () => 1;\n"})
    assert (found.code, found.location.path) == ("LAM902", "template.yaml")
    assert found.message.endswith(message)
    assert found.help[0] == f"did you mean `{help_}`?"
    span = found.location.span
    assert template.splitlines()[span.line - 1][span.column : span.end_column] == handler, "it is what has to be edited"


@pytest.mark.parametrize("root", ["fn", "fn/dist"])
def test_what_a_compiler_makes_is_not_said_to_be_absent(root: str, tmp_path: Path) -> None:
    files = {
        "template.yaml": TEMPLATE.format(runtime="nodejs22.x", handler="indx.main", code=root),
        f"{root}/index.ts": "export const main = async () => 1;\n",
    }
    assert findings(tmp_path, files) == []


NESTED = """\
const work = require("./work");
module.exports.users = { create: work.create, old: { remove: async () => fetch("https://a.example") } };
module.exports.made = work.make();
module.exports.mixed = { ...work };
"""


@pytest.mark.parametrize(
    ("name", "is_there"),
    [
        ("users.create", True),
        ("users.old.remove", True),
        ("made.anything", True),
        ("mixed.create", True),
        ("users.crate", False),
        ("users.old.destroy", False),
        ("people.create", False),
    ],
)
def test_a_handler_may_be_a_member_of_what_a_module_gives(name: str, is_there: bool, tmp_path: Path) -> None:
    template = TEMPLATE.format(runtime="nodejs22.x", handler=f"index.{name}", code="fn")
    files = {"fn/index.js": NESTED, "fn/work.js": "exports.create = async () => 1;\nexports.make = () => ({});\n"}
    found = findings(tmp_path, {"template.yaml": template, **files})
    assert [finding.code for finding in found] == ([] if is_there else ["LAM902"])


def test_a_handler_that_is_a_member_is_followed(tmp_path: Path) -> None:
    template = TEMPLATE.format(runtime="nodejs22.x", handler="index.users.create", code="fn")
    source = "exports.users = { create: async () => { fetch('https://a.example'); return 1; } };\n"
    [found] = findings(tmp_path, {"template.yaml": template, "fn/index.js": source})
    assert (found.code, found.location.path) == ("LAM102", "fn/index.js")


def test_a_function_that_the_program_itself_holds_is_said() -> None:
    program = (
        'import * as aws from "@pulumi/aws";\nnew aws.lambda.CallbackFunction("mail", { callback: async () => {} });\n'
    )
    (said,) = deployment({"Pulumi.yaml": "name: mailing\nruntime: nodejs\n", "index.ts": program}).notes()
    assert said == "index.ts:2: mail: its handler is a function of the program itself, which is not analysed"
