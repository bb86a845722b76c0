"""What the Serverless Framework's files say of functions."""

from __future__ import annotations

import json

import pytest

from tests.deployment.reading import deployment, only, places

CODE = {"src/app.py": "", "users/api/main.py": "", "layers/common/python/shared.py": ""}
HEAD = "service: shop\nprovider: {name: aws, runtime: python3.12, timeout: 7, environment: {A: all}}\n"


def service(functions: str, rest: str = "") -> dict[str, str]:
    return {"serverless.yml": f"{HEAD}{rest}functions:{functions}\n", **CODE}


def test_a_function_has_everything_that_its_service_says() -> None:
    layers = "layers: {common-code: {path: layers/common}}\n"
    given = " {orders: {handler: src/app.run, name: 'shop-${sls:stage}', layers: [{Ref: CommonDashcodeLambdaLayer}], environment: {B: 2}}}"
    function = only(service(given, layers))
    assert (str(function.declared), function.declared.format) == ("serverless.yml:4", "serverless")
    assert (function.names, function.handler, function.roots) == (("orders",), "src/app.run", ("",))
    assert (function.runtime, function.timeout, dict(function.environment)) == ("python3.12", 7, {"A": "all", "B": "2"})
    assert function.layers == ("layers/common/python",)


@pytest.mark.parametrize(
    ("functions", "extra"),
    [
        (" ${file(functions.yml)}", {"functions.yml": "orders: {handler: src/app.run}\n"}),
        (" ${file(./parts.yml):functions}", {"parts.yml": "functions:\n  orders: {handler: src/app.run}\n"}),
        ("\n  - ${file(functions.yml)}", {"functions.yml": "orders: {handler: src/app.run}\n"}),
        ("\n  orders: ${file(orders.yml)}", {"orders.yml": "handler: src/app.run\n"}),
        ("\n  orders: ${file(all.json):orders}", {"all.json": json.dumps({"orders": {"handler": "src/app.run"}})}),
        ("\n  orders: ${self:custom.orders}", {}),
        ("\n  orders: {handler: '${self:custom.folder}/app.run'}", {}),
        ("\n  orders: {handler: '${opt:folder, \"src\"}/app.run'}", {}),
    ],
)
def test_includes_and_variables_are_followed(functions: str, extra: dict[str, str]) -> None:
    custom = "custom: {folder: src, orders: {handler: src/app.run}}\n"
    assert places({**service(functions, custom), **extra}) == [("orders", "src/app.py", "run")]


def test_a_function_that_is_included_stands_where_it_is_written() -> None:
    files = {**service(" ${file(functions.yml)}"), "functions.yml": "\norders: {handler: src/app.run}\n"}
    assert str(only(files).declared) == "functions.yml:2"


def test_includes_that_go_round_in_circles_end() -> None:
    files = {**service("\n  - ${file(a.yml)}"), "a.yml": "${file(b.yml)}\n", "b.yml": "${file(a.yml)}\n"}
    assert deployment(files).functions == ()


def test_an_include_that_is_not_here_is_said() -> None:
    assert deployment(service(" ${file(nothing.yml)}")).warnings() == [
        "serverless.yml:3: ${file(nothing.yml)} includes a file that is not here"
    ]


def test_json_is_read() -> None:
    text = json.dumps({"service": "x", "provider": "aws", "functions": {"orders": {"handler": "src/app.run"}}})
    assert places({"serverless.json": text, **CODE}) == [("orders", "src/app.py", "run")]


def test_an_image_of_the_service_is_described_by_its_dockerfile() -> None:
    images = "provider: {name: aws, ecr: {images: {base: {path: ./users}}}}\n"
    text = f"service: x\n{images}functions: {{orders: {{image: {{name: base, command: [api.main.run]}}}}}}\n"
    docker = "FROM public.ecr.aws/lambda/python:3.12\nCOPY . ${LAMBDA_TASK_ROOT}\n"
    files = {"serverless.yml": text, "users/Dockerfile": docker, **CODE}
    assert places(files) == [("orders", "users/api/main.py", "run")]


def test_serverless_wsgi_is_told_its_application() -> None:
    function = only(service(" {api: {handler: wsgi_handler.handler}}", "custom: {wsgi: {app: src/app.web}}\n"))
    assert (function.application, function.adapter, function.handler) == ("src.app:web", "serverless-wsgi", None)


@pytest.mark.parametrize("provider", ["google", "{name: azure}"])
def test_the_functions_of_other_providers_are_none(provider: str) -> None:
    text = f"service: x\nprovider: {provider}\nfunctions: {{orders: {{handler: src/app.run}}}}\n"
    found = deployment({"other/serverless.yml": text, "other/src/app.py": "", **CODE})
    assert found.functions == ()
    assert found.is_foreign("other/src/app.py")
    assert not found.is_foreign("src/app.py")
