"""One call of a library, as its models see it."""

from __future__ import annotations

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.values import Alloc, Obj, Value
from lint_lambda.core.ir import Site
from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass, replace
from lint_lambda.core.verdict import Place

NO_SITE = -1
"""The site of a call that no expression stands for: it launches nothing, so nothing ever points at it."""


@dataclass(frozen=True, slots=True)
class Call:
    """`symbol` called on `receiver` (None: on nothing) at `site` of `frame`. `decorates`: a decorator stands for the call.

    `unsure`: whether the row that is applied speaks of it depends on what is not known. `shown`: where else the reader is to look, if not at the call.
    """

    symbol: Symbol
    receiver: Obj | None
    args: Args
    site: Site
    frame: Frame
    decorates: bool = False
    shown: Place | None = None
    unsure: bool = False

    @property
    def place(self) -> Place:
        return Place(self.frame.path, self.site) if self.shown is None else self.shown

    @property
    def alloc(self) -> Alloc:
        """Where an object is made that this call makes."""
        return Alloc(self.frame.path, self.site, self.frame.context)

    def on(self, receiver: Obj, args: Args) -> Call:
        """The same call as that of a method of `receiver`."""
        return replace(self, receiver=receiver, args=args)

    def on_nothing(self) -> Call:
        return replace(self, receiver=None)

    def arguments(self, start: int) -> Args:
        """The positional arguments from some position on, each in its place."""
        return Args(list(self.args.positional[max(start, 0) :]), rest=self.args.rest)

    @property
    def receivers(self) -> Value:
        return () if self.receiver is None else (self.receiver,)


def asking(receiver: Obj | None, frame: Frame, args: Args | None = None) -> Call:
    """What selectors and conditions are asked of where no call is made: an object, and what it was given."""
    return Call("", receiver, Args() if args is None else args, NO_SITE, frame)
