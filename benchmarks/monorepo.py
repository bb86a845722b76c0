"""A generated monorepo of Lambda functions, always the same for the same numbers.

Services hold handlers and modules of their own; libraries are shared, and import each other; most files no handler gets to. One handler
in ten launches work, and of those every third waits for it.
"""

from __future__ import annotations

import random
from pathlib import Path

_NOUNS = [
    "order",
    "user",
    "item",
    "stock",
    "price",
    "cart",
    "mail",
    "audit",
    "report",
    "event",
    "token",
    "batch",
    "index",
    "asset",
    "media",
    "group",
    "quota",
    "plan",
]
LIBRARIES = 40


def generate(place: Path, files: int, handlers: int, seed: int = 1) -> None:
    """Write the repository; `files` counts all of them."""
    rng = random.Random(seed)
    (place / ".git").mkdir(parents=True)
    for number in range(LIBRARIES):
        others = rng.sample(range(LIBRARIES), 2)
        _write(place / f"libs/lib{number}/__init__.py", "")
        _write(place / f"libs/lib{number}/core.py", _module(rng, [f"lib{other}" for other in others if other > number]))
    for number in range(handlers):
        service = place / f"services/service{number}"
        _write(service / "app.py", _handler(rng, number))
        _write(service / "model.py", _module(rng, [f"lib{rng.randrange(LIBRARIES)}"]))
    for number in range(files - 2 * LIBRARIES - 2 * handlers):
        folder = f"services/service{number % handlers}" if number % 3 else f"tools/tool{number % 97}"
        _write(place / folder / f"part{number}.py", _module(rng, []))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _module(rng: random.Random, libraries: list[str]) -> str:
    lines = ["from __future__ import annotations", "", "import json", "import logging"]
    lines += [f"from libs.{library}.core import load_{_NOUNS[0]} as load_{library}" for library in libraries]
    lines += ["", "logger = logging.getLogger(__name__)", ""]
    for noun in (_NOUNS[0], *rng.sample(_NOUNS[1:], 5)):
        lines += [f"def load_{noun}(table, key, *, limit={rng.randrange(9)}):", f'    """Load one {noun}."""']
        lines += ["    found = {}", "    for name, value in sorted(table.items()):"]
        lines += [f"        if name.startswith(key) and len(found) <= limit + {rng.randrange(9)}:"]
        lines += [f'            found[name] = json.dumps({{"{noun}": value, "size": len(str(value))}})']
        lines += [f"    found.update({library}=load_{library}(table, key)) " for library in libraries]
        lines += [f'    logger.info("loaded %s of {noun}", len(found))', "    return found", "", ""]
    if rng.random() < 0.1:  # words that launches use, and that mean nothing here
        lines += ["class Form:", "    def submit(self, pool):", "        return pool.start(self)", ""]
    return "\n".join(lines)


def _handler(rng: random.Random, number: int) -> str:
    library = f"lib{rng.randrange(LIBRARIES)}"
    lines = ["import json", "import threading", f"from libs.{library}.core import load_order", "import model", "", ""]
    lines += ["def note(event):", "    print(json.dumps(event))", "", "", "def handler(event, context):"]
    lines += ["    found = load_order(event, 'a')", "    found.update(model.load_order(event, 'b'))"]
    if number % 10 == 0:
        lines += ["    worker = threading.Thread(target=note, args=(found,))", "    worker.start()"]
        lines += ["    worker.join()"] if number % 30 == 0 else []
    lines += ["    return {'statusCode': 200, 'body': json.dumps(found)}", ""]
    return "\n".join(lines)
