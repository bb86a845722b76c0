"""The pool outlives the handler, and the job in it is frozen."""

import time
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def send_welcome(email):
    time.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


def handler(event, context):
    pool.submit(send_welcome, event["email"])
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
