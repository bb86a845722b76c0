"""The first process of a sandbox: starts, stops, continues and kills everything that runs inside it.

Run by `main` (`container.py` says how, with LIMIT and DIRECTORY) in a session of its own. It is a child subreaper, so every process that
descends from it stays below it in the process tree, whatever it does to get away: `start_new_session`, a double fork,
`os.system("... &")`. When its standard input ends - the emulator returned, was interrupted or was killed - it kills the
whole tree, removes DIRECTORY, the sandbox's own, and exits: nothing stopped or orphaned stays behind.

It speaks JSON lines. One command a line on standard input, one reply a line on standard output, in order:
    {"do": "start", "name", "argv", "env", "cwd", "log"}  -> {"pid"}           or {"error"}
    {"do": "freeze"}                                      -> {"processes": [[pid, parent, threads, start, argv], ...],
                                                              "restless": [pid, ...], "waiting": [pid, ...]}
    {"do": "thaw"} | {"do": "kill"}                       -> {}
    {"do": "signal", "name", "signal"}                    -> {}   (to the process group; nothing if it has ended)
Between replies come events: {"exit": name, "pid": pid, "status": shell-like code, negative for a signal}.
Only what Python itself loads quickly is imported: this start-up is paid for every sandbox.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

TYPE_CHECKING = False  # as in `typing`, whose import every sandbox would pay for
if TYPE_CHECKING:
    from typing import NoReturn

FREEZE_DEADLINE = 10.0
"""Seconds after which threads that still run are reported as restless. A normal tree stops in about a millisecond."""
IN_KERNEL = 0.1
"""Seconds after which a thread that is inside an uninterruptible call of the kernel counts as stopped: its SIGSTOP waits for
it there, so that it runs nothing of its own any more. A parent of `vfork` is in one for as long as its child is stopped."""
KILL_DEADLINE = 10.0
WAKING = 5.0
"""Seconds after which a process that was continued is signalled, whether it has run since or not."""
AT_ONCE = 0.001
"""Seconds in which what was sent a SIGSTOP usually comes to rest: a look at the tree after that need not be repeated."""
SETTLE = 0.0005
"""Seconds between two looks at a tree that has not come to rest yet; the looks, not the pause, decide."""

CGROUPS = ("/sys/fs/cgroup/pids", "/sys/fs/cgroup")
"""Where a cgroup that limits processes may be made: version 1, version 2."""

CALLS = {"x86_64": ("0", "202"), "aarch64": ("63", "98")}
"""The numbers of the system calls read and futex."""

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None, use_errno=True)


def cgroups(pid: int) -> list[str]:
    """The directories one of which is the cgroup of the sandbox whose first process is `pid`."""
    return [f"{base}/lambda-lint-{pid}" for base in CGROUPS]


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option})")


def _stat(pid: int) -> tuple[str, int, int, int] | None:
    """(state, parent, threads, start in clock ticks since boot) of `pid`; None when it has gone. See proc(5)."""
    try:
        fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0].decode(), int(fields[1]), int(fields[17]), int(fields[19])


def _read(path: str) -> bytes:
    """A short file of /proc. (`open` takes three times as long, and every look at the system reads hundreds.)"""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


def _runs(pid: int) -> bytes:
    """How often the main thread of `pid` has been run, and for how long; empty where the system does not tell."""
    try:
        return _read(f"/proc/{pid}/schedstat")
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _descendants(root: int, strangers: dict[str, int]) -> dict[int, tuple[str, int, int, int]]:
    """Everything alive below `root`: pid -> its stat. A zombie counts only while a thread of it still runs.

    `strangers`: the processes that an earlier look has found outside, by the inodes of their folders. No process comes to be
    below `root` that was not begun there, so that they are not read again; one that is given the number later has another inode.
    """
    stats = {}
    inodes: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    outside = set()
    with os.scandir("/proc") as entries:
        for entry in entries:
            if not entry.name.isdigit():
                continue
            pid, inode = int(entry.name), entry.inode()
            if strangers.get(entry.name) == inode:
                outside.add(pid)
                continue
            stat = _stat(pid)
            if stat is not None:
                stats[pid], inodes[pid] = stat, inode
                children.setdefault(stat[1], []).append(pid)
    found = {}
    waiting = list(children.get(root, ()))
    inside = {root}
    while waiting:
        pid = waiting.pop()
        state, _, threads, _ = stats[pid]
        inside.add(pid)
        if state not in "ZX" or threads > 1:
            found[pid] = stats[pid]
        waiting += children.get(pid, ())
    _tell_strangers(stats, inodes, inside, outside, strangers)
    return found


def _tell_strangers(
    stats: dict[int, tuple[str, int, int, int]],
    inodes: dict[int, int],
    inside: set[int],
    outside: set[int],
    strangers: dict[str, int],
) -> None:
    """Note which processes are outside: those that come from one that is, or from none. Where the parent has just ended nobody knows."""
    left = stats.keys() - inside
    outside |= {0}
    while fresh := {pid for pid in left if stats[pid][1] in outside}:
        outside |= fresh
        left -= fresh
        strangers.update((str(pid), inodes[pid]) for pid in fresh)


def _at_rest(pid: int, in_kernel: bool) -> bool:
    """Whether every thread of `pid` is stopped (or it has ended). `in_kernel`: a call that cannot be interrupted counts."""
    resting = b"TtZXD" if in_kernel else b"TtZX"
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return True
    for thread in threads:
        try:
            state = _read(f"/proc/{pid}/task/{thread}/stat").rpartition(b")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state not in resting:
            return False
    return True


def _waits_for_input(pid: int) -> bool:
    """Whether the main thread of a stopped `pid` waits in a `read` of a pipe, and all others for a lock: it is handed work
    through the pipe, and has none. False also where the kernel does not tell."""
    known = CALLS.get(os.uname().machine)
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        calls = {thread: _first_line(f"/proc/{pid}/task/{thread}/syscall").split() for thread in threads}
        call, descriptor = calls.pop(str(pid))[:2]
        if known is None or call != known[0] or any(other[:1] != [known[1]] for other in calls.values()):
            return False
        target = os.readlink(f"/proc/{pid}/fd/{int(descriptor, 16)}")
        if target.startswith("socket:["):
            with open(f"/proc/{pid}/net/unix") as file:
                return any(line.split()[6:7] == [target[8:-1]] for line in file)
        return target.startswith("pipe:")
    except (OSError, KeyError, ValueError):
        return False


def _first_line(path: str) -> str:
    with open(path) as file:
        return file.readline()


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it ended by itself in the meantime: nothing is left to signal


def _argv(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return [part.decode("utf-8", "replace") for part in file.read().split(b"\0")[:-1]]
    except (FileNotFoundError, ProcessLookupError):
        return []


class Supervisor:
    def __init__(self, max_processes: int, directory: str) -> None:
        self.directory = directory
        self.me = os.getpid()
        self.started: dict[int, str] = {}
        self.stopped: dict[int, int] = {}  # pid -> its start, which tells it from a later process of that number
        self.slept: dict[int, bytes] = {}  # of a started process that was continued: how often it had run before
        self.max_processes = max_processes
        self.cgroup = self._make_cgroup()
        self.strangers: dict[str, int] = {}
        self.out = sys.stdout.buffer

    # Limits. A cgroup binds for every user; RLIMIT_NPROC does not bind root, and counts all of a user's threads.

    def _make_cgroup(self) -> str | None:
        for path in cgroups(self.me):
            try:
                os.mkdir(path)
                with open(f"{path}/pids.max", "w") as file:
                    file.write(str(self.max_processes))
                return path
            except OSError:
                if os.path.isdir(path):
                    os.rmdir(path)
        return None

    def _limit_child(self) -> None:
        if self.cgroup is not None:
            with open(f"{self.cgroup}/cgroup.procs", "w") as file:
                file.write("0")
            return
        uid, threads = os.getuid(), 0
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.stat(f"/proc/{entry}").st_uid == uid:
                    threads += len(os.listdir(f"/proc/{entry}/task"))
            except (FileNotFoundError, ProcessLookupError):
                continue
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        limit = threads + self.max_processes
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))

    # Commands.

    def start(self, name: str, argv: list[str], env: dict[str, str], cwd: str, log: str) -> dict[str, object]:
        failed, failing = os.pipe()  # both close on exec: a word arrives only when the exec did not happen
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the last defence, should this process be killed itself
                signal.set_wakeup_fd(-1)
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
                    signal.signal(number, signal.SIG_DFL)
                self._limit_child()
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 1)
                os.dup2(1, 2)
                os.chdir(cwd)
                self.become(argv, env)
            except (OSError, ValueError) as refusal:
                os.write(failing, str(refusal).encode())
            finally:
                os._exit(127)
        os.close(failing)
        with open(failed, "rb") as pipe:
            error = pipe.read().decode()
        if error:
            os.waitpid(pid, 0)
            return {"error": error}
        self.started[pid] = name
        return {"pid": pid}

    def become(self, argv: list[str], env: dict[str, str]) -> NoReturn:
        """Make of this process, which has just been forked, the program that was asked for."""
        os.execve(argv[0], argv, env)

    def freeze(self) -> dict[str, object]:
        """Stop the whole tree and return it as it is at rest. A fork that won the race is caught by the next look."""
        for pid in self.started:  # at once: the look at /proc below takes longer than background work needs to get on
            _send(pid, signal.SIGSTOP)
        stopped = set(self.started)
        own_doing: set[int] = set()  # stopped by the function before we came: it stays stopped at the thaw
        began = time.monotonic()
        known = set(stopped)
        while not self._resting(known, began) and time.monotonic() - began < AT_ONCE:
            time.sleep(SETTLE / 5)
        while True:
            settled = self._resting(known, began)  # before the look: then none of them can fork behind its back
            tree = self._below()
            fresh = tree.keys() - stopped - own_doing
            for pid in fresh:
                if tree[pid][0] in "Tt":
                    own_doing.add(pid)
                else:
                    stopped.add(pid)
                    _send(pid, signal.SIGSTOP)
            self.stopped = {pid: stat[3] for pid, stat in tree.items() if pid in stopped}
            known = set(tree)
            if (settled and not fresh and self._resting(known, began)) or time.monotonic() - began > FREEZE_DEADLINE:
                break
            # Until they are at rest, another look at the whole system tells nothing new.
            while not self._resting(known, began) and time.monotonic() - began < FREEZE_DEADLINE:
                time.sleep(SETTLE)
        restless = [pid for pid in tree if not self._resting({pid}, began)]
        return {
            "processes": [
                [pid, parent, threads, started, _argv(pid)] for pid, (_, parent, threads, started) in tree.items()
            ],
            "restless": restless,
            "waiting": [pid for pid in tree if pid not in self.started and _waits_for_input(pid)],
        }

    def _below(self) -> dict[int, tuple[str, int, int, int]]:
        return _descendants(self.me, self.strangers)

    def _resting(self, pids: set[int], began: float) -> bool:
        """Whether all of them are at rest in a freeze that began then."""
        in_kernel = time.monotonic() - began > IN_KERNEL
        return all(_at_rest(pid, in_kernel) for pid in pids)

    def thaw(self) -> dict[str, object]:
        for pid, began in self.stopped.items():
            stat = _stat(pid)
            if stat is not None and stat[3] == began:
                if pid in self.started:
                    self.slept[pid] = _runs(pid)
                _send(pid, signal.SIGCONT)
        self.stopped = {}
        return {}

    def signal(self, name: str, signal: int) -> dict[str, object]:
        for pid, started in self.started.items():
            if started == name:
                self._await_waking(pid)
                try:
                    os.killpg(pid, signal)
                except ProcessLookupError:
                    pass  # the whole group has ended
        return {}

    def _await_waking(self, pid: int) -> None:
        """Let the main thread of a process that was continued run once. Until then the system hands a signal to another of its
        threads; where that waits in a call, as a poll does, and the main thread in another, no handler of Python's would run."""
        before, deadline = self.slept.pop(pid, b""), time.monotonic() + WAKING
        while before and _runs(pid) == before and time.monotonic() < deadline:
            time.sleep(SETTLE)

    def kill(self) -> dict[str, object]:
        """Kill the whole tree and wait until it has gone. It is stopped first, so that no fork outruns the killing."""
        deadline = time.monotonic() + KILL_DEADLINE
        while True:
            frozen = bool(self.stopped) and all(_at_rest(pid, in_kernel=False) for pid in self.stopped)
            tree = self._below()
            frozen = frozen and tree.keys() <= self.stopped.keys()  # then none of them can fork any more
            if not tree:
                self.reap()
                break
            for pid in tree if not frozen else ():
                _send(pid, signal.SIGSTOP)
            if frozen or self._below().keys() <= tree.keys():
                for pid in tree:
                    _send(pid, signal.SIGKILL)
                while any(_stat(pid) is not None for pid in tree) and time.monotonic() < deadline:
                    self.reap()  # those whose parents have ended become children of this process
                    time.sleep(SETTLE)
                if frozen and time.monotonic() < deadline:
                    self.reap()  # what they had left unreaped
                    break
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(tree)} processes could not be killed in {KILL_DEADLINE} s")
            time.sleep(SETTLE)
        self.stopped = {}
        return {}

    def reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            name = self.started.pop(pid, None)
            if name is not None:
                self.say({"exit": name, "pid": pid, "status": os.waitstatus_to_exitcode(status)})

    # The conversation.

    def say(self, message: dict[str, object]) -> None:
        try:
            self.out.write(json.dumps(message).encode() + b"\n")
            self.out.flush()
        except BrokenPipeError:
            pass  # the emulator has gone; standard input ends too, and that is what closes the sandbox

    def obey(self, line: bytes) -> None:
        command = json.loads(line)
        action = command.pop("do")
        if action not in ("start", "freeze", "thaw", "signal", "kill"):
            raise ValueError(f"unknown command {action!r}")
        try:
            reply = getattr(self, action)(**command)
        except (OSError, TimeoutError) as error:
            reply = {"error": str(error)}
        self.say(reply)

    def serve(self) -> None:
        """Obey commands and report exits until standard input ends, then leave nothing behind."""
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        ended = False

        def end(number: int, frame: object) -> None:
            nonlocal ended
            ended = True

        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, end)
        pending = b""
        try:
            while not ended:
                ready, _, _ = select.select([0, woken], [], [])
                if woken in ready:
                    os.read(woken, 4096)
                    self.reap()
                if 0 in ready:
                    read = os.read(0, 65536)
                    if not read:
                        break
                    *lines, pending = (pending + read).split(b"\n")
                    for line in lines:
                        self.obey(line)
        finally:
            self.kill()
            if self.cgroup is not None:
                os.rmdir(self.cgroup)
            _remove(self.directory)


def _remove(directory: str) -> None:
    """Remove a directory and what is in it; a file that cannot be removed is the user's to see. (`shutil` is slow to load.)"""
    for folder, folders, files in os.walk(directory, topdown=False):
        for name in (*files, *folders):
            path = os.path.join(folder, name)
            try:
                if name in files or os.path.islink(path):
                    os.unlink(path)
                else:
                    os.rmdir(path)
            except OSError:
                pass
    try:
        os.rmdir(directory)
    except OSError:
        pass


def main() -> None:
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    Supervisor(int(sys.argv[1]), sys.argv[2]).serve()
