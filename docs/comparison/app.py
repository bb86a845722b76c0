import asyncio
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def write_audit(order: dict[str, str]) -> None:
    print("audited", order)


async def send_mail(order: dict[str, str]) -> None:
    await asyncio.sleep(1)
    print("sent", order)


async def notify(order: dict[str, str]) -> None:
    asyncio.create_task(send_mail(order))
    print("notified")


async def place(order: dict[str, str]) -> None:
    send_mail(order)
    await notify(order)


def handler(event: dict[str, str], context: object) -> dict[str, int]:
    asyncio.run(place(event))
    threading.Thread(target=write_audit, args=(event,)).start()
    pool.submit(write_audit, event)
    subprocess.Popen(["/opt/bin/report", event["id"]])
    return {"statusCode": 202}
