"""Threads and tasks that are alive when the handler returns: those called `idle_*` have nothing to do, the others have."""

import asyncio
import collections
import http.server
import logging
import logging.handlers
import queue
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

FAR = 60


def start(target, *arguments, name=None):
    threading.Thread(target=target, args=arguments, name=name or target.__name__, daemon=True).start()


# Consumers of queues.

served, slow, batches, simple, iterated = (
    queue.Queue(),
    queue.Queue(),
    queue.Queue(),
    queue.SimpleQueue(),
    queue.Queue(),
)


def idle_consumer():
    while True:
        served.get()
        served.task_done()


def idle_consumer_with_a_timeout(stop):
    while not stop.is_set():
        try:
            item = served.get(timeout=FAR)
        except queue.Empty:
            continue
        print(item)
        served.task_done()


def idle_simple_consumer():
    while True:
        print(simple.get())


def idle_iterating_consumer():
    for item in iter(iterated.get, None):
        print(item)


def consumer_at_work():
    while True:
        item = slow.get()
        time.sleep(FAR)
        print(item)


def consumer_that_gathers_a_batch():
    while True:
        batch = []
        while len(batch) < 10:
            batch.append(batches.get())
        print(batch)


# Conditions, events, containers.


class Worker:
    def __init__(self):
        self.items = collections.deque()
        self.changed = threading.Condition()

    def idle_worker(self):
        while True:
            with self.changed:
                while not self.items:
                    self.changed.wait()
                item = self.items.popleft()
            print(item)


class Buffer:
    def __init__(self):
        self.kept = []
        self.wake = threading.Event()
        self.closed = False

    def add(self, item):
        self.kept.append(item)

    def flush(self):
        batch, self.kept = self.kept, []
        print(batch)

    def flusher(self):
        while not self.closed:
            self.wake.wait(FAR)
            self.wake.clear()
            self.flush()


def idle_heartbeat():
    while True:
        time.sleep(FAR)
        print("alive")


def idle_watcher(stop):
    while not stop.wait(FAR):
        print("alive")


def heartbeat_by_timers():
    timer = threading.Timer(FAR, heartbeat_by_timers)
    timer.name = "idle_timer"
    timer.daemon = True
    timer.start()


def waits_and_then_works(go):
    go.wait()
    print("work")


def polls_and_then_works(job):
    while True:
        state = job.get("state")
        if state == "done":
            break
        time.sleep(FAR)
    print("work")


def works_through_a_list(items):
    for item in items:
        time.sleep(FAR)
        print(item)


# Loops.

loop = asyncio.new_event_loop()
kept = []


async def idle_task(tasks):
    while True:
        print(await tasks.get())


async def task_at_work():
    await asyncio.sleep(FAR)
    print("work")


async def serve():
    kept.append(asyncio.create_task(idle_task(asyncio.Queue()), name="idle_task"))


never = threading.Event()
start(idle_consumer)
start(idle_consumer_with_a_timeout, never)
start(idle_simple_consumer)
start(idle_iterating_consumer)
start(consumer_at_work)
start(consumer_that_gathers_a_batch)
start(Worker().idle_worker)
empty, full = Buffer(), Buffer()
start(empty.flusher, name="idle_flusher")
start(full.flusher, name="flusher_of_a_full_buffer")
start(idle_heartbeat)
start(idle_watcher, never)
heartbeat_by_timers()
start(loop.run_forever, name="idle_loop")
asyncio.run_coroutine_threadsafe(serve(), loop).result()
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
start(server.serve_forever, name="idle_server")
listener = logging.handlers.QueueListener(queue.Queue())
listener.start()
listener._thread.name = "idle_listener"
pool = ThreadPoolExecutor(2)


def handler(event, context):
    for one in (served, slow, batches):
        one.put("item")
    served.join()
    full.add("item")
    while not slow.empty() or not batches.empty():
        time.sleep(0.001)
    pool.submit(len, ()).result()
    kept.append(ProcessPoolExecutor(1))
    kept[-1].submit(len, ()).result()
    start(waits_and_then_works, never)
    start(polls_and_then_works, {})
    start(works_through_a_list, ["a", "b"])
    start(idle_watcher, never, name="watcher_that_the_event_has_started")
    asyncio.run_coroutine_threadsafe(task_at_work(), loop)
    barrier = threading.Barrier(3)
    for _ in range(2):
        start(barrier.wait, name="just about to end")
    barrier.wait()
    return len(event)
