"""What Dockerfiles say of functions."""

from __future__ import annotations

import pytest

from tests.deployment.reading import deployment, only, places

BASE = "FROM public.ecr.aws/lambda/python:3.12\n"
ADAPTER = "FROM python:3.12\nCOPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter\n"


@pytest.mark.parametrize(
    "text",
    [
        BASE + 'COPY app.py ${LAMBDA_TASK_ROOT}\nCMD ["app.handler"]\n',
        BASE + 'COPY app.py requirements.txt ./\nCMD [ "app.handler" ]\n',
        BASE + "COPY . .\nCMD app.handler\n",
        BASE + 'COPY *.py ./\n# the end\nCMD \\\n  ["app.handler"]\n',
        'ARG V=3.12\nFROM public.ecr.aws/lambda/python:${V}\nCOPY . /var/task/\nCMD ["app.handler"]\n',
        "FROM python:3.12 AS build\nWORKDIR /function\nCOPY . .\nFROM python:3.12-slim\nWORKDIR /function\n"
        'COPY --from=build /function /function\nENTRYPOINT ["python", "-m", "awslambdaric"]\nCMD ["app.handler"]\n',
        'FROM python:3.12\nWORKDIR /f\nCOPY app.py .\nENTRYPOINT ["/usr/local/bin/python", "-m", "awslambdaric"]\nCMD ["app.handler"]\n',
        BASE + 'RUN <<EOF\nCMD not.this\nEOF\nCOPY app.py .\nCMD ["app.handler"]\n',
    ],
)
def test_the_command_names_the_handler(text: str) -> None:
    assert [(path, name) for _, path, name in places({"Dockerfile": text, "app.py": ""})] == [("app.py", "handler")]


@pytest.mark.parametrize(
    ("copies", "command", "file"),
    [
        ("COPY src/ ${LAMBDA_TASK_ROOT}/\n", "main.run", "fn/src/main.py"),
        ("COPY src ${LAMBDA_TASK_ROOT}/src\n", "src.main.run", "fn/src/main.py"),
        ("COPY src/main.py ${LAMBDA_TASK_ROOT}/\n", "main.run", "fn/src/main.py"),
        ("WORKDIR /var/task/deep\nCOPY . /var/task/\nWORKDIR /var/task\n", "src.main.run", "fn/src/main.py"),
    ],
)
def test_what_is_copied_where_makes_the_import_roots(copies: str, command: str, file: str) -> None:
    text = f'{BASE}{copies}CMD ["{command}"]\n'
    assert [path for _, path, _ in places({"fn/Dockerfile": text, "fn/src/main.py": ""})] == [file]


def test_an_image_may_be_built_from_a_folder_above() -> None:
    text = BASE + 'COPY services/orders/ ./\nCMD ["app.handler"]\n'
    assert [path for _, path, _ in places({"services/orders/Dockerfile": text, "services/orders/app.py": ""})] == [
        "services/orders/app.py"
    ]


@pytest.mark.parametrize(
    "command",
    [
        'CMD ["uvicorn", "app:api", "--port", "8080"]',
        "CMD exec uvicorn --port=$PORT app:api",
        "CMD exec gunicorn --workers 1 --bind :$PORT app:api",
        'CMD ["python", "-m", "uvicorn", "app:api"]',
        'CMD ["sh", "-c", "uvicorn app:api --host 0.0.0.0"]',
        'CMD ["hypercorn", "app:api"]',
        'ENTRYPOINT ["gunicorn"]\nCMD ["-b", ":8080", "app:api"]',
        "CMD PORT=8080 poetry run uvicorn app:api",
        'CMD ["flask", "--app", "app:api", "run"]',
        "CMD cd . && uvicorn app:api",
        'CMD ["./run.sh"]',
    ],
)
def test_behind_the_web_adapter_a_server_is_told_the_application(command: str) -> None:
    files = {
        "Dockerfile": f"{ADAPTER}WORKDIR /srv\nCOPY . .\n{command}\n",
        "app.py": "",
        "run.sh": "#!/bin/sh\nset -e\nexec uvicorn app:api\n",
    }
    assert only(files).lifetime == "web-adapter"
    [(_, place)] = deployment(files).located
    assert (place.path, place.name, place.application) == ("app.py", "api", True)


@pytest.mark.parametrize(
    "text",
    [
        "FROM python:3.12\nCOPY . .\nCMD uvicorn app:api\n",
        'FROM public.ecr.aws/lambda/java:21\nCMD ["index.handler"]\n',
        "",
        "FROM\nCOPY\nCMD [\nENTRYPOINT\n",
    ],
)
def test_an_image_that_is_not_for_lambda_or_in_another_language_declares_nothing(text: str) -> None:
    assert deployment({"Dockerfile": text, "app.py": ""}).functions == ()


INSTALLED = {"fn/src/shop/__init__.py": "", "fn/src/shop/api.py": "", "fn/pyproject.toml": "[project]\nname = 'shop'\n"}
BASE = "FROM public.ecr.aws/lambda/python:3.12 AS build\n"


@pytest.mark.parametrize(
    "install",
    [
        "COPY . /src\nRUN pip install /src",
        "COPY . .\nRUN pip install --no-cache-dir .[prod] -t ${LAMBDA_TASK_ROOT}",
        "WORKDIR /src\nCOPY pyproject.toml .\nCOPY src src\nRUN --mount=type=cache,target=/root/.cache uv sync --locked --no-editable",
        "COPY . /src\nRUN cd /src && poetry install --only main",
        "COPY dist/*.whl .\nRUN python -m pip install *.whl",
        "WORKDIR /src\nCOPY . .\nRUN <<EOF\ncd /src\npip install . \\\n  --target /venv\nEOF",
        "WORKDIR /src\nCOPY . .\nRUN uv export --no-dev -o all.txt && uv pip install -r all.txt --target /venv",
    ],
)
@pytest.mark.parametrize("last", ["", "FROM public.ecr.aws/lambda/python:3.12\nCOPY --from=build /venv /venv\n"])
def test_an_image_that_installs_the_project_has_its_packages(install: str, last: str) -> None:
    files = {**INSTALLED, "fn/Dockerfile": f'{BASE}{install}\n{last}CMD ["shop.api.run"]\n'}
    assert [path for _, path, _ in places(files)] == ["fn/src/shop/api.py"]


@pytest.mark.parametrize(
    ("install", "absent"),
    [
        ("pip install -r requirements.txt -t ./out", True),
        ("uv sync --no-install-project", True),
        ("uv sync", False),
        ("<<EOF\nuv export --no-emit-project -o all.txt\nEOF", True),
        ("<<EOF\nuv export -o all.txt\nuv pip install -r all.txt\nEOF", False),
    ],
)
def test_what_an_image_may_have_installed_is_not_called_absent(install: str, absent: bool) -> None:
    files = {**INSTALLED, "fn/Dockerfile": f'{BASE}COPY . .\nRUN {install}\nCMD ["gone.run"]\n'}
    [(_, lost)] = deployment(files).lost
    assert lost.absent is absent


STACK = """\
import { Function, Code, Runtime } from "aws-cdk-lib/aws-lambda";
new Function(this, "F", { runtime: Runtime.PYTHON_3_12, handler: "%s", code: Code.fromDockerBuild(%s) });
"""
APP = '{"app": "npx ts-node stack.ts"}'


@pytest.mark.parametrize(
    ("given", "dockerfile", "handler", "found"),
    [
        ('"fn"', "fn/Dockerfile", "main.go", "fn/src/main.py"),
        ('".", { file: "fn/Dockerfile" }', "fn/Dockerfile", "main.go", "fn/src/main.py"),
        (
            '"fn", { file: "build.Dockerfile", imagePath: "/out/." }',
            "fn/build.Dockerfile",
            "parts.main.go",
            "fn/src/main.py",
        ),
    ],
)
def test_what_a_build_leaves_in_its_folder_is_the_code(given: str, dockerfile: str, handler: str, found: str) -> None:
    source = "fn/src/" if given.startswith('".') else "src/"
    target = "/out/parts/" if "imagePath" in given else "/asset/"
    text = f"FROM public.ecr.aws/lambda/python:3.12\nCOPY {source} {target}\nCMD echo\n"
    files = {"cdk.json": APP, "stack.ts": STACK % (handler, given), dockerfile: text, "fn/src/main.py": ""}
    assert [path for _, path, _ in places(files)] == [found]


def test_a_build_may_have_made_what_is_not_found() -> None:
    files = {"cdk.json": APP, "stack.ts": STACK % ("gone.go", '"fn"'), "fn/main.py": ""}
    [(_, lost)] = deployment({**files, "fn/make.sh": ""}).lost
    assert not lost.absent
    [(_, lost)] = deployment({**files, "fn/Dockerfile": f"{BASE}COPY main.py /asset/\n"}).lost
    assert lost.absent
