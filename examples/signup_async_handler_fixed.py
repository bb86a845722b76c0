"""The handler is a plain function that runs the coroutine to its end."""

import asyncio


async def send_welcome(email):
    await asyncio.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


async def sign_up(event):
    await send_welcome(event["email"])
    return {"statusCode": 201, "body": "signed up"}


def handler(event, context):
    return asyncio.run(sign_up(event))


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
