"""A process that checks what it is told to, a JSON line each, and answers in another: a crash costs it, and nobody else.

Handlers that cannot launch anything, as far as names tell, are analysed all the same: that they launch something is a defect.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from lint_lambda.config import Config
from lint_lambda.core.finding import Confidence
from lint_lambda.core.guard import DEFECT
from lint_lambda.core.verdict import Handler
from lint_lambda.engine import Request, check
from lint_lambda.engine.concluded import Conclusion
from lint_lambda.engine.run import Run


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


def followed(run: Run, process: Sequence[Handler]) -> Conclusion:
    """What is concluded of handlers that names say cannot launch anything."""
    found = run._follow(process)
    if found.verdicts or any(found.launched.values()):
        run.snapshot.guard.tell(f"{process[0]}: it launches something, and no name tells; {DEFECT}")
    return found


def main() -> None:
    setattr(Run, "_nothing", followed)  # noqa: B010 - a method is replaced on purpose
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
