"""Starts a thread that outlives the response: its effect comes in the next invocation, when that waits for it."""

import threading
import time

audits = []


def audit(order):
    time.sleep(0.3)
    print(f"audit written for order {order}")


def handler(event, context):
    if "order" in event:
        audits.append(threading.Thread(target=audit, args=(event["order"],), name="audit"))
        audits[-1].start()
    if "takes" in event:
        for each in audits:
            each.join()
        time.sleep(event["takes"])
    return {"accepted": event.get("order")}
