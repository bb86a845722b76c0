"""Code that a deployment moves, renames, packs, or only names by its archive: where it is found, and what is said of it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from lint_lambda.config import Config
from lint_lambda.core.finding import Finding
from lint_lambda.deployment import Deployment
from lint_lambda.deployment.files import Files
from lint_lambda.engine import Request, check
from tests.deployment.reading import deployment

AWS = "FROM public.ecr.aws/lambda/python:3.13\n"
ADAPTER = "COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter\n"
LAUNCH = "import threading\n\n\ndef start():\n    threading.Thread(target=print).start()\n"
CALLS = "from {module} import start\n\n\ndef run(event, context):\n    start()\n    return 1\n"


def run(path: Path, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(textwrap.dedent(text))
    return list(check(Request([path], Config(root=path))).findings)


RENAMED = {
    "a folder copied under another name": {
        "Dockerfile": f'{AWS}COPY service/ ${{LAMBDA_TASK_ROOT}}/mailer/\nCMD ["mailer.main.run"]\n',
        "service/main.py": CALLS.format(module="mailer.work"),
        "service/work.py": LAUNCH,
    },
    "a file copied under another name": {
        "Dockerfile": f'{AWS}COPY entry.py ./handler.py\nCOPY parts/work.py ./helper.py\nCMD ["handler.run"]\n',
        "entry.py": CALLS.format(module="helper"),
        "parts/work.py": LAUNCH,
    },
    "a prefix in the archive of Terraform's module": {
        "main.tf": """\
            module "f" {
              source        = "terraform-aws-modules/lambda/aws"
              function_name = "f"
              handler       = "mailer.main.run"
              runtime       = "python3.13"
              source_path   = [{ path = "${path.module}/service", prefix_in_zip = "mailer" }]
            }
            """,
        "service/main.py": CALLS.format(module="mailer.work"),
        "service/work.py": LAUNCH,
    },
    "files packed one by one": {
        "main.tf": """\
            data "archive_file" "z" {
              type        = "zip"
              output_path = "z.zip"
              source {
                content  = file("${path.module}/entry.py")
                filename = "index.py"
              }
              source {
                content  = file("${path.module}/lib/work.py")
                filename = "tools/helper.py"
              }
            }
            resource "aws_lambda_function" "f" {
              function_name = "f"
              handler       = "index.run"
              runtime       = "python3.13"
              filename      = data.archive_file.z.output_path
            }
            """,
        "entry.py": CALLS.format(module="tools.helper"),
        "lib/work.py": LAUNCH,
    },
    "an entry of a Pulumi archive": {
        "Pulumi.yaml": "name: p\nruntime: python\n",
        "__main__.py": """\
            import pulumi
            from pulumi_aws import lambda_
            lambda_.Function("f", runtime="python3.13", handler="mailer.main.run", role="r",
                             code=pulumi.AssetArchive({"mailer": pulumi.FileArchive("./service")}))
            """,
        "service/main.py": CALLS.format(module="mailer.work"),
        "service/work.py": LAUNCH,
    },
}


@pytest.mark.parametrize("name", RENAMED)
def test_what_has_another_name_in_the_task_root_is_imported_by_it(name: str, tmp_path: Path) -> None:
    [found] = run(tmp_path, RENAMED[name])
    launch = next(path for path, text in RENAMED[name].items() if text == LAUNCH)
    assert (found.code, found.location.path) == ("LAM201", launch)


PLAIN = "Resources:\n  {name}:\n    Type: AWS::Lambda::Function\n    Properties: {{Runtime: python3.13, Handler: {handler}, Code: {code}}}\n"
BUCKET = "{S3Bucket: b, S3Key: packages/%s.zip}"
GO = "def go(event, context): return 1\n"
PROGRAM = """\
import aws_cdk as cdk
from aws_cdk import aws_lambda as _lambda

class S(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        _lambda.Function(self, "F", runtime=_lambda.Runtime.PYTHON_3_13, handler="{handler}",
                         code=_lambda.Code.from_asset("fns/{folder}", bundling=cdk.BundlingOptions(image=IMAGE, command=[])))
"""
TERRAFORM = 'resource "aws_lambda_function" "f" {\n  function_name = "f"\n  handler = "%s"\n  runtime = "python3.13"\n  filename = %s\n}\n'

GUESSED: dict[str, tuple[dict[str, str], str]] = {
    "the archive is named as the folder is": (
        {"t.yaml": PLAIN.format(name="F", handler="h.go", code=BUCKET % "shop-send_mail"), "fns/send_mail/h.py": GO, "fns/bill/h.py": GO},
        "fns/send_mail/h.py",
    ),
    "the function is named as the folder is": (
        {"t.yaml": PLAIN.format(name="SendMailFunction", handler="h.go", code="{S3Bucket: b, S3Key: !Ref K}"), "fns/send-mail/h.py": GO, "fns/bill/h.py": GO},
        "fns/send-mail/h.py",
    ),
    "a script packs what is beside the configuration": (
        {"infra/main.tf": TERRAFORM % ("app.main.go", '"../build.zip"'), "app/main.py": GO},
        "app/main.py",
    ),
    "another program packs it": (
        {"infra/main.tf": TERRAFORM % ("app.main.go", 'data.external.build.result["zip"]'), "app/main.py": GO},
        "app/main.py",
    ),
    "a build puts the folder itself into the task root": (
        {"stack.py": PROGRAM.format(handler="mail.main.go", folder="mail"), "fns/mail/main.py": GO},
        "fns/mail/main.py",
    ),
    "a build puts it into a folder": (
        {"stack.py": PROGRAM.format(handler="code.main.go", folder="mail"), "fns/mail/main.py": GO},
        "fns/mail/main.py",
    ),
    "a build takes it from the one folder inside that has it": (
        {"stack.py": PROGRAM.format(handler="main.go", folder="mail"), "fns/mail/code/main.py": GO, "fns/mail/code/other.py": GO},
        "fns/mail/code/main.py",
    ),
    "a build takes it from the folder inside that has the function's name": (
        {"stack.py": PROGRAM.replace('"F"', '"say-hello"').format(handler="main.go", folder="all"), "fns/all/say-hello/main.py": GO, "fns/all/bye/main.py": GO},
        "fns/all/say-hello/main.py",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GUESSED)
def test_of_code_that_is_elsewhere_the_one_file_that_fits_is_taken_and_that_is_said(name: str) -> None:
    files, path = GUESSED[name]
    found = deployment(files)
    assert [(place.path, place.guessed) for _, place in found.located] == [(path, True)]
    assert [path in note for note in found.notes()] == [True]


@pytest.mark.parametrize(
    "files",
    [
        {"t.yaml": PLAIN.format(name="F", handler="h.go", code=BUCKET % "x"), "fns/mail/h.py": GO, "fns/bill/h.py": GO},
        {"a/t.yaml": PLAIN.format(name="Mail", handler="h.go", code=BUCKET % "x"), "b/mail/h.py": GO, "c/mail/h.py": GO},
        {"stack.py": PROGRAM.format(handler="nowhere.go", folder="mail"), "fns/mail/main.py": GO},
        {"stack.py": PROGRAM.format(handler="main.go", folder="all"), "fns/all/hello/main.py": GO, "fns/all/bye/main.py": GO},
    ],
)  # fmt: skip
def test_where_several_fit_or_none_nothing_is_taken_and_nothing_is_said_to_be_absent(files: dict[str, str]) -> None:
    found = deployment(files)
    assert found.located == []
    assert [lost.absent for _, lost in found.lost] == [False]


@pytest.mark.parametrize(
    ("runtime", "template"),
    [
        ("python3.13", TERRAFORM % ("index.go", '"fn.zip"')),
        ("nodejs22.x", (TERRAFORM % ("index.go", '"${path.module}/fn.zip"')).replace("python3.13", "nodejs22.x")),
    ],
)
def test_an_archive_of_the_project_is_not_opened_and_that_is_said(runtime: str, template: str) -> None:
    found = Deployment(Files((), ("main.tf",), lambda path: template.encode(), {"fn.zip"}))
    assert found.warnings() == ["main.tf:1: f: its code is in fn.zip, and archives are not opened"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        (
            {"env/dev.tfvars": 'handler = "app.go"\n', "env/live.tfvars": 'handler = "app.go"\nsize = 2\n'},
            "infra/app.py",
        ),
        ({"env/dev.tfvars": 'handler = "app.go"\n', "env/live.tfvars": 'handler = "other.go"\n'}, ""),
    ],
)
def test_files_of_values_that_somebody_chooses_from_count_where_they_agree(values: dict[str, str], path: str) -> None:
    text = 'variable "handler" {}\n' + TERRAFORM.replace('"%s"', "var.handler", 1) % '"${path.module}"'
    found = deployment({"infra/main.tf": text, "infra/app.py": GO, **{f"infra/{k}": v for k, v in values.items()}})
    assert [place.path for _, place in found.located] == [path] * bool(path)
    assert bool(found.warnings()) is not bool(path)


def test_a_comment_in_a_script_is_no_command() -> None:
    files = {
        "Dockerfile": f'FROM python:3.13\n{ADAPTER}ENV SITE=shop\nWORKDIR /app\nCOPY . .\nCMD ["./run.sh"]\n',
        "run.sh": "#!/bin/sh\ngunicorn -w 1 $SITE.wsgi -b 0.0.0.0:8000 # one worker for Lambda\n",
        "shop/wsgi.py": "",
    }
    assert [(place.path, place.name) for _, place in deployment(files).located] == [("shop/wsgi.py", "")]


NEST = """\
import { NestFactory } from '@nestjs/core';
import { Controller, Module, Post } from '@nestjs/common';

@Controller('users')
class Users {
  @Post()
  async register() {
    %sfetch('https://mail.example');
    return 1;
  }
}

@Module({ controllers: [Users] })
class AppModule {}

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(3000);
}
bootstrap();
"""
EXPRESS = """\
import express from 'express';

(async () => {
  const app = express();
  app.get('/', async (request, response) => {
    %sfetch('https://mail.example');
    response.json(1);
  });
  app.listen(3000);
})();
"""
IMAGE = (
    f'FROM gcr.io/distroless/nodejs24-debian12\n{ADAPTER}WORKDIR /app\nCOPY server/ dist/\nCMD ["/app/dist/main.js"]\n'
)


@pytest.mark.parametrize("source", [NEST, EXPRESS], ids=["nest", "express"])
@pytest.mark.parametrize("awaited", ["", "await "])
def test_an_application_that_a_function_of_the_started_file_makes_is_served(
    source: str, awaited: str, tmp_path: Path
) -> None:
    found = run(tmp_path, {"Dockerfile": IMAGE, "server/main.ts": source % awaited})
    assert [(each.code, each.location.path) for each in found] == [("LAM102", "server/main.ts")] * (not awaited)


@pytest.mark.parametrize(
    "path",
    [
        "url.fileURLToPath(new URL('./send.ts', import.meta.url))",
        "path.join(import.meta.dirname!, 'send.ts')",
        "elsewhere(import.meta.dirname)",
        "path.resolve(path.dirname(fileURLToPath(import.meta.url)), 'send.ts')",
        "join(dirname(__filename), 'send.ts')",
        "new URL('send.ts', import.meta.url).pathname",
    ],
)
def test_a_module_s_own_place_is_known_however_it_is_asked_for(path: str) -> None:
    program = "import * as nodejs from 'aws-cdk-lib/aws-lambda-nodejs';\nexport class S { constructor() {\n"
    files = {"lib/stack.ts": f"{program}new nodejs.NodejsFunction(this, 'F', {{ entry: {path} }});\n}} }}\n"}
    found = deployment({**files, "lib/send.ts": "export const handler = async () => 1;\n", "cdk.json": "{}"})
    expected = [] if "elsewhere" in path else ["lib/send.ts"]
    assert [place.path for _, place in found.located] == expected
    assert bool(found.warnings()) is not bool(expected)  # of Node's functions it is said as of Python's


def test_a_bundle_is_made_of_the_source_of_its_name() -> None:
    program = "import { Function, Runtime, Code } from 'aws-cdk-lib/aws-lambda';\nimport * as path from 'path';\n"
    code = "Code.fromAsset(path.join(__dirname, 'send.lambda.bundle'))"
    made = f"new Function(this, 'F', {{ runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: {code} }});\n"
    found = deployment({"lib/stack.ts": program + made, "lib/send.lambda.ts": "", "cdk.json": "{}"})
    assert [place.path for _, place in found.located] == ["lib/send.lambda.ts"]
