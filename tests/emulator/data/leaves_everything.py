"""Leaves one piece of work of every kind behind, each launched on a line of its own."""

import asyncio
import multiprocessing
import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

loop = asyncio.new_event_loop()
pool = ThreadPoolExecutor(1)
idle = ThreadPoolExecutor(1)


def work():
    time.sleep(30)


async def linger():
    await asyncio.sleep(30)


async def launch():
    task = asyncio.create_task(linger())  # task
    del task


def handler(event, context):
    threading.Thread(target=work, name="worker").start()  # thread
    threading.Timer(30, work).start()  # timer
    for _ in range(3):
        pool.submit(work)  # executor
    idle.submit(len, ()).result()
    asyncio.run(launch())
    loop.run_until_complete(launch())
    linger()  # coroutine
    subprocess.Popen(["sleep", "30"], start_new_session=True)  # popen
    os.system("(sleep 31) &")  # system
    multiprocessing.get_context("fork").Process(target=work, name="forked").start()  # process
