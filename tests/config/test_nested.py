"""A project of several packages: each file obeys the settings nearest to it, in one run with one report."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lint_lambda.cli import cli
from lint_lambda.config import ConfigError, load_config, load_for

LOSES = "import threading\n\ndef {name}(event, context):\n    threading.Thread(target=print).start()\n"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def found(root: Path, *arguments: str) -> list[str]:
    """``path code`` of each finding."""
    paths = [argument if argument.startswith("-") else str(root / argument) for argument in arguments] or [str(root)]
    done = CliRunner().invoke(cli, [*paths, "--output-format", "concise", "-q", "--no-cache"])
    lines = [line for line in done.stdout.splitlines() if " LAM" in line]
    return [f"{Path(line.split(':')[0]).resolve().relative_to(root).as_posix()} {line.split(' ')[1]}" for line in lines]


APPS = {f"services/{name}/app.py": LOSES.format(name="handler") for name in ("a", "b")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, {"pyproject.toml": "[tool.lambda-lint]\n", **APPS})
    (tmp_path / ".git").mkdir()
    return tmp_path.resolve()


def test_each_file_obeys_the_nearest_settings(project: Path) -> None:
    assert found(project) == ["services/a/app.py LAM201", "services/b/app.py LAM201"]
    write(project, {"services/a/pyproject.toml": '[tool.lambda-lint]\nignore = ["LAM201"]\n'})
    assert found(project) == ["services/b/app.py LAM201"]
    assert found(project, "services/a/app.py", "services/b/app.py") == ["services/b/app.py LAM201"]


def test_a_package_without_settings_obeys_those_above(project: Path) -> None:
    write(project, {"services/a/pyproject.toml": "[project]\nname = 'a'\n"})
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nignore = ["LAM201"]\n')
    assert found(project) == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ('per-file-ignores = { "app.py" = ["LAM2"] }', ["services/b/app.py LAM201"]),
        (
            'per-file-ignores = { "services/a/app.py" = ["LAM2"] }',
            ["services/a/app.py LAM201", "services/b/app.py LAM201"],
        ),
        ('target = "managed-instances"', ["services/b/app.py LAM201"]),
        ('discovery = ["templates"]', ["services/b/app.py LAM201"]),
        ('select = ["LAM3"]', ["services/b/app.py LAM201"]),
    ],
)
def test_paths_and_choices_are_those_of_the_package(project: Path, settings: str, expected: list[str]) -> None:
    write(project, {"services/a/lambda-lint.toml": settings + "\n"})
    assert found(project) == expected


def test_handlers_and_source_roots_are_named_from_the_package(project: Path) -> None:
    write(
        project,
        {
            "services/a/app.py": "from tools import start\n\ndef go():\n    start()\n",
            "services/a/odd/tools.py": "import threading\n\ndef start():\n    threading.Timer(1, print).start()\n",
            "services/a/lambda-lint.toml": 'handlers = ["app.py:go"]\nsource-roots = ["odd"]\n',
            "app.py": "def go(): ...\n",
        },
    )
    assert found(project) == ["services/a/odd/tools.py LAM202", "services/b/app.py LAM201"]


def test_a_handler_that_is_not_there_is_found_in_the_package_s_file(project: Path) -> None:
    write(project, {"services/a/lambda-lint.toml": 'handlers = ["app.py:gone"]\n'})
    assert "services/a/lambda-lint.toml LAM902" in found(project)


def test_the_command_line_holds_for_every_package(project: Path) -> None:
    write(project, {"services/a/lambda-lint.toml": 'ignore = ["LAM3"]\n'})
    assert found(project, ".", "--ignore", "LAM201") == []
    assert found(project, ".", "--select", "LAM3") == []


def test_a_package_may_extend_the_settings_above(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.lambda-lint]\nignore = ["LAM202"]\n[tool.lambda-lint.per-file-ignores]\n"services/a/old.py" = ["LAM201"]\n'
    )
    timer = LOSES.format(name="handler").replace("Thread(target=", "Timer(1, ")
    write(project, {"services/a/old.py": LOSES.format(name="handler"), "services/a/timer.py": timer})
    write(project, {"services/a/lambda-lint.toml": 'min-confidence = "low"\n'})
    assert "services/a/old.py LAM201" in found(project)
    assert "services/a/timer.py LAM202" in found(project)
    write(project, {"services/a/lambda-lint.toml": 'extend = "../../pyproject.toml"\nmin-confidence = "low"\n'})
    assert found(project) == ["services/a/app.py LAM201", "services/b/app.py LAM201"]
    write(project, {"services/a/lambda-lint.toml": 'extend = "../../pyproject.toml"\nignore = []\n'})
    assert "services/a/timer.py LAM202" in found(project)


def test_a_package_that_extends_is_part_of_the_project_above(project: Path) -> None:
    write(project, {"services/a/lambda-lint.toml": ""})
    assert load_config(project / "services/a").root == project / "services/a"
    write(project, {"services/a/lambda-lint.toml": 'extend = "../../pyproject.toml"\n'})
    assert load_for([project / "services/a"]).root == project
    assert load_for([project / "services/a", project / "services/b"]).root == project


TEMPLATE = (
    "Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties:\n"
    "      {CodeUri: services/a, Handler: jobs.go, Runtime: python3.12}\n"
)
JOBS = {"services/a/jobs.py": "import common\n\ndef go(*given):\n    common.start()\n"}


@pytest.mark.parametrize("repository", [True, False])
@pytest.mark.parametrize("settings", [{}, {"services/a/pyproject.toml": "[tool.lambda-lint]\n"}])
def test_what_lies_above_a_folder_counts_where_it_is_given_alone(
    tmp_path: Path, repository: bool, settings: dict[str, str]
) -> None:
    files = {**JOBS, **settings, "template.yaml": TEMPLATE, "services/b/app.py": APPS["services/b/app.py"]}
    files["common.py"] = "import threading\n\ndef start():\n    threading.Thread(target=print).start()\n"
    write(tmp_path, files)
    if repository:
        (tmp_path / ".git").mkdir()
    assert load_for([tmp_path / "services/a"]).root == tmp_path
    assert found(tmp_path.resolve(), "services/a") == ["common.py LAM201"]


def test_a_folder_that_the_project_above_leaves_out_is_a_project_by_itself(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nextend-exclude = ["services/*/"]\n')
    write(project, {"services/a/lambda-lint.toml": ""})
    assert load_for([project / "services/a"]).root == project / "services/a"


def test_a_folder_s_own_settings_hold_in_the_project_above(project: Path) -> None:
    own = (
        'extend-exclude = ["old/", "/made/*.py"]\noutput-format = "json"\nbaseline = "known.json"\n'
        'cache-dir = "kept"\nselect = ["LAM2"]\n'
    )
    write(project, {"services/a/lambda-lint.toml": own})
    config = load_for([project / "services/a"])
    assert config.root == project
    assert config.extend_exclude == ("/services/a/**/old/", "/services/a/made/*.py")
    assert (config.output_format, config.select) == ("json", ("LAM2",))
    assert (config.baseline, config.cache_dir) == (project / "services/a/known.json", project / "services/a/kept")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extend = "gone.toml"\n', "lambda-lint.toml:1: `extend` names gone.toml, which is not a file"),
        ('extend = "lambda-lint.toml"\n', "lambda-lint.toml:1: `extend` leads back to"),
        ('extend = "pyproject.toml"\n', "lambda-lint.toml:1: `extend` names pyproject.toml, which has no"),
        ("extend = 3\n", "lambda-lint.toml:1: `extend` must be a string"),
    ],
)
def test_an_extend_that_cannot_be_followed_is_named(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, {"lambda-lint.toml": text, "pyproject.toml": "[project]\n"})
    with pytest.raises(ConfigError, match=message.replace("[", r"\[")):
        load_config(tmp_path)


def test_settings_of_a_package_that_cannot_be_used_end_the_run(project: Path) -> None:
    write(project, {"services/a/lambda-lint.toml": "selct = []\n"})
    done = CliRunner().invoke(cli, [str(project)])
    assert done.exit_code == 2
    assert "services/a/lambda-lint.toml:1: unknown key `selct`; did you mean `select`?" in done.stderr


def test_a_broken_file_that_says_nothing_of_the_linter_is_none_of_its_settings(project: Path) -> None:
    write(project, {"services/a/pyproject.toml": "[project\n"})
    assert found(project) == ["services/a/app.py LAM201", "services/b/app.py LAM201"]


@pytest.mark.parametrize("option", ["--isolated", "--config"])
def test_settings_that_are_named_are_the_only_ones(project: Path, option: str) -> None:
    write(project, {"services/a/lambda-lint.toml": 'ignore = ["LAM201"]\n'})
    arguments = [option] if option == "--isolated" else [option, str(project / "pyproject.toml")]
    done = CliRunner().invoke(cli, [str(project), *arguments, "-q", "--no-cache", "--output-format", "concise"])
    assert "services/a/app.py" in done.stdout.replace("\\", "/")
