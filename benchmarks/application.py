"""A generated web application on Lambda, FastAPI behind Mangum, with as many routes as are asked for.

Routers call services, services call others and a repository, everything goes through decorators of retries and shares a pool. What a route
reaches is mostly what other routes reach, so that the cost should be that of the code, and not that of the code once a route. One route
in twenty starts work that nothing waits for.
"""

from __future__ import annotations

import random
from pathlib import Path

ROUTES_A_FILE = 8
METHODS = 8

_CLIENTS = """import functools
import logging
from concurrent.futures import ThreadPoolExecutor

import boto3

logger = logging.getLogger(__name__)
pool = ThreadPoolExecutor(max_workers=8)


def retried(times=3):
    def wrap(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            for attempt in range(times):
                try:
                    return function(*args, **kwargs)
                except ValueError as error:
                    logger.warning("attempt %s: %s", attempt, error)
            return None
        return inner
    return wrap


class Store:
    def __init__(self, table):
        self.table = boto3.resource("dynamodb").Table(table)

    @retried(2)
    def load(self, key):
        return self.table.get_item(Key={"id": key}).get("Item") or {}

    @retried(2)
    def save(self, item):
        self.table.put_item(Item=item)
        return item


def later(function, *args):
    return pool.submit(function, *args)
"""


def generate(place: Path, routes: int, seed: int = 1) -> None:
    """Write the application; `routes` counts its routes."""
    rng = random.Random(seed)
    services = max(4, routes // 4)
    (place / ".git").mkdir(parents=True)
    _write(place / "pyproject.toml", "")
    for folder in ("", "core/", "routers/", "services/"):
        _write(place / f"app/{folder}__init__.py", "")
    _write(place / "app/core/clients.py", _CLIENTS)
    for number in range(services):
        below = sorted({rng.randrange(number) for _ in range(2)}) if number else []
        _write(place / f"app/services/s{number}.py", _service(rng, number, below))
    files = -(-routes // ROUTES_A_FILE)
    for number in range(files):
        mine = range(number * ROUTES_A_FILE, min(routes, (number + 1) * ROUTES_A_FILE))
        _write(place / f"app/routers/r{number}.py", _router(rng, mine, services))
    lines = ["from fastapi import FastAPI", "from mangum import Mangum", ""]
    lines += [f"from app.routers import r{number}" for number in range(files)]
    lines += ["", "app = FastAPI()"]
    lines += [f"app.include_router(r{number}.router)" for number in range(files)]
    _write(place / "app/main.py", "\n".join([*lines, "handler = Mangum(app)", ""]))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _service(rng: random.Random, number: int, below: list[int]) -> str:
    lines = ["from app.core.clients import Store, later, logger"]
    lines += [f"from app.services.s{other} import Service{other}" for other in below]
    lines += ["", "", f"class Service{number}:", "    def __init__(self):", f'        self.store = Store("t{number}")']
    lines += [f"        self.s{other} = Service{other}()" for other in below]
    for method in range(METHODS):
        lines += ["", f"    def m{method}(self, key):", "        item = self.store.load(key)"]
        if below:
            other = rng.choice(below)
            lines += [f"        item.update(self.s{other}.m{rng.randrange(METHODS)}(key) or {{}})"]
        lines += [f'        logger.info("m{method} %s", key)', "        return self.store.save(item)"]
    lines += ["", "    def tell(self, key):", "        later(self.store.save, {'id': key})", ""]
    return "\n".join(lines)


def _router(rng: random.Random, routes: range, services: int) -> str:
    used = {route: rng.randrange(services) for route in routes}
    lines = ["from fastapi import APIRouter", ""]
    lines += [f"from app.services.s{number} import Service{number}" for number in sorted(set(used.values()))]
    lines += ["", "router = APIRouter()"]
    for route, service in used.items():
        lines += ["", "", f'@router.get("/r{route}/{{key}}")', f"def r{route}(key: str):"]
        lines += [f"    service = Service{service}()"]
        lines += ["    service.tell(key)"] if route % 20 == 0 else []
        lines += [f"    return service.m{rng.randrange(METHODS)}(key)"]
    return "\n".join([*lines, ""])
