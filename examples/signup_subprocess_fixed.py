"""`subprocess.run` returns when the child has ended, and fails when it has failed."""

import subprocess
import sys

SEND_WELCOME = [sys.executable, "-c", "import time; time.sleep(0.1); print('welcome mail sent')"]


def handler(event, context):
    subprocess.run(SEND_WELCOME, check=True)
    return {"statusCode": 201, "body": "signed up"}


if __name__ == "__main__":
    print(handler({"email": "joe@example.com"}, None))
