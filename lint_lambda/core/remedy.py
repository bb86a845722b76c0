"""What would make a launch harmless, as the library models know it: calls that wait for it, settings that start nothing."""

from __future__ import annotations

from typing import Literal

from lint_lambda.core.kinds import ANY_KIND, Kind
from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass

On = Literal["object", "result", "holder", "argument", "library"]


@dataclass(frozen=True, slots=True)
class Join:
    """A call that waits for what one launch starts.

    - `on`: what it is called on: the ``object`` whose method launches, the launch's ``result``, the ``holder`` that the
      result is put into, the ``argument`` that the launching object was made with; ``library``: it is a function.
    - `argument`, `position`: which argument; for a holder `argument` is the symbol of the call that puts it there.
    - `write`: how it is written where that is more than the call without arguments: code with ``{self}`` for what it is
      called on and ``{each}`` for a loop variable. `awaited`: it waits only once awaited.
    - `ends`: what it is called on is of no use afterwards. `of_language`: it comes with the language.
    """

    call: Symbol
    on: On
    argument: str = ""
    position: int = -1
    write: str = ""
    awaited: bool = False
    ends: bool = False
    of_language: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """An argument given to a constructor, with which the launching object does its work at once.

    `path`: the arguments (name, position) that lead from the construction of the launching object to that constructor.
    `value`: a literal in lower case (``true``, ``0``).
    """

    path: tuple[tuple[str, int], ...]
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Made:
    """How an object is to be made so that its work is done at once, as the library models say it.

    - `call`: what makes it. `name`, `value`: the argument that it is given, as source, after the module of a name and a colon;
      without a value the argument is left out.
    - `instead`: the class that takes its place, where that is the way.
    """

    call: Symbol
    name: str = ""
    value: str = ""
    instead: Symbol = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """`joins`: best first, those that end nothing before others. `no_edit`: why none of it may be written by a tool.

    - `kind`: what is known of the kind of the launch. `of_language`: what launches comes with the language.
    - `flush`: code that waits wherever it stands, after the name of its module and a colon.
    - `background`: a shell's operator in the command of the launch starts the work.
    - `makers`: calls that make the object whose method launches.
    - `asks`: methods of what the launch returns that tell whether the work is done.
    - `made`: how else something is to be made, so that nothing is left over.
    - `decorators`: functions that wait at the end of each call of the function that they decorate.
    - `work`: the position of the argument that is the function to be called, with those behind it as its arguments; -1 where
      that is not so; `awaits`: a coroutine that it returns is run, too. `begins`: what the argument before it says: ``after`` how many seconds, or ``at`` what time of the loop.
    - `promised`: the function that begins what a call gives, or what its method is called on, and gives a promise of its end.
    - `direct`: nothing waits for it, so the function itself is called in its place.
    """

    joins: tuple[Join, ...] = ()
    settings: tuple[Setting, ...] = ()
    no_edit: str = ""
    kind: Kind = ANY_KIND
    of_language: bool = False
    flush: str = ""
    background: bool = False
    makers: tuple[Symbol, ...] = ()
    decorators: tuple[Symbol, ...] = ()
    asks: tuple[str, ...] = ()
    made: tuple[Made, ...] = ()
    work: int = -1
    awaits: bool = False
    begins: Literal["", "after", "at"] = ""
    direct: bool = False
    promised: str = ""


NOTHING_KNOWN = Remedy()
