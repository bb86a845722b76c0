"""Programs of infrastructure in TypeScript and JavaScript, over several files: constructs, helpers and loops of their own."""

from __future__ import annotations

import pytest

from tests.deployment.reading import deployment, places

CODE = {"lambdas/orders.py": "", "lambdas/jobs/nightly.py": "", "cdk.json": "{}"}
HEAD = "import * as cdk from 'aws-cdk-lib';\nimport * as lambda from 'aws-cdk-lib/aws-lambda';\nimport * as path from 'path';\n"
CONSTRUCT = """\
interface Props { handler: string; folder?: string; runtime?: lambda.Runtime }
export class Service extends Construct {
  private readonly folder: string;
  constructor(scope: Construct, id: string, private readonly props: Props) {
    super(scope, id);
    const { handler, folder = 'lambdas' } = props;
    this.folder = path.join(__dirname, '..', folder);
    this.make(handler);
  }
  private make(handler: string) {
    const runtime = this.props.runtime ?? lambda.Runtime.PYTHON_3_12;
    return new lambda.Function(this, 'Fn', { runtime, handler, timeout: cdk.Duration.seconds(9), code: codeOf(this.folder) });
  }
}
export function codeOf(folder: string) { return lambda.Code.fromAsset(folder); }
"""
SETTINGS = (
    "export const HANDLERS = { Orders: 'orders.run' };\nexport enum Handler { ORDERS = 'orders.run' }\n"
    "export class Names { static readonly ORDERS = 'orders.run'; }\n"
)
STACK = """\
import {{ Service, HANDLERS, Handler, Names }} from './index';
import * as settings from './settings';
export class Shop extends cdk.Stack {{
  constructor(scope: Construct, id: string) {{
    super(scope, id);
    {use}
  }}
  {more}
}}
"""


def program(use: str, more: str = "", **files: str) -> dict[str, str]:
    return {
        **CODE,
        "bin/app.ts": HEAD + "import { Shop } from '../lib/stack';\nnew Shop(new cdk.App(), 'shop');\n",
        "lib/service.ts": HEAD + CONSTRUCT,
        "lib/settings.ts": SETTINGS,
        "lib/index.ts": "export * from './service';\nexport { HANDLERS, Handler, Names } from './settings';\n",
        "lib/stack.ts": HEAD + STACK.format(use=use, more=more),
        **files,
    }


@pytest.mark.parametrize(
    ("use", "more"),
    [
        ("new Service(this, 'Orders', { handler: 'orders.run' });", ""),
        ("new Service(this, 'Orders', { handler: HANDLERS.Orders });", ""),
        ("new Service(this, 'Orders', { handler: settings.HANDLERS['Orders'] });", ""),
        ("new Service(this, 'Orders', { handler: Handler.ORDERS });", ""),
        ("new Service(this, 'Orders', { handler: Names.ORDERS });", ""),
        ("for (const [name, handler] of Object.entries(HANDLERS)) { new Service(this, name, { handler }); }", ""),
        ("Object.keys(HANDLERS).forEach((name) => { new Service(this, name, { handler: HANDLERS[name] }); });", ""),
        ("[{ id: 'Orders', handler: 'orders.run' }].map(({ id, handler }) => new Service(this, id, { handler }));", ""),
        ("this.add('Orders');", "add(name: string, handler = 'orders.run') { new Service(this, name, { handler }); }"),
        ("this.add('Orders');", "add = (name: string) => { new Service(this, name, { handler: 'orders.run' }); };"),
        (
            "add(this, 'Orders');",
            "}\nfunction add(scope: Construct, id: string) { new Service(scope, id, { handler: 'orders.run' });",
        ),
        ("const common = { handler: 'orders.run' }; new Service(this, 'Orders', { ...common });", ""),
    ],
)
def test_a_construct_of_the_program_s_own_is_followed(use: str, more: str) -> None:
    found = deployment(program(use, more))
    [(function, place)] = found.located
    assert (place.path, place.name, function.names) == ("lambdas/orders.py", "run", ("Fn", "Orders"))
    assert str(function.declared) == "lib/service.ts:15"
    assert (function.runtime, function.timeout) == ("python3.12", 9)
    assert found.lost == []


def test_each_use_of_a_construct_is_a_function() -> None:
    use = "new Service(this, 'A', { handler: 'orders.run' }); new Service(this, 'B', { handler: 'nightly.go', folder: 'lambdas/jobs' });"
    assert [(path, name) for _, path, name in places(program(use))] == [
        ("lambdas/orders.py", "run"),
        ("lambdas/jobs/nightly.py", "go"),
    ]


CHILD = "import {{ Service }} from './service';\nexport class Orders extends Service {{\n  constructor(scope: Construct, id: string) {{ super(scope, id, {{ handler: '{handler}' }}); }}\n}}\n"


def test_what_a_base_class_makes_counts_for_its_children() -> None:
    use = "const made = require('./child'); new Orders(this, 'Orders');"
    child = HEAD + CHILD.format(handler="orders.run")
    imports = {
        "lib/index.ts": "export * from './service';\nexport * from './settings';\nexport { Orders } from './child';\n"
    }
    files = program(use.split("; ")[1], **{"lib/child.ts": child, **imports})
    files["lib/stack.ts"] = files["lib/stack.ts"].replace("Names }", "Names, Orders }")
    assert [path for _, path, _ in places(files)] == ["lambdas/orders.py"]


FACTORY = """\
export abstract class Factory { abstract create(scope: Construct, id: string, handler: string): lambda.Function; }
export class Real extends Factory {
  create(scope: Construct, id: string, handler: string) {
    return new lambda.Function(scope, id, { runtime: lambda.Runtime.PYTHON_3_12, handler, code: lambda.Code.fromAsset('lambdas') });
  }
}
export class Other extends Factory {
  create(scope: Construct, id: string, handler: string) {
    return new lambda.Function(scope, id, { runtime: lambda.Runtime.PYTHON_3_12, handler, code: lambda.Code.fromAsset('lambdas/jobs') });
  }
}
"""


def test_of_several_methods_that_may_be_meant_that_counts_whose_code_is_there() -> None:
    use = "this.factory.create(this, 'Orders', 'orders.run');"
    found = deployment(program(use, **{"lib/factory.ts": HEAD + FACTORY}))
    assert [place.path for _, place in found.located] == ["lambdas/orders.py"]
    assert [function.declared.file for function, _ in found.lost] == ["lib/service.ts"]  # which nothing makes here


def test_calls_and_imports_that_lead_back_to_themselves_end() -> None:
    again = "import { Shop } from './stack';\nexport { Service2 } from './stack';\nexport function again(n: number) { again(n); new Shop(n); }\n"
    files = program("new Service(this, 'Orders', { handler: 'orders.run' });", **{"lib/again.ts": HEAD + again})
    files["lib/stack.ts"] = (
        "export { Service2 } from './again';\nimport { again } from './again';\n" + files["lib/stack.ts"]
    )
    assert {path for _, path, _ in places(files)} == {"lambdas/orders.py"}


@pytest.mark.parametrize(
    "code",
    [
        "`\nNAME = ${this.name}\ndef handler(e, c): ...\n`",
        "`\nNAME = 'X'\ndef handler(e, c): ...\n`.replace('X', this.name)",
        "['import os', 'def handler(e, c): ...'].join('\\n')",
        "text('t')",
    ],
)
def test_inline_code_may_be_put_together(code: str) -> None:
    use = f"new lambda.Function(this, 'F', {{ runtime: lambda.Runtime.PYTHON_3_12, handler: 'index.handler', code: lambda.Code.fromInline({code}) }});"
    helper = "}\nfunction text(table: string) { return `\\\nTABLE = '${table}'\ndef handler(e, c): ...\n`;"
    found = deployment(program(use, helper if code.startswith("text") else ""))
    [(function, place)] = [each for each in found.located if each[0].inline is not None]
    assert (
        function.inline is not None and "def handler(e, c)" in function.inline.text and "${" not in function.inline.text
    )
    assert found.in_place.place(place.path).template == "lib/stack.ts"
