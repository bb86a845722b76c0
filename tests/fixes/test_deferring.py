"""Fixes that defer: the names they import by, handlers they decorate, and the launches they leave alone, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability, Fix
from lint_lambda.engine import Request, check, fix
from lint_lambda.fixes import apply
from lint_lambda.scaffold import EXTENSION, HOOK, SOURCES, write

UNSAFE = frozenset({Applicability.UNSAFE})

HEAD = """\
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def work(*args, **kwargs):
    print(args, kwargs)


async def later(*args):
    await asyncio.sleep(1)


"""


def offered(root: Path, files: dict[str, str]) -> list[Fix]:
    """The fixes of the only finding, without scaffolds unless `files` hold one."""
    overlays = {name: text.encode() for name, text in files.items()}
    report = check(Request([root], Config(root), overlays=overlays, fixes=True))
    [finding] = report.findings
    return list(finding.fixes)


def scaffold(name: str) -> str:
    return (SOURCES / name).read_text()


def deferred(root: Path, files: dict[str, str]) -> str:
    """The file as the fix leaves it that defers."""
    fixes = offered(root, files)
    found = next((each for each in fixes if each.title.startswith("respond first") and each.edits), None)
    assert found is not None, [each.title for each in fixes]
    text = apply(files[found.edits[0].path], found.edits)
    assert text is not None
    return text


def handler(body: str, head: str = HEAD) -> str:
    return f"{head}def handler(event, context):\n" + "".join(f"    {line}\n" for line in body.splitlines())


@pytest.mark.parametrize(
    ("launch", "text"),
    [
        ("threading.Thread(target=work).start()", "defer(work)"),
        ("threading.Thread(None, work, 'name', (1, *event)).start()", "defer(work, 1, *event)"),
        ("threading.Thread(target=work, args=event).start()", "defer(work, *event)"),
        ("threading.Thread(target=work, args=event or ()).start()", "defer(work, *(event or ()))"),
        ("threading.Thread(target=work, kwargs={'a': 1}).start()", "defer(work, a=1)"),
        ("threading.Thread(target=work, kwargs=dict(a=1)).start()", "defer(work, a=1)"),
        ("threading.Thread(target=work, kwargs={'a b': 1}).start()", "defer(work, **({'a b': 1}))"),
        ("t = threading.Thread(target=work)\nt.daemon = True\nprint(1)\nt.start()", "print(1)\n    defer(work)"),
        ("(t := threading.Thread(target=work)).start()", "defer(work)"),
        ("threading.Timer(3, work, [1], {'a': 2}).start()", "defer(work, 1, a=2)"),
        ("pool.submit(work, 1, a=event)", "defer(work, 1, a=event)"),
        ("[pool.submit(work, i) for i in event]", "[defer(work, i) for i in event]"),
        ("event and pool.submit(work, 1)", "event and defer(work, 1)"),
        ("future = pool.submit(work)", "defer(work)"),
        ("later(1)", "defer(later, 1)"),
        ("for x in event: threading.Thread(target=work, args=(x,)).start()", "for x in event: defer(work, x)"),
    ],
)
def test_the_launch_becomes_a_call(tmp_path: Path, launch: str, text: str) -> None:
    after = deferred(tmp_path, {"app.py": handler(launch), "lambda_defer.py": scaffold(*EXTENSION)})
    assert after.endswith(f"@deferring\ndef handler(event, context):\n    {text}\n")
    assert "from lambda_defer import defer, deferring\n" in after


@pytest.mark.parametrize(
    ("launch", "text"),
    [
        ("asyncio.create_task(later(event))", "defer(later, event)"),
        ("asyncio.ensure_future(later(event))", "defer(later, event)"),
        ("asyncio.get_running_loop().create_task(later())", "defer(later)"),
        ("asyncio.get_running_loop().run_in_executor(pool, work, 1)", "defer(work, 1)"),
        ("asyncio.get_running_loop().call_later(2, work, 1)", "defer(work, 1)"),
        ("asyncio.to_thread(work, 1)", "defer(work, 1)"),
    ],
)
def test_so_does_one_in_a_coroutine(tmp_path: Path, launch: str, text: str) -> None:
    app = (
        f"{HEAD}async def main(event):\n    {launch}\n\n\ndef handler(event, context):\n    asyncio.run(main(event))\n"
    )
    after = deferred(tmp_path, {"app.py": app, "lambda_defer.py": scaffold(*EXTENSION)})
    assert f"async def main(event):\n    {text}\n\n\n@deferring\ndef handler" in after


@pytest.mark.parametrize(
    ("launch", "text"),
    [
        ("threading.Thread(target=work, args=(1,)).start()", "after_response(work, 1)"),
        ("later(1)", "wait_until(later(1))"),
    ],
)
def test_the_hook_needs_no_decorator(tmp_path: Path, launch: str, text: str) -> None:
    after = deferred(tmp_path, {"app.py": handler(launch), "lambda_after_response.py": scaffold(*HOOK)})
    assert after.endswith(f"\ndef handler(event, context):\n    {text}\n") and "deferring" not in after


@pytest.mark.parametrize(
    ("app", "module", "line"),
    [
        ("app.py", "lambda_defer.py", "from lambda_defer import defer, deferring"),
        ("src/app.py", "src/lambda_defer.py", "from lambda_defer import defer, deferring"),
        ("src/shop/app.py", "src/shop/lambda_defer.py", "from shop.lambda_defer import defer, deferring"),
        ("src/shop/api/app.py", "src/lambda_defer.py", "from lambda_defer import defer, deferring"),
    ],
)
def test_the_module_is_imported_from_where_it_is(tmp_path: Path, app: str, module: str, line: str) -> None:
    packages = {f"{folder}/__init__.py": "" for folder in ("src/shop", "src/shop/api") if app.startswith(folder)}
    launch = handler("threading.Thread(target=work).start()")
    after = deferred(tmp_path, {app: launch, module: scaffold(*EXTENSION), **packages})
    assert f"\n{line}\n" in after


@pytest.mark.parametrize(
    ("imports", "line"),
    [
        ("from .near import x\n", "from .lambda_defer import defer, deferring"),
        ("from shop.near import x\n", "from shop.lambda_defer import defer, deferring"),
        ("from .lambda_defer import defer\n", "from .lambda_defer import defer, deferring"),
        (
            "from .lambda_defer import defer as d, remaining_seconds\n",
            "from .lambda_defer import defer as d, remaining_seconds, deferring",
        ),
    ],
)
def test_the_import_is_in_the_style_of_the_file(tmp_path: Path, imports: str, line: str) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/near.py": "x = 1\n",
        "shop/lambda_defer.py": scaffold(*EXTENSION),
        "shop/app.py": handler(
            "threading.Thread(target=work).start()", HEAD.replace("\n\npool", f"\n{imports}\npool", 1)
        ),
    }
    assert f"\n{line}\n" in deferred(tmp_path, files)


def test_where_the_name_is_taken_the_module_is_imported(tmp_path: Path) -> None:
    app = handler("threading.Thread(target=work).start()", HEAD + "defer = 1\n\n\n")
    after = deferred(tmp_path, {"app.py": app, "lambda_defer.py": scaffold(*EXTENSION)})
    assert "import lambda_defer\n" in after
    assert after.endswith("@lambda_defer.deferring\ndef handler(event, context):\n    lambda_defer.defer(work)\n")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("t = threading.Thread(target=work)\nt.start()\nprint(t.name)", "its handle is used"),
        ("future = pool.submit(work)\nprint(future)", "its handle is used"),
        ("x = event\nthreading.Thread(target=lambda: work(x)).start()\nx = 2", "it reads `x`"),
        ("for x in event:\n    threading.Thread(target=lambda: work(x)).start()", "it reads `x`"),
        (
            "done = threading.Event()\nthreading.Thread(target=work, args=(done,)).start()\ndone.wait(1)",
            "`done` ties it",
        ),
        ("with open(event) as f:\n    threading.Thread(target=work, args=(f,)).start()", "`f` is closed"),
        ("a = 1\nt = threading.Thread(target=work, args=(a,))\na = 2\nt.start()", "change before it starts"),
        ("threading.Thread(  # now\n    target=work,\n).start()", "a comment is in the code"),
        ("threading.Thread(**event).start()", "cannot be told apart"),
        ("pool.map(work, event)", "does not start a single function"),
    ],
)
def test_what_would_mean_something_else_is_left_alone(tmp_path: Path, body: str, reason: str) -> None:
    fixes = offered(tmp_path, {"app.py": handler(body), "lambda_defer.py": scaffold(*EXTENSION)})
    [refused] = [each.title for each in fixes if each.title.startswith("Cannot be deferred automatically: ")]
    assert reason in refused


def test_a_handler_elsewhere_is_decorated_by_hand(tmp_path: Path) -> None:
    files = {
        "jobs.py": f"{HEAD}def accept(event):\n    threading.Thread(target=work).start()\n",
        "app.py": "from jobs import accept\n\n\ndef handler(event, context):\n    accept(event)\n",
        "lambda_defer.py": scaffold(*EXTENSION),
    }
    assert "`handler` is in app.py; decorate it" in offered(tmp_path, files)[-1].title
    files["app.py"] = files["app.py"].replace("def handler", "@deferring\ndef handler")
    files["app.py"] = f"from lambda_defer import deferring\n{files['app.py']}"
    assert deferred(tmp_path, files).endswith("def accept(event):\n    defer(work)\n")


def test_without_the_module_the_command_that_writes_it_is_named(tmp_path: Path) -> None:
    fixes = offered(tmp_path, {"src/app.py": handler("threading.Thread(target=work, args=(1,)).start()")})
    assert [each.applicability for each in fixes] == [Applicability.UNSAFE, Applicability.DISPLAY]
    assert "`defer(work, 1)`" in fixes[1].title and "`lambda-lint scaffold extension --into src`" in fixes[1].title
    assert fixes[1].edits == ()


def test_what_cannot_be_deferred_is_no_reason_to_speak_of_a_module_that_is_not_there(tmp_path: Path) -> None:
    [only] = offered(tmp_path, {"app.py": handler("future = pool.submit(work)\nprint(future)")})
    assert only.applicability is Applicability.UNSAFE


SERVED = """\
import threading
import time

from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


def mail(to):
    time.sleep(1)


@app.post("/orders")
def create():
    threading.Thread(target=mail, args=("a@b",)).start()
    return {"ok": True}


handler = Mangum(app)
"""


def test_a_handler_that_a_call_makes_is_wrapped(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SERVED)
    write(EXTENSION, tmp_path)
    request = Request([tmp_path], Config(tmp_path, prefer="defer"))
    made = fix(request, frozenset({Applicability.SAFE, Applicability.UNSAFE}))
    after = made.files["app.py"][1].decode()
    assert '    defer(mail, "a@b")\n' in after
    assert "\nhandler = deferring(Mangum(app))\n" in after


def test_the_preferred_way_is_the_one_that_is_made(tmp_path: Path) -> None:
    overlays = {
        "app.py": handler("threading.Thread(target=work).start()").encode(),
        "lambda_defer.py": scaffold(*EXTENSION).encode(),
    }
    for prefer, word in (("wait", b"thread.join()"), ("defer", b"defer(work)")):
        config = Config(tmp_path, prefer=prefer)  # type: ignore[arg-type]
        made = fix(Request([tmp_path], config, overlays=overlays), UNSAFE)
        assert word in made.files["app.py"][1]
