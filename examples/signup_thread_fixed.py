"""The thread is joined before the answer."""

import threading
import time


def send_welcome(email):
    time.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


def handler(event, context):
    mail = threading.Thread(target=send_welcome, args=(event["email"],))
    mail.start()
    # ... other work of the sign-up ...
    mail.join()
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
