"""The event that API Gateway sends to a function for an HTTP request, from what matters of it.

Source: "Working with AWS Lambda proxy integrations for HTTP APIs", payload format version 2.0.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode


def http_event(
    path: str = "/",
    method: str = "GET",
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: Any = None,
) -> dict[str, Any]:
    """`body` is sent as it is when it is a string, anything else as JSON. Raises TypeError for any other key."""
    host = "api.execute-api.us-east-1.amazonaws.com"
    said = body if body is None or isinstance(body, str) else json.dumps(body)
    kind = {} if body is None else {"content-type": "text/plain" if isinstance(body, str) else "application/json"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {
            "host": host,
            "x-forwarded-proto": "https",
            "x-forwarded-for": "192.0.2.1",
            **kind,
            **(headers or {}),
        },
        "queryStringParameters": query or {},
        "requestContext": {
            "accountId": "012345678912",
            "apiId": "api",
            "domainName": host,
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "fixture",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        **({"body": said} if said is not None else {}),
        "isBase64Encoded": False,
    }
