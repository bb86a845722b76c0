"""Which functions are taken for handlers because of what they look like."""

from __future__ import annotations

import pytest

from lint_lambda.core.verdict import Handler
from lint_lambda.deployment.handlers.helpers import without_helpers
from lint_lambda.deployment.handlers.hints import could_be_handler, may_hold_handler, scope_of
from lint_lambda.deployment.handlers.signatures import discover
from lint_lambda.frontends.python.lower import locate, lower
from lint_lambda.frontends.python.outline import outline
from lint_lambda.knowledge.loader import load_models
from lint_lambda.project.layout import Layout

SIGNS = load_models().handlers


def found(source: str, path: str = "app.py") -> list[Handler]:
    handlers = discover(lower(source.encode(), path), SIGNS)
    # Neither the bytes nor the outline may overlook what a parse would find.
    assert not handlers or may_hold_handler(source.encode(), SIGNS)
    bound = outline(source.encode()) or []
    scope = scope_of(bound)
    said = "LambdaContext" in source
    assert said or {handler.name for handler in handlers} <= {
        b.name for b in bound if could_be_handler(b, scope, SIGNS)
    }
    return handlers


def names(source: str, path: str = "app.py") -> list[str]:
    return [handler.name for handler in found(source, path)]


@pytest.mark.parametrize(
    "signature",
    [
        "def handler(event, context):",
        "async def lambda_handler(event, context):",
        "def lambda_handler(event, _context):",
        "def lambda_handler(_event, _context):",
        "def handler(event, _):",
        "def handler(_, __):",
        "def handler(evt, ctx):",
        "def handler(record, context):",
        "def handler(event, context=None):",
        "def handler(event={}, context={}):",
        "def handler(event, context, table=None):",
        "def handler(event, context, *, table=None):",
        "def handler(event, /, context):",
        "def handler(event: Dict[str, Tuple[int, str]] = {'a': (1, 2)}, context: Any = object()) -> dict:",
        "def handler(\n    event,  # what happened, (here)\n    context,\n):",
        "def lambda_handler(*args, **kwargs):",
        "def lambda_handler(a, b):",
        "def launch_from_s3_event(event, context):",
        "def launch_from_notification_queue(event: dict, lambda_context):",
        "def create(s3_event, context):",
        "def main(event, context):",
        "def order_handler(message, context):",
        "def process(payload, runtime: LambdaContext):",
        "def process(payload, runtime: 'LambdaContext'):",
        "def process(payload, runtime: Optional[typing.LambdaContext]):",
        "@logger.inject_lambda_context(log_event=True)\ndef go(payload, whatever):",
        "@app.lambda_function(name='x')\ndef go(a, b):",
        "@app.on_s3_event(bucket='b')\ndef go(event):",
        "@tracer.capture_lambda_handler\n@event_source(data_class=SQSEvent)\ndef copy_parts(event, cx):",
        "@with_database\ndef lambda_handler(event, context, database):",
        "if True:\n  def handler(event, context):",
    ],
)
def test_a_handler_is_found(signature: str) -> None:
    assert len(names(f"{signature}\n    pass\n")) == 1


@pytest.mark.parametrize(
    "signature",
    [
        "def handler(event, context, extra):",
        "def handler(event, context, *, extra):",
        "def handler(event):",
        "def handler(signum, frame):",
        "def handle(client, context):",
        "def exception_handler(exc, context):",
        "def exception_handler(loop, context):",
        "def error_handler(update, context):",
        "def start(update, context):",
        "def view(request, context):",
        "def render(data, context):",
        "def callback(ctx, value):",
        "def main(argv, _):",
        "def process(account, _):",
        "def step(context, event):",
        "def test_handler(event, context):",
        "@pytest.fixture\ndef handler(event, context):",
        "@lambda_handler_decorator\ndef middleware(handler, event, context):",
        "@click.command()\ndef main(verbose, path):",
        "class Handler(logging.Handler):\n  def handle(self, record):",
        "class View:\n  def handler(self, event, context):",
        "class View:\n  @staticmethod\n  def handler(event, context):",
        "def outer():\n  def handler(event, context):",
        "if __name__ == '__main__':\n  def handler(event, context):",
    ],
)
def test_what_is_no_handler_is_not_found(signature: str) -> None:
    assert names(f"{signature}\n    pass\n") == []


@pytest.mark.parametrize(
    ("signature", "use", "is_handler"),
    [
        ("handler(*_)", "signal.signal(signal.SIGTERM, handler)", False),
        ("handler(*args)", "def main():\n    bus.subscribe('topic', handler)", False),
        ("handler(request, context)", "server.add(name=handler)", False),
        ("handler(*args)", "print(handler(1, 2))", True),
        ("handler(*args)", "handler = traced(handler)", True),
        ("handler(*args)", "run_lambda(handler)", True),  # whatever it is, it is about Lambda
        ("handler(*args)", "def main(handler):\n    bus.subscribe(handler)", True),  # another one of that name
        ("handler(event, context)", "bus.subscribe('topic', handler)", True),
        ("lambda_handler(*args)", "bus.subscribe('topic', lambda_handler)", True),
    ],
)
def test_what_a_file_registers_somewhere_is_called_from_there(signature: str, use: str, is_handler: bool) -> None:
    assert bool(names(f"def {signature}:\n    pass\n\n\n{use}\n")) is is_handler


@pytest.mark.parametrize("path", ["test_app.py", "tests/app_test.py", "tests/conftest.py"])
def test_files_of_tests_hold_no_handlers(path: str) -> None:
    assert names("def handler(event, context):\n    pass\n", path) == []


@pytest.mark.parametrize(
    "assignment",
    [
        "handler = lambda event, context: None",
        "handler = Mangum(app, lifespan='off')",
        "handler: Callable = Mangum(app)",
        "lambda_handler = get_lambda_handler(Worker)",
        "handler = sb.lambda_handler()",
        "handler = iopipe(wsgi.handler)",
        "handler = service.handle",
        "from jobs import main as lambda_handler",
        "def main(a, b): pass\nhandler = main",
        "def main(a, b): pass\nhandler = wrap(main)",
        "def main(a, b): pass\nhandler = wrap(retry(3)(wrap(main)))",
        "def main(a, b): pass\napi_handler = wrap(fn=main)",
        "def start(settings, event, context): pass\nhandler = functools.partial(start, {})",
        "class Api:\n  def __call__(self, event, context): pass\nhandler = Api()",
        "class Base:\n  def __call__(self, event, context): pass\nclass Api(Base): pass\nmy_handler = Api()",
        "class Api(Imported): pass\nhandler = Api()",
        "class Api:\n  def run(self, event, context): pass\napi = Api()\nhandler = api.run",
        "class Api:\n  @staticmethod\n  def run(event, context): pass\njob_handler = Api.run",
        "def make():\n  def inner(event, context): pass\n  return inner\nhandler = make()",
        "def main(body): pass\nhandler = wrap_body(main)",
        "handler = Mangum(a) if cond else Mangum(b)",
    ],
)
def test_an_assigned_handler_is_found(assignment: str) -> None:
    assert [name for name in names(f"{assignment}\n") if name != "main"] != []


@pytest.mark.parametrize(
    "assignment",
    [
        "handler = logging.StreamHandler()",
        "handler = RotatingFileHandler('x', maxBytes=1)",
        "handler = SlackRequestHandler(app)",
        "handler = None",
        "handler = 3",
        "error_handler = make_error_handler()",
        "file_handler = logging.FileHandler('x')",
        "class Api: pass\nhandler = Api()",
        "class Api:\n  def __call__(self, one): pass\nhandler = Api()",
        "class Api(logging.Handler):\n  def emit(self, record): pass\nlog_handler = Api()",
        "def main(one): pass\nlog_handler = wrap(main)",
        "from jobs import handler",
        "if __name__ == '__main__':\n  handler = Mangum(app)",
    ],
)
def test_an_assigned_value_that_is_no_handler_is_not_found(assignment: str) -> None:
    assert names(f"{assignment}\n") == []


def test_the_last_definition_wins() -> None:
    source = "def handler(event, context): pass\ndef handler(event, context): return 1\n"
    (handler,) = found(source)
    assert locate(source.encode(), "app.py")[handler.place.site].line == 2
    assert names("def handler(event, context): pass\nhandler = None\n") == []


def test_a_handler_stands_at_its_definition_or_at_the_assigned_value() -> None:
    source = "def main(a, b): pass\nlambda_handler = main\nhandler = Mangum(app)\n"
    places = {h.name: locate(source.encode(), "app.py")[h.place.site] for h in found(source)}
    assert (places["lambda_handler"].line, places["handler"].line, places["handler"].column) == (1, 3, 10)


def test_an_alias_of_a_handler_is_not_a_second_handler() -> None:
    assert names("def lambda_handler(event, context): pass\nhandler = lambda_handler\n") == ["lambda_handler"]


def entry_points(sources: dict[str, str]) -> list[str]:
    modules = {path: lower(source.encode(), path) for path, source in sources.items()}
    handlers = [handler for module in modules.values() for handler in discover(module, SIGNS)]
    layout = Layout({path: path for path in sources}, (), ())
    return [str(handler) for handler in without_helpers(handlers, modules, layout.resolve, lambda path: sources)]


def test_a_function_that_a_handler_calls_is_a_helper() -> None:
    source = (
        "async def process(event, context): pass\ndef handler(event, context): return run(process(event, context))\n"
    )
    assert entry_points({"app.py": source}) == ["app.py:handler"]


def test_a_helper_is_reached_through_tables_functions_and_wrappers() -> None:
    source = """
def on_create(event, context): pass
def main(event, context): pass
ROUTES = {"create": on_create}
def route(event): return ROUTES[event["t"]]
def create_handler(event, context): return route(event)(event, context)
handler = wrap(main)
"""
    assert entry_points({"app.py": source}) == ["app.py:create_handler", "app.py:handler"]


def test_a_helper_may_stand_in_another_module() -> None:
    helper = "async def process(event, context): pass\nasync def also(event, context): pass\n"
    for call, kept in (
        ("from jobs import process\ndef handler(event, context): process(event, context)", "jobs.py:also"),
        ("import jobs\ndef handler(event, context): jobs.process(event, context)", "jobs.py:also"),
        ("def handler(event, context):\n  from jobs import process as p\n  p(event, context)", "jobs.py:also"),
        ("def handler(event, context):\n  import jobs\n  jobs.also(event, context)", "jobs.py:process"),
    ):
        assert entry_points({"app.py": call, "jobs.py": helper}) == ["app.py:handler", kept]
    module = "from pkg import jobs\ndef handler(event, context): jobs.process(event, context)"
    assert entry_points({"app.py": module, "pkg/jobs.py": helper}) == ["app.py:handler", "pkg/jobs.py:also"]


def test_a_handler_that_one_of_another_file_calls_is_one_too() -> None:
    call = "from jobs import handler as work\ndef lambda_handler(event, context): return work(event, context)"
    plain = {"app.py": call, "jobs.py": "def handler(event, context): pass"}
    assert entry_points(plain) == ["app.py:lambda_handler", "jobs.py:handler"]
    awaited = {"app.py": call, "jobs.py": "async def handler(event, context): pass"}
    assert entry_points(awaited) == ["app.py:lambda_handler"], "Lambda would not await it"


@pytest.mark.parametrize(
    "source",
    [
        "api = Mangum(app)\nhandler = metrics.log_metrics(api, capture_cold_start_metric=True)",
        "handler = Mangum(app)\nhandler = a.b(handler)\nhandler.__name__ = 'h'\nhandler = c(handler)\nhandler = d(handler)",
        "handler = unheard_of(Mangum(app))",
        "def start(given, more): pass\nhandler = one(two(three(start)))",
        "def main(config, event, context): pass\nhandler = partial(main, CONFIG)",
        "def main(event, context, *, config): pass\nhandler = functools.partial(main, config=CONFIG)",
        "class Run:\n  def __call__(self, event, context): pass\nhandler = wrap(Run)\nhandler = Run()",
    ],
)
def test_calls_round_an_adapter_or_a_function_make_a_handler(source: str) -> None:
    assert names(source) == ["handler"]


@pytest.mark.parametrize(
    "source",
    [
        "handler = treat(load())",
        "handler = treat(handler)\nhandler = treat(handler)",
        "def main(config, event, context): pass\nhandler = partial(main)",
        "handler = logging.StreamHandler()",
    ],
)
def test_calls_round_nothing_known_make_none(source: str) -> None:
    assert names(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "def model_fn(path): pass\ndef handler(data, context): pass",
        "def input_handler(data, context): pass\ndef output_handler(data, context): pass\ndef handler(data, context): pass",
        "from ts.torch_handler.base_handler import BaseHandler\ndef handle(data, context): pass",
        "import functions_framework\ndef handler(event, context): pass",
    ],
)
def test_functions_of_other_services_are_none(source: str) -> None:
    assert names(source) == []


def test_a_script_of_a_runbook_is_none() -> None:
    source = b"def script_handler(events, context): pass\ndef handler(events, context): pass\n"
    assert discover(lower(source, "ssm_docs/scripts/fix.py"), SIGNS) == []
    assert discover(lower(source, "runbooks/fix.py"), SIGNS) == []
    assert len(discover(lower(source, "functions/fix.py"), SIGNS)) == 2


def test_a_handler_called_by_a_local_driver_stays_one() -> None:
    source = (
        "def lambda_handler(event, context): pass\ndef local_event(event, context): lambda_handler(event, context)\n"
    )
    assert "app.py:lambda_handler" in entry_points({"app.py": source})
    guarded = "def on_event(event, context): pass\nif __name__ == '__main__':\n  on_event({}, None)\n"
    assert entry_points({"app.py": guarded}) == ["app.py:on_event"]


def test_of_two_that_call_each_other_one_stays() -> None:
    source = "def a_job(event, context): b_job(event, context)\ndef b_job(event, context): a_job(event, context)\n"
    assert entry_points({"app.py": source}) == ["app.py:a_job"]


@pytest.mark.parametrize(
    "source",
    [
        'if x:\n    doc = """\ndef f"""\n    handler = wrap(f)\n',
        "if x:\n    doc = '''\nclass C:'''\n    def handler(event, context): pass\n",
        "try:\n    pass\nfinally:\n    lambda_handler = make()\n",
        "if x: lambda_handler = make()\n",
        "def f(): pass\nif x:\n    # nothing\n\n    from jobs import f as lambda_handler\n",
        "class C: pass\rif x:\r    lambda_handler = make()\r",
    ],
)
def test_a_handler_inside_a_statement_is_no_less_one(source: str) -> None:
    assert may_hold_handler(source.encode(), SIGNS)


@pytest.mark.parametrize(
    "source",
    [
        'class C:\n    """Docs."""\n    def handler(self, context): pass\n',
        "def f():\n    if x:\n        handler = make(1)\n",
        "async def f():\n    lambda_handler = make()\n\n    def lambda_handler(event, context): pass\n",
    ],
)
def test_what_only_a_function_or_a_class_can_see_is_none(source: str) -> None:
    assert not may_hold_handler(source.encode(), SIGNS)
