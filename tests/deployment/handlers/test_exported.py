"""Which functions of JavaScript modules are taken for handlers, and what a project has to say where only a name tells."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lint_lambda.deployment.files import Files
from lint_lambda.deployment.handlers.evidence import Evidence
from lint_lambda.deployment.handlers.exported import discover
from lint_lambda.frontends.javascript.lower import lower


def told(source: str) -> dict[str, bool]:
    """The handlers of a module by name, and whether nothing else tells of each."""
    return {handler.name: handler.by_name for handler in discover(lower(source.encode(), "app.ts"))}


@pytest.mark.parametrize(
    ("source", "by_name"),
    [
        ("export const handler = async (event) => {};", False),
        ("export const handler = async (sqsEvent, context) => {};", False),
        ("exports.handler = async (e, context) => {};", False),
        ("export const handler = async () => {};", True),
        ("export const handler = async (task) => {};", True),
        ("export const handler = wrap(work);", True),
    ],
)
def test_an_export_called_handler_is_one_and_its_parameters_may_tell(source: str, by_name: bool) -> None:
    assert told(source) == {"handler": by_name}


@pytest.mark.parametrize(
    "source",
    [
        "export const handler = async (argv) => {};",
        "export const handler = async (interaction) => {};",
        "export const handler = (req, res) => {};",
        "export const list: RequestHandler = async (req) => {};",
        "export const list: Handler = async (request, response) => {};",
        "export const handler = async () => {}; handler();",
    ],
)
def test_what_something_else_calls_is_none(source: str) -> None:
    assert told(source) == {}


def test_a_handler_of_events_that_its_module_calls_stays_one() -> None:
    assert told("export const handler = async (event) => {}; handler({});") == {"handler": False}


@pytest.mark.parametrize(
    "type_", ["ScheduledHandler", "lambda.SQSHandler", "Handler<Order, void>", "APIGatewayProxyHandlerV2"]
)
def test_a_type_of_lambda_tells(type_: str) -> None:
    assert told(f"export const sweep: {type_} = async () => {{}};") == {"sweep": False}


BOT = '{"dependencies": {"discord.js": "14"}}'


@pytest.mark.parametrize(
    ("others", "against"),
    [
        ({}, False),
        ({"package.json": BOT}, True),
        ({"package.json": BOT, "bot/package.json": "{}"}, True),
        ({"package.json": '{"devDependencies": {"@types/aws-lambda": "8"}}', "bot/package.json": BOT}, False),
        ({"package.json": BOT, "deploy.sh": "aws lambda update-function-code"}, False),
        ({"package.json": BOT, ".github/workflows/main.yml": "run: sst deploy"}, False),
        ({"package.json": BOT, "docs/notes.md": "a lambda"}, True),
    ],
)
def test_a_package_that_does_not_speak_of_lambda_speaks_against_a_name(
    others: Mapping[str, str], against: bool
) -> None:
    texts = {"bot/ping.js": "export const handler = async () => {};", **others}
    files = Files((), texts, lambda path: texts[path].encode())
    assert Evidence(files, declares=False).speaks_against("bot/ping.js") is against
    assert not Evidence(files, declares=True).speaks_against("bot/ping.js")


def test_the_file_itself_may_speak_of_lambda() -> None:
    texts = {"package.json": BOT, "ping.js": "export const handler = async () => ({ statusCode: 200 });"}
    files = Files((), texts, lambda path: texts[path].encode())
    assert not Evidence(files, declares=False).speaks_against("ping.js")
