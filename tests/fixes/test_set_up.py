"""What must not be mended where it stands: a client that a helper only sets up, a wait with a limit that is meant."""

from __future__ import annotations

from pathlib import Path

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, check, fix

SET_UP = """\
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter


def set_up():
    processor = BatchSpanProcessor(ConsoleSpanExporter())
    provider = TracerProvider()
    provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)


def handler(event, context):
    set_up()
    return 200
"""
LIMITED = """\
from concurrent.futures import ThreadPoolExecutor, TimeoutError


def handler(event, context):
    executor = ThreadPoolExecutor()
    try:
        future = executor.submit(print, event)
        try:
            return future.result(timeout=2)
        except TimeoutError:
            return 504
    finally:
        executor.shutdown(wait=False)
"""


def _refused(folder: Path, program: str, reason: str) -> bool:
    (folder / "app.py").write_text(program)
    request = Request([folder], Config(root=folder), fixes=True)
    (finding,) = check(request).findings
    made = fix(request, frozenset({Applicability.SAFE, Applicability.UNSAFE}))
    return made.files == {} and any(reason in each.title for each in finding.fixes)


def test_a_client_is_not_flushed_where_it_is_set_up(tmp_path: Path) -> None:
    assert _refused(tmp_path, SET_UP, "it is only set up there")


def test_a_limit_to_a_wait_is_not_lifted_by_shutting_the_pool_down(tmp_path: Path) -> None:
    assert _refused(tmp_path, LIMITED, "the wait has a deliberate timeout")
