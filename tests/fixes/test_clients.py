"""Flushes in odd places: where the client has a name, once on every path, and told apart from what would end the client."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, check, fix

ALLOWED = frozenset({Applicability.UNSAFE})
POSTHOG = "import posthog\n\n\n"
KAFKA = "from confluent_kafka import Producer\n\nproducer = Producer({})\n\n\n"


def fixed(folder: Path, **files: str) -> dict[str, str]:
    """The files that the fixes change. What they leave has no finding, and is fixed no further."""
    sources = {f"{name}.py": text.encode() for name, text in files.items()}
    config = Config(root=folder)
    result = fix(Request([folder], config, overlays=sources), ALLOWED)
    assert result.left == {}
    changed = {path: after for path, (_, after) in result.files.items()}
    if changed:
        again = Request([folder], config, overlays={**sources, **changed})
        assert check(again).findings == ()
        assert fix(again, ALLOWED).files == {}
    return {path: after.decode() for path, after in changed.items()}


def titles(folder: Path, source: str) -> list[str]:
    """What the findings of a file say of their fixes."""
    report = check(Request([folder], Config(root=folder), overlays={"app.py": source.encode()}, fixes=True))
    return [each.title for finding in report.findings for each in finding.fixes]


CASES = {
    "the one line of an if": (
        POSTHOG + "def handler(event, context):\n    if event: posthog.capture('a')\n    return 1\n",
        POSTHOG + "def handler(event, context):\n    if event: posthog.capture('a')\n    posthog.flush()\n    return 1\n",
    ),
    "the one line of the handler": (
        POSTHOG + "def handler(event, context): posthog.capture('a'); return 1\n",
        POSTHOG + "def handler(event, context): posthog.capture('a'); posthog.flush(); return 1\n",
    ),
    "semicolons": (
        POSTHOG + "def handler(event, context):\n    x = 1; posthog.capture('a'); return x  # end\n",
        POSTHOG + "def handler(event, context):\n    x = 1; posthog.capture('a'); posthog.flush(); return x  # end\n",
    ),
    "an early return": (
        POSTHOG + "def handler(event, context):\n    posthog.capture('a')\n    if event:\n        return 1\n    return 2\n",
        POSTHOG
        + "def handler(event, context):\n    try:\n        posthog.capture('a')\n        if event:\n            return 1\n"
        "        return 2\n    finally:\n        posthog.flush()\n",
    ),
    "an early return in tabs and CRLF": (
        "import posthog\r\ndef handler(event, context):\r\n\tif event:\r\n\t\tposthog.capture('a')\r\n\t\treturn 1\r\n\treturn 2\r\n",
        "import posthog\r\ndef handler(event, context):\r\n\ttry:\r\n\t\tif event:\r\n\t\t\tposthog.capture('a')\r\n\t\t\treturn 1\r\n"
        "\t\treturn 2\r\n\tfinally:\r\n\t\tposthog.flush()\r\n",
    ),
    "a flush on one path already": (
        POSTHOG
        + "def handler(event, context):\n    posthog.capture('a')\n    if event:\n        return 1\n    posthog.flush()\n    return 2\n",
        POSTHOG
        + "def handler(event, context):\n    posthog.capture('a')\n    if event:\n        posthog.flush()\n        return 1\n"
        "    posthog.flush()\n    return 2\n",
    ),
    "a finally that is there already": (
        POSTHOG
        + "def handler(event, context):\n    try:\n        posthog.capture('a')\n        if event:\n            return 1\n"
        "        return 2\n    finally:\n        print('done')\n",
        POSTHOG
        + "def handler(event, context):\n    try:\n        posthog.capture('a')\n        if event:\n            return 1\n"
        "        return 2\n    finally:\n        print('done')\n        posthog.flush()\n",
    ),
    "a try without a finally": (
        "import sentry_sdk\n\n\ndef handler(event, context):\n    try:\n        return int(event)\n    except ValueError as error:\n"
        "        sentry_sdk.capture_exception(error)\n        if event:\n            return 0\n        return 1\n",
        "import sentry_sdk\n\n\ndef handler(event, context):\n    try:\n        return int(event)\n    except ValueError as error:\n"
        "        sentry_sdk.capture_exception(error)\n        if event:\n            return 0\n        return 1\n"
        "    finally:\n        sentry_sdk.flush()\n",
    ),
    "several events, one flush": (
        POSTHOG + "def handler(event, context):\n    posthog.capture('a')\n    posthog.capture('b')\n    return 1\n",
        POSTHOG + "def handler(event, context):\n    posthog.capture('a')\n    posthog.capture('b')\n    posthog.flush()\n    return 1\n",
    ),
    "a function imported by its name": (
        "'''Doc.'''\nfrom posthog import capture\n\n\ndef handler(event, context):\n    capture('a')\n    return 1\n",
        "'''Doc.'''\nimport posthog\nfrom posthog import capture\n\n\ndef handler(event, context):\n    capture('a')\n    posthog.flush()\n    return 1\n",
    ),
    "a nested helper in a loop": (
        KAFKA
        + "def handler(event, context):\n    def send(row):\n        producer.produce('x', row)\n\n    for row in event:\n        send(row)\n    return 1\n",
        KAFKA
        + "def handler(event, context):\n    def send(row):\n        producer.produce('x', row)\n\n    for row in event:\n        send(row)\n"
        "    producer.flush()\n    return 1\n",
    ),
    "a generator that the return reads": (
        KAFKA
        + "def rows(event):\n    for row in event:\n        producer.produce('x', row)\n        yield row\n\n\n"
        "def handler(event, context):\n    return list(rows(event))\n",
        KAFKA
        + "def rows(event):\n    for row in event:\n        producer.produce('x', row)\n        yield row\n\n\n"
        "def handler(event, context):\n    try:\n        return list(rows(event))\n    finally:\n        producer.flush()\n",
    ),
    "a decorator around the handler": (
        POSTHOG
        + "def counted(function):\n    def wrapper(event, context):\n        result = function(event, context)\n        posthog.capture('a')\n"
        "        return result\n\n    return wrapper\n\n\n@counted\ndef handler(event, context):\n    return 1\n",
        POSTHOG
        + "def counted(function):\n    def wrapper(event, context):\n        result = function(event, context)\n        posthog.capture('a')\n"
        "        posthog.flush()\n        return result\n\n    return wrapper\n\n\n@counted\ndef handler(event, context):\n    return 1\n",
    ),
    "a client in an attribute": (
        "from confluent_kafka import Producer\n\n\nclass Sender:\n    def __init__(self):\n        self.producer = Producer({})\n\n"
        "    def send(self, row):\n        self.producer.produce('x', row)\n\n\nsender = Sender()\n\n\n"
        "def handler(event, context):\n    sender.send(event)\n    return 1\n",
        "from confluent_kafka import Producer\n\n\nclass Sender:\n    def __init__(self):\n        self.producer = Producer({})\n\n"
        "    def send(self, row):\n        self.producer.produce('x', row)\n        self.producer.flush()\n\n\nsender = Sender()\n\n\n"
        "def handler(event, context):\n    sender.send(event)\n    return 1\n",
    ),
    "a client that only one branch makes": (
        "from confluent_kafka import Producer\n\n\ndef handler(event, context):\n    if event:\n        producer = Producer({})\n"
        "        producer.produce('x', 'y')\n    return 1\n",
        "from confluent_kafka import Producer\n\n\ndef handler(event, context):\n    if event:\n        producer = Producer({})\n"
        "        producer.produce('x', 'y')\n        producer.flush()\n    return 1\n",
    ),
    "a client without a name": (
        "from confluent_kafka import Producer\n\n\ndef handler(event, context):\n    Producer({}).produce('x', 'y')\n    return 1\n",
        "from confluent_kafka import Producer\n\n\ndef handler(event, context):\n    client = Producer({})\n    client.produce('x', 'y')\n"
        "    client.flush()\n    return 1\n",
    ),
    "a client that each turn of a loop makes": (
        "from confluent_kafka import Producer\n\n\ndef handler(event, context):\n    while event:\n        producer = Producer({})\n"
        "        producer.produce('x', event.pop())\n    return 1\n",
        "from confluent_kafka import Producer\n\n\ndef handler(event, context):\n    while event:\n        producer = Producer({})\n"
        "        producer.produce('x', event.pop())\n        producer.flush()\n    return 1\n",
    ),
    "poll in a loop stays": (
        KAFKA
        + "def handler(event, context):\n    for row in event:\n        producer.produce('x', row)\n        producer.poll(0)\n    return 1\n",
        KAFKA
        + "def handler(event, context):\n    for row in event:\n        producer.produce('x', row)\n        producer.poll(0)\n"
        "    producer.flush()\n    return 1\n",
    ),
    "spans that the return makes, unseen": (
        "from opentelemetry.sdk.trace import TracerProvider\nfrom opentelemetry.sdk.trace.export import BatchSpanProcessor\n\n"
        "provider = TracerProvider()\nprovider.add_span_processor(BatchSpanProcessor(None))\n\n\n"
        "def handler(event, context):\n    '''Doc.'''\n    return work(event)\n",
        "from opentelemetry.sdk.trace import TracerProvider\nfrom opentelemetry.sdk.trace.export import BatchSpanProcessor\n\n"
        "provider = TracerProvider()\nprovider.add_span_processor(BatchSpanProcessor(None))\n\n\n"
        "def handler(event, context):\n    '''Doc.'''\n    try:\n        return work(event)\n    finally:\n        provider.force_flush()\n",
    ),
    "a handler of records without a name": (
        "import logging\n\nimport watchtower\n\nlog = logging.getLogger()\nlog.addHandler(watchtower.CloudWatchLogHandler())\n\n\n"
        "def handler(event, context):\n    log.info('x')\n    return 1\n",
        "import logging\n\nimport watchtower\n\nlog = logging.getLogger()\nshipper = watchtower.CloudWatchLogHandler()\nlog.addHandler(shipper)\n\n\n"
        "def handler(event, context):\n    log.info('x')\n    shipper.flush()\n    return 1\n",
    ),
    "a run of this invocation may be ended": (
        "import wandb\n\n\ndef handler(event, context):\n    wandb.init()\n    wandb.log({})\n    return 1\n",
        "import wandb\n\n\ndef handler(event, context):\n    wandb.init()\n    wandb.log({})\n    wandb.finish()\n    return 1\n",
    ),
    "a client of the handler alone that only its end flushes": (
        "import ldclient\n\nclient = ldclient.LDClient(1)\n\n\ndef handler(event, context):\n    client.track('x', 1)\n    return 1\n",
        "import ldclient\n\n\ndef handler(event, context):\n    client = ldclient.LDClient(1)\n    try:\n        client.track('x', 1)\n"
        "        return 1\n    finally:\n        client.close()\n",
    ),
    "the library's own decorator": (
        "import datadog\n\n\ndef handler(event, context):\n    datadog.lambda_metric('x', 1)\n    return 1\n",
        "import datadog\n\n\n@datadog.datadog_lambda_wrapper\ndef handler(event, context):\n    datadog.lambda_metric('x', 1)\n    return 1\n",
    ),
    "a buffer without a name": (
        "from mixpanel import BufferedConsumer, Mixpanel\n\nclient = Mixpanel('t', BufferedConsumer())\n\n\n"
        "def handler(event, context):\n    client.track('u', 'x')\n    return 1\n",
        "from mixpanel import BufferedConsumer, Mixpanel\n\nconsumer = BufferedConsumer()\nclient = Mixpanel('t', consumer)\n\n\n"
        "def handler(event, context):\n    client.track('u', 'x')\n    consumer.flush()\n    return 1\n",
    ),
    "results of a loop": (
        "from google.cloud import pubsub_v1\n\npublisher = pubsub_v1.PublisherClient()\n\n\n"
        "def handler(event, context):\n    for row in event:\n        publisher.publish('t', row)\n    return 1\n",
        "from google.cloud import pubsub_v1\n\npublisher = pubsub_v1.PublisherClient()\n\n\n"
        "def handler(event, context):\n    all_sent = []\n    for row in event:\n        all_sent.append(publisher.publish('t', row))\n"
        "    for sent in all_sent:\n        sent.result()\n    return 1\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES.keys())
def test_the_flush_is_put_where_it_belongs(tmp_path: Path, before: str, after: str) -> None:
    compile(before, "app.py", "exec")
    assert fixed(tmp_path, app=before) == {"app.py": after}


def test_a_client_of_another_module_is_flushed_by_the_handler_that_imports_it(tmp_path: Path) -> None:
    bus = KAFKA + "def send(row):\n    producer.produce('x', row)\n"
    app = "import bus\n\n\ndef handler(event, context):\n    for row in event:\n        bus.send(row)\n    return 1\n"
    after = app.replace("    return", "    bus.producer.flush()\n    return")
    assert fixed(tmp_path, app=app, bus=bus) == {"app.py": after}


def test_a_client_that_the_handler_does_not_see_is_flushed_where_it_is_used(tmp_path: Path) -> None:
    bus = KAFKA + "def send(row):\n    producer.produce('x', row)\n"
    app = "from bus import send\n\n\ndef handler(event, context):\n    send(event)\n    return 1\n"
    assert fixed(tmp_path, app=app, bus=bus) == {"bus.py": f"{bus}    producer.flush()\n"}


REASONS = {
    "a client that everybody shares is not ended": (
        "import ldclient\n\n\ndef handler(event, context):\n    client = ldclient.get()\n    client.track('x', 1)\n    return 1\n",
        "only `client.close()` waits, but it closes the client",
    ),
    "nor one that two functions use, by what only seems to flush": (
        "import ldclient\n\nclient = ldclient.LDClient(1)\n\n\ndef note():\n    client.track('y', 1)\n\n\n"
        "def handler(event, context):\n    note()\n    client.track('x', 1)\n    client.flush()\n    return 1\n",
        "only `client.close()` waits, but it closes the client",
    ),
    "a scheduler is never done": (
        "from apscheduler.schedulers.background import BackgroundScheduler\n\n\n"
        "def handler(event, context):\n    BackgroundScheduler().start()\n    return 1\n",
        "a scheduler is never done",
    ),
    "what is left over has to go somewhere": (
        "from aws_kinesis_agg.aggregator import RecordAggregator\n\nrecords = RecordAggregator()\n\n\n"
        "def handler(event, context):\n    records.add_user_record('k', event)\n    return 1\n",
        "only you can say where it is to be sent",
    ),
    "a listener has to answer at once": (
        "from slack_bolt import App\nfrom slack_bolt.adapter.aws_lambda import SlackRequestHandler\n\nsettings = {}\n"
        "app = App(**settings)\n\n\n@app.event('x')\ndef listen(ack):\n    ack()\n\n\n"
        "def handler(event, context):\n    return SlackRequestHandler(app).handle(event, context)\n",
        "the function has to respond at once, so it must not wait",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "reason"), REASONS.values(), ids=REASONS.keys())
def test_where_no_flush_is_right_the_reason_is_told(tmp_path: Path, source: str, reason: str) -> None:
    found = [title for title in titles(tmp_path, source) if title.startswith("No automatic fix")]
    assert any(reason in title for title in found), found
    assert fixed(tmp_path, app=source) == {}


def test_titles_show_what_is_inserted(tmp_path: Path) -> None:
    source = dedent("""\
        from amplitude import Amplitude

        client = Amplitude("key")


        def handler(event, context):
            client.track(event)
            client.flush()
            return 1
        """)
    said = "wait, instead of `client.flush()`: `for future in filter(None, client.flush()): future.result()`"
    assert said in titles(tmp_path, source)
