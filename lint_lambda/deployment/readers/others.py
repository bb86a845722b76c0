"""Tell what is deployed on other platforms, and run by other services: its functions are not called by Lambda.

Azure Functions (``function.json``), Alibaba Cloud (``s.yaml``, ``fun`` templates), and the runbooks of AWS Systems Manager, which
name the scripts that they run. Services of the Serverless Framework say it themselves: see `serverless`.
"""

from __future__ import annotations

import re

from lint_lambda.deployment.files import Files, folder
from lint_lambda.deployment.model import Declarations

_SCRIPT = re.compile(r"%%SCRIPT=([\w./-]+\.py)%%")
_ALIBABA = re.compile(
    r"^\s*(?:component:\s*[\"']?(?:devsapp/)?fc3?\b|Transform:\s*[\"']?Aliyun::Serverless)", re.MULTILINE
)
_CODE = re.compile(r"^\s*(?:code(?:Uri)?|CodeUri):\s*[\"']?([\w./-]+)", re.MULTILINE)


def read(files: Files) -> Declarations:
    """The files and folders that are other platforms'."""
    found = Declarations()
    for path in files.others:
        name = path.rpartition("/")[2]
        if name == "function.json" and b"bindings" in files.read(path):
            found.foreign.add(folder(path))
        elif name in ("s.yaml", "s.yml", "template.yml", "template.yaml") and _ALIBABA.search(files.text(path)):
            found.foreign |= {place for place in _folders(files, path) if place}
        elif name.endswith((".yaml", ".yml", ".json")) and b"%%SCRIPT=" in files.read(path):
            scripts = {script.rpartition("/")[2] for script in _SCRIPT.findall(files.text(path))}
            found.foreign |= {each for each in files.python if each.rpartition("/")[2] in scripts}
    return found


def _folders(files: Files, path: str) -> set[str]:
    home = folder(path)
    named = _CODE.findall(files.text(path))
    places = {f"{home}/{code}".strip("/") if home else code.strip("./") for code in named}
    return {place.replace("/./", "/").rstrip("/") for place in places} or {home}
