"""A short delay is waited for. A long one belongs to EventBridge Scheduler, which calls another function."""

import asyncio


def send_reminder(email):
    print(f"reminder sent to {email}")


async def sign_up(email):
    await asyncio.sleep(0.1)
    send_reminder(email)
    return {"statusCode": 201, "body": "signed up"}


def handler(event, context):
    return asyncio.run(sign_up(event["email"]))


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
