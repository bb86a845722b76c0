"""Each invocation flushes what it has gathered."""

outbox = []


def flush():
    while outbox:
        print(f"welcome mail sent to {outbox.pop()}")


def handler(event, context):
    outbox.append(event["email"])
    flush()
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
