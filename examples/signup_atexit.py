"""Lambda freezes and kills; it does not let the process exit, so the mails are never flushed."""

import atexit

outbox = []


def flush():
    while outbox:
        print(f"welcome mail sent to {outbox.pop()}")


atexit.register(flush)


def handler(event, context):
    outbox.append(event["email"])
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
