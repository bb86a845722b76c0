"""A sample of what each service sends to a function, by name: `sqs`, `s3`, `apigw-v2` …

The shapes are those of "Invoking Lambda with events from other AWS services", one page a service; what is in them is made up.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from lint_lambda.emulator.function import ACCOUNT, REGION
from lint_lambda.emulator.http_events import FORMATS, HttpRequest

_TIME = "2020-03-12T19:03:58.000Z"
_BODY = {"order": 1}


def names() -> list[str]:
    return sorted([*_SAMPLES, *FORMATS])


def sample(name: str) -> dict[str, Any]:
    """Raises KeyError for a name that is not in `names()`."""
    if name in FORMATS:
        return FORMATS[name](HttpRequest.of("POST /orders", {}, json.dumps(_BODY)))
    return _SAMPLES[name]()


def _sqs() -> dict[str, Any]:
    return _records(
        messageId="19dd0b57-b21e-4ac1-bd88-01bbb068cb78",
        receiptHandle="handle",
        body=json.dumps(_BODY),
        attributes={
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1583348638390",
            "SenderId": ACCOUNT,
            "ApproximateFirstReceiveTimestamp": "1583348638400",
        },
        messageAttributes={},
        md5OfBody="md5",
        eventSource="aws:sqs",
        eventSourceARN=_arn("sqs", "orders"),
        awsRegion=REGION,
    )


def _s3() -> dict[str, Any]:
    return _records(
        eventVersion="2.1",
        eventSource="aws:s3",
        awsRegion=REGION,
        eventTime=_TIME,
        eventName="ObjectCreated:Put",
        userIdentity={"principalId": "principal"},
        requestParameters={"sourceIPAddress": "192.0.2.1"},
        responseElements={"x-amz-request-id": "id", "x-amz-id-2": "id"},
        s3={
            "s3SchemaVersion": "1.0",
            "configurationId": "orders",
            "bucket": {"name": "orders", "ownerIdentity": {"principalId": "principal"}, "arn": "arn:aws:s3:::orders"},
            "object": {"key": "orders/1.json", "size": 12, "eTag": "etag", "sequencer": "0055AED6DCD90281E5"},
        },
    )


def _sns() -> dict[str, Any]:
    return _records(
        EventSource="aws:sns",
        EventVersion="1.0",
        EventSubscriptionArn=f"{_arn('sns', 'orders')}:subscription",
        Sns={
            "Type": "Notification",
            "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
            "TopicArn": _arn("sns", "orders"),
            "Subject": "order",
            "Message": json.dumps(_BODY),
            "Timestamp": _TIME,
            "SignatureVersion": "1",
            "Signature": "signature",
            "SigningCertUrl": "https://sns.us-east-1.amazonaws.com/cert.pem",
            "UnsubscribeUrl": "https://sns.us-east-1.amazonaws.com/unsubscribe",
            "MessageAttributes": {},
        },
    )


def _dynamodb() -> dict[str, Any]:
    return _records(
        eventID="1",
        eventName="INSERT",
        eventVersion="1.1",
        eventSource="aws:dynamodb",
        awsRegion=REGION,
        dynamodb={
            "ApproximateCreationDateTime": 1583348638,
            "Keys": {"order": {"N": "1"}},
            "NewImage": {"order": {"N": "1"}, "paid": {"BOOL": True}},
            "SequenceNumber": "111",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        eventSourceARN=f"{_arn('dynamodb', 'table/orders')}/stream/2020-03-12T00:00:00.000",
    )


def _kinesis() -> dict[str, Any]:
    return _records(
        kinesis={
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "1",
            "sequenceNumber": "49590338271490256608559692538361571095921575989136588898",
            "data": base64.b64encode(json.dumps(_BODY).encode()).decode(),
            "approximateArrivalTimestamp": 1583348638.39,
        },
        eventSource="aws:kinesis",
        eventVersion="1.0",
        eventID="shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
        eventName="aws:kinesis:record",
        invokeIdentityArn=f"arn:aws:iam::{ACCOUNT}:role/orders",
        awsRegion=REGION,
        eventSourceARN=_arn("kinesis", "stream/orders"),
    )


def _eventbridge() -> dict[str, Any]:
    return _bridge("orders", "OrderPlaced", _BODY)


def _schedule() -> dict[str, Any]:
    return _bridge("aws.events", "Scheduled Event", {})


def _bridge(source: str, kind: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": "2020-03-12T19:03:58Z",
        "region": REGION,
        "resources": [_arn("events", "rule/orders")],
        "detail": dict(detail),
    }


def _cloudwatch_logs() -> dict[str, Any]:
    import gzip

    said = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": "/aws/lambda/orders",
        "logStream": "stream",
        "subscriptionFilters": ["orders"],
        "logEvents": [{"id": "1", "timestamp": 1583348638390, "message": json.dumps(_BODY)}],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(said).encode(), mtime=0)).decode()}}


def _records(**record: Any) -> dict[str, Any]:
    return {"Records": [record]}


def _arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


_SAMPLES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "cloudwatch-logs": _cloudwatch_logs,
    "dynamodb": _dynamodb,
    "eventbridge": _eventbridge,
    "kinesis": _kinesis,
    "s3": _s3,
    "schedule": _schedule,
    "sns": _sns,
    "sqs": _sqs,
}
