"""What runs inside the function's process, beside the runtime client: it looks at what is alive before each poll.

Between the answer and the poll nothing else happens, so this is what the freeze will catch. It looks and does not touch.
Loaded by file name into the function's process (`function_main.py`), never into the emulator's. Standard library only, Python
3.10 and later.

    observer.py   launches as they happen, and what is alive, written down
    jobs.py       what executors and pools of processes were given to do
    standing.py   where threads and coroutines stand, and what lies in their hands
    clients.py    what client libraries have not sent yet
"""

from __future__ import annotations

from .observer import install

__all__ = ["install"]
