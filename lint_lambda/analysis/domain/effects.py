"""What a piece of code does beside starting and joining work: an algebra of what may be observed of it.

`NO_EFFECTS` is neutral in both operations; `then` is associative; `join` is associative, commutative and idempotent. The tests
check these laws, and that every field survives every way in which a function can be entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter

from lint_lambda.analysis.domain.launch_state import Entries
from lint_lambda.analysis.domain.values import Obj, Value
from lint_lambda.core.record import dataclass, names_of, replace

Objects = frozenset[Obj]
NONE: Objects = frozenset()


@dataclass(frozen=True, slots=True)
class Effects:
    """- `signals`: the objects it signals. `early`: those that it signals before it does more work; `late`: those that no work has
      followed yet.
    - `through`: the objects that work it has launched signals; `early` and `late` speak of them, too.
    - `waits`: the objects it waits on. `stops`: those whose signal ends a loop that is the last it does, and the flags that do.
    - `suspends`: it may give way to other tasks. `serves`: it runs what others hand it, for ever. `takes`: it takes what others put
      somewhere. `works`: it takes time. `begins`: what comes after other work, and is no part of this, does. `changes`: it may change something elsewhere, which somebody misses who waits for nothing. `endless`: it loops for ever, or until it is asked to stop.
    - `held`: the objects it waits on before it does any work. `gives`: those that it gives back after it has waited on them.
    - `rests`: the objects it waits on for as long as it takes, of those on which nobody who waits goes on before they are signalled.
      `hasty`: it works before it has waited so.
    - `uses`: the objects it uses that belong to one event loop.
    - `ended`: launches of its own that it has seen to their end, and to whose handles nobody can come any more.
    """

    signals: Objects = NONE
    early: Objects = NONE
    late: Objects = NONE
    through: Objects = NONE
    waits: Objects = NONE
    stops: Objects = NONE
    uses: Objects = NONE
    ended: Entries = frozenset()
    suspends: bool = False
    serves: bool = False
    takes: bool = False
    works: bool = False
    begins: bool = False
    changes: bool = False
    endless: bool = False
    held: Objects = NONE
    gives: Objects = NONE
    rests: Objects = NONE
    hasty: bool = False

    def then(self, after: Effects) -> Effects:
        """This, and after it that. Work makes what was signalled before it early, and loops before it are not the last."""
        if after is NO_EFFECTS or self is NO_EFFECTS:
            return self if after is NO_EFFECTS else after
        after = replace(after, hasty=False) if self.rests and after.hasty else after
        together = self.join(replace(after, held=NONE) if self.works and after.held else after)
        if not after.works:
            return together
        return replace(together, early=together.early | self.late, late=after.late, stops=after.stops)

    def then_wait(self, wait: Effects, told: Objects) -> Effects:
        """This, and after it a `wait` for work that signals `told`: for these that is no more work."""
        kept = self.late & told
        after = self.then(wait)
        return replace(after, early=after.early - (kept - self.early), late=after.late | kept) if kept else after

    def join(self, other: Effects) -> Effects:
        """Either of the two: what one of them may do, this may do."""
        if self is other or other is NO_EFFECTS:
            return self
        if self is NO_EFFECTS:
            return other
        ours, theirs = _EVERY(self), _EVERY(other)
        if ours == theirs:
            return self
        both = [one if not two or one is two else (one | two if one else two) for one, two in zip(ours, theirs)]
        return Effects(*both)

    def translated(self, restate: Callable[[Value], Value]) -> Effects:
        """The same in other terms: every object is what `restate` makes of it."""
        named = {name: getattr(self, name) for name in _OBJECTS}
        if not any(named.values()):
            return self
        changed = {name: frozenset(restate(tuple(sorted(objects)))) for name, objects in named.items()}
        if changed == named:
            return self
        return Effects(*(changed.get(name, getattr(self, name)) for name in _FIELDS))


NO_EFFECTS = Effects()
_FIELDS = names_of(Effects)
_EVERY = attrgetter(*_FIELDS)
_OBJECTS = ("signals", "early", "late", "through", "waits", "stops", "uses", "held", "gives", "rests")

WORK = Effects(works=True, hasty=True)
"""Something that takes time."""
CHANGES = Effects(changes=True)
ENDLESS = Effects(endless=True)


def signalling(objects: Iterable[Obj]) -> Effects:
    """Signalling `objects`."""
    found = frozenset(obj.base for obj in objects)
    return Effects(signals=found, late=found)


def giving_back(obj: Obj) -> Effects:
    """Giving back what was taken: news to whoever waits for that, as long as it is held."""
    return replace(signalling((obj,)), gives=frozenset((obj.base,)))


def joined(effects: Iterable[Effects]) -> Effects:
    """Any of several."""
    out: Effects | None = None
    for one in effects:
        out = one if out is None else out.join(one)
    return NO_EFFECTS if out is None else out
