"""A process that has loaded what a language server loads, and forks one for each that asks; see `warm.py`.

It listens at the address that it is given, until its standard input ends. Who asks sends the descriptors of the server's
streams, and is told the status with which it has ended. No connection to an editor has ever been made in this process.
"""

from __future__ import annotations

import os
import select
import socket
import sys

from lint_lambda.__main__ import main
from lint_lambda.cli import server_command  # noqa: F401
from lint_lambda.core.collecting import collect_rarely
from lint_lambda.engine import checking  # noqa: F401
from lint_lambda.knowledge.loader import load_languages
from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.server import features  # noqa: F401


def wanted(listening: socket.socket) -> bool:
    """Whether this process is a server now; False in the one that has forked them, when nobody asks any more."""
    keepers: set[int] = set()
    while True:
        ready, _, _ = select.select([listening.fileno(), 0], [], [])
        if listening.fileno() not in ready:
            break
        asked, _ = listening.accept()
        keeper = os.fork()
        if keeper == 0:
            listening.close()
            return _kept(asked)
        keepers.add(keeper)
        asked.close()
    for keeper in keepers:
        os.waitpid(keeper, 0)
    return False


def _kept(asked: socket.socket) -> bool:
    """True in the server; the process that has forked it tells how it ends."""
    _, streams, _, _ = socket.recv_fds(asked, 1, 3)
    server = os.fork()
    if server == 0:
        asked.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # the others may be of files  # noqa: SIM115
        return True
    for number, stream in enumerate(streams):
        os.close(stream)
        os.close(number)
    asked.send(bytes([os.waitstatus_to_exitcode(os.waitpid(server, 0)[1]) & 0xFF]))
    os._exit(0)


if __name__ == "__main__":
    collect_rarely()
    load_languages()
    load_rules()
    with socket.socket(socket.AF_UNIX) as _listening:
        _listening.bind(sys.argv[1])
        _listening.listen()
        os.write(1, b"ready")
        _is_server = wanted(_listening)
    if _is_server:
        sys.argv[1:] = ["server"]
        main()
