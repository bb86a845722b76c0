"""The pytest plugin as a team uses it: its own tests, run in a directory of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("awslambdaric", reason="the sandbox runs the real runtime client: lambda-lint[prove]")
pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]

APP = """
import threading, time
def mail(to):
    time.sleep(30)
def slow(to):
    time.sleep(0.2)
    print("mail to", to)
def handler(event, context):
    print("hello", event.get("to"))
    if event.get("lose"):
        threading.Thread(target=mail, args=(event["lose"],)).start()
    if event.get("late"):
        threading.Thread(target=slow, args=(event["late"],)).start()
    time.sleep(event.get("takes", 0))
    return {"statusCode": 201, "got": event["to"]}
"""


@pytest.fixture(autouse=True)
def _of_this_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _run(pytester: pytest.Pytester, tests: str, app: str = APP) -> pytest.RunResult:
    pytester.makepyfile(app=app, test_app=tests)
    # As an installation does it, whether or not this one has been installed since the plugin is there.
    return pytester.runpytest_subprocess(
        "-p", "no:lambda_lint", "-p", "lint_lambda.testing.plugin", "-p", "no:cacheprovider"
    )


def test_an_invocation_that_leaves_nothing_passes(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
        def test_signup(lambda_sandbox):
            run = lambda_sandbox("app.handler").invoke({"to": "a"})
            run.assert_nothing_left()
            assert run.response == {"statusCode": 201, "got": "a"}
            assert run.pending == [] and run.error is None
            assert "hello a" in run.logs
        """,
    )
    result.assert_outcomes(passed=1)


def test_work_that_is_left_over_fails_with_the_timeline(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
        def test_signup(lambda_sandbox):
            run = lambda_sandbox("app.handler").invoke({"to": "a", "lose": "b"})
            assert [(one.kind, one.name, one.line) for one in run.pending] == [("thread", "mail", 10)]
            run.assert_nothing_left()
        """,
    )
    result.assert_outcomes(failed=1)
    said = result.stdout.str()
    assert "1 piece of work was left over when the handler returned:" in said
    assert "thread `mail`" in said and "launched at app.py:10 in handler" in said
    assert "FREEZE" in said, "the timeline is shown"
    assert "Traceback" not in said and "testing/sandbox.py" not in said, "a plain failure"


def test_warm_invocations_share_a_sandbox_and_cold_ones_do_not(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
        def test_late(lambda_sandbox):
            sandbox = lambda_sandbox("app.handler")
            first = sandbox.invoke({"to": "a", "late": "b"})
            assert len(first.pending) == 1
            second = sandbox.invoke({"to": "c", "takes": 1})
            second.assert_nothing_left()
            assert "mail to b" in second.logs

        def test_cold(lambda_sandbox):
            sandbox = lambda_sandbox("app.handler")
            sandbox.invoke({"to": "a", "late": "b"})
            second = sandbox.invoke({"to": "c", "takes": 1}, cold=True)
            assert "mail to b" not in second.logs
        """,
    )
    result.assert_outcomes(passed=2)


def test_a_function_that_fails_cannot_be_judged(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
        def test_it(lambda_sandbox):
            run = lambda_sandbox("app.handler").invoke({})
            assert run.response is None
            assert "KeyError" in run.error
            run.assert_nothing_left()
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*it cannot be said whether work was left over: the handler raised KeyError*"])


def test_the_marker_sets_the_timeout(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
        import pytest

        @pytest.mark.lambda_timeout(0.5)
        def test_short(lambda_sandbox):
            run = lambda_sandbox("app.handler").invoke({"to": "a", "takes": 60})
            assert run.error == "invocation 1 timed out after 0.5 s: the handler did not return"

        @pytest.mark.lambda_timeout()
        def test_wrong(lambda_sandbox):
            lambda_sandbox("app.handler")
        """,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*lambda_timeout takes one number of seconds*"])


def test_a_module_that_is_not_there_is_said(pytester: pytest.Pytester) -> None:
    result = _run(pytester, "def test_it(lambda_sandbox):\n    lambda_sandbox('shop/orders.handler')\n")
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*no shop/orders.py in *name the directory that is deployed with root=*"])
