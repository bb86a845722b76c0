"""Public repositories at fixed commits, with a judgement of everything that is reported in them, and of what is missed.

Usage: python -m benchmarks.wild DIRECTORY [--language LANGUAGE] [--only WORD] [--fetch] [--host URL] [--stubs]

DIRECTORY holds one checkout a repository, in a folder named ``owner+name``; ``--fetch`` clones those that are not there yet.
The code of the repositories is theirs and is stored nowhere here. The judgements are in ``python.toml`` and ``javascript.toml``:

```toml
[[repository]]
name = "owner/name"
commit = "…"                  # 40 digits: the text that was judged
kind = "application"          # or "library": a library or framework with its examples and tests
each = ["examples/*"]         # optional: check each of these folders alone, as its own project, and nothing else
work = [
  { path = "app/main.py", line = 65, code = "LAM201", fingerprint = "…", verdict = "true", why = "one line" },
]
```

- ``verdict``: ``true`` (the work outlives the response on the path shown), ``false`` (it does not), or ``arguable`` (nobody can know,
  or nothing of value is lost). It rests on reading the code.
- ``first = false``: the launch was not reported when the repository was first looked at. ``now = false``: it is not reported today.
  A true one with ``now = false`` is a known miss, which has no fingerprint; a false one is a false alarm that was fixed.
- A finding and a judgement belong together where path and code and either the fingerprint or the line are the same. A known miss
  takes a finding of any code on its line.

A run says what differs from the judgements, and ends with 1 if anything does: findings that nobody has judged (``--stubs`` prints
entries for them, to be completed), judged ones that are gone, false alarms that are back, and misses that are found. It prints precision
and recall of both states (at first sight, and today), applications and libraries apart. What is said of files and deployments (LAM9xx) is not counted.
"""
