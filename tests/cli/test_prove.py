"""`lambda-lint prove`: the static findings stand beside what happens in the sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

WSGI = """\
import threading, time

def mail(): time.sleep(30)

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["REQUEST_METHOD"] == "POST":
        threading.Thread(target=mail).start()
    return [b"ok"]
"""
APIG_WSGI = """\
def make_lambda_handler(application):
    def handler(event, context):
        said = []
        environ = {"REQUEST_METHOD": event["requestContext"]["http"]["method"]}
        body = b"".join(application(environ, lambda status, headers: said.append(status)))
        return {"statusCode": int(said[0].split()[0]), "body": body.decode()}
    return handler
"""

pytest.importorskip("awslambdaric", reason="the sandbox runs the real runtime client: lambda-lint[prove]")


def test_what_is_never_seen_is_called_so(project: Path, run: Run) -> None:
    app = project / "orders" / "app.py"
    app.write_text("import atexit\n\natexit.register(print, 1)\n\ndef handler(event, context):\n    return 1\n")
    done = run("prove", "orders/app.py:handler", "--invocations", "1", "--output-format", "json")
    assert [(one["code"], one["verdict"]) for one in json.loads(done.stdout)["findings"]] == [
        ("LAM504", "cannot be observed")
    ]


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


@pytest.mark.parametrize("written", ["|", '"', "join"])
@pytest.mark.parametrize("target", ["Hook", "{template}:Hook"])
def test_code_in_a_template_is_proved_in_place(project: Path, run: Run, target: str, written: str) -> None:
    code = (
        "import threading, time\ndef work(): time.sleep(20)\ndef handler(event, context):\n"
        " threading.Thread(target=work).start()\n"
    )
    properties: dict[str, object] = {"Runtime": "python3.12", "Handler": "index.handler", "Code": {"ZipFile": code}}
    template, line = project / "stack.yaml", 12
    if written == "|":
        indented = "".join(f"          {row}\n" for row in code.splitlines())
        template.write_text(
            "Resources:\n  Hook:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.12\n"
            f"      Handler: index.handler\n      Code:\n        ZipFile: |\n{indented}"
        )
    else:
        if written == "join":
            properties["Code"] = {"ZipFile": {"Fn::Join": ["\n", code.splitlines()]}}
        template = project / "stack.json"
        resource = {"Type": "AWS::Lambda::Function", "Properties": properties}
        template.write_text(json.dumps({"Resources": {"Hook": resource}}, indent=1))
        rows = template.read_text().splitlines()
        line = next(number for number, row in enumerate(rows, 1) if "Thread(target" in row)
    done = run("prove", target.format(template=template.name), "--invocations", "1")
    assert done.exit_code == 1, done.output
    assert f"confirmed: LAM201 {template.name}:{line}" in done.stdout
    assert f"launched at {template.name}:{line} in handler" in done.stdout


def test_a_function_is_found_by_a_template_above(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "serverless.yml").write_text("functions:\n  people: {handler: users/app.handler}\n")
    monkeypatch.chdir(project / "users")
    done = run("prove", "people", "--invocations", "1")
    assert done.exit_code == 0, done.output


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


def test_a_web_application_is_served_as_it_is_deployed(project: Path, run: Run) -> None:
    (project / "web").mkdir()
    (project / "web" / "app.py").write_text(WSGI)
    (project / "web" / "Dockerfile").write_text(
        "FROM python:3.12\nCOPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/\n"
    )
    left = run("prove", "web/app.py:app", "--request", "POST /orders", "--adapter", "lambda-web-adapter")
    assert left.exit_code == 1, left.output
    assert "thread `mail`" in left.stdout and "web/app.py:8 in app" in left.stdout
    clean = run("prove", "web/app.py:app", "--adapter", "lambda-web-adapter")
    assert clean.exit_code == 0, clean.output


def test_a_web_application_is_called_through_its_adapter(project: Path, run: Run) -> None:
    """The stand-in has the interface of apig-wsgi, which is seldom installed."""
    (project / "web").mkdir()
    (project / "web" / "app.py").write_text(WSGI)
    (project / "web" / "apig_wsgi.py").write_text(APIG_WSGI)
    left = run("prove", "web/app.py:app", "--adapter", "apig-wsgi", "--request", "POST /orders", "--body", '{"a": 1}')
    assert left.exit_code == 1, left.output
    assert "thread `mail`" in left.stdout and '"statusCode": 200' in left.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--request", "orders"), "a method and a path are expected"),
        (("--body", "x"), "--body and --header belong to a --request"),
        (("--request", "POST /", "--header", "x"), "NAME:VALUE is expected"),
        (("--request", "POST /", "--body", "@missing.json"), "--body @missing.json: No such file"),
        (("--event", "sqsx"), "did you mean the sample event 'sqs'?"),
        (("--sample-event", "nothing"), "there is no sample event 'nothing'"),
        (("--concurrency", "2"), "--concurrency is for managed instances"),
    ],
)
def test_events_that_cannot_be_made_are_status_2(
    project: Path, run: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = run("prove", "users/app.py:handler", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_sample_event_is_printed_and_sent(project: Path, run: Run) -> None:
    printed = run("prove", "--sample-event", "sqs")
    assert printed.exit_code == 0 and json.loads(printed.stdout)["Records"][0]["eventSource"] == "aws:sqs"
    (project / "users" / "echo.py").write_text("def handler(e, c): return e['Records'][0]['eventSource']\n")
    sent = run("prove", "users/echo.py:handler", "--event", "s3", "--output-format", "json")
    assert json.loads(json.loads(sent.stdout)["invocations"][0]["payload"]) == "aws:s3"


def test_what_a_template_says_of_the_environment_is_taken_over(project: Path, run: Run) -> None:
    properties = (
        "{CodeUri: orders, Handler: echo.handler, Runtime: python3.12, Environment: {Variables: {TABLE: orders}}}"
    )
    (project / "template.yaml").write_text(
        f"Resources:\n  Echo: {{Type: 'AWS::Serverless::Function', Properties: {properties}}}\n"
    )
    (project / "orders" / "echo.py").write_text("import os\ndef handler(e, c): return os.environ['TABLE']\n")
    done = run("prove", "Echo", "--output-format", "json")
    assert json.loads(json.loads(done.stdout)["invocations"][0]["payload"]) == "orders"
    other = run("prove", "Echo", "--env", "TABLE=mine", "--output-format", "json")
    assert json.loads(json.loads(other.stdout)["invocations"][0]["payload"]) == "mine"


def test_cold_events_get_a_sandbox_of_their_own(project: Path, run: Run) -> None:
    (project / "users" / "count.py").write_text(
        "seen = []\ndef handler(e, c):\n    seen.append(e)\n    return len(seen)\n"
    )
    for arguments, counts in (((), ["1", "2"]), (("--cold",), ["1", "1"]), (("--gap", "0.1"), ["1", "2"])):
        done = run("prove", "users/count.py:handler", "--output-format", "json", *arguments)
        assert [one["payload"] for one in json.loads(done.stdout)["invocations"]] == counts


def test_workers_of_a_managed_instance_are_looked_at_together(project: Path, run: Run) -> None:
    (project / "users" / "slow.py").write_text(
        "import threading, time\ndef mail(): time.sleep(30)\ndef handler(e, c):\n    threading.Thread(target=mail).start()\n"
    )
    options = ("--target", "managed-instances", "--concurrency", "2", "--output-format", "json")
    done = run("prove", "users/slow.py:handler", *options)
    assert done.exit_code == 1, done.output
    said = json.loads(done.stdout)
    assert [one["outcome"] for one in said["invocations"]] == ["response", "response"]
    assert sum(one["kind"] == "thread" and not one["idle"] for one in said["leftOver"]) == 2


def test_a_sink_takes_what_is_sent(project: Path, run: Run) -> None:
    (project / "users" / "send.py").write_text(
        "import os, urllib.request\n"
        "def handler(e, c): return urllib.request.urlopen(os.environ['URL'] + '/batch', data=b'x').status\n"
    )
    done = run("prove", "users/send.py:handler", "--sink", "URL", "--invocations", "1")
    assert done.exit_code == 0, done.output
    assert "at the sink: POST /batch" in done.stdout


def test_a_launch_in_a_layer_is_matched_with_its_line(project: Path, run: Run) -> None:
    (project / "layer" / "python").mkdir(parents=True)
    (project / "layer" / "python" / "mailing.py").write_text(
        "import threading, time\n\n\ndef send():\n    threading.Thread(target=time.sleep, args=(30,)).start()\n"
    )
    (project / "src").mkdir()
    (project / "src" / "orders.py").write_text(
        "from mailing import send\n\n\ndef handler(event, context):\n    send()\n    return {}\n"
    )
    (project / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  Shared: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}\n"
        "  Orders:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: src, Handler: orders.handler, Runtime: python3.11, Layers: [!Ref Shared]}\n"
    )
    result = run("prove", "Orders")
    assert result.exit_code == 1, result.output
    assert "confirmed: LAM201 layer/python/mailing.py:5" in result.output


def test_an_image_is_proved_by_its_name(project: Path, run: Run) -> None:
    (project / "picture").mkdir()
    (project / "picture" / "pictures.py").write_text("def run(event, context):\n    return {}\n")
    (project / "picture" / "Dockerfile").write_text(
        'FROM public.ecr.aws/lambda/python:3.11\nCOPY pictures.py ${LAMBDA_TASK_ROOT}\nCMD ["pictures.run"]\n'
    )
    (project / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  Picture:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {PackageType: Image}\n"
        "    Metadata: {DockerContext: picture}\n"
    )
    result = run("prove", "Picture")
    assert result.exit_code == 0, result.output
