"""Every launch that a library model knows has a remedy: a call that waits, a setting, or a reason why no edit is right."""

from __future__ import annotations

import pytest

from lint_lambda.core.remedy import Join
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.loader import load_models
from lint_lambda.knowledge.remedies import remedy

MODELS = load_models()
HOOKS = frozenset({"hook"})
"""Kinds for which the front-end itself says why there is no edit."""

LAUNCHES = sorted(
    {
        (model.call, "non-waiting-flush" if isinstance(model, m.NonWaitingFlushModel) else model.kind)
        for library in MODELS.libraries
        if library.package
        for model in library.models
        if isinstance(model, (m.LaunchModel, m.NonWaitingFlushModel))
    }
)


@pytest.mark.parametrize(("call", "kind"), LAUNCHES, ids=str)
def test_a_launch_has_a_remedy_or_a_reason_for_none(call: str, kind: str) -> None:
    known = remedy(MODELS, call, kind)
    ended = MODELS.scope(call.rpartition(".")[0]) is not None  # by the end of its block
    alike = known.kind.alike or known.kind.no_join  # the language itself waits for it, or nothing does
    assert known.joins or known.settings or known.no_edit or ended or alike or kind in HOOKS


def test_what_ends_nothing_comes_first() -> None:
    flush, shutdown = remedy(MODELS, "posthog.Posthog.capture", "client").joins
    assert flush == Join("posthog.Posthog.flush", "object")
    assert shutdown == Join("posthog.Posthog.shutdown", "object", ends=True)


def test_a_call_that_only_seems_to_wait_has_the_joins_of_what_it_leaves_pending() -> None:
    assert remedy(MODELS, "snowplow_tracker.AsyncEmitter.flush", "non-waiting-flush").joins == (
        Join("snowplow_tracker.AsyncEmitter.sync_flush", "object"),
    )


def test_a_client_is_flushed_rather_than_each_of_its_results_read() -> None:
    first, second, *_ = remedy(MODELS, "kafka.KafkaProducer.send", "client").joins
    assert (first.call, first.on) == ("kafka.KafkaProducer.flush", "object")
    assert second.on == "result"


def test_other_work_is_waited_for_by_its_own_handle_first() -> None:
    first, second = remedy(MODELS, "aiojobs.Scheduler.spawn", "task").joins
    assert first == Join("aiojobs.Job.wait", "result", awaited=True)
    assert (second.call, second.ends) == ("aiojobs.Scheduler.wait_and_close", True)


def test_a_buffer_is_found_through_the_argument_that_the_client_was_made_with() -> None:
    (join,) = remedy(MODELS, "mixpanel.Mixpanel.track", "client").joins
    assert (join.call, join.on, join.argument, join.position) == (
        "mixpanel.BufferedConsumer.flush",
        "argument",
        "consumer",
        1,
    )


def test_a_setting_leads_through_what_the_object_was_made_with() -> None:
    (setting,) = remedy(MODELS, "slack_bolt.adapter.aws_lambda.SlackRequestHandler.handle", "hook").settings
    assert (setting.path, setting.name, setting.value) == ((("app", 0),), "process_before_response", "true")
