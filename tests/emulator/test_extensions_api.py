"""The Extensions API as an extension sees it: registration, events, and what is refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from tests.emulator.client import EXTENSION, Answer, Background
from tests.emulator.conftest import Api

Make = Callable[..., Api]


def _identifier(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return answer.headers["lambda-extension-identifier"]


def _polling(api: Api, name: str, events: list[str]) -> tuple[str, Background]:
    identifier = _identifier(api.register(name, events))
    poll = Background(lambda: api.next_event(identifier))
    assert api.wait(api.lifecycle.extensions_ready)
    return identifier, poll


def test_a_registration_is_answered_with_an_identifier_and_the_function(api: Make) -> None:
    one = api()
    answer = one.register("in-process", ["INVOKE"])
    assert uuid.UUID(_identifier(answer))
    assert answer.json == {"functionName": "f", "functionVersion": "$LATEST", "handler": "app.handler"}
    asked = one.register("second", [], Lambda_Extension_Accept_Feature="accountId, other")
    assert asked.json["accountId"] == "012345678912"


def test_an_internal_extension_that_asks_for_shutdown_is_refused_whole(api: Make) -> None:
    one = api()
    answer = one.register("in-process", ["INVOKE", "SHUTDOWN"])
    assert answer.error == (403, "Extension.InvalidEventType")
    assert answer.json["errorMessage"] == "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"
    assert not one.lifecycle.extensions


def test_an_external_extension_may_ask_for_shutdown(api: Make) -> None:
    one = api("collector")
    assert one.register("collector", ["INVOKE", "SHUTDOWN"]).status == 200
    assert one.lifecycle.externals_registered()
    assert one.register("collector", ["INVOKE"]).error == (403, "Extension.InvalidExtensionState")


@pytest.mark.parametrize(
    ("body", "headers", "error"),
    [
        ({"events": ["INVOKE"]}, {}, "Extension.InvalidExtensionName"),
        (b"{", {"Lambda_Extension_Name": "x"}, "InvalidRequestFormat"),
        (b"[]", {"Lambda_Extension_Name": "x"}, "InvalidRequestFormat"),
        ({"events": "INVOKE"}, {"Lambda_Extension_Name": "x"}, "InvalidRequestFormat"),
        ({"events": [1]}, {"Lambda_Extension_Name": "x"}, "InvalidRequestFormat"),
        ({"events": [], "configurationKeys": ["a"]}, {"Lambda_Extension_Name": "x"}, "InvalidRequestFormat"),
        ({"events": ["BIRTHDAY"]}, {"Lambda_Extension_Name": "x"}, "Extension.InvalidEventType"),
    ],
)
def test_registrations_that_are_none(api: Make, body: object, headers: dict[str, str], error: str) -> None:
    assert api().call("POST", f"{EXTENSION}/register", body, **headers).error == (403, error)


def test_registration_closes_at_the_runtimes_first_poll(api: Make) -> None:
    one = api()
    Background(one.next)
    assert one.wait(one.lifecycle.runtime_ready)
    one.lifecycle.close_registration()
    assert one.register("late", ["INVOKE"]).error == (403, "Extension.RegistrationClosed")


def test_a_name_is_taken_once_and_ten_are_the_most(api: Make) -> None:
    one = api()
    for number in range(10):
        assert one.register(f"e{number}", []).status == 200
    answer = one.register("eleventh", [])
    assert answer.error == (403, "Extension.TooManyExtensions")
    assert answer.json["errorMessage"] == "Extension limit (10) reached"
    two = api()
    two.register("same", [])
    assert two.register("same", []).error == (403, "Extension.InvalidExtensionState")


def test_the_identifier(api: Make) -> None:
    one = api()
    assert one.call("GET", f"{EXTENSION}/event/next").error == (403, "Extension.MissingExtensionIdentifier")
    assert one.next_event("not-a-uuid").error == (403, "Extension.InvalidExtensionIdentifier")
    assert one.next_event(str(uuid.uuid4())).error == (403, "Extension.UnknownExtensionIdentifier")


def test_an_invoke_event_and_the_end_of_the_invocation(api: Make) -> None:
    one = api()
    identifier, poll = _polling(one, "in-process", ["INVOKE"])
    runtime = Background(one.next)
    invocation = one.deliver("id-1")
    event = poll.result()
    assert event.json == {
        "eventType": "INVOKE",
        "deadlineMs": 1700000000000,
        "requestId": "id-1",
        "invokedFunctionArn": "arn:f",
        "tracing": {"type": "X-Amzn-Trace-Id", "value": "Root=1-0-0;Sampled=0"},
    }
    assert uuid.UUID(event.headers["lambda-extension-event-identifier"])
    runtime.result()
    one.respond("id-1", {})
    Background(one.next)
    assert one.wait(lambda: one.lifecycle.runtime == "Ready")
    assert not one.lifecycle.complete(invocation), "the extension has not polled again"
    assert one.lifecycle.waiting_for() == ["extension in-process (Running)"]
    Background(lambda: one.next_event(identifier))
    assert one.wait(lambda: one.lifecycle.complete(invocation))


def test_an_extension_without_invoke_is_not_waited_for(api: Make) -> None:
    one = api()
    _polling(one, "quiet", [])
    Background(one.next)
    invocation = one.deliver("id-1")
    assert one.wait(lambda: one.lifecycle.runtime == "Running")
    one.respond("id-1", {})
    Background(one.next)
    assert one.wait(lambda: one.lifecycle.complete(invocation))


def test_polling_while_a_poll_waits_is_refused(api: Make) -> None:
    one = api()
    identifier, _ = _polling(one, "in-process", ["INVOKE"])
    assert one.next_event(identifier).error == (403, "Extension.InvalidExtensionState")


def test_shutdown_goes_to_external_extensions_that_asked(api: Make) -> None:
    one = api("asked", "quiet")
    asked, quiet = _identifier(one.register("asked", ["SHUTDOWN"])), _identifier(one.register("quiet", ["INVOKE"]))
    poll, other = Background(lambda: one.next_event(asked)), Background(lambda: one.next_event(quiet))
    assert one.wait(one.lifecycle.extensions_ready)
    assert one.lifecycle.announce_shutdown("spindown", 1700000002000) == ["asked"]
    said = {"eventType": "SHUTDOWN", "deadlineMs": 1700000002000, "shutdownReason": "spindown"}
    assert poll.result().json == said
    assert other.answer is None


@pytest.mark.parametrize(("path", "fatal"), [("init", "Extension.InitError"), ("exit", "Extension.ExitError")])
def test_an_extension_reports_an_error(api: Make, path: str, fatal: str) -> None:
    one = api()
    identifier = _identifier(one.register("in-process", []))
    url, who = f"{EXTENSION}/{path}/error", {"Lambda_Extension_Identifier": identifier}
    assert one.call("POST", url, {}, **who).error == (403, "Extension.MissingHeader")
    why = {"Lambda_Extension_Function_Error_Type": "Extension.Reason"}
    assert one.call("POST", url, {}, **who, **why).status == 202
    assert one.call("POST", url, {}, **who, **why).status == 202, "saying it again is no error"
    assert one.lifecycle.fatal == (fatal, "in-process: Extension.Reason")
    assert one.next_event(identifier).error == (403, "Extension.InvalidExtensionState")


def test_an_init_error_after_init_is_refused(api: Make) -> None:
    one = api()
    identifier, _ = _polling(one, "in-process", [])
    answer = one.call(
        "POST",
        f"{EXTENSION}/init/error",
        Lambda_Extension_Identifier=identifier,
        Lambda_Extension_Function_Error_Type="Extension.Late",
    )
    assert answer.error == (403, "Extension.InvalidExtensionState")


def test_managed_instances_refuse_invoke(api: Make) -> None:
    one = api("collector", managed=1)
    internal = one.register("in-process", ["INVOKE"])
    assert internal.error == (403, "Extension.InvalidEventType")
    assert internal.json["errorMessage"] == "No events allowed for internal extensions"
    assert one.register("collector", ["INVOKE"]).error == (403, "Extension.InvalidEventType")
    assert one.register("collector", ["SHUTDOWN"]).status == 200
    assert one.register("in-process", []).status == 200


@pytest.mark.parametrize(("path", "service"), [("/2020-08-15/logs", "Logs"), ("/2022-07-01/telemetry", "Telemetry")])
def test_subscriptions_are_politely_not_supported(api: Make, path: str, service: str) -> None:
    answer = api().call("PUT", path, {})
    assert answer.error == (202, f"{service}.NotSupported")
