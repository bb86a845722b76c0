"""The abstract interpreter: parts that evaluate, execute and call, wired together by `machine`."""
