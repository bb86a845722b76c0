"""One way to use a client library, to be observed at a sink."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """One way to use a client library.

    `setup` may use `PORT`, that of the sink. `enqueue` is what the models call a launch, `also` other calls that they call
    so; `waits` and `non_waiting` are what they call joins and non-waiting flushes of it. With `at_once`, the enqueuing itself has sent.
    `package` names the distributions that are needed; `sink` is the function of `tests.libraries` that starts what the
    client sends to.
    """

    name: str
    package: str
    setup: str
    enqueue: str
    waits: tuple[str, ...] = ()
    non_waiting: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    at_once: bool = False
    sink: str = "sink.http"

    def observations(self) -> list[tuple[str, str, bool]]:
        """What enqueues, what is called after it, and whether something has arrived then."""
        return [
            (self.enqueue, "", self.at_once),
            *((self.enqueue, call, True) for call in self.waits),
            *((self.enqueue, call, False) for call in self.non_waiting),
            *((other, "", self.at_once) for other in self.also),
            *((other, call, True) for other in self.also for call in self.waits[:1]),
        ]
