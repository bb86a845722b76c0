"""What in a Python file's bytes says that it may declare functions: asked before what reads such programs is imported.

Each is asked of every file: that one of the names stands anywhere in it is found out over ten times as fast as that it is a whole word.
"""

from __future__ import annotations

import re

_CDK = (b"aws_cdk", b"aws_solutions_constructs")
_PULUMI = (b"pulumi_aws", b"pulumi_aws_native")


def is_cdk(source: bytes) -> bool:
    return _names(source, _CDK)


def is_pulumi(source: bytes) -> bool:
    return _names(source, _PULUMI)


def _names(source: bytes, packages: tuple[bytes, ...]) -> bool:
    """Whether one of the packages stands there, as a whole word."""
    return any(name in source and re.search(rb"\b%b\b" % name, source) for name in packages)
