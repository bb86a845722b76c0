"""Comments that silence findings, and what is said of those that silence nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint_lambda.core.finding import Applicability, Confidence, Fate, Finding
from lint_lambda.core.record import replace
from lint_lambda.core.source import Location, Span
from lint_lambda.fixes import apply
from lint_lambda.ignores import apply_ignores, read_ignores
from lint_lambda.ignores.adding import with_ignores
from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.reporting.selection import about_no_launch

RULES = load_rules()


def everything(code: str, path: str) -> bool:
    return True


def at(
    line: int, code: str = "LAM201", end_line: int | None = None, confidence: Confidence = Confidence.HIGH
) -> Finding:
    """A finding on a line of app.py."""
    location = Location("app.py", Span(line, 4, end_line or line, 20))
    rule = RULES["LAM900"]
    made = about_no_launch(rule, location, subject=code, problem="made for a test", confidence=confidence)
    return Finding(**{**{f: getattr(made, f) for f in made.__dataclass_fields__}, "code": code})


def left(
    text: str,
    *findings: Finding,
    selects: Callable[[str, str], bool] = everything,
    analysed: tuple[str, ...] = ("app.py",),
) -> list[tuple[str, int]]:
    """Code and line of each finding that stays."""
    kept = apply_ignores(findings, analysed, lambda path: text, RULES, selects)
    return [(finding.code, finding.location.span.line) for finding in kept]


def unused(text: str, *findings: Finding) -> list[str]:
    kept = apply_ignores(findings, ["app.py"], lambda path: text, RULES, everything)
    return [finding.message for finding in kept if finding.code == "LAM901"]


@pytest.mark.parametrize(
    "comment",
    [
        "# lambda-lint: ignore[LAM201] best effort",
        "# lambda-lint: ignore[LAM201]",
        "#lambda-lint:ignore[ lam201 ]",
        "# lambda-lint: ignore[LAM102, LAM201] both",
        "# see above  # lambda-lint: ignore[LAM201]",
        "# noqa: LAM201",
        "# noqa:LAM201",
        "# NOQA : E501,LAM201",
        "# noqa: E501 LAM201",
        "# best effort # noqa: LAM201",
        "# noqa",
        "# NoQA",
        "# noqa  (the runbook says why)",
    ],
)
def test_a_comment_on_the_line_silences_the_finding(comment: str) -> None:
    found = [at(1), at(1, "LAM102")] if "LAM102" in comment else [at(1)]
    assert left(f"start()  {comment}\n", *found) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: E501",
        "# noqa: LAM202x",
        "# noqa: because",
        "# noqa-ish",
        "# noqable",
        "# ruff: noqa",
        "# type: ignore[LAM201]",
        "# lambda-lint ignore[LAM201]",
    ],
)
def test_other_comments_silence_nothing(comment: str) -> None:
    assert ("LAM201", 1) in left(f"start()  {comment}\n", at(1))


def test_another_line_and_another_rule_are_not_silenced() -> None:
    text = "a()  # lambda-lint: ignore[LAM201]\nb()\n"
    assert left(text, at(1), at(1, "LAM102"), at(2)) == [("LAM102", 1), ("LAM201", 2)]


@pytest.mark.parametrize("line", [1, 3])
def test_a_launch_over_several_lines_is_silenced_on_its_first_or_last(line: int) -> None:
    lines = ["Thread(", "    target=f,", ").start()"]
    lines[line - 1] += "  # lambda-lint: ignore[LAM201]"
    assert left("\n".join(lines), at(1, end_line=3)) == []


def test_a_file_level_ignore_silences_its_rule_everywhere() -> None:
    text = "a()\nb()\n# lambda-lint: ignore-file[LAM201] waits in an extension\nc()\n"
    assert left(text, at(1), at(2, "LAM102"), at(4)) == [("LAM102", 2)]


@pytest.mark.parametrize(
    "text",
    [
        's = "# noqa"; start()',
        "s = '# noqa'; start()",
        's = "\\"# noqa"; start()',
        "s = r'\\''; t = '# noqa'; start()",
        's = f"{x}# noqa"; start()',
    ],
)
def test_a_string_is_no_comment(text: str) -> None:
    assert left(text, at(1)) == [("LAM201", 1)]


def test_a_docstring_is_no_comment() -> None:
    text = '"""\nstart()  # noqa: LAM201\n\'\'\' \\"""\n"""\nstart()  # noqa: LAM201\n'
    assert left(text, at(2), at(5)) == [("LAM201", 2)]


def test_an_apostrophe_in_a_comment_opens_no_string() -> None:
    assert left("# don't\nstart()  # noqa: LAM201\n", at(2)) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_does(newline: str) -> None:
    text = newline.join(["x = 1\x0c", "y = '''", "'''", "start()  # noqa: LAM201", ""])
    assert left(text, at(4)) == []


@pytest.mark.parametrize(
    "broken",
    [
        "print 'two'\n",
        "def f(:\n",
        "x = <placeholder>\n",
        "<<<<<<< HEAD\n",
        "s = 'never closed\n",
        "if x:\n\t y\n  z\n",
    ],
)
def test_a_file_that_does_not_parse_has_its_ignores(broken: str) -> None:
    line = broken.count("\n") + 1
    assert left(f"{broken}start()  # noqa: LAM900\n", at(line, "LAM900")) == []


# --- unused ----------------------------------------------------------------------------------------------------------


def test_an_ignore_of_nothing_is_reported_at_its_code() -> None:
    text = "x = 1\nstart()  # lambda-lint: ignore[LAM102, LAM201] why\n"
    [found] = apply_ignores([at(2)], ["app.py"], lambda path: text, RULES, everything)
    assert (found.code, found.name) == ("LAM901", "unused-ignore")
    start = text.split("\n")[1].index("LAM102")
    assert found.location == Location("app.py", Span(2, start, 2, start + len("LAM102")))
    assert "LAM102" in found.message


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# lambda-lint: ignore[LAM201]", "unused ignore: no LAM201 finding on this line"),
        ("# noqa: LAM201", "unused ignore: no LAM201 finding on this line"),
        ("# lambda-lint: ignore-file[LAM201]", "unused ignore: no LAM201 finding in this file"),
        ("# lambda-lint: ignore[LAM999]", "unknown rule `LAM999`"),
        ("# noqa: LAM999", "unknown rule `LAM999`"),
        ("# lambda-lint: ignore", "it names no rule"),
        ("# lambda-lint: ignore[]", "it names no rule"),
        ("# lambda-lint: ignore because", "it names no rule"),
        ("# lambda-lint: ignore-file", "it names no rule"),
    ],
)
def test_what_silences_nothing_is_told_why(comment: str, said: str) -> None:
    [message] = unused(f"x = 1  {comment}\n")
    assert said in message


def test_a_used_ignore_is_not_reported() -> None:
    assert unused("start()  # noqa: LAM201\n# lambda-lint: ignore-file[LAM102]\n", at(1), at(2, "LAM102")) == []


def test_ignores_of_other_tools_are_left_alone() -> None:
    assert unused("x = 1  # noqa\ny = 2  # noqa: E501, S3\n") == []


def test_an_ignore_of_a_hidden_finding_is_used() -> None:
    assert unused("start()  # noqa: LAM201\n", at(1, confidence=Confidence.LOW)) == []


def test_an_ignore_of_a_rule_that_does_not_run_is_left_alone() -> None:
    def selects(code: str, path: str) -> bool:
        return code != "LAM201"

    assert left("x = 1  # noqa: LAM201, LAM202\n", selects=selects) == [("LAM901", 1)]


def test_unused_ignores_are_not_reported_when_their_rule_does_not_run() -> None:
    assert left("x = 1  # noqa: LAM201\n", selects=lambda code, path: code != "LAM901") == []


def test_ignores_in_files_that_no_handler_reaches_are_left_alone() -> None:
    assert left("x = 1  # noqa: LAM201\n", analysed=()) == []


def test_an_unused_ignore_can_be_ignored() -> None:
    assert left("x = 1  # lambda-lint: ignore[LAM201, LAM901] kept for the next release\n") == []
    assert left("# lambda-lint: ignore-file[LAM901]\nx = 1  # noqa: LAM201\n") == []


def test_equal_unused_ignores_have_different_fingerprints() -> None:
    text = "x = 1  # noqa: LAM201\n" * 3
    found = apply_ignores([], ["app.py"], lambda path: text, RULES, everything)
    assert len({finding.fingerprint for finding in found}) == 3


def test_a_file_without_text_keeps_its_findings() -> None:
    assert apply_ignores([at(1)], [], lambda path: None, RULES, everything) == [at(1)]


# --- deleting them ---------------------------------------------------------------------------------------------------


def without(text: str) -> str:
    """The text with the deletions that are proposed, one after the other."""
    for _ in range(text.count("LAM") + 1):  # each deletion takes one code at least
        found = apply_ignores([], ["app.py"], {"app.py": text}.get, RULES, everything)
        if not (proposed := [fix for finding in found for fix in finding.proposed]):
            return text
        assert proposed[0].applicability is Applicability.SAFE
        after = apply(text, proposed[0].edits)
        assert after is not None
        text = after
    raise AssertionError("it does not come to an end")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1  # lambda-lint: ignore[LAM201] best effort", "x = 1"),
        ("x = 1\t#lambda-lint:ignore[LAM201]", "x = 1"),
        ("x = 1  # lambda-lint: ignore[LAM201] see #123, as ever", "x = 1"),
        ("x = 1  # lambda-lint: ignore[LAM201, LAM102 ; LAM301] why", "x = 1"),
        ("x = 1  # lambda-lint: ignore[LAM201, LAM201]", "x = 1"),
        ("x = 1  # see above  # lambda-lint: ignore[LAM201]", "x = 1  # see above"),
        ("x = 1  # lambda-lint: ignore[LAM201] why  # noqa: E501", "x = 1  # noqa: E501"),
        ("x = 1  # lambda-lint: ignore[LAM201]# noqa: E501", "x = 1  # noqa: E501"),
        ("x = 1  # lambda-lint: ignore[LAM201] #type: ignore[attr-defined]", "x = 1  #type: ignore[attr-defined]"),
        ("x = 1  # type: ignore  # lambda-lint: ignore[LAM201]  # noqa: E501, LAM102", "x = 1  # type: ignore  # noqa: E501"),
        ("x = 1  # noqa: LAM201", "x = 1"),
        ("x = 1  # NOQA:LAM201,E501", "x = 1  # NOQA:E501"),
        ("x = 1  # noqa: E501,LAM201 why", "x = 1  # noqa: E501 why"),
        ("x = 1  # noqa: E501 LAM201 S3", "x = 1  # noqa: E501 S3"),
        ("x = 1  # noqa: LAM201 # nosec", "x = 1  # nosec"),
        ("s = '# noqa: LAM201'  # noqa: LAM201", "s = '# noqa: LAM201'"),
        ("s = 'é𝄞'  # noqa: LAM201", "s = 'é𝄞'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n", ""], ids=["LF", "CRLF", "the last line"])
def test_a_deletion_leaves_everything_else(before: str, after: str, newline: str) -> None:
    assert without(f"y = 2{newline or chr(10)}{before}{newline}") == f"y = 2{newline or chr(10)}{after}{newline}"


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("indent", ["", "    ", "\t"])
def test_a_line_that_holds_nothing_else_goes(indent: str, newline: str) -> None:
    lines = ["if x:", f"{indent}    y()", f"{indent}# lambda-lint: ignore-file[LAM201] why", "z()", ""]
    assert without(newline.join(lines)) == newline.join([*lines[:2], *lines[3:]])


def test_a_last_line_that_holds_nothing_else_goes() -> None:
    assert without("x = 1\n# lambda-lint: ignore-file[LAM201]") == "x = 1\n"


def test_a_line_of_its_own_that_says_more_stays() -> None:
    assert without("# lambda-lint: ignore-file[LAM201]  # mypy: strict\nx = 1\n") == "# mypy: strict\nx = 1\n"


def test_what_may_be_a_slip_of_the_pen_is_left_to_its_author() -> None:
    for text in ("x = 1  # lambda-lint: ignore[LAM21]\n", "x = 1  # lambda-lint: ignore\n"):
        assert without(text) == text


OTHERS = ["# noqa: E501", "# type: ignore[attr-defined]", "# see above", "# nosec"]
OWN = ["# lambda-lint: ignore[LAM201] why", "# lambda-lint: ignore[LAM102,LAM301]", "# noqa: LAM201", "# lambda-lint: ignore-file[LAM203]"]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(OTHERS + OWN), min_size=1, max_size=5),
    st.sampled_from(["", "x = 1", "\ts = '# no comment é𝄞'"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([" ", "  ", "\t"]),
)
def test_of_any_comments_only_our_unused_ones_go(comments: list[str], code: str, newline: str, space: str) -> None:
    kept = [comment for comment in comments if comment in OTHERS]
    line = code + space + space.join(comments)
    after = without(newline.join(["first", line, "last"])).split(newline)
    assert (after[0], after[-1]) == ("first", "last")
    assert after[1:-1] == ([code + space + space.join(kept)] if kept else [code] if code else [])


@pytest.mark.parametrize(
    "comment", ["// lambda-lint: ignore[LAM201] it only warms", "/* lambda-lint: ignore[LAM201] it only warms */"]
)
def test_a_comment_begins_as_its_language_has_it(comment: str) -> None:
    ignores, malformed = read_ignores("app.ts", f'const url = "https://x"; warm(); {comment}')
    assert [(each.code, each.form, each.location.span.line) for each in ignores] == [("LAM201", "ignore", 1)]
    assert malformed == []


def test_a_text_of_another_language_is_no_comment() -> None:
    assert read_ignores("app.js", 'log("// lambda-lint: ignore[LAM201]", `\n// lambda-lint: ignore[LAM201]`)') == (
        [],
        [],
    )


def test_an_unused_comment_is_deleted_to_its_end_and_no_further() -> None:
    text = "warm(); /* lambda-lint: ignore[LAM201] it only warms */ answer();\n"
    (unused,) = apply_ignores([], ["app.js"], lambda path: text, RULES, everything)
    assert apply(text, unused.proposed[0].edits) == "warm(); answer();\n"


def test_an_ignore_is_written_as_the_language_has_comments() -> None:
    finding = replace(at(1), location=Location("app.js", Span(1, 0, 1, 6)), fate=Fate.FROZEN)
    assert with_ignores("app.js", "warm();\n", [finding], "it only warms") == (
        "warm(); // lambda-lint: ignore[LAM201] it only warms\n"
    )
