"""From the models of a launch to its remedy: the calls that would wait for it, and how they come by what they wait for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from lint_lambda.core.names import Symbol
from lint_lambda.core.record import replace
from lint_lambda.core.remedy import Join, Made, On, Remedy, Setting
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.conventions import load_conventions
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.selectors import Condition, Selector


@lru_cache(maxsize=500)
def remedy(models: Models, call: Symbol, kind: str) -> Remedy:
    """What would wait for the launches that `call` makes; of a call that only seems to wait, for what it left pending."""
    found: list[Join] = []
    settings: list[Setting] = []
    no_edit = ""
    flush = ""
    background = False
    made: list[Made] = []
    asks: list[str] = []
    decorators: list[Symbol] = []
    called: m.LaunchModel | None = None
    for model in models.of(call):
        if isinstance(model, m.NonWaitingFlushModel) and kind == "non-waiting-flush":
            no_edit = no_edit or model.no_edit
            found += _joins(models, call, model.target, "", model.of)
        elif isinstance(model, m.LaunchModel) and model.kind == kind:
            no_edit = no_edit or model.no_edit
            background |= model.background
            flush = flush or model.flush
            made += map(_made, model.made)
            asks += _asks(models, model.returns)
            called = called or (model if _work(model) >= 0 else None)
            own = [*_holders(models, model), *_argument(models, call, model)]
            decorators += _decorators(models, model.handle)
            if model.handle is not None:
                own += _joins(models, call, model.handle, model.returns)
            whole = [*_joins(models, call, model.scope, "", "scope")] if isinstance(model.scope, Selector) else []
            # A client is flushed once for all it took; any other work is waited for by its own handle.
            found += [*whole, *own] if kind == "client" else [*own, *whole]
            settings += (each for condition in model.unless for each in _setting(models, call, condition))
    joins = sorted(dict.fromkeys(found), key=lambda join: join.ends)
    return Remedy(
        joins=tuple(replace(join, of_language=models.of_language(join.call)) for join in joins),
        settings=tuple(dict.fromkeys(settings)),
        no_edit=no_edit,
        kind=models.kinds[kind],
        of_language=models.of_language(call),
        flush=flush,
        background=background,
        makers=models.makers(call.rpartition(".")[0]),
        decorators=tuple(dict.fromkeys(decorators)),
        asks=tuple(dict.fromkeys(asks)),
        made=tuple(dict.fromkeys(made)),
        work=_work(called) if called is not None else -1,
        awaits=called is not None and called.awaits,
        begins=called.begins if called is not None else "",
        direct=called is not None and called.direct,
        promised=_promised(models, call, kind),
    )


def _promised(models: Models, call: Symbol, kind: str) -> str:
    """What begins an instance of the type: one that the call names, whose method it is, or that it gives."""
    given = [model.returns for model in models.of(call) if isinstance(model, m.LaunchModel) and model.returns]
    owner = "" if models.kinds[kind].alike else call.rpartition(".")[0]  # else there is a promise already
    for symbol in (call, owner, *given):
        for each in models.ancestry(models.canonical(symbol)) if symbol else ():
            model = models.type(each)
            if model is not None and model.promised:
                return model.promised
    return ""


def _work(model: m.LaunchModel) -> int:
    """The position of the function that is called with the arguments behind it; -1 where that is not so."""
    work = model.work
    if work is None or work.base != "arg" or work.every or work.elements or work.path or model.args is not None:
        return -1
    return work.position


def _asks(models: Models, type_: Symbol) -> Iterator[str]:
    """The methods of a type that tell whether its work is done."""
    ancestry = models.ancestry(models.canonical(type_)) if type_ else ()
    for library in models.libraries if type_ else ():
        for model in library.models:
            if isinstance(model, m.JoinModel) and model.poll == "done" and not model.attribute:
                if models.canonical(model.call.rpartition(".")[0]) in ancestry:
                    yield model.call.rpartition(".")[2]


def _made(text: str) -> Made:
    call, _, rest = text.partition("(")
    if not rest:
        call, _, instead = text.partition(" -> ")
        return Made(call, instead=instead)
    name, _, value = rest.removesuffix(")").partition("=")
    return Made(call, name.removeprefix("-"), value)


@lru_cache(maxsize=16)
def _all_joins(models: Models) -> Sequence[m.JoinModel]:
    """Calls that wait and can be written as such: not those that only ask, that wait for a signal, or that may return early."""
    rows = (row for library in models.libraries for row in library.rows if row.verb is m.JoinModel)
    found = (row.model for row in rows)
    return [model for model in found if isinstance(model, m.JoinModel) and _can_be_written(model)]


def _decorators(models: Models, handle: Selector | None) -> Iterator[Symbol]:
    """Decorators that wait for all that the library has taken."""
    if handle is None or handle.base != "global":
        return
    for library in models.libraries:
        for row in library.rows:
            model = row.model if row.verb is m.JoinModel else None
            if isinstance(model, m.JoinModel) and model.decorates is not None and not model.may_when:
                if model.target.base == "global" and model.target.name == handle.name:
                    if models.type(models.canonical(model.call.rpartition(".")[0])) is None:  # else an object has it
                        yield model.call


def _can_be_written(model: m.JoinModel) -> bool:
    if model.poll or model.attribute or model.starts or model.of == "signal" or model.decorates is not None:
        return False
    return bool(model.write or not model.call.endswith("__")) and not _never_sure(model)


def _never_sure(model: m.JoinModel) -> bool:
    """Whether the call may always return early: no argument makes it wait."""
    return any(condition.op == "given" and condition.selector.base == "self" for condition in model.may_when)


def _joins(models: Models, call: Symbol, handle: Selector, returns: Symbol, of: str = "handle") -> Iterator[Join]:
    owner = call.rpartition(".")[0]
    if handle.base == "global":
        for model in _all_joins(models):
            if model.target.base == "global" and model.target.name == handle.name:
                of_object = models.type(owner) is not None and model.call.rpartition(".")[0] == owner
                yield _join(model, "object" if of_object else "library")
    elif handle.base == "self" and not handle.elements:
        yield from _of_type(models, owner, "object", of)
    elif handle.base == "init" and handle.name == "self":  # the object that has it as a part
        yield from _of_type(models, owner, "object", of, ("init", "self"))
    elif handle.base == "return" and returns:
        yield from _of_type(models, returns, "result", of)


def _of_type(models: Models, type_: Symbol, on: On, of: str, whose: tuple[str, str] = ("self", "")) -> Iterator[Join]:
    """The joins of a type; `whose`: of the object itself, or of the one that it is a part of."""
    ancestry = models.ancestry(models.canonical(type_))
    for model in _all_joins(models):
        target = model.target
        if (target.base, target.name) == whose and not target.elements and model.of == of:
            if models.canonical(model.call.rpartition(".")[0]) in ancestry:
                yield _join(model, on)


def _join(model: m.JoinModel, on: On) -> Join:
    ends = load_conventions().ends_object(model.call.rpartition(".")[2])
    return Join(model.call, on, write=model.write, awaited=model.lazy, ends=ends)


def _holders(models: Models, launch: m.LaunchModel) -> Iterator[Join]:
    """Joins of what the result of the launch is put into: a provider flushes its processors."""
    if not launch.returns:
        return
    library = next(library for library in models.libraries if launch in library.models)
    for put in library.models:
        if not isinstance(put, m.PutModel) or put.into.base != "self" or put.value.base != "arg":
            continue
        type_ = put.call.rpartition(".")[0]
        for model in _all_joins(models):
            if model.target.base == "self" and model.target.elements and model.call.rpartition(".")[0] == type_:
                yield replace(_join(model, "object"), on="holder", argument=put.call)


def _argument(models: Models, call: Symbol, launch: m.LaunchModel) -> Iterator[Join]:
    """Joins of what the launching object was made with: the buffer that a client writes into."""
    handle = launch.handle
    if handle is None or handle.base != "init" or "." in handle.name:
        return
    position = _position(models, call.rpartition(".")[0], handle.name)
    for condition in launch.when:
        if condition.op == "is" and condition.selector == handle:
            for join in _of_type(models, condition.value, "object", "handle"):
                yield replace(join, on="argument", argument=handle.name, position=position)


def _position(models: Models, type_: Symbol, parameter: str) -> int:
    model = models.type(type_)
    return model.params.index(parameter) if model is not None and parameter in model.params else -1


def _setting(models: Models, call: Symbol, condition: Condition) -> Iterator[Setting]:
    if condition.op != "=" or condition.selector.base != "init" or condition.selector.name == "kept":
        return
    *path, name = condition.selector.name.split(".")
    others = (model for model in models.of(call) if isinstance(model, m.LaunchModel))
    if name in load_conventions().off or any(condition in model.when for model in others):
        return  # then it does nothing, or leaves its work pending in another way
    type_ = call.rpartition(".")[0]
    steps = []
    for step in path:
        steps.append((step, _position(models, type_, step)))
        type_ = ""
    if condition.value.lower() in ("true", "false", "none") or condition.value.isdigit():
        yield Setting(tuple(steps), name, condition.value.lower())
