"""Findings say what is pending, why it is lost, and the edit that mends it, in the names of the code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lint_lambda.core.finding import Confidence, Fate, Role, Severity
from lint_lambda.core.remedy import NOTHING_KNOWN, Join, Remedy, Setting
from lint_lambda.core.source import Location, Span
from lint_lambda.core.verdict import Reason, Verdict
from lint_lambda.knowledge.pages import LAUNCH_ALWAYS, LAUNCH_SOMETIMES
from lint_lambda.knowledge.rules import REASONS, Rule
from lint_lambda.knowledge.texts import say, texts
from lint_lambda.reporting.naming import Bodies
from lint_lambda.reporting.selection import about_no_launch, findings
from lint_lambda.reporting.wording import Case, Sources
from tests.rules.cases import Code
from tests.rules.pages import RULES

THREAD = Code(
    """\
    def handler(event, context):
        t = Thread(work)
        t.start()
        if event:
            return 1
        t.join()
        return 2
    """
)


def test_a_finding_tells_the_whole_story() -> None:
    finding = THREAD.finding(
        "t.start()", returns="return 1", reason="some-path", confidence=Confidence.MEDIUM, call="threading.Thread.start"
    )
    assert (finding.code, finding.name, finding.severity) == ("LAM201", "orphan-thread", Severity.ERROR)
    assert finding.confidence is Confidence.MEDIUM
    assert finding.fate is Fate.FROZEN
    assert finding.location == Location("app.py", Span(3, 4, 3, 13))
    assert finding.handlers == ("app.py:handler",)
    assert (
        finding.message
        == "thread `work` is frozen when `handler` returns: the path to the `return` on line 5 does not wait for it"
    )
    assert finding.help == (
        "call `t.join()` before the `return` on line 5, or in a `finally` block that every path runs",
    )
    assert finding.general == (say("remedies.respond-first"), say("remedies.other-function"))
    assert finding.remedies == (*finding.help, *finding.general)
    assert [(related.role, related.location.span.line) for related in finding.related] == [
        (Role.HANDLER, 1),
        (Role.RETURN, 5),
    ]


def test_a_case_fills_exactly_the_placeholders_that_pages_may_use() -> None:
    verdict = THREAD.verdict("t.start()")
    case = Case(
        verdict,
        RULES["LAM201"],
        lambda place: Location(place.path, THREAD.span(place)),
        Sources(THREAD.texts.__getitem__),
        Bodies(THREAD.modules.get),
    )
    values = case.values()
    assert values.keys() == LAUNCH_ALWAYS | LAUNCH_SOMETIMES
    assert all(values[name] for name in LAUNCH_ALWAYS)


def test_every_fate_and_reason_has_words() -> None:
    fates = {fate.value for fate in Fate}
    assert texts("fates").keys() == texts("fate_stories").keys() == fates - {"joined"}
    assert texts("fate_names").keys() == fates
    assert set(REASONS) <= texts("reasons").keys()


HELP = {
    "bound": ("task", "task = create_task(work())\n    return 1", "`await task` before the `return` on line 3"),
    "dropped": ("task", "create_task(work())\n    return 1", "write `task = create_task(work())`, and `await task`"),
    "list": ("task", "ts = [create_task(work()) for _ in event]\n    return 1", "`await asyncio.gather(*ts)`"),
    "two in a list": ("task", "ts = [create_task(work()), 1]\n    return 1", "`await asyncio.gather(*ts)`"),
    "appended": ("task", "ts.append(create_task(work()))\n    return 1", "`await asyncio.gather(*ts)`"),
    "in a dict": ("task", "ts[event] = create_task(work())\n    return 1", "`await asyncio.gather(*ts)`"),
    "augmented": ("task", "ts += [create_task(work())]\n    return 1", "`await asyncio.gather(*ts)`"),
    "walrus": ("task", "print(t := create_task(work()))\n    return 1", "`await t` before the `return` on line 3"),
    "in a loop": (
        "task",
        "for x in event:\n        create_task(work())\n    return 1",
        "the loop on line 2 starts many",
    ),
    "in a while": ("task", "while event:\n        create_task(work())\n    return 1", "the loop starts many"),
    "put in a list in a loop": (
        "task",
        "for x in event:\n        t = create_task(work())\n        ts.append(t)\n    return 1",
        "`await asyncio.gather(*ts)`",
    ),
    "attribute": (
        "task",
        "event.t = create_task(work())\n    return 1",
        "`await event.t` before the `return` on line 3",
    ),
    "unpacked": ("task", "t, u = create_task(work()), 1\n    return 1", "write `task = create_task(work())`"),
    "in a loop over a call": (
        "task",
        "for x in event.items():\n        t = create_task(work())\n        print(t)\n    return 1",
        "the loop on line 2 starts many",
    ),
    "passed on": ("task", "print(create_task(work()))\n    return 1", "write `task = create_task(work())`"),
}


@pytest.mark.parametrize(("kind", "body", "said"), HELP.values(), ids=HELP)
def test_the_help_uses_the_names_that_hold_the_launch(kind: str, body: str, said: str) -> None:
    code = Code(f"async def handler(event, context):\n    {body}\n")
    assert said in code.finding("create_task(work())", kind, returns="return 1").help[0]


def test_threads_of_a_list_started_in_a_loop_are_joined_as_a_list() -> None:
    code = Code(
        """\
        def handler(event, context):
            threads = [Thread(x) for x in event]
            for t in threads:
                t.start()
            return 1
        """
    )
    assert code.finding("t.start()", returns="return 1").help[0] == (
        "join all of them before the `return` on line 5: `for thread in threads: thread.join()`"
    )


def test_a_thread_without_a_name_is_given_one() -> None:
    code = Code("def handler(event, context):\n    Thread(work).start()\n")
    assert code.finding("Thread(work).start()").help[0] == (
        "keep the thread in a variable: `t = threading.Thread(…)`, `t.start()`, then `t.join()` before `handler` returns"
    )


HELPER = Code(
    """\
    class Job:
        def begin(self):
            self.t = Thread(work)
            self.t.start()

    def handler(event, context):
        job = Job()
        job.begin()
        return 1
    """
)


def test_the_path_leads_from_the_handler_to_the_launch() -> None:
    finding = HELPER.finding("self.t.start()", returns="return 1", path=(HELPER.place("job.begin()"),))
    assert [(related.role, related.location.span.line, related.message) for related in finding.related] == [
        (Role.HANDLER, 6, "Lambda calls `handler`"),
        (Role.CALL, 8, "called from here"),
        (Role.RETURN, 9, "returns here with `work` still pending"),
    ]
    assert finding.help[0].startswith("`self.t` outlives `Job.begin`: ")


def test_a_local_handle_is_waited_for_where_it_is_known() -> None:
    code = Code(
        """\
        def begin():
            t = Thread(work)
            t.start()

        def handler(event, context):
            begin()
            return 1
        """
    )
    finding = code.finding("t.start()", returns="return 1", path=(code.place("begin()"),))
    assert finding.help[0] == "call `t.join()` before `begin` returns"


def test_places_in_other_files_are_named_with_them() -> None:
    code = Code(
        """\
        from jobs import begin

        def handler(event, context):
            begin()
            return 1
        """,
        jobs="""\
        def begin():
            t = Thread(work)
            t.start()
        """,
    )
    verdict = replace(
        code.verdict("t.start()", path="jobs.py"),
        path=(code.place("begin()"),),
        abandoned_at=code.place("return 1"),
        reason="some-path",
    )
    (finding,) = code.findings(verdict)
    assert finding.location.path == "jobs.py"
    assert "the path to the `return` on line 5 of app.py" in finding.message


def test_the_surest_verdict_speaks_for_all_handlers_of_a_launch() -> None:
    code = Code(
        """\
        def run():
            create_task(work())

        def a(event, context):
            return run()

        def b(event, context):
            return run()

        handler = a
        """
    )
    verdict = code.verdict("create_task(work())", "task", handlers=(code.handler("a"),))
    cancelled = replace(verdict, fate=Fate.CANCELLED, confidence=Confidence.MEDIUM)
    frozen = replace(verdict, handlers=(code.handler("b"),))
    (finding,) = code.findings(cancelled, frozen)
    assert (finding.fate, finding.confidence) == (Fate.FROZEN, Confidence.HIGH)
    assert finding.handlers == ("app.py:a", "app.py:b")
    assert "when `b` or `a` returns" in finding.message


@pytest.mark.parametrize(("adapter", "said"), [("mangum", "mangum serves `app`"), ("", "Lambda calls `app`")])
def test_an_application_is_served_by_its_adapter_or_called(adapter: str, said: str) -> None:
    code = Code("def app(event, context):\n    launch()\n")
    handler = replace(code.handler("app"), application=True, adapter=adapter)
    (finding,) = code.findings(code.verdict("launch()", handlers=(handler,)))
    assert finding.related[0].message == said


def test_a_call_of_a_recursion_is_told_once() -> None:
    code = Code("def job():\n    job()\n    launch()\n\ndef handler(event, context):\n    begin()\n")
    finding = code.finding("launch()", path=(code.place("begin()"), code.place("job()"), code.place("job()")))
    assert [each.role for each in finding.related].count(Role.CALL) == 2


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a"], "`a`"),
        (["a", "b"], "`a` or `b`"),
        (["a", "b", "c"], "`a`, `b` or `c`"),
        (["a", "b", "c", "d", "e"], "`a`, `b` or one of 3 other handlers"),
    ],
)
def test_many_handlers_are_counted(names: list[str], said: str) -> None:
    code = Code("\n".join(f"def {name}(event, context):\n    launch()\n" for name in names))
    (finding,) = code.findings(code.verdict("launch()", handlers=tuple(code.handler(name) for name in names)))
    assert f"when {said} returns" in finding.message
    assert finding.handlers == tuple(f"app.py:{name}" for name in names)


def test_handlers_of_one_name_are_told_apart_by_file() -> None:
    code = Code(
        "from b import handler as other\n\ndef handler(event, context):\n    launch()\n",
        b="def handler(event, context):\n    pass\n",
        c="def handler(event, context):\n    pass\n",
    )
    verdict = replace(code.verdict("launch()"), handlers=(code.handler(), code.handler(path="b.py")))
    (finding,) = code.findings(verdict)
    assert "when `app.py:handler` or `b.py:handler` returns" in finding.message
    several = replace(verdict, handlers=(*verdict.handlers, code.handler(path="c.py")))
    (finding,) = code.findings(several)
    assert "when `app.py:handler` or one of 2 other handlers returns" in finding.message


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.kinds], ids=lambda rule: rule.code)
def test_every_verdict_gets_a_message_and_a_way_out(rule: Rule, reason: Reason) -> None:
    code = Code(
        """\
        async def handler(event, context):
            launch()

        async def main():
            held = launch()
            for one in event:
                launch()
        """
    )
    for kind in rule.kinds:
        for fate in rule.fates:
            for number in range(3):
                verdict = replace(code.verdict("launch()", kind, number=number), fate=fate, reason=reason)
                (finding,) = code.findings(verdict)
                assert finding.code == RULES.select(kind, fate, reason).code
                assert say(f"fates.{fate.value}") in finding.message
                assert finding.help
                for text in (finding.message, *finding.help):
                    assert "{" not in text and "}" not in text
                    assert text.count("`") % 2 == 0
                    assert "  " not in text and "``" not in text


def test_nested_and_repeated_functions_are_named_as_they_are_written() -> None:
    code = Code(
        """\
        def handler(event, context):
            def inner():
                t = Thread(work)
                t.start()
            inner()

        def handler(event, context):
            def inner():
                u = Thread(work)
                u.start()
            inner()
        """
    )
    assert code.finding("t.start()").help[0] == "call `t.join()` before `handler.inner` returns"
    assert code.finding("u.start()").help[0] == "call `u.join()` before `handler.inner` returns"


def test_a_group_that_belongs_to_an_object_is_joined_before_the_response() -> None:
    code = Code(
        """\
        class Batch:
            def add(self, x):
                self.all.append(create_task(x))

        def handler(event, context):
            Batch().add(work())
        """
    )
    finding = code.finding("create_task(x)", "task", path=(code.place("Batch().add(work())"),))
    assert finding.help[0] == "await all of them before `handler` returns: `await asyncio.gather(*self.all)`"


def test_the_place_that_explains_the_reason_ends_the_story() -> None:
    place = THREAD.place("t.join()")
    finding = THREAD.finding("t.start()", reason="times-out", noted=place)
    assert finding.message.endswith(": `t.join()` can time out first")
    last = finding.related[-1]
    assert (last.role, last.location.span.line, last.message) == (
        Role.NOTE,
        6,
        "this wait may end before the work does",
    )


def test_long_and_broken_source_is_not_quoted() -> None:
    code = Code("async def handler(event, context):\n    create_task(\n        work()\n    )\n")
    assert (
        "keep the task in a variable, `task = …`" in code.finding("create_task(\n        work()\n    )", "task").help[0]
    )


def test_a_lambda_returns_without_saying_so() -> None:
    code = Code("handler = lambda event, context: launch()\n")
    handler = code.handler(text="lambda event, context: launch()")
    verdict = replace(code.verdict("launch()", handlers=(handler,)), function="<lambda>", reason="some-path")
    verdict = replace(verdict, abandoned_at=verdict.launch)
    (finding,) = code.findings(verdict)
    assert "the path to line 1 does not wait for it" in finding.message


@pytest.mark.parametrize(
    ("launch", "said"),
    [("rows.forEach(send)", "thread `rows.forEach` is"), ("(make or take)(send)", "thread `arrow function` is")],
)
def test_work_without_a_name_is_called_by_what_launches_it(launch: str, said: str) -> None:
    code = Code(f"def handler(event, context):\n    {launch}\n")
    (finding,) = code.findings(replace(code.verdict(launch), label="arrow function"))
    assert finding.message.startswith(said)


def test_a_file_that_is_gone_still_has_its_finding() -> None:
    verdict: Verdict = THREAD.verdict("t.start()")
    (finding,) = findings(
        [verdict],
        RULES,
        lambda place: Location(place.path, THREAD.span(place)),
        lambda path: "",
        lambda path: None,
    )
    assert finding.code == "LAM201"
    assert finding.help


def test_a_report_fills_in_what_it_is_told() -> None:
    location = Location("app.py", Span(3, 0, 3, 9))
    finding = about_no_launch(
        RULES["LAM902"], location, subject="app.py:main", problem="app.py does not define `main`", hint="try `handler`"
    )
    assert finding.message == "configured handler `app.py:main` not found: app.py does not define `main`"
    assert finding.help == ("try `handler`",)
    assert (finding.fate, finding.handlers, finding.related) == (None, (), ())
    without = about_no_launch(RULES["LAM902"], location, subject="app.py:main", problem="x")
    assert without.help[0].startswith("correct or remove the name")
    assert about_no_launch(RULES["LAM900"], location, problem="x").help == ()
    assert about_no_launch(RULES["LAM901"], location, subject="a", ordinal=1) != about_no_launch(
        RULES["LAM901"], location, subject="a"
    )


CLIENT = Code("def handler(event, context):\n    client.send(event)\n    return 1\n")


@pytest.mark.parametrize(
    ("remedy", "first", "second"),
    [
        (NOTHING_KNOWN, "preferably in a `finally` block", "`lambda-lint libraries library` lists the calls that wait"),
        (
            Remedy((Join("x.C.flush", "object"), Join("x.C.close", "object", ends=True))),
            "preferably in a `finally` block: `flush()`",
            "`lambda-lint libraries library` lists the calls that wait",
        ),
        (
            Remedy(
                (Join("x.C.close", "object", ends=True), Join("x.C.stop", "object", ends=True)),
                (Setting((), "sync", "true"),),
            ),
            "preferably in a `finally` block: `close()` or `stop()`",
            "or create the client with `sync` set to true, so that it sends synchronously",
        ),
    ],
    ids=["nothing known", "a flush", "only what ends it, and a setting"],
)
def test_the_help_names_the_calls_and_the_setting_of_the_library(remedy: Remedy, first: str, second: str) -> None:
    verdict = replace(CLIENT.verdict("client.send(event)", "client"), fate=Fate.BUFFERED)
    places = (lambda place: Location(place.path, CLIENT.span(place)), CLIENT.texts.__getitem__, CLIENT.modules.get)
    (finding,) = findings([verdict], RULES, *places, lambda verdict: remedy)
    assert finding.help[0].endswith(first)
    assert finding.help[1] == second
