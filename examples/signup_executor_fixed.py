"""The result is read before the answer; an error of the mail is seen, too."""

import time
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def send_welcome(email):
    time.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


def handler(event, context):
    mail = pool.submit(send_welcome, event["email"])
    # ... other work of the sign-up ...
    mail.result()
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
