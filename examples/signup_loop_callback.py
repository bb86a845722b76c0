"""The reminder is never sent: the loop is gone before its time comes."""

import asyncio


def send_reminder(email):
    print(f"reminder sent to {email}")


async def sign_up(email):
    asyncio.get_running_loop().call_later(0.1, send_reminder, email)
    return {"statusCode": 201, "body": "signed up"}


def handler(event, context):
    return asyncio.run(sign_up(event["email"]))


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
