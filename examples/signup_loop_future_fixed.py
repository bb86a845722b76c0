"""The future of the pool is awaited before the answer."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def send_welcome(email):
    time.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


async def sign_up(email):
    await asyncio.get_running_loop().run_in_executor(pool, send_welcome, email)
    return {"statusCode": 201, "body": "signed up"}


def handler(event, context):
    return asyncio.run(sign_up(event["email"]))


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
