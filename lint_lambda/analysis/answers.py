"""How a handler answers that is no plain async function: by calling what it is handed for that, or by a stream; then it may wait for what is left."""

from __future__ import annotations

from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    Bound,
    Const,
    Container,
    FunctionObj,
    Instance,
    Obj,
    Resolver,
    Value,
)
from lint_lambda.analysis.frameworks.registration import CONTEXT
from lint_lambda.analysis.interpreter.machine import Machine
from lint_lambda.core.semantics import Answering
from lint_lambda.core.verdict import Handler

ANSWER = "<answer>"
"""The type of what is signalled by answering."""


_TOLD = (Fact.SIGNALLED_BY, Fact.SIGNALLED_EARLY_BY)


class Answers:
    """The answers of one handler."""

    def __init__(self, machine: Machine, handler: Handler) -> None:
        self._machine = machine
        alloc = Alloc(handler.path, handler.place.site, 0)
        self._answer = machine.universe.make(Instance, machine.universe.external(ANSWER)[0], alloc)
        self._context = machine.universe.unknown_of(*CONTEXT)[0]
        answering = machine.semantics.answering
        self._waits = answering.waits(handler.engine) if answering is not None else None
        self._at_once = machine.universe.make(Instance, machine.universe.external(f"{ANSWER} at once")[0], alloc)

    def after_the_event(self, callee: Value) -> list[Value]:
        """What the handler is handed after the event."""
        context: list[Value] = [(self._context,)]
        if self._streams(callee):
            return [self._machine.universe.unknown_of("stream"), *context]
        answering = self._machine.semantics.answering
        if answering is None or self._waits is False:
            return context
        for name in answering.members:
            self._machine.heap.store(self._context, name, (self._machine.universe.make(Resolver, self._at_once),))
        return [*context, (self._machine.universe.make(Resolver, self._answer),)]

    def _streams(self, callee: Value) -> bool:
        return any(self._machine.heap.load(obj, Fact.STREAMS) for obj in callee)

    def end(self, callee: Value, result: Value, frame: Frame) -> None:
        """Wait, at the end of the call, for what is waited for before Lambda freezes."""
        answering, handles = self._machine.semantics.answering, self._machine.handles
        if answering is None or frame.state is None or self._waits is False:
            return
        flag = self._machine.heap.load(self._context, answering.flag)
        refuses = any(isinstance(obj, Const) and obj.value is False for obj in flag)
        if self._streams(callee):
            if not refuses:
                handles.join(tuple(frame.state), frame, "" if self._waits else "may-drain")
            return
        plain = _is_plain(callee) and _is_no_handle(result)
        if not plain and self._answer not in frame.effects.signals and not self._answers_itself(result):
            return
        at_once = self._is_given(self._at_once, frame)
        if not at_once and not refuses:
            told = self._answer in frame.effects.signals and _is_written(callee)
            sure = self._waits or told or _takes_callback(callee, answering)
            handles.join(tuple(frame.state), frame, "" if sure else "may-drain")
            return
        answers = (self._at_once,) if at_once else (self._answer,)
        handles.join(handles.signalling(answers, Fact.SIGNALLED_BY), frame)
        handles.join(handles.signalling(answers, Fact.SIGNALLED_EARLY_BY), frame, "premature-signal")
        handles.note(tuple(frame.state), "answered-first", frame)

    def _answers_itself(self, result: Value) -> bool:
        """Whether an async handler calls what it is handed: it is that call then which counts, if it comes before all else."""
        told = [obj for fact in _TOLD for obj in self._machine.heap.load(self._answer, fact)]
        return any(obj.base in told for obj in result)

    def _is_given(self, answer: Obj, frame: Frame) -> bool:
        """Whether an answer is given, in the handler or by work that it has launched."""
        return answer in frame.effects.signals or any(self._machine.heap.load(answer, fact) for fact in _TOLD)


def _takes_callback(callee: Value, answering: Answering) -> bool:
    """Whether all that is called takes what others answer by: a runtime that does not wait does not start it either."""
    functions = [obj.function if isinstance(obj, Bound) else obj for obj in callee]
    return all(isinstance(obj, FunctionObj) and required(obj) > answering.parameters for obj in functions)


def _is_written(callee: Value) -> bool:
    """Whether all that is called are the project's functions: a library's own may answer otherwise where it is handed nothing to call."""
    return all(isinstance(obj.function if isinstance(obj, Bound) else obj, FunctionObj) for obj in callee)


def _is_plain(callee: Value) -> bool:
    """Whether all that is called are functions which are not async."""
    functions = [obj.function if isinstance(obj, Bound) else obj for obj in callee]
    return bool(functions) and all(isinstance(obj, FunctionObj) and not obj.function.is_async for obj in functions)


def _is_no_handle(result: Value) -> bool:
    """Whether Lambda has nothing to wait for in what the handler returns, as far as that is known."""
    return all(isinstance(obj, (Const, Container)) for obj in result) and result != NOTHING


def required(callee: FunctionObj) -> int:
    """How many parameters come before the first that may be left out."""
    params = [param for param in callee.function.params if param.kind != "receiver"]
    required = (param.kind == "positional" and param.default is None for param in params)
    return next((number for number, needed in enumerate(required) if not needed), len(params))
