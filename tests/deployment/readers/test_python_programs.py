"""Programs of infrastructure in Python, over several files: what is made by constructs, helpers and loops of their own."""

from __future__ import annotations

import pytest

from tests.deployment.reading import deployment, places

CODE = {"lambdas/orders.py": "", "lambdas/jobs/nightly.py": "", "cdk.json": "{}"}
HEAD = "import os\nfrom pathlib import Path\nimport aws_cdk as cdk\nfrom aws_cdk import aws_lambda as lambda_\n"
CONSTRUCT = """\
from constructs import Construct

class Service(Construct):
    def __init__(self, scope, construct_id, *, handler, folder="lambdas", **kwargs):
        super().__init__(scope, construct_id)
        self.folder = os.path.join(os.path.dirname(__file__), "..", folder)
        self._make(handler, **kwargs)

    def _make(self, handler, runtime=lambda_.Runtime.PYTHON_3_12, **kwargs):
        settings = {"timeout": cdk.Duration.seconds(9), **kwargs}
        self.function = lambda_.Function(self, "Fn", runtime=runtime, handler=handler, code=self._code(), **settings)

    def _code(self):
        return lambda_.Code.from_asset(self.folder)
"""
STACK = """\
from infra.service import Service
from infra import settings
from infra.settings import HANDLERS

class Shop(cdk.Stack):
    def __init__(self, scope, name):
        super().__init__(scope, name)
        {use}
"""
SETTINGS = 'HANDLERS = {"Orders": "orders.run"}\nORDERS = "orders.run"\n'


def program(use: str, **more: str) -> dict[str, str]:
    return {
        **CODE,
        "app.py": HEAD + "from infra.stack import Shop\nShop(cdk.App(), 'shop')\n",
        "infra/__init__.py": "",
        "infra/service.py": HEAD + CONSTRUCT,
        "infra/settings.py": SETTINGS,
        "infra/stack.py": HEAD + STACK.format(use=use),
        **more,
    }


@pytest.mark.parametrize(
    "use",
    [
        'Service(self, "Orders", handler="orders.run")',
        'Service(self, "Orders", handler=settings.ORDERS)',
        'Service(self, "Orders", handler=HANDLERS["Orders"])',
        "for name, handler in HANDLERS.items():\n            Service(self, name, handler=handler)",
        "[Service(self, name, handler=HANDLERS[name]) for name in HANDLERS]",
        'handler = "orders.{}".format("run")\n        Service(self, "Orders", handler=handler)',
        'handler = "%s.run" % "orders"\n        Service(self, "Orders", handler=handler)',
        'Service(self, "Orders", handler=os.environ.get("H", "orders.run"))',
        'Service(self, "Orders", handler=self.node.try_get_context("h") or "orders.run")',
        'specs = [dict(id="Orders", handler="orders.run")]\n        for spec in specs:\n            Service(self, spec["id"], handler=spec["handler"])',
        'common = {"handler": "orders.run"}\n        Service(self, "Orders", **common)',
        'self.add("Orders")\n    def add(self, name, handler="orders.run"):\n        Service(self, name, handler=handler)',
    ],
)
def test_a_construct_of_the_program_s_own_is_followed(use: str) -> None:
    found = deployment(program(use))
    [(function, place)] = found.located
    assert (place.path, place.name, function.names) == ("lambdas/orders.py", "run", ("Fn", "Orders"))
    assert str(function.declared) == "infra/service.py:15"
    assert (function.runtime, function.timeout) == ("python3.12", 9)
    assert found.lost == []


def test_each_use_of_a_construct_is_a_function() -> None:
    use = 'Service(self, "A", handler="orders.run")\n        Service(self, "B", handler="nightly.go", folder="lambdas/jobs")'
    assert [(path, name) for _, path, name in places(program(use))] == [
        ("lambdas/orders.py", "run"),
        ("lambdas/jobs/nightly.py", "go"),
    ]


def test_what_a_base_class_makes_counts_for_its_children() -> None:
    child = (
        "from infra.service import Service\n\nclass Orders(Service):\n    def __init__(self, scope):\n"
        '        super().__init__(scope, "Orders", handler="orders.run")\n'
    )
    use = "from infra.child import Orders\n        Orders(self)"
    assert [path for _, path, _ in places(program(use, **{"infra/child.py": HEAD + child}))] == ["lambdas/orders.py"]


def test_a_construct_that_nobody_uses_is_said() -> None:
    found = deployment(program("pass"))
    assert [function.handler for function in found.functions] == [None]
    assert "its handler is handler" in found.warnings()[0]


def test_calls_that_lead_back_to_themselves_end() -> None:
    again = "def make(scope, n):\n    make(scope, n)\n    Service(scope, 'Orders', handler='orders.run')\n"
    use = "from infra.again import make\n        make(self, 1)"
    more = {"infra/again.py": HEAD + "from infra.service import Service\n" + again}
    assert {path for _, path, _ in places(program(use, **more))} == {"lambdas/orders.py"}


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("settings.CODE", "infra/settings.py:4"),
        (
            "self.text('t')\n    def text(self, table):\n        return f'''\\\ntable = {table!r}\ndef handler(e, c): ...\n'''",
            "",
        ),
        ("'''\ndef handler(e, c): ...\n'''.replace('X', self.unknown)", ""),
        ("f'''\nname = {self.unknown}\ndef handler(e, c): ...\n'''", ""),
        ("'\\n'.join(['import os', 'def handler(e, c): ...'])", ""),
    ],
)
def test_inline_code_may_be_put_together(code: str, line: str) -> None:
    use = f'lambda_.Function(self, "F", runtime=lambda_.Runtime.PYTHON_3_12, handler="index.handler", code=lambda_.Code.from_inline({code}))'
    if "\n    def" in code:
        first, _, rest = code.partition("\n    def")
        use = use.replace(code, first) + "\n    def" + rest
    settings = SETTINGS + 'CODE = """\\\nimport os\ndef handler(e, c): ...\n"""\n'
    found = deployment(program(use, **{"infra/settings.py": settings}))
    [(function, place)] = [each for each in found.located if each[0].inline is not None]
    assert (
        function.inline is not None and "def handler(e, c)" in function.inline.text and "${" not in function.inline.text
    )
    compile(function.inline.text, "x", "exec")
    template = found.in_place.place(place.path)
    assert template.template == (line.partition(":")[0] or "infra/stack.py")
