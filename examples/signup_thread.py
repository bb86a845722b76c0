"""The thread is frozen in mid-mail, and goes on in somebody else's invocation, or never."""

import threading
import time


def send_welcome(email):
    time.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


def handler(event, context):
    threading.Thread(target=send_welcome, args=(event["email"],)).start()
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
