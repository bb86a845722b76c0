"""The process is frozen with its parent."""

import multiprocessing
import time


def send_welcome(email):
    time.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


def handler(event, context):
    multiprocessing.Process(target=send_welcome, args=(event["email"],)).start()
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
