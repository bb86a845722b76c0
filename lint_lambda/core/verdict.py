"""What the analysis concludes of one launch, before any rule is applied."""

from __future__ import annotations

from typing import Literal

from lint_lambda.core.finding import Confidence, Fate
from lint_lambda.core.names import Site, Symbol
from lint_lambda.core.record import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A node of an analysed file, not yet a span: see `lint_lambda.core.ir` on sites."""

    path: str
    site: Site


@dataclass(frozen=True, slots=True, order=True)
class Handler:
    """What Lambda calls: the module attribute `name` of the file `path`, found by `source` because of `why`.

    `name` may be dotted (``Api.handle``) where configuration says so. `place` is its definition, or the assignment's
    value (``handler = wrap(main)``). `guessed`: matched by a wildcard although its signature is unusual;
    assume an unknown caller that awaits it and keeps its result. `runtime`: it is no handler but a runtime of its own, a
    loop that asks for events and answers them. `application`: it is a web application, and an adapter calls its endpoints.

    - `adapter`: the name of the adapter of a web application, in the library models; empty if none is known. `managed`: it runs on a Managed Instance, which does not freeze between invocations.
    - `engine`: the runtime that it is deployed as (``nodejs22.x``); empty where none is known, or there are several.
    - `by_name`: nothing but its name tells that it is a handler.
    """

    path: str
    name: str
    place: Place
    source: Literal["signature", "configuration", "option", "deployment"]
    why: str
    guessed: bool = False
    runtime: bool = False
    application: bool = False
    adapter: str = ""
    managed: bool = False
    engine: str = ""
    by_name: bool = False

    @property
    def display_name(self) -> str:
        """The display name: without the number that distinguishes redefinitions."""
        return self.name.partition("#")[0]

    def __str__(self) -> str:
        return f"{self.path}:{self.name}"


@dataclass(frozen=True, slots=True)
class Advice:
    """`text`: the way to have the work done, as an imperative; `prompt`, `alone`: as in the verdict."""

    text: str = ""
    prompt: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of one launch site, over all the handlers that reach it.

    - `kind`: the library model's word for what is launched (``thread``, ``task``, ``future`` …).
    - `call`: the symbol that launches (``threading.Thread.start``); `label`: the source name of the work, or of the call.
    - `function`: qualified name of the function that contains the launch.
    - `path`: call sites from the handler down to that function; empty when the handler itself launches.
    - `endpoint`: the function below which it is launched that a framework calls, and how many of the calls in `path` come after that.
    - `abandoned_at`: the return that lets the launch outlive the response; None when the function falls off its end.
    - `reason`: why it is still pending (closed set, see `Reason`); `noted`: the place that explains the reason.
    - `advice`: the framework's own way to have such work done; empty where there is none. `prompt`: nothing may wait there.
      `alone`: no other way would do.
    - `made`: where the object that is waited for was made, where that is not the launch.
    - `drains`: objects that the work signals piece by piece, by the places where they are made, each with the call that waits for
      all of it.
    - `traits`: what else is known of the work, and of how the code treats it.
    """

    kind: str
    fate: Fate
    confidence: Confidence
    launch: Place
    call: Symbol
    label: str
    function: str
    handlers: tuple[Handler, ...]
    path: tuple[Place, ...]
    abandoned_at: Place | None
    reason: Reason
    noted: Place | None = None
    traits: tuple[Trait, ...] = ()
    drains: tuple[tuple[Place, Symbol], ...] = ()
    advice: str = ""
    prompt: bool = False
    alone: bool = False
    made: Place | None = None
    endpoint: tuple[Place, int] | None = None


@dataclass(frozen=True, slots=True, order=True)
class Launched:
    """A launch that the response of a handler comes after, waited for or not: its place, and as in the verdict."""

    place: Place
    kind: str
    call: Symbol
    label: str


Trait = Literal[
    "endless",  # it loops for ever, or until it is asked to stop
    "waits",  # it waits for what other code does
    "restarts",  # it starts itself again
    "limited",  # a wait for it may time out
    "watched",  # a loop asks whether it is done
    "current-loop",  # code beside it asks for the current event loop of the thread, in every invocation
    "own-loop",  # each invocation has an event loop of its own
    "interrupted",  # a wait for it exists, and an exception of other work ends that first
    "awaited-inside",  # something that it is in is awaited, which waits for nothing
    "answered-first",  # the handler answers by a call, and nothing waits after that
    "put-off",  # what calls the function that begins it drops what that returns
]
"""What decides, beside the reason, whether a fix may wait for the work."""

Reason = Literal[
    "never-joined",  # nothing waits for it
    "some-path",  # a join exists, and a path goes round it
    "only-last",  # started in a loop, only the last one is joined
    "times-out",  # the join can time out
    "partial-wait",  # the join can return before all of it is done (FIRST_COMPLETED, a poll)
    "premature-signal",  # the join waits for a signal that the work gives before it is done
    "cut-short",  # it is cancelled before the queue that it takes from is empty
    "escaped",  # the handle went into code we cannot see
    "import-time",  # launched when the module is imported
    "unreachable-hook",  # registered for a moment that Lambda never reaches (atexit)
    "next-event",  # pending when a custom runtime asks for its next event
    "not-signalled",  # an extension waits for something that a path does not do
    "raises-first",  # an exception comes before what an extension waits for
    "lags",  # an extension takes one item where a path queues several
    "uncaught",  # what it raises ends the extension
    "answers-first",  # what serves the application sends the response, and only then runs it
    "never-called",  # what serves the application never calls it
    "new-loop",  # it belongs to the event loop of an earlier invocation
    "nothing-runs-it",  # deferred where nothing is active that would run it
    "no-drain",  # nothing is done with what is left at a shutdown
    "refused",  # Lambda refuses the registration
    "managed",  # registered on a Managed Instance
    "too-late",  # registered after the first event has been asked for
    "awaited-inside",  # what it is in is awaited, which waits for nothing
    "answered-first",  # the handler answers by a call, and nothing waits after that
    "put-off",  # what calls the function that begins it drops what that returns
    "no-callbacks",  # its runtime hands no callback to a handler
    "suspends",  # the invocation ends at a suspension before anything waits for it
    "replays",  # it stands outside a step, and the handler is called anew after a suspension
    "may-drain",  # whether the answer waits for it depends on the runtime
]
