"""A process that checks what it is told to, a JSON line each, and answers in another: a crash costs it, and nobody else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lint_lambda.config import Config
from lint_lambda.core.finding import Confidence
from lint_lambda.engine import Request, check


def answer(asked: dict[str, str]) -> dict[str, object]:
    root = Path(asked["root"])
    cache = Path(asked["cache"]) if asked.get("cache") else None
    handlers = (asked["handlers"],) if asked.get("handlers") else ()
    config = Config(root=root, cache_dir=cache, option_handlers=handlers, min_confidence=Confidence.LOW)
    report = check(Request([root], config))
    return {
        "findings": [[f.code, f.location.path, f.location.span.line, f.message] for f in report.findings],
        "problems": list(report.problems),
        "limits": [warning for warning in report.warnings if "not analysed" in warning or "given up" in warning],
    }


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
