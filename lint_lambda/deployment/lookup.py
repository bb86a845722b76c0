"""Find one function by the name that a template, or AWS, gives it."""

from __future__ import annotations

from pathlib import PurePosixPath

from lint_lambda.core.near import nearest
from lint_lambda.deployment import Deployment
from lint_lambda.deployment.locating import Located, Lost
from lint_lambda.deployment.model import Function

_HELP = "help: name the file and its handler instead, as in path/to/app.py:handler"


class LookupFailed(Exception):
    """A function cannot be told from the templates; the message names the file, where it can the line, and the remedy."""


def find(deployment: Deployment, name: str, below: str = "") -> tuple[Function, Located] | None:
    """The function called `name` in the templates in and below a directory, or else in any. None when none speaks of such a name.

    Raises `LookupFailed` when several do, when one that cannot be read may, when a name is close to it, and when the function's
    code is no Python file that is here.
    """
    here = [function for function in deployment.functions if _is_below(function.declared.file, below)]
    found = [function for function in here if name in function.names] or deployment.named(name)
    if len(found) > 1:
        places = "\n".join(f"  {function.declared}" for function in found)
        raise LookupFailed(
            f"several functions are called {name!r}:\n{places}\n{_HELP}, or run it in the template's directory"
        )
    if found:
        return found[0], _place(deployment, found[0], name)
    _none_of_that_name(deployment, here, name, below)
    return None


def _place(deployment: Deployment, function: Function, name: str) -> Located:
    for each, place in deployment.located:
        if each is function:
            return place
    lost = next(lost for each, lost in deployment.lost if each is function)
    hint = f"; {lost.hint}" if lost.hint else ""
    raise LookupFailed(f"{function.declared}: {name}: {lost.why}{hint}\n{_HELP}")


def _none_of_that_name(deployment: Deployment, here: list[Function], name: str, below: str) -> None:
    """Raise, if there is something to say."""
    problems = [str(trouble) for trouble in deployment.troubles if _is_below(trouble.file, below)]
    known = {known: function for function in reversed(here) for known in function.names}
    close = nearest(name, known)
    if not close and not problems:
        return
    lines = [f"no template declares a function {name!r}" + (f"; did you mean {close}?" if close else "")]
    if close:
        lines.append(f"  {known[close].declared}")
    if problems:
        lines += ["these could not be read:", *(f"  {problem}" for problem in problems)]
    raise LookupFailed("\n".join([*lines, _HELP]))


def _is_below(path: str, directory: str) -> bool:
    return not directory or PurePosixPath(path).is_relative_to(directory)


def lost_lines(lost: list[tuple[Function, Lost]]) -> list[str]:
    """What is to be said of functions that are not found."""
    return [f"{function.declared}: {function.name}: {why.why}" for function, why in lost if not why.absent]
