"""Code that stands in a template is linted there: findings, ignores and fixes point into the template."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.core.finding import Applicability, Finding
from lint_lambda.engine import Report, Request, check, fix

CODE = """\
import threading

def work(): ...

def handler(event, context):
    threading.Thread(target=work).start()
    return {}
"""
LAUNCH = "threading.Thread(target=work).start()"


def indented(code: str, columns: int) -> str:
    return "".join(f"{' ' * columns}{line}" if line.strip() else line for line in code.splitlines(keepends=True))


def cloudformation(zip_file: str) -> str:
    return (
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.12\n"
        f"      Handler: index.handler\n      Code:\n        ZipFile: {zip_file}"
    )


def as_json(zip_file: object) -> str:
    properties = {"Runtime": "python3.12", "Handler": "index.handler", "Code": {"ZipFile": zip_file}}
    return json.dumps({"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}}, indent=2)


TERRAFORM = (
    'resource "aws_lambda_function" "f" {\n  handler = "index.handler"\n  runtime = "python3.12"\n'
    "  filename = data.archive_file.code.output_path\n}\n"
    'data "archive_file" "code" {\n  output_path = "c.zip"\n  source {\n    filename = "index.py"\n    content = <<-EOT\n'
)
CDK = (
    "from textwrap import dedent\nfrom aws_cdk import aws_lambda\n\n"
    'aws_lambda.Function(stack, "F", handler="index.handler", runtime=aws_lambda.Runtime.PYTHON_3_12,\n'
    '    code=aws_lambda.Code.from_inline(dedent("""\\\n'
)

EDITABLE = {
    "template.yaml": cloudformation("|\n") + indented(CODE, 10),
    "main.tf": TERRAFORM + indented(CODE, 6) + "    EOT\n  }\n}\n",
    "stack.ts": "import * as lambda from 'aws-cdk-lib/aws-lambda';\nnew lambda.Function(this, 'F', { handler: 'index.handler',\n"
    f"  runtime: lambda.Runtime.PYTHON_3_12, code: lambda.Code.fromInline(`\n{CODE}`) }});\n",
    "stack.py": CDK.replace("dedent(", "(").replace("\\\n", "\n") + CODE + '""")))\n',
}
SHOWN = {
    **EDITABLE,
    "sub.yaml": cloudformation("!Sub |\n") + indented(CODE.replace("...", "print('${AWS::Region}')"), 10),
    "long.yaml": cloudformation("\n          Fn::Sub: |\n") + indented(CODE, 12),
    "stack.json": as_json(CODE),
    "lines.json": as_json({"Fn::Join": ["\n", CODE.splitlines()]}),
    "dedent.py": CDK.replace("\\\n", "\n") + indented(CODE, 8) + '""")))\n',
}


def project(root: Path, name: str, text: str) -> Request:
    (root / "lambda-lint.toml").write_text("", encoding="utf-8")
    (root / name).write_text(text, encoding="utf-8")
    return Request([root], load_config(root), fixes=True)


def quoted(root: Path, finding: Finding) -> str:
    """What stands in the template where the finding says."""
    span = finding.location.span
    lines = (root / finding.location.path).read_text(encoding="utf-8").splitlines()
    part = lines[span.line - 1 : span.end_line]
    part[-1] = part[-1][: span.end_column]
    part[0] = part[0][span.column :]
    return "\n".join(part)


def launches(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == "LAM201"]


@pytest.mark.parametrize("name", SHOWN)
def test_a_finding_points_into_the_template(tmp_path: Path, name: str) -> None:
    [finding] = launches(check(project(tmp_path, name, SHOWN[name])))
    assert finding.location.path == name
    assert quoted(tmp_path, finding) == LAUNCH
    assert finding.handlers == (f"{name}:{'f' if name == 'main.tf' else 'F'}",)
    assert {related.location.path for related in finding.related} == {name}
    assert "!" not in finding.message


@pytest.mark.parametrize("name", EDITABLE)
def test_a_fix_edits_the_template(tmp_path: Path, name: str) -> None:
    fixed = fix(project(tmp_path, name, EDITABLE[name]), frozenset({Applicability.SAFE, Applicability.UNSAFE}))
    [(path, (before, after))] = fixed.files.items()
    assert (path, before.decode()) == (name, EDITABLE[name])
    old, new = before.decode().splitlines(), after.decode().splitlines()
    at = next(number for number, line in enumerate(old) if LAUNCH in line)
    indent = old[at][: len(old[at]) - len(old[at].lstrip())]
    mended = [f"{indent}thread = threading.Thread(target=work)", f"{indent}thread.start()", f"{indent}thread.join()"]
    assert new == [*old[:at], *mended, *old[at + 1 :]]
    (tmp_path / name).write_bytes(after)
    assert launches(check(Request([tmp_path], load_config(tmp_path)))) == []


@pytest.mark.parametrize("name", EDITABLE)
def test_the_edits_of_a_report_are_those_of_the_template(tmp_path: Path, name: str) -> None:
    [finding] = launches(check(project(tmp_path, name, EDITABLE[name])))
    edits = [edit for each in finding.fixes for edit in each.edits]
    assert {edit.path for edit in edits} == {name}


@pytest.mark.parametrize("name", sorted(SHOWN.keys() - EDITABLE.keys() - {"dedent.py"}))
def test_where_the_template_has_other_characters_no_edit_is_offered(tmp_path: Path, name: str) -> None:
    [finding] = launches(check(project(tmp_path, name, SHOWN[name])))
    assert all(not each.edits for each in finding.fixes)
    assert "template" in finding.fixes[0].title


@pytest.mark.parametrize("name", sorted(SHOWN.keys() - {"stack.json", "lines.json"}))
def test_an_ignore_in_the_template_is_heard(tmp_path: Path, name: str) -> None:
    text = SHOWN[name].replace(LAUNCH, f"{LAUNCH}  # lambda-lint: ignore[LAM201] warm")
    assert check(project(tmp_path, name, text)).findings == ()


FOLDED = (
    cloudformation(">\n").replace("python3.12", "nodejs22.x")
    + """
          const send = async (url) => { await fetch(url); };

          exports.handler = async (event) => {
          send(event.first); await send(event.second);
            return 1;

          };
"""
)
"""Code whose lines YAML joins with blanks, but where one stands deeper than the others."""


def test_a_folded_text_knows_its_lines(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(FOLDED)
    [found] = check(Request([tmp_path], load_config(tmp_path))).findings
    span = found.location.span
    line = FOLDED.splitlines()[span.line - 1]
    assert line[span.column : span.end_column] == "send(event.first)"
    returns = next(each for each in found.related if "returns here" in each.message)
    assert "return 1;" in FOLDED.splitlines()[returns.location.span.line - 1]


def test_a_message_speaks_of_the_lines_of_a_folded_template(tmp_path: Path) -> None:
    code = CODE.replace("import threading\n", "import threading\n\n").replace("...", "...\n")
    (tmp_path / "template.yaml").write_text(cloudformation(">\n") + indented(code, 10))
    [found] = check(Request([tmp_path], load_config(tmp_path))).findings
    line = next(
        n for n, text in enumerate((tmp_path / "template.yaml").read_text().splitlines(), 1) if "return" in text
    )
    assert any(f"on line {line}" in text for text in found.help)


def test_an_ignore_that_ignores_nothing_is_found_there(tmp_path: Path) -> None:
    text = EDITABLE["template.yaml"].replace("return {}", "return {}  # lambda-lint: ignore[LAM202]")
    report = check(project(tmp_path, "template.yaml", text))
    [unused] = [finding for finding in report.findings if finding.code == "LAM901"]
    assert quoted(tmp_path, unused) == "LAM202"


def test_code_that_cannot_be_parsed_is_told_with_its_line(tmp_path: Path) -> None:
    text = EDITABLE["template.yaml"].replace("return {}", "return {")
    [finding] = check(project(tmp_path, "template.yaml", text)).findings
    assert (finding.code, finding.location.path) == ("LAM900", "template.yaml")
    assert finding.location.span.line >= 15


def test_other_languages_are_not_linted(tmp_path: Path) -> None:
    text = EDITABLE["template.yaml"].replace("python3.12", "nodejs22.x")
    assert check(project(tmp_path, "template.yaml", text)).findings == ()


def test_a_template_that_is_given_is_checked_and_nothing_else(tmp_path: Path) -> None:
    request = project(tmp_path, "template.yaml", EDITABLE["template.yaml"])
    (tmp_path / "app.py").write_text(CODE, encoding="utf-8")
    report = check(Request([tmp_path / "template.yaml"], request.config))
    assert [finding.location.path for finding in report.findings] == ["template.yaml"]


def test_two_functions_of_one_template_are_both_mended(tmp_path: Path) -> None:
    one = EDITABLE["template.yaml"]
    text = one + one.partition("Resources:\n")[2].replace("  F:", "  G:", 1)
    fixed = fix(project(tmp_path, "template.yaml", text), frozenset({Applicability.UNSAFE, Applicability.SAFE}))
    [(_, after)] = fixed.files.values()
    assert after.decode().count("thread.join()") == 2
    assert after.decode().replace("              thread = ", "").count("thread.start()") == 2
