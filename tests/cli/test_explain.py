"""`lambda-lint handlers` and `lambda-lint rule`, help, version and completion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint_lambda import __version__
from lint_lambda.knowledge.rulebook import load_rules
from tests.cli.conftest import Run


def test_handlers_are_listed_with_their_reasons(project: Path, run: Run) -> None:
    done = run("handlers")
    assert done.exit_code == 0
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["handler", "found", "by", "launches", "findings"]
    assert [line.split()[0] for line in lines] == ["orders/app.py:handler", "users/app.py:handler"]
    assert lines[0].split()[-2:] == ["1", "LAM201"]
    assert all("signature (event, context)" in line for line in lines)
    assert done.stderr == "2 handlers\n"


def test_handlers_named_by_option_say_so(project: Path, run: Run) -> None:
    (project / "orders" / "app.py").write_text("def main():\n    return {}\n")
    assert "orders/app.py:main" in run("handlers", "--handler", "orders/app.py:main").stdout
    assert "--handler orders/app.py:main" in run("handlers", "--handler", "orders/app.py:main").stdout


def test_the_end_of_a_line_in_a_name_ends_no_line_of_the_list(project: Path, run: Run) -> None:
    (project / "users" / "app.py").rename(project / "users" / "a\n::error::b.py")
    assert len(run("handlers").stdout.splitlines()) == 3


def test_handlers_as_json(project: Path, run: Run) -> None:
    listed = json.loads(run("handlers", "orders", "--output-format", "json").stdout)
    assert [(handler["path"], handler["name"], handler["source"]) for handler in listed] == [
        ("orders/app.py", "handler", "signature")
    ]


TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: orders
      Runtime: python3.12
      Timeout: 7
      FunctionName: shop
      Layers: [!Ref Common]
      Environment: {Variables: {STAGE: secret}}
  Common: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}
"""


def test_a_handler_is_listed_with_what_its_deployment_says(project: Path, run: Run) -> None:
    (project / "template.yaml").write_text(TEMPLATE)
    (project / "layer" / "python").mkdir(parents=True)
    (project / "layer" / "python" / "shared.py").write_text("")
    (project / "users" / "app.py").write_text("from orders.gone import x\n\ndef handler(event, context): ...\n")
    head, orders, users = run("handlers").stdout.splitlines()
    assert "missing imports" in head
    for said in ("template.yaml:2 (Orders)", "python3.12", "orders, layer/python"):
        assert said in orders
    assert users.endswith("orders.gone")
    listed = json.loads(run("handlers", "--output-format", "json").stdout)
    assert listed[0] == {
        "path": "orders/app.py",
        "name": "handler",
        "line": listed[0]["line"],
        "column": 5,
        "source": "deployment",
        "why": "declared in template.yaml:2 (Orders)",
        "adapter": None,
        "application": False,
        "managed": False,
        "functions": [
            {
                "names": ["Orders", "shop"],
                "format": "sam",
                "declared": {"path": "template.yaml", "line": 2},
                "handler": "app.handler",
                "runtime": "python3.12",
                "lifetime": "default",
                "timeout": 7.0,
                "roots": ["orders"],
                "layers": ["layer/python"],
                "environment": ["STAGE"],
                "image": None,
            }
        ],
        "launches": 1,
        "findings": {"LAM201": 1},
        "missing": [],
    }
    assert (listed[1]["launches"], listed[1]["missing"]) == (None, ["orders.gone"])


def test_without_handlers_the_list_is_empty(project: Path, run: Run) -> None:
    for app in project.glob("*/app.py"):
        app.write_text("def main(): ...\n")
    assert run("handlers").stdout == ""
    assert run("handlers", "--output-format", "json").stdout == "[]\n"


@pytest.mark.parametrize("name", ["LAM201", "lam201", "orphan-thread"])
def test_a_rule_is_explained_by_code_or_name(run: Run, name: str) -> None:
    page = run("rule", name)
    assert page.exit_code == 0
    assert page.stdout.startswith("# LAM201 orphan-thread\n")
    assert "## Use instead" in page.stdout


def test_rules_are_listed_and_all_can_be_printed(run: Run) -> None:
    rules = list(load_rules())
    assert [line.split()[0] for line in run("rule").stdout.splitlines()] == [rule.code for rule in rules]
    everything = run("rule", "--all").stdout
    assert all(rule.page in everything for rule in rules)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rule", "LAM2001"], "unknown rule LAM2001; did you mean LAM2"),
        (["rule", "LAM20"], "LAM20 is a prefix; name one of these rules:\n  LAM201  orphan-thread\n"),
        (["rule", "orphan-tread"], "did you mean orphan-thread?"),
        (["rule", "LAM201", "--all"], "not both"),
    ],
)
def test_an_unknown_rule_is_status_2(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_version_and_help(run: Run) -> None:
    assert run("--version").stdout == f"lambda-lint {__version__}\n"
    assert "check" in run("--help").stdout
    assert "--min-confidence" in run("check", "-h").stdout


@pytest.mark.parametrize(("typed", "offered"), [("", "handlers"), ("--output-", "--output-format"), ("ru", "rule")])
def test_the_shell_completes_commands_and_the_options_of_check(run: Run, typed: str, offered: str) -> None:
    env = {"_LAMBDA_LINT_COMPLETE": "bash_complete", "COMP_WORDS": f"lambda-lint {typed}", "COMP_CWORD": "1"}
    assert f"plain,{offered}\n" in run(env=env).stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("rule LAM20", ["LAM201", "LAM202", "LAM203", "LAM204"]),
        ("rule orphan-t", ["orphan-task", "orphan-thread", "orphan-timer"]),
        ("check --select LAM101,lam30", ["LAM101,LAM301", "LAM101,LAM302"]),
        ("libraries posth", ["PostHog", "posthog", "posthog-node"]),
        ("handlers --handler ord", ["orders/app.py:handler"]),
    ],
)
def test_the_shell_completes_rules_libraries_and_handlers(
    project: Path, run: Run, words: str, offered: list[str]
) -> None:
    count = str(len(words.split()))
    env = {"_LAMBDA_LINT_COMPLETE": "bash_complete", "COMP_WORDS": f"lambda-lint {words}", "COMP_CWORD": count}
    assert [line.partition(",")[2] for line in run(env=env).stdout.splitlines()] == offered
