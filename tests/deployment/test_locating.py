"""From what a template says to a file and a name in it."""

from __future__ import annotations

import pytest

from tests.deployment.reading import deployment, places


def sam(properties: str) -> str:
    return (
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n"
        f"    Properties: {{Runtime: python3.12, CodeUri: src, {properties}}}\n"
    )


@pytest.mark.parametrize(
    ("handler", "file"),
    [
        ("app.run", "src/app.py"),
        ("deep/job.run", "src/deep/job.py"),
        ("deep.job.run", "src/deep/job.py"),
        ("deep.run", "src/deep/__init__.py"),
    ],
)
def test_a_handler_is_a_module_and_a_name(handler: str, file: str) -> None:
    files = {
        "template.yaml": sam(f"Handler: {handler}"),
        "src/app.py": "",
        "src/deep/job.py": "",
        "src/deep/__init__.py": "",
    }
    assert places(files) == [("F", file, "run")]


@pytest.mark.parametrize("variable", ["DD_LAMBDA_HANDLER", "NEW_RELIC_LAMBDA_HANDLER", "OUR_HANDLER"])
def test_behind_a_library_s_handler_stands_the_one_that_a_variable_names(variable: str) -> None:
    text = sam(f"Handler: wrapper.library.handler, Environment: {{Variables: {{A: b.c, {variable}: app.run}}}}")
    assert places({"template.yaml": text, "src/app.py": ""}) == [("F", "src/app.py", "run")]


def lost(files: dict[str, str]) -> tuple[bool, str]:
    [(_, why)] = deployment(files).lost
    return why.absent, why.hint


def test_a_library_s_handler_is_not_missed() -> None:
    files = {
        "template.yaml": sam("Handler: some_wrapper.handler"),
        "src/app.py": "",
        "src/requirements.txt": "some-wrapper==1\n",
    }
    assert lost(files) == (False, "")


@pytest.mark.parametrize(
    ("handler", "hint"),
    [("ap.run", "did you mean `app.run`?"), ("deep/jobs.run", "did you mean `deep.job.run`?"), ("nothing.like.it", "")],
)
def test_a_module_that_is_not_there_is_missed_with_the_nearest(handler: str, hint: str) -> None:
    files = {"template.yaml": sam(f"Handler: {handler}"), "src/app.py": "", "src/deep/job.py": ""}
    assert lost(files) == (True, hint)


def test_a_runtime_of_one_s_own_may_run_anything() -> None:
    text = sam("Handler: bootstrap").replace("python3.12", "provided.al2023")
    assert lost({"template.yaml": text, "src/app.py": ""}) == (False, "")


@pytest.mark.parametrize(
    ("archive", "file"),
    [
        ("build/code.zip", "build/job.py"),
        ("job.zip", "job.py"),
        ("lib/job.zip", "lib/job/job.py"),
        ("out/code.zip", "anywhere/else/job.py"),
    ],
)
def test_an_archive_that_is_not_here_is_made_of_the_one_file_that_fits(archive: str, file: str) -> None:
    text = sam("Handler: job.run").replace("CodeUri: src", f"CodeUri: {archive}")
    found = deployment({"template.yaml": text, file: "", "src/app.py": ""})
    [(_, place)] = found.located
    assert (place.path, place.guessed) == (file, True)
    assert found.notes() == [f"template.yaml:2: F: its code is elsewhere; {file} was taken for its module"]


@pytest.mark.parametrize(
    ("handler", "files", "path"),
    [
        ("service.handlers.job.run", ["service/handlers/job.py"], "service/handlers/job.py"),
        ("service.handlers.job.run", ["a/service/handlers/job.py", "b/service/handlers/job.py"], ""),
        ("job.run", ["src/job.py"], ""),
    ],
)
def test_a_folder_that_a_build_makes_has_the_one_file_that_is_named_with_its_folders(
    handler: str, files: list[str], path: str
) -> None:
    text = sam(f"Handler: {handler}").replace("CodeUri: src", "CodeUri: .build/lambdas")
    found = deployment({"template.yaml": text, **dict.fromkeys(files, "")})
    assert [place.path for _, place in found.located] == [path] * bool(path)
    assert bool(found.warnings()) is not bool(path)


RUN = "def run(event, context): return 1\n"


@pytest.mark.parametrize(
    ("archive", "path"),
    [
        ("out/orders-api-send.zip", "orders/api/send/job.py"),  # begins with the folders above
        ("out/acme-nightly-send.zip", ""),  # of other folders, or of none: it may be anybody's
        ("out/send.zip", "orders/api/send/job.py"),
    ],
)
def test_a_name_that_says_more_than_the_folder_says_what_is_around_it(archive: str, path: str) -> None:
    text = sam("Handler: job.run").replace("CodeUri: src", f"CodeUri: {archive}")
    found = deployment({"template.yaml": text, "orders/api/send/job.py": RUN, "billing/job.py": RUN})
    assert [place.path for _, place in found.located] == [path] * bool(path)


def test_of_several_files_none_is_taken() -> None:
    text = sam("Handler: job.run").replace("CodeUri: src", "CodeUri: out/code.zip")
    assert deployment({"template.yaml": text, "a/job.py": "", "b/job.py": ""}).located == []


def test_a_script_starts_the_application_of_the_web_adapter() -> None:
    files = {
        "template.yaml": sam("Handler: run.sh"),
        "src/run.sh": "#!/bin/sh\nexec python -m uvicorn --port=8080 app:web\n",
    }
    [(function, place)] = deployment({**files, "src/app.py": ""}).located
    assert (function.adapter, place.path, place.name, place.application) == (
        "lambda-web-adapter",
        "src/app.py",
        "web",
        True,
    )


def test_with_the_web_adapter_s_wrapper_the_handler_is_no_python_name() -> None:
    variables = "Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/bootstrap}}"
    files = {"template.yaml": sam(f"Handler: app.handler, {variables}"), "src/app.py": ""}
    found = deployment(files)
    assert (found.located, [lost.absent for _, lost in found.lost]) == ([], [False])
    [(function, place)] = deployment({**files, "src/run.sh": "uvicorn app:web\n"}).located
    assert (function.lifetime, place.name, place.application) == ("web-adapter", "web", True)


@pytest.mark.parametrize("path", ["/etc", "../../outside", "a" * 5000, "~/code"])
def test_code_outside_of_the_project_is_none(path: str) -> None:
    text = sam("Handler: app.run").replace("CodeUri: src", f"CodeUri: {path}")
    assert deployment({"template.yaml": text, "src/app.py": ""}).located == []
