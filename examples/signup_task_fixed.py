"""The task runs beside other work, and is awaited before the answer."""

import asyncio


async def send_welcome(email):
    await asyncio.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


async def sign_up(email):
    mail = asyncio.create_task(send_welcome(email))
    # ... other work of the sign-up ...
    await mail
    return {"statusCode": 201, "body": "signed up"}


def handler(event, context):
    return asyncio.run(sign_up(event["email"]))


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
