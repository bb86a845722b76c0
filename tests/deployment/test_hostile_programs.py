"""Programs and templates that come to more than anybody wrote end soon, and hide nothing of their neighbours."""

from __future__ import annotations

import pytest

from lint_lambda.deployment.readers.cloudformation import DEEPEST_LOOP, MOST_TURNS
from tests.deployment.reading import deployment

PYTHON = (
    "from aws_cdk import aws_lambda\n"
    + "".join(f"{'    ' * depth}for n{depth} in range(200):\n" for depth in range(6))
    + "    " * 6
    + "aws_lambda.Function(None, 'F', handler='app.run', code=aws_lambda.Code.from_asset('src'))\n"
)
DOUBLING = (
    "from aws_cdk import aws_lambda\ndef f0(x):\n    aws_lambda.Function(None, x, handler='app.run')\n"
    + "".join(f"def f{n}(x):\n    f{n - 1}(x)\n    f{n - 1}(x)\n" for n in range(1, 40))
    + "f39('a')\n"
)
TYPESCRIPT = (
    "import * as lambda from 'aws-cdk-lib/aws-lambda';\nconst many = ["
    + ",".join(map(str, range(200)))
    + "];\n"
    + "".join(f"for (const n{depth} of many) {{\n" for depth in range(6))
    + "new lambda.Function(this, 'F', { handler: 'app.run', code: lambda.Code.fromAsset('src') });\n"
    + "}\n" * 6
)
CYCLE = "const a = require('./b');\nmodule.exports = { functions: { ...a }, provider: { name: 'aws' } };\n"
LOOPS = "Resources:\n"
for depth in range(6):
    LOOPS += f"{'  ' * (3 * depth + 1)}'Fn::ForEach::L{depth}':\n{'  ' * (3 * depth + 2)}- N{depth}\n"
    LOOPS += f"{'  ' * (3 * depth + 2)}- [{', '.join(f'v{n}' for n in range(200))}]\n{'  ' * (3 * depth + 2)}-\n"
LOOPS += f"{'  ' * 20}'F': {{Type: 'AWS::Serverless::Function', Properties: {{Handler: app.run}}}}\n"


@pytest.mark.parametrize(
    "files",
    [
        {"stack.py": PYTHON},
        {"stack.py": DOUBLING},
        {"stack.ts": TYPESCRIPT},
        {"serverless.js": CYCLE, "b.js": CYCLE.replace("./b", "./serverless")},
        {"template.yaml": LOOPS},
    ],
    ids=["loops", "doubling", "typescript", "cycle", "foreach"],
)
def test_what_doubles_itself_ends(files: dict[str, str]) -> None:
    found = deployment({"src/app.py": "", "other/main.py": "", **files, "other/serverless.yml": OTHER})
    assert "other/main.py" in {place.path for _, place in found.located}
    assert len(found.functions) <= MOST_TURNS * DEEPEST_LOOP + 2
    assert not [trouble for trouble in found.troubles if "bug in" in str(trouble)]
    if PYTHON in files.values() or TYPESCRIPT in files.values():
        assert any("come to more than is followed" in str(trouble) for trouble in found.troubles)


OTHER = "service: o\nprovider: {name: aws, runtime: python3.12}\nfunctions: {f: {handler: main.go}}\n"
