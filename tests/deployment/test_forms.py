"""Deployments in unusual but valid forms, each in files of its own, and what they declare."""

from __future__ import annotations

import textwrap

import pytest

from tests.deployment.reading import deployment

Form = tuple[dict[str, str], list[str]]

FORMS: dict[str, Form] = {
    "handlers and code inherited from globals": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "template.yaml": """\
                Transform: AWS::Serverless-2016-10-31
                Globals:
                  Function:
                    Runtime: python3.12
                    CodeUri: src/
                    Handler: app.run
                    Timeout: 5
                    Layers: [!Ref L]
                    Environment: {Variables: {A: b}}
                Resources:
                  A: {Type: 'AWS::Serverless::Function'}
                  B: {Type: 'AWS::Serverless::Function', Properties: {Handler: orders/handler.go}}
                  L: {Type: 'AWS::Serverless::LayerVersion', Properties: {ContentUri: layer}}
                """,
            "layer/python/x.py": "",
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "nested stacks with parameters": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "template.yaml": """\
                Resources:
                  N: {Type: 'AWS::Serverless::Application', Properties: {Location: ./nested/t.yaml, Parameters: {H: app.run}}}
                  S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: nested/u.yaml, Parameters: {H: orders.handler.go}}}
                """,
            "nested/t.yaml": """\
                Parameters: {H: {Type: String}}
                Resources:
                  A: {Type: 'AWS::Serverless::Function', Properties: {Runtime: python3.12, CodeUri: ../src, Handler: !Ref H}}
                """,
            "nested/u.yaml": """\
                Parameters: {H: {Type: String}}
                Resources:
                  A: {Type: 'AWS::Lambda::Function', Properties: {Runtime: python3.12, Code: ../src, Handler: !Ref H}}
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "a loop over resources": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "template.yaml": """\
                Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
                Resources:
                  'Fn::ForEach::Functions':
                    - Name
                    - [app, other]
                    - 'Fn${Name}':
                        Type: AWS::Serverless::Function
                        Properties: {Runtime: python3.12, CodeUri: src, Handler: !Sub '${Name}.run'}
                """,
            "src/other.py": "",
        },
        ["src/app.py:run", "src/other.py:run"],
    ),
    "groups of functions in files": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "serverless.yml": """\
                service: x
                provider: {name: aws, runtime: python3.12}
                functions:
                  - ${file(functions/a.yml)}
                  - ${file(./functions/b.yml):functions}
                  - c: {handler: src/app.third}
                package: {individually: true}
                """,
            "functions/a.yml": """\
                one:
                  handler: src/app.run
                """,
            "functions/b.yml": """\
                functions:
                  two:
                    handler: src.orders.handler.go
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go", "src/app.py:third"],
    ),
    "a file whose name is put together of variables": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "serverless.yml": """\
                service: x
                provider:
                  name: aws
                  runtime: python3.12
                custom: {pythonRequirements: {dockerizePip: true}}
                functions:
                  a:
                    handler: handler.go
                    module: src/orders
                    package: {patterns: ['src/orders/**']}
                  b: ${file(${self:custom.dir, 'fns'}/${sls:stage, 'dev'}.yml):b}
                """,
            "fns/dev.yml": "b: {handler: src/app.run}",
        },
        ["src/orders/handler.py:go", "src/app.py:run"],
    ),
    "functions that another file exports": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "serverless.js": """\
                const fns = require('./fns');
                module.exports = { service: 'x', provider: { name: 'aws', runtime: 'python3.12' }, functions: { ...fns, run: { handler: 'src/app.run' } } };
                """,
            "fns.js": "module.exports = { go: { handler: 'src/orders/handler.go' } };",
        },
        ["src/orders/handler.py:go", "src/app.py:run"],
    ),
    "an archive for each function": (
        {
            "fn/a/main.py": "",
            "fn/b/main.py": "",
            "main.tf": """\
                variable "names" { default = ["a", "b"] }
                data "archive_file" "z" {
                  for_each = toset(var.names)
                  type = "zip"
                  source_dir = "${path.root}/fn/${each.key}"
                  output_path = "/tmp/${each.key}.zip"
                }
                resource "aws_lambda_function" "f" {
                  for_each = toset(var.names)
                  function_name = "x-${each.value}"
                  handler = "main.go"
                  runtime = "python3.12"
                  filename = data.archive_file.z[each.key].output_path
                }
                """,
        },
        ["fn/a/main.py:go", "fn/b/main.py:go"],
    ),
    "sources with commands and prefixes": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "vendor/x.py": "",
            "main.tf": """\
                module "a" {
                  source = "terraform-aws-modules/lambda/aws"
                  version = "~> 7.0"
                  function_name = "a"
                  handler = "app.run"
                  runtime = "python3.12"
                  source_path = [
                    "${path.module}/src",
                    { path = "${path.module}/vendor", prefix_in_zip = "vendor", commands = ["pip install -r requirements.txt -t .", ":zip"] },
                  ]
                }
                module "b" {
                  source = "git::https://github.com/terraform-aws-modules/terraform-aws-lambda.git?ref=v7"
                  handler = "handler.go"
                  runtime = "python3.12"
                  source_path = "./src/orders/handler.py"
                }
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "an archive that is packed file by file": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "main.tf": """\
                data "archive_file" "a" {
                  type = "zip"
                  output_path = "a.zip"
                  source {
                    content = file("${path.module}/src/app.py")
                    filename = "main.py"
                  }
                  source {
                    content = templatefile("${path.module}/src/orders/handler.py", { x = 1 })
                    filename = "handler.py"
                  }
                }
                resource "aws_lambda_function" "a" {
                  handler = "main.run"
                  runtime = "python3.12"
                  filename = data.archive_file.a.output_path
                }
                resource "aws_lambda_function" "b" {
                  handler = "handler.go"
                  runtime = "python3.12"
                  filename = data.archive_file.a.output_path
                }
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "a module for each entry of a map": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "main.tf": """\
                module "fn" {
                  for_each = { run = "app.run", go = "orders.handler.go" }
                  source = "./modules/fn"
                  name = each.key
                  handler = each.value
                  dir = "${path.root}/src"
                }
                """,
            "modules/fn/main.tf": """\
                variable "name" {}
                variable "handler" {}
                variable "dir" {}
                variable "runtime" { default = "python3.12" }
                data "archive_file" "z" {
                  type = "zip"
                  source_dir = var.dir
                  output_path = "${path.module}/${var.name}.zip"
                }
                resource "aws_lambda_function" "this" {
                  function_name = var.name
                  handler = var.handler
                  runtime = var.runtime
                  filename = data.archive_file.z.output_path
                }
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "every kind of archive": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "Pulumi.yaml": """\
                name: x
                runtime: python
                """,
            "__main__.py": """\
                import pulumi
                from pulumi_aws import lambda_
                import pulumi_aws as aws
                a = aws.lambda_.Function("a", runtime="python3.12", handler="app.run", code=pulumi.FileArchive("./src"), role="x")
                b = lambda_.Function("b", lambda_.FunctionArgs(runtime=aws.lambda_.Runtime.PYTHON3D12, handler="handler.go", role="x", code=pulumi.AssetArchive({".": pulumi.FileArchive("src/orders")})))
                c = aws.lambda_.Function("c", runtime="python3.12", handler="main.go", role="x", code=pulumi.AssetArchive({"main.py": pulumi.FileAsset("src/orders/handler.py")}))
                d = aws.lambda_.Function("d", runtime="python3.12", handler="index.go", role="x", code=pulumi.AssetArchive({"index.py": pulumi.StringAsset("def go(e, c):\\n    pass\\n")}))
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go", "src/orders/handler.py:go", "__main__.py!d.py:go"],
    ),
    "a program that its project file holds": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "Pulumi.yaml": """\
                name: x
                runtime: yaml
                resources:
                  a:
                    type: aws:lambda:Function
                    properties:
                      runtime: python3.12
                      handler: app.run
                      role: x
                      code:
                        fn::fileArchive: ./src
                """,
        },
        ["src/app.py:run"],
    ),
    "django's settings for an application": (
        {
            "proj/settings.py": "",
            "proj/wsgi.py": "",
            "zappa_settings.toml": """\
                [dev]
                django_settings = "proj.settings"
                runtime = "python3.12"
                project_name = "x"
                """,
        },
        ["proj/wsgi.py:application"],
    ),
    "routes by their handlers' paths": (
        {
            "packages/functions/src/app.py": "",
            "sst.config.ts": """\
                import { SSTConfig } from 'sst';
                import { API } from './stacks/Api';
                export default { config() { return { name: 'x' } }, stacks(app) { app.setDefaultFunctionProps({ runtime: 'python3.11' }); app.stack(API); } } satisfies SSTConfig;
                """,
            "stacks/Api.ts": """\
                import { Api, Function, StackContext } from 'sst/constructs';
                export function API({ stack }: StackContext) {
                 new Api(stack, 'api', { routes: { 'GET /': 'packages/functions/src/app.run', 'POST /': { function: { handler: 'packages/functions/src/app.post', runtime: 'python3.11' } } } });
                 new Function(stack, 'f', { handler: 'packages/functions/src/app.fn', runtime: 'python3.11' });
                }
                """,
        },
        ["packages/functions/src/app.py:run", "packages/functions/src/app.py:post", "packages/functions/src/app.py:fn"],
    ),
    "subscriptions and schedules by a path": (
        {
            "functions/src/functions/api.py": "",
            "sst.config.ts": """\
                /// <reference path="./.sst/platform/config.d.ts" />
                export default $config({
                  app(input) { return { name: "x", home: "aws" }; },
                  async run() {
                    const fn = new sst.aws.Function("F", { python: { container: true }, handler: "functions/src/functions/api.handler", runtime: "python3.11", url: true });
                    const api = new sst.aws.ApiGatewayV2("A");
                    api.route("GET /", { handler: "functions/src/functions/api.get", runtime: "python3.11" });
                    bucket.notify({ notifications: [{ name: "n", function: { handler: "functions/src/functions/api.note", runtime: "python3.11" } }] });
                    queue.subscribe("functions/src/functions/api.sub");
                    new sst.aws.Cron("C", { job: "functions/src/functions/api.cron", schedule: "rate(1 day)" });
                  },
                });
                """,
        },
        [
            "functions/src/functions/api.py:handler",
            "functions/src/functions/api.py:get",
            "functions/src/functions/api.py:note",
            "functions/src/functions/api.py:sub",
            "functions/src/functions/api.py:cron",
        ],
    ),
    "a function that a callback defines": (
        {
            "amplify/functions/hello/index.py": "",
            "amplify/functions/hello/resource.ts": """\
                import { defineFunction } from "@aws-amplify/backend";
                import { Duration } from "aws-cdk-lib";
                import { Code, Function, Runtime } from "aws-cdk-lib/aws-lambda";
                import * as path from "node:path";
                import { fileURLToPath } from "node:url";
                const functionDir = path.dirname(fileURLToPath(import.meta.url));
                export const sayHello = defineFunction(
                  (scope) => new Function(scope, "say-hello", { handler: "index.handler", runtime: Runtime.PYTHON_3_12, timeout: Duration.seconds(20), code: Code.fromAsset(functionDir) }),
                  { resourceGroupName: "data" },
                );
                """,
        },
        ["amplify/functions/hello/index.py:handler"],
    ),
    "a script in a later stage": (
        {
            "svc/app.py": "",
            "svc/run.sh": """\
                #!/bin/bash
                set -e
                export PATH=$PATH:/opt/bin
                exec python -m uvicorn --port=$PORT app:api
                """,
            "svc/Dockerfile": """\
                FROM python:3.12-slim AS base
                FROM base
                COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter
                WORKDIR /var/task
                COPY . .
                ENTRYPOINT ["./run.sh"]
                """,
        },
        ["svc/app.py:api"],
    ),
    "a script behind the web adapter's layer": (
        {
            "app/main.py": "",
            "app/run.sh": """\
                #!/bin/bash
                PATH=$PATH:$LAMBDA_TASK_ROOT/bin PYTHONPATH=$LAMBDA_TASK_ROOT exec python -m uvicorn --port=$PORT main:app
                """,
            "template.yaml": """\
                Resources:
                  A:
                    Type: AWS::Serverless::Function
                    Properties:
                      CodeUri: app/
                      Handler: run.sh
                      Runtime: python3.12
                      Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap}}
                      Layers: [!Sub 'arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerX86:24']
                """,
        },
        ["app/main.py:app"],
    ),
    "handlers out of lists and mappings": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "template.yml": """\
                Parameters: {Stage: {Type: String, Default: dev}}
                Mappings: {S: {dev: {D: src}, prod: {D: src}}}
                Resources:
                  A: {Type: 'AWS::Serverless::Function', Properties: {Runtime: python3.12, CodeUri: !FindInMap [S, !Ref Stage, D], Handler: !Select [0, [app.run, x.y]]}}
                  B: {Type: 'AWS::Serverless::Function', Properties: {Runtime: python3.12, CodeUri: src, Handler: !Select [1, !Split [',', 'x.y,orders.handler.go']]}}
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "code that a packaging tool is told of": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "t.yaml": """\
                Resources:
                  F:
                    Type: AWS::Lambda::Function
                    Properties:
                      Handler: app.run
                      Runtime: python3.12
                      Code: !Rain::S3 {Path: src, BucketProperty: S3Bucket, KeyProperty: S3Key}
                """,
        },
        ["src/app.py:run"],
    ),
    "functions of a program": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "serverless.yml": """\
                service: x
                provider: {name: aws, runtime: python3.12}
                functions: ${file(./fns.js)}
                """,
            "fns.js": "module.exports = { run: { handler: 'src/app.run' } };",
        },
        ["src/app.py:run"],
    ),
    "functions that a function returns": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "serverless.yml": """\
                service: x
                provider: {name: aws, runtime: python3.12}
                functions: ${file(./fns.js):fns}
                """,
            "fns.js": "module.exports.fns = () => ({ run: { handler: 'src/app.run' } });",
        },
        ["src/app.py:run"],
    ),
    "an instance for each element of a list": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "main.tf": """\
                variable "handlers" {
                  type = list(string)
                  default = ["app.run", "orders.handler.go"]
                }
                data "archive_file" "z" {
                  type = "zip"
                  source_dir = "src"
                  output_path = "z.zip"
                }
                resource "aws_lambda_function" "f" {
                  count = length(var.handlers)
                  handler = element(var.handlers, count.index)
                  runtime = "python3.12"
                  filename = data.archive_file.z.output_path
                }
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "a map with a condition": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "main.tf": """\
                locals {
                  all = { run = { handler = "app.run", on = true }, go = { handler = "orders.handler.go", on = true }, no = { handler = "x.y", on = false } }
                  fns = { for k, v in local.all : k => v if v.on }
                }
                data "archive_file" "z" {
                  type = "zip"
                  source_dir = "${path.module}/src"
                  output_path = "z.zip"
                }
                resource "aws_lambda_function" "f" {
                  for_each = local.fns
                  handler = each.value.handler
                  runtime = "python3.12"
                  filename = data.archive_file.z.output_path
                }
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "functions described in a file": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "fns.yaml": """\
                run:
                  handler: app.run
                go:
                  handler: orders.handler.go
                """,
            "main.tf": """\
                locals { fns = yamldecode(file("${path.module}/fns.yaml")) }
                data "archive_file" "z" {
                  type = "zip"
                  source_dir = "${path.module}/src"
                  output_path = "z.zip"
                }
                resource "aws_lambda_function" "f" {
                  for_each = local.fns
                  handler = each.value.handler
                  runtime = "python3.12"
                  filename = data.archive_file.z.output_path
                }
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "a function for each file of a folder": (
        {
            "fns/a.py": "",
            "fns/b.py": "",
            "main.tf": """\
                locals { names = toset([for f in fileset("${path.module}/fns", "*.py") : trimsuffix(f, ".py")]) }
                data "archive_file" "z" {
                  for_each = local.names
                  type = "zip"
                  source_file = "${path.module}/fns/${each.value}.py"
                  output_path = "${each.value}.zip"
                }
                resource "aws_lambda_function" "f" {
                  for_each = local.names
                  handler = "${each.value}.handler"
                  runtime = "python3.12"
                  filename = data.archive_file.z[each.value].output_path
                }
                """,
        },
        ["fns/a.py:handler", "fns/b.py:handler"],
    ),
    "data classes that describe functions": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "cdk.json": "{}",
            "infra/app.py": """\
                import os
                import aws_cdk as cdk
                from aws_cdk import aws_lambda as _lambda
                from aws_cdk import aws_lambda_python_alpha as lpy
                from constructs import Construct

                from pathlib import Path
                from dataclasses import dataclass
                SRC = Path(__file__).resolve().parents[1] / "src"
                @dataclass
                class Spec:
                    id: str
                    handler: str
                SPECS = [Spec("A", "app.run"), Spec(id="B", handler="orders.handler.go")]
                class S(cdk.Stack):
                    def __init__(self, scope, id, *, env=None):
                        super().__init__(scope, id, env=env)
                        for spec in SPECS:
                            _lambda.Function(self, spec.id, runtime=_lambda.Runtime.PYTHON_3_12, handler=spec.handler, code=_lambda.Code.from_asset(str(SRC)))
                class Stage(cdk.Stage):
                    def __init__(self, scope, id):
                        super().__init__(scope, id)
                        S(self, "s")
                app = cdk.App()
                Stage(app, "dev")
                app.synth()
                """,
        },
        ["src/app.py:run", "src/orders/handler.py:go"],
    ),
    "a pattern that makes the function": (
        {
            "src/app.py": "",
            "src/orders/handler.py": "",
            "src/orders/__init__.py": "",
            "cdk.json": "{}",
            "lib/s.ts": """\
                import * as cdk from 'aws-cdk-lib';
                import * as lambda from 'aws-cdk-lib/aws-lambda';
                import * as path from 'path';
                import { PythonFunction } from '@aws-cdk/aws-lambda-python-alpha';

                import { ApiGatewayToLambda } from '@aws-solutions-constructs/aws-apigateway-lambda';
                export class S extends cdk.Stack {
                  constructor(scope: any, id: string) {
                    super(scope, id);
                    new ApiGatewayToLambda(this, 'X', { lambdaFunctionProps: { runtime: lambda.Runtime.PYTHON_3_12, handler: 'app.run', code: lambda.Code.fromAsset(`${__dirname}/../src`) } });
                  }
                }
                """,
        },
        ["src/app.py:run"],
    ),
    "functions of images": (
        {
            "cdk.json": "{}",
            "app.py": """\
                import os
                import aws_cdk as cdk
                from aws_cdk import aws_lambda as _lambda
                from aws_cdk import aws_lambda_python_alpha as lpy
                from constructs import Construct

                class S(cdk.Stack):
                    def __init__(self, scope, id):
                        super().__init__(scope, id)
                        _lambda.DockerImageFunction(self, "A", code=_lambda.DockerImageCode.from_image_asset(directory=os.path.join(os.path.dirname(__file__), "img")))
                        _lambda.Function(self, "B", runtime=_lambda.Runtime.FROM_IMAGE, handler=_lambda.Handler.FROM_IMAGE, code=_lambda.Code.from_asset_image("img", cmd=["m.other"]))
                """,
            "img/Dockerfile": """\
                FROM public.ecr.aws/lambda/python:3.12
                COPY m.py .
                CMD ["m.x"]
                """,
            "img/m.py": "",
        },
        ["img/m.py:x", "img/m.py:other"],
    ),
    "texts that are packed one by one, one of them filled in": (
        {
            "main.tf": """\
                data "archive_file" "z" {
                  type        = "zip"
                  output_path = "z.zip"
                  source {
                    content  = file("${path.module}/helper.py")
                    filename = "helper.py"
                  }
                  source {
                    content  = templatefile("${path.module}/job.py.tpl", { who = "me" })
                    filename = "job.py"
                  }
                }
                resource "aws_lambda_function" "f" {
                  function_name = "f"
                  handler       = "job.run"
                  runtime       = "python3.13"
                  filename      = data.archive_file.z.output_path
                }
                """,
            "helper.py": "",
            "job.py.tpl": "def run(event, context):\n    return '${who}'\n",
        },
        ["main.tf!f.py:run"],
    ),
    "flask and its variable": (
        {
            "web.py": "",
            "Dockerfile": """\
                FROM python:3.12
                COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter
                COPY . /app
                WORKDIR /app
                ENV FLASK_APP=web.py
                CMD ["flask", "run", "--host=0.0.0.0", "-p", "8080"]
                """,
        },
        ["web.py:"],
    ),
    "a script that passes the handler on": (
        {
            "app/h.py": "",
            "entry_script.sh": """\
                #!/bin/sh
                if [ -z "${AWS_LAMBDA_RUNTIME_API}" ]; then
                  exec /usr/local/bin/aws-lambda-rie /usr/local/bin/python -m awslambdaric $@
                else
                  exec /usr/local/bin/python -m awslambdaric $@
                fi
                """,
            "Dockerfile": """\
                FROM python:3.12
                COPY app /app
                WORKDIR /app
                COPY ./entry_script.sh /entry_script.sh
                ENTRYPOINT [ "/entry_script.sh" ]
                CMD [ "h.go" ]
                """,
        },
        ["app/h.py:go"],
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_function_of_the_form_is_found(name: str) -> None:
    files, expected = FORMS[name]
    found = deployment({path: textwrap.dedent(text) for path, text in files.items()})
    assert sorted(f"{place.path}:{place.name}" for _, place in found.located) == sorted(expected)
    assert found.lost == []
    assert found.warnings() == []
