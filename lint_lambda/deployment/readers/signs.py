"""What in a Python file's bytes says that it may declare functions: asked before what reads such programs is imported."""

from __future__ import annotations

import re

CDK = re.compile(rb"\b(?:aws_cdk|aws_solutions_constructs)\b")
PULUMI = re.compile(rb"\bpulumi_aws(?:_native)?\b")
