"""How the adapter that serves an application is found: in the code, in the configuration, in the files beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import ConfigError, load_config
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.serving import Serving
from lint_lambda.engine import Report, Request, check
from lint_lambda.knowledge.loader import load_models
from lint_lambda.project import Project

APPLICATION = """\
import asyncio
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()

def work(): ...

@app.get("/")
def index(background: BackgroundTasks):
    background.add_task(work)
"""
IMAGE = """\
FROM python:3.12
COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter
CMD ["uvicorn", "app:app"]
"""
TEMPLATE = """\
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties:
      Layers: [!Sub "arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerX86:25"]
"""
TERRAFORM = (
    'resource "aws_lambda_function" "api" { layers = ["arn:aws:lambda:eu-west-1:1:layer:LambdaAdapterLayerX86:25"] }'
)
CDK = '{"Layers": ["arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayerArm64:25"]}'
SERVERLESS = "plugins:\n  - serverless-python-requirements\n  - serverless-wsgi\n"
BEHIND_MANGUM = "from mangum import Mangum\n" + APPLICATION + "handler = Mangum(app)\n"
ZAPPA = '{"dev": {"app_function": "app.app"}}'


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def serving(folder: Path) -> Serving:
    project = Project.find(folder)
    return Serving(load_config(folder), load_models(), Files(project.files, project.others, project.peek))


def beside(folder: Path, files: dict[str, str], path: str = "app.py") -> str:
    write(folder, {"lambda-lint.toml": "", **files})
    return serving(folder).beside(path)


def report(folder: Path, files: dict[str, str]) -> Report:
    write(folder, {"lambda-lint.toml": "", **files})
    return check(Request([folder], load_config(folder)))


def found(folder: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    return [(finding.location.path, finding.code) for finding in report(folder, files).findings]


@pytest.mark.parametrize(
    ("file", "text", "adapter"),
    [
        ("Dockerfile", IMAGE, "lambda-web-adapter"),
        ("Dockerfile.lambda", IMAGE, "lambda-web-adapter"),
        ("Containerfile", IMAGE, "lambda-web-adapter"),
        ("template.yaml", TEMPLATE, "lambda-web-adapter"),
        ("main.tf", TERRAFORM, "lambda-web-adapter"),
        ("stack.json", CDK, "lambda-web-adapter"),
        ("serverless.yml", SERVERLESS, "serverless-wsgi"),
        ("zappa_settings.json", ZAPPA, "zappa"),
        ("Dockerfile", "FROM python:3.12\nCMD uvicorn app:app\n", ""),
        ("serverless.yml", "plugins:\n  - serverless-python-requirements\n", ""),
        ("template.yaml", "Resources: {}\n", ""),
        ("notes.txt", IMAGE, ""),
    ],
)
def test_a_file_beside_the_code_tells(tmp_path: Path, file: str, text: str, adapter: str) -> None:
    assert beside(tmp_path, {file: text}) == adapter


def test_the_nearest_directory_tells(tmp_path: Path) -> None:
    files = {"Dockerfile": IMAGE, "old/serverless.yml": SERVERLESS, "old/api/app.py": "", "new/api/app.py": ""}
    assert beside(tmp_path, files, "old/api/app.py") == "serverless-wsgi"
    assert beside(tmp_path, files, "new/api/app.py") == "lambda-web-adapter"


def test_what_lies_above_the_project_does_not(tmp_path: Path) -> None:
    write(tmp_path, {"Dockerfile": IMAGE})
    assert beside(tmp_path / "project", {}) == ""


def test_the_configuration_comes_before_files(tmp_path: Path) -> None:
    applications = {"admin/app.py": APPLICATION, "api/app.py": APPLICATION}
    files = {"Dockerfile": IMAGE, "lambda-lint.toml": 'adapter = { "admin/**" = "zappa" }', **applications}
    assert found(tmp_path, files) == [("api/app.py", "LAM402")]


def test_the_code_comes_before_files(tmp_path: Path) -> None:
    assert found(tmp_path, {"app.py": BEHIND_MANGUM, "Dockerfile": IMAGE}) == []


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ('"lambda-web-adapter"', []),
        ('{ "other/**" = "lambda-web-adapter" }', []),
        ('{ "**" = "mangum" }', []),
        ('{ "**" = "lambda-web-adapter" }', [("app.py", "LAM402")]),
    ],
)
def test_only_a_pattern_comes_before_the_code(tmp_path: Path, setting: str, expected: list[tuple[str, str]]) -> None:
    assert found(tmp_path, {"app.py": BEHIND_MANGUM, "lambda-lint.toml": f"adapter = {setting}"}) == expected


@pytest.mark.parametrize(
    ("name", "hint"), [("lambda-web-adaptor", "did you mean 'lambda-web-adapter'"), ("x", "known")]
)
def test_an_adapter_that_is_none_is_an_error(tmp_path: Path, name: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        report(tmp_path, {"app.py": APPLICATION, "lambda-lint.toml": f'adapter = "{name}"'})


def test_an_application_is_served(tmp_path: Path) -> None:
    assert found(tmp_path, {"app.py": APPLICATION, "Dockerfile": IMAGE}) == [("app.py", "LAM402")]


def test_without_lambda_it_is_not(tmp_path: Path) -> None:
    assert found(tmp_path, {"app.py": APPLICATION, "Dockerfile": "FROM python:3.12\n"}) == []


def test_tests_are_not_served(tmp_path: Path) -> None:
    assert found(tmp_path, {"test_app.py": APPLICATION, "Dockerfile": IMAGE}) == []


def test_several_applications_have_adapters_of_their_own(tmp_path: Path) -> None:
    files = {"a/app.py": APPLICATION, "a/Dockerfile": IMAGE, "b/app.py": APPLICATION, "b/zappa_settings.json": ZAPPA}
    assert found(tmp_path, files) == [("a/app.py", "LAM402")]


def test_a_factory_makes_an_application(tmp_path: Path) -> None:
    factory = APPLICATION.replace("app = FastAPI()", "def create():\n    return FastAPI()\n\napp = create()")
    assert found(tmp_path, {"app.py": factory, "Dockerfile": IMAGE}) == [("app.py", "LAM402")]


def test_patterns_are_served_by_the_nearest_code(tmp_path: Path) -> None:
    urls = """\
from django.urls import path
import threading
def index(request):
    threading.Thread(target=print).start()
urlpatterns = [path("", index)]
"""
    code = "from apig_wsgi import make_lambda_handler\nfrom site.wsgi import application\n"
    files = {"one/urls.py": urls, "one/entry.py": code + "handler = make_lambda_handler(application)\n"}
    assert found(tmp_path, files) == [("one/urls.py", "LAM201")]
