"""Nobody is signed up at all: Lambda calls the handler and never awaits what it returns."""

import asyncio


async def send_welcome(email):
    await asyncio.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


async def handler(event, context):
    await send_welcome(event["email"])
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(asyncio.run(handler({"email": "joe@example.com"}, None)))  # what Lambda does not do
