"""The event that a function gets for an HTTP request: from API Gateway (both payload formats), a load balancer, a function URL.

Source: "Working with AWS Lambda proxy integrations for HTTP APIs", "Input format of a Lambda function for proxy integration" and
"Using AWS Lambda with an Application Load Balancer".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from lint_lambda.emulator.function import ACCOUNT, REGION

_SOURCE, _AGENT = "192.0.2.1", "lambda-lint"
_TIME, _EPOCH = "12/Mar/2020:19:03:58 +0000", 1583348638390


@dataclass(frozen=True)
class HttpRequest:
    """`query` keeps repeated names; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None

    @classmethod
    def of(cls, said: str, headers: Mapping[str, str], body: str | None) -> HttpRequest:
        """`POST /orders?draft=1`; the method may be left out. Raises ValueError."""
        method, _, target = said.strip().rpartition(" ")
        if not target.startswith("/") or (method and not method.isalpha()):
            raise ValueError(f"{said!r}: a method and a path are expected, as in 'POST /orders'")
        parts = urlsplit(target)
        given = {name.lower(): value for name, value in headers.items()}
        if body is not None:
            given.setdefault("content-type", "application/json" if body.lstrip()[:1] in ("{", "[") else "text/plain")
            given.setdefault("content-length", str(len(body.encode())))
        given.setdefault("host", "localhost")
        method = method.upper() or ("GET" if body is None else "POST")
        return cls(method, parts.path, parse_qs(parts.query, keep_blank_values=True), given, body)


def api_gateway_v2(request: HttpRequest) -> dict[str, Any]:
    """Of an HTTP API, payload format 2.0."""
    host = request.headers["host"]
    cookies = request.headers.get("cookie", "")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": urlencode(request.query, doseq=True),
        **({"cookies": cookies.split("; ")} if cookies else {}),
        "headers": {**_forwarded(), **{name: value for name, value in request.headers.items() if name != "cookie"}},
        "queryStringParameters": {name: ",".join(values) for name, values in request.query.items()},
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "api",
            "domainName": host,
            "domainPrefix": host.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": _SOURCE,
                "userAgent": request.headers.get("user-agent", _AGENT),
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": _TIME,
            "timeEpoch": _EPOCH,
        },
        **({"body": request.body} if request.body is not None else {}),
        "isBase64Encoded": False,
    }


def function_url(request: HttpRequest) -> dict[str, Any]:
    """Of a function URL: format 2.0 with another host."""
    event = api_gateway_v2(request)
    host = "function.lambda-url.us-east-1.on.aws"
    event["headers"]["host"] = host
    event["requestContext"].update(domainName=host, domainPrefix="function", apiId="function")
    return event


def api_gateway_v1(request: HttpRequest) -> dict[str, Any]:
    """Of a REST API."""
    headers = {**_forwarded(), **request.headers}
    return {
        "version": "1.0",
        "resource": request.path,
        "path": request.path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in request.query.items()} or None,
        "multiValueQueryStringParameters": dict(request.query) or None,
        "pathParameters": {"proxy": request.path.lstrip("/")} if request.path != "/" else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "api",
            "domainName": request.headers["host"],
            "httpMethod": request.method,
            "identity": {"sourceIp": _SOURCE, "userAgent": request.headers.get("user-agent", _AGENT)},
            "path": f"/prod{request.path}",
            "protocol": "HTTP/1.1",
            "requestId": "id",
            "requestTime": _TIME,
            "requestTimeEpoch": _EPOCH,
            "resourceId": "resource",
            "resourcePath": request.path,
            "stage": "prod",
        },
        "body": request.body,
        "isBase64Encoded": False,
    }


def load_balancer(request: HttpRequest) -> dict[str, Any]:
    """Of an Application Load Balancer."""
    return {
        "requestContext": {
            "elb": {"targetGroupArn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/f/1"}
        },
        "httpMethod": request.method,
        "path": request.path,
        "queryStringParameters": {name: values[-1] for name, values in request.query.items()},
        "headers": {**_forwarded(), **request.headers},
        "body": request.body or "",
        "isBase64Encoded": False,
    }


def _forwarded() -> dict[str, str]:
    return {"x-forwarded-for": _SOURCE, "x-forwarded-port": "443", "x-forwarded-proto": "https", "user-agent": _AGENT}


FORMATS: Mapping[str, Callable[[HttpRequest], dict[str, Any]]] = {
    "apigw-v2": api_gateway_v2,
    "apigw-v1": api_gateway_v1,
    "alb": load_balancer,
    "function-url": function_url,
}
"""By the name under which the command line knows them."""
