"""Clients for errors, traces, metrics and logs, as `tests.libraries.test_against_sinks` runs them."""

from __future__ import annotations

from tests.libraries.clients import Client

_DOGSTATSD = (
    "from datadog.dogstatsd.base import DogStatsd; it = DogStatsd('127.0.0.1', PORT, disable_telemetry=True, {})"
)
_STATSD = (
    "from datadog import initialize, statsd as it; initialize(statsd_host='127.0.0.1', statsd_port=PORT, {}); "
    "it.disable_telemetry()"
)
_SLOWLY = (
    "import socket, time; send = socket.socket.send; "
    "socket.socket.send = lambda *given: (time.sleep(sink.DELAY), send(*given))[1]"
)
"""Nothing answers a packet, so that only the sending itself can take its time."""
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
processor = BatchLogRecordProcessor(OTLPLogExporter(f"http://127.0.0.1:{PORT}/v1/logs"))
provider.add_log_record_processor(processor)
"""
_OTEL_LAMBDA = """
import os, sys, types
from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor
app = sys.modules["app"] = types.ModuleType("app")
def handler(event, context):
    RECORD
app.handler = handler
os.environ.update(_HANDLER="app.handler", AWS_LAMBDA_FUNCTION_NAME="shop")
arn = "arn:aws:lambda:us-east-1:123456789012:function:shop"
context = types.SimpleNamespace(invoked_function_arn=arn, aws_request_id="1", function_name="shop")
AwsLambdaInstrumentor().instrument(KIND_provider=provider)
"""
_SENTRY_LAMBDA = """
import sys
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
bootstrap.LambdaRuntimeClient.post_invocation_result = lambda *_: sink.tell()
sys.modules["bootstrap"] = bootstrap
import sentry_sdk
from sentry_sdk.integrations.aws_lambda import AwsLambdaIntegration
sentry_sdk.init(dsn=f"http://key@127.0.0.1:{PORT}/1", integrations=INTEGRATIONS, auto_enabling_integrations=False)
runtime = LambdaRuntimeClient(f"127.0.0.1:{PORT}")
arn = "arn:aws:lambda:us-east-1:123456789012:function:shop"
def handler(event, context):
    sentry_sdk.capture_message("signed up")
"""
# As the runtime calls a handler; the patched client tells before it would answer.
_INVOKE = (
    "bootstrap.handle_event_request(runtime, handler, '1', b'{}', 'application/json', '{}', '{}', arn, 0, None, "
    "bootstrap.StandardLogSink())"
)
_EXPORTER = "opentelemetry-exporter-otlp-proto-http"
_FLUSH = ("provider.force_flush()", "provider.shutdown()")
_LANGSMITH = """
import uuid, langsmith
it = langsmith.Client(api_url=f"http://127.0.0.1:{PORT}", api_key="key")
run = uuid.uuid4()
"""
_TRACED = "import os; os.environ['LANGSMITH_TRACING'] = 'true'"
_LANGFUSE = """
from langfuse import Langfuse, get_client, observe
it = Langfuse(public_key="pk-lf-a", secret_key="sk-lf-b", base_url=f"http://127.0.0.1:{PORT}")
"""
_LOKI = "import logging_loki, queue, logging; args = dict(url=f'http://127.0.0.1:{PORT}/loki/api/v1/push', version='1')"
_RECORD = "logging.LogRecord('shop', logging.WARNING, 'shop.py', 1, 'order', (), None)"
_WATCHTOWER = """
import logging, boto3, watchtower
logs = boto3.client("logs", endpoint_url=f"http://127.0.0.1:{PORT}", region_name="us-east-1", aws_access_key_id="a",
                    aws_secret_access_key="b")
it = watchtower.CloudWatchLogHandler(boto3_client=logs, create_log_group=False, create_log_stream=False)
"""
_BUGSNAG = """
import logging, sys, bugsnag
from bugsnag.handlers import BugsnagHandler
from bugsnag.legacy import default_client
options = dict(api_key="k" * 32, endpoint=f"http://127.0.0.1:{PORT}", session_endpoint=f"http://127.0.0.1:{PORT}",
               auto_capture_sessions=False, ASYNCHRONOUS)
bugsnag.configure(**options)
it = bugsnag.Client(**options)
logger = logging.getLogger("orders")
logger.addHandler(BugsnagHandler())
"""
_BUGSNAG_DECORATOR = """
import types
context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: 9000)
@DECORATOR
def handler(event, context):
    OWNER.notify(Exception("broken"))
"""
_HONEY = "import libhoney; key = dict(writekey='k' * 32, dataset='shop', api_host=f'http://127.0.0.1:{PORT}'); "
_APM = """
import os
os.environ["AWS_LAMBDA_FUNCTION_NAME"] = "shop"
import types, elasticapm
from elasticapm import capture_serverless
options = dict(server_url=f"http://127.0.0.1:{PORT}", service_name="shop", metrics_interval="0ms", central_config=False,
               cloud_provider="none")
arn = "arn:aws:lambda:us-east-1:123456789012:function:shop"
context = types.SimpleNamespace(invoked_function_arn=arn, aws_request_id="1", function_name="shop", function_version="1",
                                log_group_name="g", log_stream_name="s", memory_limit_in_mb="128")
"""
_APM_HANDLER = """
it = elasticapm.Client(**options)
def answer(event, context):
    elasticapm.get_client().capture_message("signed up")
handler = DECORATED
"""
_HONEYBADGER = (
    "import os; os.environ['AWS_LAMBDA_FUNCTION_NAME'] = 'shop'; from honeybadger import honeybadger; "
    "honeybadger.configure(api_key='k', endpoint=f'http://127.0.0.1:{PORT}', force_report_data=True)"
)
_LOGFIRE = """
import logfire
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
exporter = OTLPSpanExporter(f"http://127.0.0.1:{PORT}/v1/traces")
logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[BatchSpanProcessor(exporter)])
"""
_AGENTS = """
from agents import flush_traces, set_trace_processors, trace
from agents.tracing import get_trace_provider
from agents.tracing.processors import BackendSpanExporter, BatchTraceProcessor
set_trace_processors([BatchTraceProcessor(BackendSpanExporter(api_key="k", endpoint=f"http://127.0.0.1:{PORT}/traces"))])
"""
_SPLUNK = """
import logging
from splunk_handler import SplunkHandler
it = SplunkHandler("127.0.0.1", PORT, "token", "main", protocol="http", flush_interval=INTERVAL)
logger = logging.getLogger("orders")
logger.addHandler(it)
"""


CLIENTS = (
    Client(
        "sentry",
        "sentry-sdk",
        "import sentry_sdk; sentry_sdk.init(dsn=f'http://key@127.0.0.1:{PORT}/1', auto_enabling_integrations=False)",
        "sentry_sdk.capture_message('signed up')",
        (
            "sentry_sdk.flush()",
            "sentry_sdk.flush(timeout=2)",
            "sentry_sdk.get_client().flush()",
            "sentry_sdk.get_client().close()",
        ),
        ("sentry_sdk.flush(timeout=0)",),
        also=(
            "sentry_sdk.capture_exception(Exception('broken'))",
            "sentry_sdk.capture_event({'message': 'broken'})",
        ),
    ),
    Client(
        "sentry logs and metrics",
        "sentry-sdk",
        "import sentry_sdk; sentry_sdk.init(dsn=f'http://key@127.0.0.1:{PORT}/1', enable_logs=True, "
        "auto_enabling_integrations=False)",
        "sentry_sdk.logger.info('signed up')",
        ("sentry_sdk.flush()",),
        also=(
            "sentry_sdk.logger.fatal('broken')",
            "sentry_sdk.metrics.count('signups', 1)",
            "sentry_sdk.metrics.gauge('signups', 1)",
            "sentry_sdk.metrics.distribution('signups', 1)",
        ),
    ),
    Client(
        "sentry for lambda",
        "sentry-sdk awslambdaric",
        _SENTRY_LAMBDA.replace("INTEGRATIONS", "[AwsLambdaIntegration()]"),
        _INVOKE,
        at_once=True,
    ),
    Client(
        "sentry on lambda without its integration",
        "sentry-sdk awslambdaric",
        _SENTRY_LAMBDA.replace("INTEGRATIONS", "[]"),
        _INVOKE,
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
        (*_FLUSH, "processor.force_flush()", "processor.shutdown()"),
    ),
    Client(
        "opentelemetry simple log processor",
        _EXPORTER,
        _OTEL_LOGS.replace("BatchLogRecordProcessor", "SimpleLogRecordProcessor"),
        "provider.get_logger('shop').emit(LogRecord(body='order'))",
        at_once=True,
    ),
    *(
        Client(
            f"opentelemetry for lambda, {what}",
            f"{_EXPORTER} opentelemetry-instrumentation-aws-lambda",
            setup + _OTEL_LAMBDA.replace("RECORD", record).replace("KIND", kind),
            "app.handler({}, context)",
            at_once=what != "logs",
        )
        for what, kind, setup, record in (
            ("spans", "tracer", _OTEL.replace("PROCESSOR", "BatchSpanProcessor"), "pass"),
            ("metrics", "meter", _OTEL_METRICS, "orders.add(1)"),
            ("logs", "logger", _OTEL_LOGS, "provider.get_logger('shop').emit(LogRecord(body='order'))"),
        )
    ),
    Client(
        "langsmith",
        "langsmith",
        _LANGSMITH,
        "it.create_run('order', {}, 'tool', id=run, trace_id=run, dotted_order=f'20260101T000000000000Z{run}')",
        ("it.flush()", "it.close()", "it.cleanup()"),
        also=("it.update_run(run, trace_id=run, dotted_order=f'20260101T000000000000Z{run}', outputs={})",),
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
        "langsmith trace",
        "langsmith",
        f"{_TRACED}{_LANGSMITH}\ntree = langsmith.RunTree(name='order', run_type='chain', inputs={{}}, ls_client=it)",
        "block = langsmith.trace('order', client=it); block.__enter__(); block.__exit__(None, None, None)",
        ("it.flush()",),
        also=("tree.post()", "tree.create_child(name='line').post()", "tree.patch()"),
    ),
    Client(
        "langchain tracers",
        "langchain-core",
        f"{_TRACED}\nfrom langsmith.run_trees import get_cached_client\n"
        "it = get_cached_client(api_url=f'http://127.0.0.1:{PORT}', api_key='key')\n"
        "from langchain_core.tracers.langchain import wait_for_all_tracers\n"
        "from langchain_core.runnables import RunnableLambda",
        "RunnableLambda(str.upper).invoke('order')",
        ("wait_for_all_tracers()",),
    ),
    Client(
        "langfuse observe",
        "langfuse",
        f"{_LANGFUSE}\nwork = observe(lambda: 1)\nstep = observe(name='step')(lambda: 1)",
        "work()",
        ("it.flush()", "it.shutdown()"),
        also=("step()",),
    ),
    Client(
        "langfuse",
        "langfuse",
        _LANGFUSE,
        "it.start_observation(name='order').end()",
        ("it.flush()", "it.shutdown()", "get_client().flush()"),
        also=(
            "it.start_as_current_observation(name='order').__enter__().end()",
            "it.create_event(name='order')",
            "it.create_score(name='quality', value=1, trace_id='a' * 32)",
        ),
    ),
    Client(
        "bugsnag",
        "bugsnag",
        _BUGSNAG.replace("ASYNCHRONOUS", ""),
        "bugsnag.notify(Exception('broken'))",
        ("default_client.flush(5000)",),
        also=(
            "bugsnag.auto_notify(Exception('broken'))",
            "bugsnag.auto_notify_exc_info((ValueError, ValueError('broken'), None))",
            "logger.error('broken')",
        ),
    ),
    Client(
        "bugsnag client",
        "bugsnag",
        _BUGSNAG.replace("ASYNCHRONOUS", ""),
        "it.notify(Exception('broken'))",
        ("it.flush(5000)",),
        also=("it.notify_exc_info(ValueError, ValueError('broken'), None)",),
    ),
    Client(
        "bugsnag at once",
        "bugsnag",
        _BUGSNAG.replace("ASYNCHRONOUS", "asynchronous=False"),
        "bugsnag.notify(Exception('broken'))",
        at_once=True,
        also=("it.notify(Exception('broken'))", "logger.error('broken')"),
    ),
    *(
        Client(
            f"bugsnag decorator {decorator}",
            "bugsnag",
            _BUGSNAG.replace("ASYNCHRONOUS", "")
            + _BUGSNAG_DECORATOR.replace("DECORATOR", decorator).replace("OWNER", decorator.partition(".")[0]),
            "handler({}, context)",
            at_once=True,
        )
        for decorator in (
            "bugsnag.aws_lambda_handler",
            "bugsnag.aws_lambda_handler(flush_timeout_ms=5000)",
            "it.aws_lambda_handler",
        )
    ),
    Client(
        "honeybadger events",
        "honeybadger",
        _HONEYBADGER,
        "honeybadger.event('order.created', {'id': 1})",
        ("honeybadger.shutdown()",),
    ),
    Client(
        "honeybadger errors",
        "honeybadger",
        _HONEYBADGER,
        "honeybadger.notify(RuntimeError('broken'))",
        at_once=True,
    ),
    Client(
        "honeybadger errors from a thread",
        "honeybadger",
        f"{_HONEYBADGER}; honeybadger.configure(force_sync=False)",
        "honeybadger.notify(RuntimeError('broken'))",
    ),
    Client(
        "openai agents",
        "openai-agents",
        _AGENTS,
        "block = trace('triage'); block.__enter__(); block.__exit__(None, None, None)",
        ("flush_traces()", "get_trace_provider().force_flush()", "get_trace_provider().shutdown()"),
    ),
    Client(
        "airbrake",
        "pybrake",
        "from pybrake import Notifier; it = Notifier(project_id=1, project_key='key', host=f'http://127.0.0.1:{PORT}', "
        "performance_stats=False, remote_config=False)",
        "future = it.notify(RuntimeError('broken'))",
        ("future.result()",),
        also=("future = it.send_notice(it.build_notice('broken'))",),
    ),
    Client(
        "airbrake at once",
        "pybrake",
        "from pybrake import Notifier; it = Notifier(project_id=1, project_key='key', host=f'http://127.0.0.1:{PORT}', "
        "performance_stats=False, remote_config=False)",
        "it.notify_sync(RuntimeError('broken'))",
        at_once=True,
    ),
    Client(
        "seqlog",
        "seqlog",
        "import logging, seqlog; it = seqlog.log_to_seq(f'http://127.0.0.1:{PORT}', level=logging.INFO); "
        "logger = logging.getLogger('orders')",
        "logger.error('order')",
        non_waiting=("it.flush()", "it.close()"),
    ),
    Client(
        "logfire",
        f"logfire {_EXPORTER}",
        _LOGFIRE,
        "logfire.info('cart')",
        ("logfire.force_flush()", "logfire.shutdown()"),
        also=("logfire.instrument('step')(print)()",),
    ),
    Client(
        "flagsmith analytics",
        "flagsmith",
        "from flagsmith.analytics import AnalyticsProcessor; it = AnalyticsProcessor('key', f'http://127.0.0.1:{PORT}/')",
        "it.track_feature('banner')",
        non_waiting=("it.flush()",),
    ),
    Client(
        "flagsmith events",
        "flagsmith",
        "from flagsmith.analytics import EventProcessor, EventProcessorConfig; "
        "it = EventProcessor(EventProcessorConfig(events_api_url=f'http://127.0.0.1:{PORT}/'), 'key'); it.start()",
        "it.track_event('checkout', identifier='user')",
        non_waiting=("it.flush()", "it.stop()"),
    ),
    Client(
        "elastic apm",
        "elastic-apm",
        f"{_APM}it = elasticapm.Client(**options)",
        "it.capture_message('signed up')",
        ("it.close()",),
        also=("it.capture_exception((ValueError, ValueError('broken'), None))",),
    ),
    *(
        Client(
            f"elastic apm {decorated}",
            "elastic-apm",
            _APM + _APM_HANDLER.replace("DECORATED", decorated),
            "handler({}, context)",
            at_once=True,
        )
        for decorated in (
            "capture_serverless(answer)",
            "capture_serverless()(answer)",
            "capture_serverless()(func=answer)",
            "capture_serverless(func=answer)",
        )
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
        f"{_HONEY}libhoney.init(**key)",
        "libhoney.send_now({'order': 1})",
        ("libhoney.flush()", "libhoney.close()"),
        also=(
            "libhoney.new_event({'order': 1}).send()",
            "libhoney.new_event({'order': 1}).send_presampled()",
            "libhoney.Builder({'order': 1}).new_event().send()",
            "libhoney.Builder().send_now({'order': 1})",
        ),
    ),
    Client(
        "libhoney client",
        "libhoney",
        f"{_HONEY}it = libhoney.Client(**key)",
        "it.send_now({'order': 1})",
        ("it.flush()", "it.close()"),
        also=("it.new_event({'order': 1}).send()", "it.send(it.new_event({'order': 1}))"),
    ),
    Client(
        "honeycomb beeline",
        "honeycomb-beeline",
        "import beeline; beeline.init(writekey='k' * 32, dataset='shop', api_host=f'http://127.0.0.1:{PORT}')",
        "beeline.send_now({'order': 1})",
        ("beeline.close()",),
    ),
    Client(
        "coralogix",
        "coralogix_logger",
        "import logging, os; os.environ['CORALOGIX_LOG_URL'] = f'http://127.0.0.1:{PORT}/logs'; "
        "from coralogix.handlers import CoralogixLogger; from coralogix.manager import LoggerManager; "
        "it = CoralogixLogger('key', 'app', 'orders')",
        f"it.emit({_RECORD})",
        ("it.flush_messages()", "LoggerManager.flush()"),
    ),
    Client(
        "unleash",
        "UnleashClient",
        "from UnleashClient import UnleashClient; it = UnleashClient(url=f'http://127.0.0.1:{PORT}/api', "
        "app_name='orders', disable_registration=True); it.initialize_client(fetch_toggles=False)",
        "it.is_enabled('banner')",
        ("it.destroy()", "it.__exit__(None, None, None)"),
        also=("it.get_variant('banner')",),
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
        "logger.error('order')",
        ("it.force_flush()", "it.shutdown()", "it.close()", "import splunk_handler; splunk_handler.force_flush()"),
        also=(f"it.emit({_RECORD})",),
    ),
    Client(
        "splunk without a timer",
        "splunk_handler",
        _SPLUNK.replace("INTERVAL", "0"),
        "logger.error('order')",
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
    Client("watchtower", "watchtower boto3", _WATCHTOWER, f"it.emit({_RECORD})", ("it.flush()", "it.close()")),
    Client(
        "watchtower without queues",
        "watchtower boto3",
        _WATCHTOWER.replace("create_log_group", "use_queues=False, create_log_group"),
        f"it.emit({_RECORD})",
        at_once=True,
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
    Client("dogstatsd", "datadog", _DOGSTATSD.format(""), "it.increment('a')", at_once=True, sink="sink.udp"),
    Client(
        "dogstatsd buffer",
        "datadog",
        _DOGSTATSD.format("disable_buffering=False, flush_interval=60"),
        "it.increment('a')",
        ("it.flush()", "it.wait_for_pending()", "it.stop()"),
        sink="sink.udp",
    ),
    Client(
        "dogstatsd aggregation",
        "datadog",
        _DOGSTATSD.format("disable_aggregation=False, flush_interval=60"),
        "it.increment('a')",
        ("it.flush_aggregated_metrics()", "it.stop()"),
        ("it.flush()", "it.wait_for_pending()"),
        sink="sink.udp",
    ),
    Client(
        "dogstatsd background sender",
        "datadog",
        _DOGSTATSD.format("disable_background_sender=False"),
        "it.increment('a')",
        ("it.wait_for_pending()", "it.stop()"),
        ("it.wait_for_pending(0)",),
        sink="sink.udp",
    ),
    Client(
        "dogstatsd of the library",
        "datadog",
        _STATSD.format(""),
        "it.increment('a')",
        at_once=True,
        sink="sink.udp",
    ),
    Client(
        "dogstatsd of the library with a buffer",
        "datadog",
        _STATSD.format("statsd_disable_buffering=False"),
        "it.increment('a')",
        ("it.flush()", "it.wait_for_pending()", "it.stop()"),
        ("it.flush_aggregated_metrics()",),
        sink="sink.udp",
    ),
    Client(
        "dogstatsd of the library with aggregation",
        "datadog",
        _STATSD.format("statsd_disable_aggregation=False, statsd_aggregation_flush_interval=60"),
        "it.increment('a')",
        ("it.flush_aggregated_metrics()", "it.stop()"),
        ("it.flush()", "it.wait_for_pending()"),
        sink="sink.udp",
    ),
    Client(
        "dogstatsd of the library with a sender",
        "datadog",
        f"{_STATSD.format('')}; it.enable_background_sender(); {_SLOWLY}",
        "it.increment('a')",
        ("it.wait_for_pending()", "it.stop()"),
        ("it.wait_for_pending(0)",),
        sink="sink.udp",
    ),
    Client(
        "graphyte sender",
        "graphyte",
        "import graphyte; it = graphyte.Sender('127.0.0.1', PORT, interval=60, protocol='udp')",
        "it.send('a', 1)",
        ("it.stop()",),
        sink="sink.udp",
    ),
    Client(
        "graphyte",
        "graphyte",
        "import graphyte; graphyte.init('127.0.0.1', PORT, interval=60, protocol='udp')",
        "graphyte.send('a', 1)",
        ("graphyte.default_sender.stop()",),
        sink="sink.udp",
    ),
    Client(
        "graphyte without an interval",
        "graphyte",
        "import graphyte; graphyte.init('127.0.0.1', PORT, protocol='udp'); it = graphyte.default_sender",
        "it.send('a', 1)",
        also=("graphyte.send('a', 1)",),
        at_once=True,
        sink="sink.udp",
    ),
    Client(
        "statsd pipeline",
        "statsd",
        "from statsd import StatsClient; it = StatsClient('127.0.0.1', PORT).pipeline()",
        "it.incr('a')",
        ("it.send()",),
        sink="sink.udp",
    ),
    Client(
        "statsd",
        "statsd",
        "from statsd import StatsClient; it = StatsClient('127.0.0.1', PORT)",
        "it.incr('a')",
        at_once=True,
        sink="sink.udp",
    ),
)
