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
from lint_lambda.deployment.files import Files, folder
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
    return Deployment(Files(project.every_file, project.others, project.peek, project.archives))


def is_python(function: Function, files: Files) -> bool:
    """Whether the function says so itself; or says nothing, and its folder holds Python."""
    if function.runtime is not None:
        return function.runtime.startswith("python")
    return any(path.endswith(".py") for root in function.roots for path in files.below(root))


PACKED = "in a checked-in archive"
MISSED = "missed"


def kind_of(function: Function, lost: Lost, files: Files, root: Path) -> str:
    """Why a function is not found, in a few words. `MISSED` is what a reader could have told.

    That is where the handler is literal, nothing says that the code is elsewhere, and the module is a file somewhere below the
    template.
    """
    if function.elsewhere:
        return "code in a bucket or a registry"
    if function.handler is None:
        return "computed handler"
    if function.archive and (root / function.archive).is_file():
        return PACKED
    if candidates(function, files):
        return MISSED
    if "only at deployment" in lost.why and not function.archive:
        return "computed path"
    return "not in the repository"


def candidates(function: Function, files: Files) -> list[str]:
    """The Python files below the template that are named as the handler's module, and speak of its name."""
    module, _, name = (function.handler or "").rpartition(".")
    end = "/".join(part for part in re.split("[./]", module) if part)
    below = folder(function.declared.file)
    named = [
        path for path in files.python if path == f"{end}.py" or path.endswith((f"/{end}.py", f"/{end}/__init__.py"))
    ]
    here = [path for path in named if not below or path.startswith(f"{below}/")]
    return [path for path in here if re.search(rf"\b{re.escape(name)}\b", files.text(path))]


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
    print("| repository | Python functions by format | declared | found | not found | why |")
    print("|---|---|--:|--:|--:|---|")
    total: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for root in sorted(path for path in arguments.directory.iterdir() if path.is_dir()):
        began = time.monotonic()
        deployment = deployment_of(root.resolve())
        seconds = time.monotonic() - began
        located = [function for function, _ in deployment.located if is_python(function, deployment.files)]
        lost = [(function, why) for function, why in deployment.lost if is_python(function, deployment.files)]
        if not located and not lost:
            continue
        guessed = sum(place.guessed for function, place in deployment.located if function in located)
        formats = Counter(function.declared.format for function in (*located, *(function for function, _ in lost)))
        kinds = [kind_of(function, why, deployment.files, root.resolve()) for function, why in lost]
        reasons = Counter(kinds)
        total.update(declared=len(located) + len(lost), found=len(located), guessed=guessed, lost=len(lost))
        whole.update(reasons)
        every.update(formats)
        said = ", ".join(f"{name} {count}" for name, count in formats.most_common())
        why = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
        name = root.name.replace("+", "/")
        print(f"| {name} | {said} | {len(located) + len(lost)} | {len(located)} | {len(lost)} | {why} |")
        if arguments.why:
            print(f"    {seconds:.1f} s; mentions: {dict(mentioned(deployment))}; troubles: {len(deployment.troubles)}")
            for (function, reason), kind in zip(lost, kinds):
                told = f"{function.declared.format} {function.name} [{function.handler}]: {reason.why}"
                print(f"    {kind}: {function.declared} {told}")
            for trouble in deployment.troubles:
                print(f"    ! {trouble}")
    said = ", ".join(f"{name} {count}" for name, count in every.most_common())
    why = ", ".join(f"{reason} {count}" for reason, count in whole.most_common())
    print(f"| **all** | {said} | {total['declared']} | {total['found']} | {total['lost']} | {why} |")
    literal = total["found"] + whole[MISSED]
    print(
        f"\nLiteral, with code in the repository: {literal}; found {total['found']} ({total['found'] / max(literal, 1):.1%}),",
        end=" ",
    )
    print(f"{total['guessed']} of them by a guess, which is said.")


if __name__ == "__main__":
    main()
