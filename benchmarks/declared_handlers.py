"""Compare the functions that repositories declare with those that are found, and print a table.

    python -m benchmarks.declared_handlers DIRECTORY [--why]

`DIRECTORY` holds checkouts. A function counts as declared when a reader says that it is Python; as mentioned, when a pattern that
knows nothing of the readers finds a declaration in the bytes of a file. What is not found is listed with the reason by `--why`.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from pathlib import Path

from lint_lambda.config import DEFAULT_EXCLUDE
from lint_lambda.deployment import Deployment
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.locating import Lost
from lint_lambda.deployment.model import Function
from lint_lambda.project import Project

MENTIONS = {
    "sam": (r"\.(?:ya?ml|json|template)$", rb"^[^#\n]*AWS::Serverless::Function\b"),
    "cloudformation": (r"\.(?:ya?ml|json|template)$", rb"^[^#\n]*AWS::Lambda::Function\b"),
    "serverless": (r"serverless[\w.-]*\.(?:ya?ml|json|ts|js)$", rb"^[^#\n]*\bhandler[\"']?:"),
    "terraform": (r"\.(?:tf|tofu)$", rb"^resource\s+\"aws_lambda_function\"|terraform-aws-modules/lambda/aws\"?$"),
    "cdk": (r"\.(?:py|ts|js)$", rb"\b(?:\w*[lL]ambda_?\.(?:DockerImage)?Function|PythonFunction)\("),
}
"""By format: which files, and what in them looks like a declaration, in whatever language the function is."""


def deployment_of(root: Path) -> Deployment:
    project = Project.find(root, (root,), exclude=DEFAULT_EXCLUDE)
    return Deployment(Files(project.every_file, project.others, project.peek))


def is_python(function: Function, files: Files) -> bool:
    """Whether the function says so itself; or says nothing, and its folder holds Python."""
    if function.runtime is not None:
        return function.runtime.startswith("python")
    return any(path.endswith(".py") for root in function.roots for path in files.below(root))


def kind_of(function: Function, lost: Lost) -> str:
    """Why a function is not found, in one word or two."""
    if lost.absent:
        return "names what is not there"
    if function.elsewhere:
        return "code elsewhere"
    return "known only at deployment time" if "only at deployment" in lost.why else "no such folder here"


def mentioned(deployment: Deployment) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in (*deployment.files.python, *deployment.files.others):
        for name, (files, pattern) in MENTIONS.items():
            if re.search(files, path):
                found[name] += len(re.findall(pattern, deployment.files.read(path), re.MULTILINE))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--why", action="store_true", help="list what is not found")
    arguments = parser.parse_args()
    print("| repository | formats | declared, Python | found | not found | of these: why | seconds |")
    print("|---|---|--:|--:|--:|---|--:|")
    total: Counter[str] = Counter()
    for root in sorted(path for path in arguments.directory.iterdir() if path.is_dir()):
        began = time.monotonic()
        deployment = deployment_of(root.resolve())
        seconds = time.monotonic() - began
        located = [function for function, _ in deployment.located if is_python(function, deployment.files)]
        lost = [(function, why) for function, why in deployment.lost if is_python(function, deployment.files)]
        formats = Counter(function.declared.format for function in deployment.functions)
        reasons = Counter(kind_of(*each) for each in lost)
        total.update(declared=len(located) + len(lost), found=len(located), lost=len(lost))
        total.update({f"why {reason}": count for reason, count in reasons.items()})
        said = ", ".join(f"{name} {count}" for name, count in formats.most_common())
        why = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        name = root.name.replace("+", "/")
        print(
            f"| {name} | {said} | {len(located) + len(lost)} | {len(located)} | {len(lost)} | {why} | {seconds:.1f} |"
        )
        if arguments.why:
            print(f"    mentions: {dict(mentioned(deployment))}; troubles: {len(deployment.troubles)}")
            for function, reason in lost:
                print(
                    f"    {function.declared} {function.declared.format} {function.name} [{function.handler}]: {reason.why}"
                )
            for trouble in deployment.troubles:
                print(f"    ! {trouble}")
    print(f"| **all** | | {total['declared']} | {total['found']} | {total['lost']} | | |")


if __name__ == "__main__":
    main()
