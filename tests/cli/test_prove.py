"""`lambda-lint prove`: the static findings stand beside what happens in the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytest.importorskip("awslambdaric", reason="the sandbox runs the real runtime client: lambda-lint[prove]")


def test_a_lost_thread_is_confirmed(project: Path, run: Run) -> None:
    app = project / "orders" / "app.py"
    app.write_text(app.read_text().replace('print("done")', "__import__('time').sleep(5)"))
    done = run("prove", "orders/app.py:handler", "--invocations", "1")
    assert done.exit_code == 1, done.output
    assert "confirmed: LAM201 orders/app.py:9" in done.stdout


def test_a_thread_that_is_joined_leaves_nothing(project: Path, run: Run) -> None:
    done = run("prove", "users/app.py:handler", "--invocations", "1")
    assert done.exit_code == 0, done.output
    assert "LAM201" not in done.stdout


def test_settings_that_cannot_be_read_are_status_2(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text("[tool.lambda-lint]\nzzz = 1\n")
    done = run("prove", "users/app.py:handler")
    assert done.exit_code == 2
    assert "unknown key `zzz`" in done.stderr


def test_a_function_is_found_by_its_name_in_a_template(project: Path, run: Run) -> None:
    properties = "{CodeUri: orders, Handler: app.handler, Runtime: python3.12}"
    (project / "template.yaml").write_text(
        f"Resources:\n  OrdersFunction: {{Type: 'AWS::Serverless::Function', Properties: {properties}}}\n"
    )
    app = project / "orders" / "app.py"
    app.write_text(app.read_text().replace('print("done")', "__import__('time').sleep(5)"))
    done = run("prove", "OrdersFunction", "--invocations", "1")
    assert done.exit_code == 1, done.output
    assert "confirmed: LAM201 orders/app.py:9" in done.stdout


def test_a_misspelt_name_of_a_template_is_status_2(project: Path, run: Run) -> None:
    (project / "serverless.yml").write_text("functions:\n  orders: {handler: orders/app.handler}\n")
    done = run("prove", "order")
    assert done.exit_code == 2
    assert "did you mean orders?" in done.stderr
    assert "serverless.yml:2" in done.stderr


def test_a_root_of_ones_own_wins_over_the_templates(project: Path, run: Run) -> None:
    (project / "serverless.yml").write_text("functions:\n  users: {handler: users/app.handler}\n")
    done = run("prove", "users", "--root", "users", "--invocations", "1")
    assert done.exit_code == 0, done.output
    outside = run("prove", "users", "--root", "orders")
    assert outside.exit_code == 2
    assert "is not below" in outside.stderr


def test_a_thread_runs_on_where_nothing_freezes(project: Path, run: Run) -> None:
    app = project / "orders" / "app.py"
    app.write_text(app.read_text().replace('print("done")', "__import__('time').sleep(0.2)"))
    asked = run("prove", "orders/app.py:handler", "--invocations", "1", "--target", "managed-instances")
    assert asked.exit_code == 0, asked.output
    assert "nothing was frozen" in asked.stdout and "LAM201" not in asked.stdout
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\ntarget = "managed-instances"\n')
    assert run("prove", "orders/app.py:handler", "--invocations", "1").exit_code == 0
    frozen = run("prove", "orders/app.py:handler", "--invocations", "1", "--target", "lambda")
    assert frozen.exit_code == 1 and "confirmed: LAM201" in frozen.stdout


def test_a_web_application_is_not_called(project: Path, run: Run) -> None:
    (project / "web").mkdir()
    (project / "web" / "app.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    (project / "web" / "Dockerfile").write_text(
        "FROM python:3.12\nCOPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/\n"
    )
    done = run("prove", "web/app.py:app")
    assert done.exit_code == 2
    assert "is a web application, which lambda-web-adapter asks through a web server" in done.stderr
