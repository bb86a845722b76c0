"""Stopping the listener hands on every record first."""

import logging
import queue
from logging.handlers import QueueHandler, QueueListener

log = logging.getLogger("signup")
log.setLevel(logging.INFO)
records = queue.Queue()
log.addHandler(QueueHandler(records))


def handler(event, context):
    listener = QueueListener(records, logging.StreamHandler())
    listener.start()
    try:
        log.info("signed up %s", event["email"])
    finally:
        listener.stop()
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
