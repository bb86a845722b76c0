"""Alive is not pending: what has done everything that was handed to it is idle, whatever it waits with."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from lint_lambda.emulator.function import Function
from lint_lambda.emulator.pending import left_over
from lint_lambda.emulator.prove import prove
from lint_lambda.emulator.sandbox import Sandbox
from lint_lambda.emulator.story import Story
from tests.emulator.conftest import interpreters

Make = Callable[..., Function]
BUSY = {
    "consumer_at_work",
    "consumer_that_gathers_a_batch",
    "flusher_of_a_full_buffer",
    "waits_and_then_works",
    "polls_and_then_works",
    "works_through_a_list",
    "watcher_that_the_event_has_started",
    "task_at_work",
}


@pytest.mark.parametrize("python", interpreters())
def test_what_is_alive_is_told_from_what_is_at_work(function: Make, python: str) -> None:
    with Sandbox(function("alive.py", observe=True, python=python, timeout=30)) as sandbox:
        freeze = sandbox.invoke({}).freeze
    assert freeze is not None
    found = left_over(freeze)
    busy = {one.name if one.kind == "thread" else one.target for one in found if not one.idle}
    assert busy == BUSY
    idle = {one.name for one in found if one.idle and one.kind in ("thread", "timer")}
    assert idle >= {
        "idle_consumer",
        "idle_simple_consumer",
        "idle_iterating_consumer",
        "idle_worker",
        "idle_flusher",
        "idle_heartbeat",
        "idle_watcher",
        "idle_timer",
        "idle_server",
        "idle_listener",
    }
    assert all("; it " in one.how for one in found if one.idle and one.kind == "timer"), "it is said how that is known"


def _left(function: Make, source: str, events: int = 2) -> Story:
    return prove(function(source=textwrap.dedent(source), observe=True, timeout=30), [{}] * events, [])


def test_the_jobs_of_a_pool_are_known_one_by_one(function: Make) -> None:
    story = _left(
        function,
        """
        import threading
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        gates = []
        def send(gate): gate.wait()
        def handler(event, context):
            if gates:
                gates[-1].set()
                while futures[-1].running(): pass
            gates.append(threading.Event())
            futures.append(pool.submit(send, gates[-1]))
        futures = []
        """,
        3,
    )
    assert [(item.since, item.fate, item.ended_in) for item in story.lost] == [
        (1, "late", 2),
        (2, "late", 3),
        (3, "lost", None),
    ]
    assert all(item.launched is not None and item.launched.line == 12 for item in story.lost)
    assert [item.until is not None for item in story.lost] == [True, True, False]


def test_a_job_of_a_pool_of_processes_is_pending(function: Make) -> None:
    story = _left(
        function,
        """
        import multiprocessing, time
        pool = multiprocessing.get_context("fork").Pool(1)
        def handler(event, context):
            pool.apply_async(time.sleep, (60,))
            return pool is not None
        """,
        1,
    )
    assert [(item.work.kind, item.work.target, item.launched and item.launched.line) for item in story.lost] == [
        ("pool", "sleep", 5)
    ]


@pytest.mark.parametrize("python", interpreters())
def test_a_loop_that_was_told_to_end_is_idle(function: Make, python: str) -> None:
    source = """
    import threading, time
    STOPPED = False
    class Monitor:
        def __init__(self):
            self.running = True
            self.stop = threading.Event()
        def by_attribute(self):
            while self.running:
                time.sleep(60)
        def by_event(self):
            while self.running and not self.stop.is_set():
                time.sleep(60)
            print("bye")
        def never_told(self):
            while not self.unset.is_set():
                time.sleep(60)
        unset = threading.Event()
        def last_words(self):
            while self.running:
                time.sleep(60)
                self.send()
        def send_at_the_end(self):
            while self.running:
                time.sleep(60)
            self.send()
        def send(self):
            time.sleep(1)
    def by_global():
        while not STOPPED:
            time.sleep(60)
    def handler(event, context):
        global STOPPED
        busy = True
        def by_variable():
            while busy:
                time.sleep(60)
        monitor = Monitor()
        for call in (monitor.by_attribute, monitor.by_event, monitor.never_told, monitor.last_words,
                     monitor.send_at_the_end, by_global, by_variable):
            threading.Thread(target=call, name=call.__name__, daemon=True).start()
        time.sleep(0.3)
        busy, STOPPED, monitor.running = False, True, False
        monitor.stop.set()
    """
    story = prove(function(source=textwrap.dedent(source), observe=True, timeout=30, python=python), [{}], [])
    assert {item.work.name for item in story.lost} == {"never_told", "last_words", "send_at_the_end"}
    told = {item.work.name for item in story.items if "it was told to end" in item.work.how}
    assert told == {"by_attribute", "by_event", "by_global", "by_variable"}


def test_a_child_that_waits_for_work_is_idle(function: Make) -> None:
    story = _left(
        function,
        """
        import multiprocessing
        fork = multiprocessing.get_context("fork")
        ours, theirs = fork.Pipe()
        def serve():
            while True:
                theirs.send(theirs.recv())
        fork.Process(target=serve, daemon=True).start()
        def handler(event, context):
            ours.send(1)
            return ours.recv()
        """,
    )
    assert story.lost == []
    assert [item.work.kind for item in story.items] == ["process"]


def test_an_extension_that_works_after_the_answer_leaves_nothing(function: Make) -> None:
    story = _left(
        function,
        """
        import http.client, json, os, queue, threading, time
        work = queue.Queue()
        def call(method, path, headers, body=None):
            connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
            connection.request(method, "/2020-01-01/extension/" + path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer
        registered = call("POST", "register", {"Lambda-Extension-Name": "x"}, json.dumps({"events": ["INVOKE"]}))
        identity = {"Lambda-Extension-Identifier": registered.getheader("Lambda-Extension-Identifier")}
        def serve():
            while True:
                call("GET", "event/next", identity)
                work.get()()
        threading.Thread(target=serve, daemon=True).start()
        def deferred():
            time.sleep(0.1)
            print("deferred")
        def handler(event, context):
            work.put(deferred)
        """,
    )
    assert story.lost == []
    assert [step.outcome.log for step in story.steps] == ["deferred\n"] * 2


CLIENT = """
import queue, threading
class Client:
    def __init__(self):
        self.queue = queue.Queue()
    def run(self):
        while True:
            self.queue.get()
            self.gate.wait()
            self.queue.task_done()
"""


def test_a_client_is_asked_what_it_has_not_sent(function: Make) -> None:
    source = """
    from tracker import Client
    it = Client()
    def handler(event, context):
        if event.get("flush"):
            it.queue.get_nowait()
            it.queue.task_done()
        else:
            it.queue.put(1)
    """
    rows = ({"library": "Tracker", "type": "tracker.Client", "paths": ["queue"]},)
    made = function(source=textwrap.dedent(source), observe=True, clients=rows)
    (made.task_root / "tracker.py").write_text(CLIENT)
    story = prove(made, [{}, {"flush": True}, {}], [])
    kept = [item for item in story.items if item.work.kind == "client" and not item.work.idle]
    assert [(item.since, item.fate, item.ended_in, item.work.queued) for item in kept] == [
        (1, "late", 2, 1),
        (3, "lost", None, 1),
    ]


def test_a_worker_that_is_cancelled_while_it_waits_for_jobs_leaves_nothing(function: Make) -> None:
    source = """
        import asyncio

        async def worker(jobs):
            while True:
                await asyncio.sleep(await jobs.get())
                jobs.task_done()

        async def main():
            jobs = asyncio.Queue()
            workers = [asyncio.create_task(worker(jobs)) for _ in range(2)]
            for seconds in (0.01, 0.02, TAKES):
                jobs.put_nowait(seconds)
            await WAIT

        def handler(event, context):
            asyncio.run(main())
            return {}
    """
    waited_for = _left(function, source.replace("WAIT", "jobs.join()").replace("TAKES", "0.01"))
    assert {item.fate for item in waited_for.items} == {"cancelled"}
    assert not waited_for.lost
    left = _left(function, source.replace("WAIT", "asyncio.sleep(0.1)").replace("TAKES", "60"))
    assert len(left.lost) == 4, "of each event the one at work, and the one that waits for what may come of that"


def test_what_waits_for_its_next_item_in_c_is_idle(function: Make) -> None:
    story = _left(
        function,
        """
        import queue, selectors, socket, threading
        jobs, results = queue.SimpleQueue(), queue.SimpleQueue()
        near, far = socket.socketpair()
        selector = selectors.DefaultSelector()
        selector.register(far, selectors.EVENT_READ)
        def work():
            for job in iter(jobs.get, None): results.put(job())
        def echo():
            while True:
                for key, _ in selector.select(): key.fileobj.send(key.fileobj.recv(9))
        for target in (work, echo):
            threading.Thread(target=target, daemon=True).start()
        def handler(event, context):
            jobs.put(lambda: 1)
            near.send(b"x")
            return [results.get(), len(near.recv(1))]
        """,
    )
    assert not story.lost, story.lost


def test_a_function_in_c_that_a_loop_of_another_thread_runs_is_at_work(function: Make) -> None:
    story = _left(
        function,
        """
        import asyncio, threading, time
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        def handler(event, context):
            if event == {}:
                loop.call_soon_threadsafe(time.sleep, 60)
        """,
        events=1,
    )
    assert [item.work.target for item in story.lost] == ["sleep"]


def test_what_a_function_in_c_is_left_with_is_seen(function: Make) -> None:
    story = _left(
        function,
        """
        import _thread, asyncio, functools, time
        loop = asyncio.new_event_loop()
        async def main():
            loop.call_later(60, print, "late")
            loop.call_later(60, functools.partial(tell, "later"))
        def tell(text):
            print(text)
        def handler(event, context):
            _thread.start_new_thread(time.sleep, (60,))
            loop.run_until_complete(main())
        """,
        events=1,
    )
    assert sorted(item.work.target for item in story.lost) == ["print", "sleep", "tell"]


def test_a_loop_whose_turns_are_empty_is_idle_until_something_follows_it(function: Make) -> None:
    story = _left(
        function,
        """
        import threading
        stop = threading.Event()
        def beat():
            while not stop.wait(0.5): pass
        def finish():
            while not stop.wait(0.5): pass
            store()
        def store(): pass
        threading.Thread(target=beat, daemon=True).start()
        threading.Thread(target=finish, daemon=True).start()
        def handler(event, context): pass
        """,
        events=1,
    )
    assert [item.work.target for item in story.lost] == ["finish"]
