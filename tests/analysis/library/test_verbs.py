"""Each verb has its tests, beside this one."""

from __future__ import annotations

from pathlib import Path

from lint_lambda.knowledge.verbs import CALL_VERBS


def test_each_verb_has_a_file_of_tests() -> None:
    missing = [verb for verb in CALL_VERBS if not Path(__file__).with_name(f"test_{verb}.py").exists()]
    assert not missing, f"write tests/analysis/library/test_{missing[:1]}.py"
