"""Print `docs/libraries.md`, what the linter knows of libraries, from their models: `python docs/libraries_index.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lint_lambda.knowledge.describe import LANGUAGES, calls_of, listed
from lint_lambda.knowledge.loader import load_models

HEAD = """# Libraries

What lambda-lint knows about each library. `lambda-lint libraries NAME` prints the same. This page is generated from the models in
`rules/libraries/` by `python docs/libraries_index.py > docs/libraries.md`.

## Your own libraries

You can describe a custom client in `pyproject.toml`, in the schema of `rules/libraries/`. For example, `outbox.Outbox`, whose `post`
only queues and whose `drain` sends:

```toml
[[tool.lambda-lint.library]]
library = { name = "outbox", docs = "https://example.org/outbox" }
type = [{ name = "outbox.Outbox", params = ["queue", "direct"] }]
launch = [
    { call = "outbox.Outbox.post", kind = "client", handle = "self", fate = "buffered", unless = "init:direct = true" },
]
join = [{ call = "outbox.Outbox.drain", target = "self" }]
non_waiting_flush = [{ call = "outbox.Outbox.nudge", target = "self" }]
```

A library that JavaScript or TypeScript uses has `language = "javascript"` beside its `name`; its calls begin with the module as it
is imported: `@acme/outbox.Outbox.post`.

Now `box.post(row)` without a `box.drain()` before the response is LAM501, a `box.nudge()` after it LAM503, and
`Outbox(queue, direct=True)` is left alone. If lambda-lint can read the source of `outbox`, you need none of this: it
follows the code.

"""


def index() -> str:
    """The whole text of the page."""
    parts = [HEAD.removesuffix("\n")]
    language = ""
    libraries = listed(load_models())
    for library in libraries:
        if library.language != language:
            language = library.language
            count = sum(each.language == language for each in libraries)
            parts.append(f"\n## {LANGUAGES[language]}: {count} libraries\n")
        parts.append(f"\n### {library.name}\n\n<{library.docs}>\n")
        if library.verified:
            parts.append(f"\nVerified: {library.verified}.\n")
        for verb, calls in calls_of(library).items():
            parts.append(f"\n{verb[0].upper()}{verb[1:]}:\n\n" + "".join(f"- `{call}`\n" for call in calls))
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(index())
