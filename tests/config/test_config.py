"""Settings: where they are looked for, what they mean, and what is said about mistakes."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from lint_lambda.config import DEFAULT_EXCLUDE, Config, ConfigError, load_config
from lint_lambda.core import globs
from lint_lambda.core.finding import Confidence
from lint_lambda.settings import ByPath

DOCS = Path(__file__).parent.parent.parent / "docs" / "configuration.md"


def write(directory: Path, text: str, name: str = "pyproject.toml") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / name
    file.write_text(text, encoding="utf-8")
    return file


def configured(directory: Path, text: str) -> Config:
    write(directory, f"[tool.lambda-lint]\n{text}\n")
    return load_config(directory)


def complaint(directory: Path, text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        configured(directory, text)
    return str(raised.value)


def test_every_key_is_read(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        """
        handlers = ["app.py:main", "jobs/*.py:*"]
        select = ["LAM1", "lam201"]
        extend-select = ["LAM5"]
        ignore = ["LAM104"]
        min-confidence = "low"
        exclude = ["build/"]
        extend-exclude = ["old/"]
        source-roots = ["src"]
        output-format = "json"
        target = "managed-instances"
        respect-gitignore = false
        cache-dir = "cache/here"
        library = [{ library = { name = "ours" } }]
        [tool.lambda-lint.per-file-ignores]
        "scripts/**" = ["LAM2"]
        """,
    )
    assert config == Config(
        root=tmp_path,
        file=tmp_path / "pyproject.toml",
        handlers=("app.py:main", "jobs/*.py:*"),
        select=("LAM1", "LAM201"),
        extend_select=("LAM5",),
        ignore=("LAM104",),
        min_confidence=Confidence.LOW,
        exclude=("build/",),
        extend_exclude=("old/",),
        source_roots=("src",),
        per_file_ignores={"scripts/**": ("LAM2",)},
        output_format="json",
        library=({"library": {"name": "ours"}},),
        target=ByPath("managed-instances"),
        respect_gitignore=False,
        cache_dir=tmp_path / "cache" / "here",
    )


def test_the_nearest_file_upwards_counts(tmp_path: Path) -> None:
    write(tmp_path, '[tool.lambda-lint]\nignore = ["LAM1"]')
    write(tmp_path / "inner", 'ignore = ["LAM2"]', "lambda-lint.toml")
    deep = write(tmp_path / "inner" / "deep", "", "app.py")
    assert load_config(deep).ignore == ("LAM2",)
    assert load_config(deep).root == tmp_path / "inner"
    assert load_config(tmp_path).ignore == ("LAM1",)


def test_a_pyproject_without_our_table_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, '[tool.lambda-lint]\nignore = ["LAM1"]')
    write(tmp_path / "inner", '[project]\nname = "inner"')
    assert load_config(tmp_path / "inner").ignore == ("LAM1",)


def test_lambda_lint_toml_goes_before_pyproject_beside_it(tmp_path: Path) -> None:
    write(tmp_path, '[tool.lambda-lint]\nignore = ["LAM1"]')
    write(tmp_path, 'ignore = ["LAM2"]', "lambda-lint.toml")
    assert load_config(tmp_path).ignore == ("LAM2",)


@pytest.mark.parametrize("marker", [".git/HEAD", "pyproject.toml"])
def test_without_settings_the_project_is_the_nearest_repository_or_pyproject(tmp_path: Path, marker: str) -> None:
    write((tmp_path / marker).parent, "", Path(marker).name)
    app = write(tmp_path / "functions", "", "app.py")
    config = load_config(app)
    assert (config.root, config.file) == (tmp_path, None)


def test_isolated_reads_no_file(tmp_path: Path) -> None:
    write(tmp_path, '[tool.lambda-lint]\nignore = ["LAM1"]\nbroken = 1')
    config = load_config(tmp_path, isolated=True)
    assert (config.file, config.ignore) == (None, ())


def test_a_named_file_is_used_wherever_it_is(tmp_path: Path) -> None:
    file = write(tmp_path / "settings", 'ignore = ["LAM1"]', "ours.toml")
    assert load_config(tmp_path, file).ignore == ("LAM1",)
    assert load_config(tmp_path, file).root == tmp_path / "settings"


def test_a_named_pyproject_must_have_our_table(tmp_path: Path) -> None:
    file = write(tmp_path, "[tool.other]")
    with pytest.raises(ConfigError, match=r"no \[tool.lambda-lint\] table"):
        load_config(tmp_path, file)


# --- selection -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "chosen", "left_out"),
    [
        ("", ["LAM101", "LAM901"], ["XYZ1"]),
        ('select = ["LAM2"]', ["LAM201"], ["LAM101", "LAM901"]),
        ('ignore = ["LAM2"]', ["LAM101"], ["LAM201"]),
        ('ignore = ["LAM2"]\nextend-select = ["LAM201"]', ["LAM201", "LAM101"], ["LAM202"]),
        ('select = ["LAM201"]\nignore = ["LAM201"]', [], ["LAM201"]),
        ('select = ["LAM2"]\nextend-select = ["LAM301"]', ["LAM201", "LAM301"], ["LAM302"]),
        ("select = []", [], ["LAM201"]),
    ],
)
def test_the_longest_beginning_decides(tmp_path: Path, settings: str, chosen: list[str], left_out: list[str]) -> None:
    config = configured(tmp_path, settings)
    assert all(config.selects(code) for code in chosen)
    assert not any(config.selects(code) for code in left_out)


def test_per_file_ignores_take_gitignore_patterns(tmp_path: Path) -> None:
    config = configured(tmp_path, 'per-file-ignores = { "tests/" = ["LAM"], "/app.py" = ["LAM201"] }')
    assert not config.selects("LAM101", "functions/tests/app.py")
    assert not config.selects("LAM201", "app.py")
    assert config.selects("LAM202", "app.py")
    assert config.selects("LAM201", "functions/app.py")
    assert config.selects("LAM201")


# --- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "line", "said"),
    [
        ('handler = ["app.py:main"]', 2, "unknown key `handler`; did you mean `handlers`?"),
        ("zzz = 1", 2, "unknown key `zzz`; the keys are adapter, baseline, cache-dir, "),
        ('\nselect = "LAM1"', 3, "`select` must be a list of strings"),
        ('ignore = ["E501"]', 2, "`ignore` must be a list of rule codes (LAM201) or prefixes (LAM2)"),
        ('handlers = ["main"]', 2, "`handlers` must be written path:name"),
        ('min-confidence = "hihg"', 2, "must be one of low, medium, high; did you mean 'high'?"),
        ('output-format = "jsn"', 2, "did you mean 'json'?"),
        ('respect-gitignore = "yes"', 2, "`respect-gitignore` must be true or false"),
        ("cache-dir = 1", 2, "`cache-dir` must be a string"),
        ("library = [1]", 2, "`library` must be a list of tables"),
        ('[tool.lambda-lint.per-file-ignores]\n"a" = "LAM1"', 2, "`per-file-ignores` must be a list of strings"),
        ("[[tool.lambda-lint.libary]]\nx = 1", 2, "did you mean `library`?"),
        ('"target" = "fargate"', 2, "must be one of lambda, managed-instances"),
        (
            'exclude = ["[z-a]"]',
            2,
            "`exclude` must hold patterns as in .gitignore; '[z-a]' is not a .gitignore pattern",
        ),
        (
            'extend-exclude = ["!"]',
            2,
            "`extend-exclude` must hold patterns as in .gitignore; '!' is not a .gitignore pattern",
        ),
        ('handlers = ["[z-a].py:*"]', 2, "`handlers` must hold patterns as in .gitignore; '[z-a].py' is no"),
        ('[tool.lambda-lint.per-file-ignores]\n"[z-a]" = ["LAM1"]', 2, "'[z-a]' is not a .gitignore pattern"),
        ('[tool.lambda-lint.adapter]\n"[z-a]" = "mangum"', 2, "`adapter` must hold patterns as in .gitignore"),
        (
            'source-roots = ["src", "/etc"]',
            2,
            "must hold folders of the project, as they are named from here, not '/etc'",
        ),
        ('source-roots = ["../.."]', 2, "must hold folders of the project"),
        ('source-roots = ["a\\u0000b"]', 2, "must hold folders of the project"),
        ('cache-dir = "a\\u0000b"', 2, "`cache-dir` must be a path"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_remedy(tmp_path: Path, settings: str, line: int, said: str) -> None:
    message = complaint(tmp_path, settings)
    assert message.startswith(f"{tmp_path / 'pyproject.toml'}:{line}: ")
    assert said in message


def test_a_line_of_another_table_is_not_blamed(tmp_path: Path) -> None:
    file = write(tmp_path, "[tool.other]\nhandler = 1\n[tool.lambda-lint]\nhandler = 1")
    with pytest.raises(ConfigError, match=re.escape(f"{file}:4: unknown key")):
        load_config(tmp_path)


def test_a_message_names_the_file_relative_to_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert complaint(tmp_path, "zzz = 1").startswith("pyproject.toml:2: ")


def test_broken_toml_is_told(tmp_path: Path) -> None:
    write(tmp_path, "[tool.lambda-lint\n")
    with pytest.raises(ConfigError, match=r"pyproject.toml: not valid TOML: .*line 1"):
        load_config(tmp_path)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "lambda-lint.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"lambda-lint\.toml: is not UTF-8: byte 0 cannot be read; save it as UTF-8"):
        load_config(tmp_path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "lambda-lint.toml").write_bytes(b"\xef\xbb\xbfignore = ['LAM2']\n")
    assert load_config(tmp_path).ignore == ("LAM2",)


def test_values_that_are_nested_too_deeply_are_told(tmp_path: Path) -> None:
    write(tmp_path, f"[tool.lambda-lint]\nselect = {'[' * 5000}{']' * 5000}")
    with pytest.raises(ConfigError, match="not valid TOML: "):
        load_config(tmp_path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices")
def test_a_device_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"/dev/zero: cannot be read: not a regular file"):
        load_config(tmp_path, Path("/dev/zero"))


def test_patterns_that_are_taken_for_granted_are_some(tmp_path: Path) -> None:
    rng = random.Random(5)
    for _ in range(3000):
        pattern = "".join(rng.choices("a.*/-_", k=rng.randrange(1, 8)))
        if globs._SIMPLE.fullmatch(pattern):
            globs.compiled([pattern])


def test_the_table_must_be_a_table(tmp_path: Path) -> None:
    write(tmp_path, "[tool]\nlambda-lint = 1")
    with pytest.raises(ConfigError, match="must be a table"):
        load_config(tmp_path)


# --- documentation ---------------------------------------------------------------------------------------------------


def test_the_documentation_lists_exactly_the_keys_and_their_defaults(tmp_path: Path) -> None:
    documented = dict(re.findall(r"^\| `([a-z-]+)` \| (.+?) \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert "did you mean" not in documented
    message = complaint(tmp_path, "zzz = 1")
    assert sorted(documented) == message.split("the keys are ")[1].split(", ")
    default = load_config(tmp_path, isolated=True)
    for key, shown in documented.items():
        value = getattr(default, key.replace("-", "_"))
        if key == "exclude":
            assert shown == "see below"
        elif key == "cache-dir":
            assert shown == f'`"{value.name}"`'
        else:
            said = value.label if isinstance(value, Confidence) else value
            said = said.default if isinstance(said, ByPath) else said
            said = "" if said is None else said
            assert shown.strip("`") == _toml(said), key


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return str(list(value) if isinstance(value, tuple) else value).replace("'", '"')


def test_the_documentation_lists_exactly_the_default_exclusions() -> None:
    paragraph = DOCS.read_text(encoding="utf-8").split("By default `exclude` lists")[1].split("\n\n")[0]
    assert tuple(re.findall(r"`([^`]+)`", paragraph)) == DEFAULT_EXCLUDE


def test_the_documented_example_is_valid(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    write(tmp_path, example)
    assert load_config(tmp_path).source_roots == ("src", "layers/shared/python")
