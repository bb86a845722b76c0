"""The handler waits until the worker has drained the queue."""

import queue
import threading
import time

mails = queue.Queue()


def send_welcome(email):
    time.sleep(0.1)  # talking to the mail provider
    print(f"welcome mail sent to {email}")


def work():
    while True:
        send_welcome(mails.get())
        mails.task_done()


threading.Thread(target=work, daemon=True).start()


def handler(event, context):
    mails.put(event["email"])
    mails.join()
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
