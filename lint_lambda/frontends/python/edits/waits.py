"""How each kind of launch is waited for, in Python's words."""

from __future__ import annotations

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import NoFix
from lint_lambda.core.record import dataclass
from lint_lambda.frontends.python.edits.code import Code, dotted, walk
from lint_lambda.frontends.python.edits.running import runners
from lint_lambda.knowledge.conventions import load_conventions
from lint_lambda.knowledge.texts import say


@dataclass(frozen=True)
class Wait:
    """`one` waits for a handle ``{h}``; `each` for every handle of ``{g}``, with ``{h}`` as the loop variable.

    `around` is put before and behind the launch to wait on the spot. `needs` is a module that the words use.
    """

    one: str
    each: str
    around: tuple[str, str] | None = None
    needs: str = ""
    at_once: bool = False  # there is nothing to overlap with, so on the spot is the plainest


def _method(name: str, arguments: str = "") -> Wait:
    call = f"{{h}}.{name}({arguments})"
    return Wait(call, f"for {{h}} in {{g}}:\n{{step}}{call}", ("", f".{name}({arguments})"))


def waits(intent: FixIntent, code: Code, launch: cst.Call, *, under_loop: bool) -> list[Wait]:
    """The ways to wait for a launch from the function it stands in, best first.

    `under_loop`: an event loop runs already, so a plain function cannot run one.
    """
    kind, call, is_async = intent.kind, intent.call, code.is_async(launch)
    last = call.rpartition(".")[2].removesuffix("()")
    if under_loop and not is_async and (intent.remedy.kind.coroutine or last == "run_in_executor"):
        return []
    if kind == "coroutine":
        if is_async:
            return [_awaited(at_once=True)]
        return [Wait("", "", (run, ")"), "asyncio", True) for run in runners(intent, code, launch)]
    if kind == "loop-future" and last == "run_coroutine_threadsafe":
        return [_wrapped() if is_async else _method("result")]
    if kind == "task":
        return _of_task(launch, is_async, last, at_once=last == "gather")
    if kind == "loop-future":
        idiom = not intent.remedy.of_language  # one operation after the other, as it is written
        return _of_task(launch, is_async, last, at_once=idiom or last == "gather")
    if intent.remedy.kind.durable:
        return _of_task(launch, is_async, last, at_once=True)
    if last in ("map", "imap", "imap_unordered"):
        return [Wait("list({h})", "for {h} in {g}:\n{step}list({h})", _read(launch, code), "", True)]
    if kind == "future":
        on_loop = is_async and intent.remedy.of_language
        names = [join.call.rpartition(".")[2] for join in intent.remedy.joins if join.on == "result"]
        read = "result" if "result" in names or "get" not in names else "get"
        return [_wrapped(), _method(read)] if on_loop else [_method(read)]
    if kind == "log-queue":
        return [_method("stop")]
    if kind == "subprocess":
        return _of_subprocess(intent, code, launch, is_async, last)
    if kind == "process" and last.endswith("_async"):
        return [_method("get")]
    if kind == "timer" and _is_cancelled(code, launch):
        return [Wait("{h}.cancel()", "for {h} in {g}:\n{step}{h}.cancel()")]
    return [Wait("{h}.join()", "for {h} in {g}:\n{step}{h}.join()")]


def _is_cancelled(code: Code, launch: cst.Call) -> bool:
    """Whether the function takes a timer back on some path: then it is a watchdog, whose work nobody wants after the return."""
    handle = code.source(launch.func.value) if isinstance(launch.func, cst.Attribute) else ""
    calls = (node.func for node in walk(code.function(launch)) if isinstance(node, cst.Call))
    return any(code.source(call) == f"{handle}.cancel" for call in calls)


def _read(launch: cst.Call, code: Code) -> tuple[str, str]:
    """What reads a lazy result to its end, and keeps being an iterator where it is used as one."""
    statement = code.statement(launch)
    bare = isinstance(statement, cst.Expr) and statement.value is launch
    return ("list(", ")") if bare else ("iter(list(", "))")


def _awaited(at_once: bool = False) -> Wait:
    return Wait("await {h}", "await asyncio.gather(*{g})", ("await ", ""), "asyncio", at_once)


def _wrapped() -> Wait:
    """For a future of a thread in a coroutine, where `result()` would keep every other task of the loop from going on."""
    one = "await asyncio.wrap_future({h})"
    each = "await asyncio.gather(*map(asyncio.wrap_future, {g}))"
    return Wait(one, each, ("await asyncio.wrap_future(", ")"), "asyncio")


def _of_task(launch: cst.Call, is_async: bool, last: str, *, at_once: bool) -> list[Wait]:
    if is_async:
        return [_awaited(at_once)]
    loop = dotted(launch.func.value) if isinstance(launch.func, cst.Attribute) else ""
    if last in ("create_task", "run_in_executor") and loop and loop != "asyncio":
        run = f"{loop}.run_until_complete("
        return [Wait(f"{run}{{h}})", f"{run}asyncio.gather(*{{g}}))", (run, ")"), "asyncio")]
    return []


def _of_subprocess(intent: FixIntent, code: Code, launch: cst.Call, is_async: bool, last: str) -> list[Wait]:
    word = "communicate" if "PIPE" in code.source(launch) else "wait"
    if last.startswith("create_subprocess"):
        if not is_async:
            return []
        return [Wait(f"await {{h}}.{word}()", f"for {{h}} in {{g}}:\n{{step}}await {{h}}.{word}()")]
    if intent.call == "os.popen":
        return [_method("read")]
    if intent.call.startswith(("os.spawn", "os.posix_spawn")):
        return [Wait("os.waitpid({h}, 0)", "for {h} in {g}:\n{step}os.waitpid({h}, 0)", None, "os")]
    if load_conventions().serves_for_ever(code.source(launch)):
        raise NoFix(say("refusals.server"))
    return [_method(word)]


def join_of(intent: FixIntent, code: Code, near: cst.CSTNode, wait: Wait, handle: str, group: str) -> tuple[str, str]:
    """The lines that wait, and the last of them to be shown."""
    singular = intent.remedy.kind.handle[0]
    name = code.fresh(near, singular, f"each_{singular}") if group else handle
    join = (wait.each if group else wait.one).format(h=name, g=group, step=code.step())
    return join, join.split("\n")[-1].strip()
