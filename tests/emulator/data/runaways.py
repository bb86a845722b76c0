"""Leaves work behind in every way a process can try to get away; each writes its beat to a file while it runs."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

FILE = os.environ["BEATS"]
BEAT = f"import time, sys\nwhile True:\n    open({FILE!r} + sys.argv[1], 'a').write('.'); time.sleep(0.005)"


def beat(name):
    while True:
        with Path(FILE + name).open("a") as file:
            file.write(".")
        time.sleep(0.005)


def double_fork():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.chdir("/")
            os.execve(sys.executable, [sys.executable, "-S", "-c", BEAT, "daemon"], {})
        os._exit(0)
    os.wait()


def handler(event, context):
    if event.get("start"):
        threading.Thread(target=beat, args=("thread",), daemon=True).start()
        command = [sys.executable, "-S", "-c", BEAT]
        subprocess.Popen([*command, "child"])
        subprocess.Popen([*command, "session"], start_new_session=True, env={})
        os.environ["BEAT"] = BEAT
        os.system(f'{sys.executable} -S -c "$BEAT" shell &')
        os.system(f'(trap "" HUP TERM INT; exec {sys.executable} -S -c "$BEAT" deaf) > /dev/null 2>&1 &')
        multiprocessing.get_context("fork").Process(target=beat, args=("process",)).start()
        double_fork()
        while not all(Path(FILE + name).exists() for name in event["start"]):
            time.sleep(0.01)
    return os.getpid()
