"""The mail is sent now. What has to wait belongs to EventBridge Scheduler or a delayed SQS message."""

import time


def send_welcome(email):
    time.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


def handler(event, context):
    send_welcome(event["email"])
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
