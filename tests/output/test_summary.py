"""The closing lines."""

from __future__ import annotations

from lint_lambda.output.summary import statistics, summary
from tests.output.sample import SOURCES, finding

THREAD = finding(SOURCES, "Thread(target")
TASK = finding(SOURCES, "Thread(target", code="LAM102", name="orphan-task")


def test_the_summary_counts_findings_files_handlers_and_seconds() -> None:
    assert summary([THREAD, TASK], 1200, 1, 0.4142) == (
        "Found 2 findings in 1 file. Checked 1,200 files with 1 handler in 0.41 s."
    )
    assert summary([], 1, 2, 3.0) == "No findings in 1 file (2 handlers) in 3.00 s."


def test_statistics_begin_with_the_most_frequent_rule() -> None:
    assert statistics([TASK, THREAD, THREAD]) == "    2 LAM201 orphan-thread\n    1 LAM102 orphan-task\n"
