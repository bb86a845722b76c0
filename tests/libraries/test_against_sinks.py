"""What the library models say of each client, seen at a sink on loopback: what has arrived when a call returns.

The libraries are installed with ``pip install -e '.[libraries]'``; what is not installed is skipped.
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.rules.pages import ROOT


@dataclass(frozen=True)
class Client:
    """One way to use a client library.

    `setup` may use `PORT`, that of the sink. `enqueue` is what the models call a launch, `waits` and `pretends` what they
    call joins and pretences of it. With `at_once`, the enqueuing itself has sent.
    """

    name: str
    package: str
    setup: str
    enqueue: str
    waits: tuple[str, ...] = ()
    pretends: tuple[str, ...] = ()
    at_once: bool = False
    protocol: str = "http"


def _of_segment(name: str, package: str, module: str, endpoint: str) -> tuple[Client, ...]:
    setup = f"import {module} as it; it.write_key = 'key'; it.{endpoint} = f'http://127.0.0.1:{{PORT}}'"
    verbs = {
        "track": "'user', 'signed up'",
        "identify": "'user', {'plan': 'a'}",
        "group": "'user', 'team'",
        "alias": "'user', 'new'",
        "page": "'user', 'shop', 'orders'",
        "screen": "'user', 'shop', 'orders'",
    }
    return (
        *(
            Client(f"{name} {verb}", package, setup, f"it.{verb}({given})", ("it.flush()", "it.shutdown()"))
            for verb, given in verbs.items()
        ),
        Client(f"{name} sync_mode", package, f"{setup}; it.sync_mode = True", "it.track('user', 'x')", at_once=True),
    )


_DOGSTATSD = (
    "from datadog.dogstatsd.base import DogStatsd; it = DogStatsd('127.0.0.1', PORT, disable_telemetry=True, {})"
)
_INFLUX = """
from influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
client = InfluxDBClient(f"http://127.0.0.1:{PORT}", token="token", org="org")
"""
_S3 = """
import io, boto3
from botocore.config import Config
from s3transfer.manager import TransferManager
s3 = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{PORT}", region_name="us-east-1", aws_access_key_id="a",
                  aws_secret_access_key="b", config=Config(s3={"addressing_style": "path"}))
it = TransferManager(s3)
"""
_GRPC = """
import grpc, time
from concurrent.futures import ThreadPoolExecutor
def order(request, context):
    time.sleep(sink.DELAY)
    sink.arrived.append("Order")
    return b"done"
methods = {"Order": grpc.unary_unary_rpc_method_handler(order)}
server = grpc.server(ThreadPoolExecutor())
server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("shop.Shop", methods)])
port = server.add_insecure_port("127.0.0.1:0")
server.start()
order = grpc.insecure_channel(f"127.0.0.1:{port}").unary_unary("/shop.Shop/Order")
"""
_OTEL = """
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
provider = TracerProvider()
processor = PROCESSOR(OTLPSpanExporter(f"http://127.0.0.1:{PORT}/v1/traces"))
provider.add_span_processor(processor)
"""
_OTEL_METRICS = """
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"http://127.0.0.1:{PORT}/v1/metrics"))
provider = MeterProvider(metric_readers=[reader])
orders = provider.get_meter("shop").create_counter("orders")
"""
_OTEL_LOGS = """
from opentelemetry._logs import LogRecord
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
provider = LoggerProvider()
provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"http://127.0.0.1:{PORT}/v1/logs")))
"""
_EXPORTER = "opentelemetry-exporter-otlp-proto-http"
_FLUSH = ("provider.force_flush()", "provider.shutdown()")
_LANGSMITH = """
import uuid, langsmith
it = langsmith.Client(api_url=f"http://127.0.0.1:{PORT}", api_key="key")
run = uuid.uuid4()
"""
_LOKI = "import logging_loki, queue, logging; args = dict(url=f'http://127.0.0.1:{PORT}/loki/api/v1/push', version='1')"
_RECORD = "logging.LogRecord('shop', logging.WARNING, 'shop.py', 1, 'order', (), None)"
_SPLUNK = """
import logging
from splunk_handler import SplunkHandler
it = SplunkHandler("127.0.0.1", PORT, "token", "main", protocol="http", flush_interval=INTERVAL)
"""

CLIENTS = (
    Client(
        "posthog",
        "posthog",
        "import posthog as it; it.api_key = 'key'; it.host = f'http://127.0.0.1:{PORT}'",
        "it.capture('signed up', distinct_id='user')",
        ("it.flush()", "it.shutdown()"),
    ),
    Client(
        "posthog client object",
        "posthog",
        "from posthog import Posthog; it = Posthog('key', host=f'http://127.0.0.1:{PORT}')",
        "it.capture('signed up', distinct_id='user')",
        ("it.flush()", "it.shutdown()"),
    ),
    Client(
        "posthog sync_mode",
        "posthog",
        "from posthog import Posthog; it = Posthog('key', host=f'http://127.0.0.1:{PORT}', sync_mode=True)",
        "it.capture('signed up', distinct_id='user')",
        at_once=True,
    ),
    *_of_segment("segment", "segment-analytics-python", "segment.analytics", "host"),
    *_of_segment("segment legacy", "analytics-python", "analytics", "host"),
    *_of_segment("rudderstack", "rudder-sdk-python", "rudder_analytics", "data_plane_url"),
    Client(
        "amplitude",
        "amplitude-analytics",
        "from amplitude import Amplitude, BaseEvent, Config; "
        "it = Amplitude('key', Config(server_url=f'http://127.0.0.1:{PORT}'))",
        "it.track(BaseEvent('signed up', user_id='user'))",
        ("it.shutdown()", "[each.result() for each in it.flush()]"),
        ("it.flush()",),
    ),
    Client(
        "mixpanel buffer",
        "mixpanel",
        "from mixpanel import BufferedConsumer, Mixpanel; "
        "buffer = BufferedConsumer(events_url=f'http://127.0.0.1:{PORT}'); it = Mixpanel('token', buffer)",
        "it.track('user', 'signed up')",
        ("buffer.flush()",),
    ),
    Client(
        "mixpanel",
        "mixpanel",
        "from mixpanel import Consumer, Mixpanel; "
        "it = Mixpanel('token', Consumer(events_url=f'http://127.0.0.1:{PORT}'))",
        "it.track('user', 'signed up')",
        at_once=True,
    ),
    Client(
        "launchdarkly",
        "launchdarkly-server-sdk",
        "from ldclient import Config, Context, LDClient; it = LDClient(Config('key', "
        "events_uri=f'http://127.0.0.1:{PORT}', use_ldd=True, diagnostic_opt_out=True))",
        "it.track('signed up', Context.create('user'))",
        ("it.close()",),
        ("it.flush()",),
    ),
    Client(
        "sentry",
        "sentry-sdk",
        "import sentry_sdk; sentry_sdk.init(dsn=f'http://key@127.0.0.1:{PORT}/1')",
        "sentry_sdk.capture_message('signed up')",
        ("sentry_sdk.flush()", "sentry_sdk.flush(timeout=2)"),
        ("sentry_sdk.flush(timeout=0)",),
    ),
    Client(
        "opentelemetry spans",
        _EXPORTER,
        _OTEL.replace("PROCESSOR", "BatchSpanProcessor"),
        "provider.get_tracer('shop').start_span('order').end()",
        (*_FLUSH, "processor.force_flush()", "processor.shutdown()"),
    ),
    Client(
        "opentelemetry simple processor",
        _EXPORTER,
        _OTEL.replace("PROCESSOR", "SimpleSpanProcessor"),
        "provider.get_tracer('shop').start_span('order').end()",
        at_once=True,
    ),
    Client(
        "opentelemetry metrics",
        _EXPORTER,
        _OTEL_METRICS,
        "orders.add(1)",
        (*_FLUSH, "reader.force_flush()", "reader.shutdown()"),
    ),
    Client(
        "opentelemetry logs",
        _EXPORTER,
        _OTEL_LOGS,
        "provider.get_logger('shop').emit(LogRecord(body='order'))",
        _FLUSH,
    ),
    Client(
        "langsmith",
        "langsmith",
        _LANGSMITH,
        "it.create_run('order', {}, 'tool', id=run, trace_id=run, dotted_order=f'20260101T000000000000Z{run}')",
        ("it.flush()",),
    ),
    Client("langsmith without a trace", "langsmith", _LANGSMITH, "it.create_run('order', {}, 'tool')", at_once=True),
    Client(
        "langsmith traceable",
        "langsmith",
        f"{_LANGSMITH}\nwork = langsmith.traceable(lambda: 1, client=it, enabled=True)",
        "work()",
        ("it.flush()",),
    ),
    Client(
        "langfuse",
        "langfuse",
        "from langfuse import Langfuse; "
        "it = Langfuse(public_key='pk-lf-a', secret_key='sk-lf-b', base_url=f'http://127.0.0.1:{PORT}')",
        "it.start_observation(name='order').end()",
        ("it.flush()", "it.shutdown()"),
    ),
    Client(
        "influxdb",
        "influxdb-client",
        f"{_INFLUX}it = client.write_api()",
        "it.write('bucket', record='orders value=1')",
        ("it.close()", "it.__exit__(None, None, None)"),
        ("it.flush()",),
    ),
    Client(
        "influxdb synchronous",
        "influxdb-client",
        f"{_INFLUX}it = client.write_api(write_options=SYNCHRONOUS)",
        "it.write('bucket', record='orders value=1')",
        at_once=True,
    ),
    Client(
        "bugsnag",
        "bugsnag",
        "import bugsnag; from bugsnag.legacy import default_client; bugsnag.configure(api_key='k' * 32, "
        "endpoint=f'http://127.0.0.1:{PORT}', session_endpoint=f'http://127.0.0.1:{PORT}', auto_capture_sessions=False)",
        "bugsnag.notify(Exception('broken'))",
        ("default_client.flush(5000)",),
    ),
    Client(
        "rollbar",
        "rollbar",
        "import rollbar; rollbar.init('token', 'test', endpoint=f'http://127.0.0.1:{PORT}/api/1/')",
        "rollbar.report_message('broken')",
        ("rollbar.wait()",),
    ),
    Client(
        "libhoney",
        "libhoney",
        "import libhoney; libhoney.init(writekey='k' * 32, dataset='shop', api_host=f'http://127.0.0.1:{PORT}')",
        "libhoney.send_now({'order': 1})",
        ("libhoney.flush()", "libhoney.close()"),
    ),
    Client(
        "honeycomb beeline",
        "honeycomb-beeline",
        "import beeline; beeline.init(writekey='k' * 32, dataset='shop', api_host=f'http://127.0.0.1:{PORT}')",
        "beeline.send_now({'order': 1})",
        ("beeline.close()",),
    ),
    Client(
        "logtail",
        "logtail-python",
        "import logging; from logtail import LogtailHandler; "
        "it = LogtailHandler('token', host=f'http://127.0.0.1:{PORT}')",
        f"it.emit({_RECORD})",
        ("it.flush()",),
    ),
    Client(
        "loki queue",
        "python-logging-loki",
        f"{_LOKI}; it = logging_loki.LokiQueueHandler(queue.Queue(-1), **args)",
        f"it.emit({_RECORD})",
        ("it.listener.stop()",),
    ),
    Client(
        "loki",
        "python-logging-loki",
        f"{_LOKI}; it = logging_loki.LokiHandler(**args)",
        f"it.emit({_RECORD})",
        at_once=True,
    ),
    Client(
        "splunk",
        "splunk_handler",
        _SPLUNK.replace("INTERVAL", "15"),
        f"it.emit({_RECORD})",
        ("it.force_flush()", "it.shutdown()"),
    ),
    Client(
        "splunk without a timer",
        "splunk_handler",
        _SPLUNK.replace("INTERVAL", "0"),
        f"it.emit({_RECORD})",
        at_once=True,
    ),
    Client(
        "logzio",
        "logzio-python-handler",
        "import logging; from logzio.handler import LogzioHandler; "
        "it = LogzioHandler('token', url=f'http://127.0.0.1:{PORT}')",
        f"it.emit({_RECORD})",
        ("it.flush()",),
    ),
    Client(
        "snowplow",
        "snowplow-tracker",
        "from snowplow_tracker import AsyncEmitter; "
        "it = AsyncEmitter('127.0.0.1', protocol='http', port=PORT, batch_size=10)",
        "it.input({'e': 'pv'})",
        ("it.sync_flush()",),
        ("it.flush()",),
    ),
    Client(
        "threadstats",
        "datadog",
        "from datadog import ThreadStats, initialize; initialize(api_key='key', app_key='key', "
        "api_host=f'http://127.0.0.1:{PORT}'); it = ThreadStats(); it.start(flush_in_thread=False)",
        "it.increment('signups')",
        ("it.flush(float('inf'))",),
        ("it.flush()",),
    ),
    Client("dogstatsd", "datadog", _DOGSTATSD.format(""), "it.increment('a')", at_once=True, protocol="udp"),
    Client(
        "dogstatsd buffer",
        "datadog",
        _DOGSTATSD.format("disable_buffering=False, flush_interval=60"),
        "it.increment('a')",
        ("it.flush()", "it.wait_for_pending()", "it.stop()"),
        protocol="udp",
    ),
    Client(
        "dogstatsd aggregation",
        "datadog",
        _DOGSTATSD.format("disable_aggregation=False, flush_interval=60"),
        "it.increment('a')",
        ("it.flush_aggregated_metrics()", "it.stop()"),
        ("it.flush()", "it.wait_for_pending()"),
        protocol="udp",
    ),
    Client(
        "statsd pipeline",
        "statsd",
        "from statsd import StatsClient; it = StatsClient('127.0.0.1', PORT).pipeline()",
        "it.incr('a')",
        ("it.send()",),
        protocol="udp",
    ),
    Client(
        "statsd",
        "statsd",
        "from statsd import StatsClient; it = StatsClient('127.0.0.1', PORT)",
        "it.incr('a')",
        at_once=True,
        protocol="udp",
    ),
    Client(
        "requests_futures",
        "requests-futures",
        "from requests_futures.sessions import FuturesSession; it = FuturesSession()",
        "future = it.post(f'http://127.0.0.1:{PORT}', data=b'order')",
        ("future.result()", "it.close()", "it.__exit__(None, None, None)"),
    ),
    Client(
        "s3transfer",
        "s3transfer",
        _S3,
        "future = it.upload(io.BytesIO(b'order'), 'bucket', 'key')",
        ("future.result()", "it.shutdown()", "it.__exit__(None, None, None)"),
    ),
    Client("boto3", "boto3", _S3, "s3.upload_fileobj(io.BytesIO(b'order'), 'bucket', 'key')", at_once=True),
    Client("grpc", "grpcio", _GRPC, "future = order.future(b'a')", ("future.result()", "future.exception()")),
    Client("grpc call", "grpcio", _GRPC, "order(b'a')", at_once=True),
)


def cases() -> list[object]:
    """Each client alone, then with each call that should and should not have waited; and whether something has arrived."""
    found: list[object] = []
    for client in CLIENTS:
        found.append(pytest.param(client, "", client.at_once, id=client.name))
        found += [pytest.param(client, call, True, id=f"{client.name}, {call}") for call in client.waits]
        found += [pytest.param(client, call, False, id=f"{client.name}, {call}") for call in client.pretends]
    return found


@pytest.mark.parametrize(("client", "call", "arrives"), cases())
def test_what_has_arrived_when_the_call_returns(client: Client, call: str, arrives: bool) -> None:
    try:
        importlib.metadata.version(client.package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{client.package} is not installed")
    start = f"from tests.libraries import sink\nPORT = sink.{client.protocol}()"
    program = "\n".join((start, client.setup, client.enqueue, call, "sink.tell()"))
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        text=True,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    assert (int(ran.stdout.splitlines()[-1]) > 0) is arrives, ran.stderr
