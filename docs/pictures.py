"""Make the pictures of the documentation from what the commands print: `python docs/pictures.py`. They hold no font and no link to one."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDTH = 100
COMMANDS = {
    "check": ("signup_thread.py",),
    "handlers": ("handlers", "shop"),
}
"""By picture: the arguments of `lambda-lint`, run where `project` is."""
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: orders, Handler: app.place, Runtime: python3.12}
  Signup:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: signup, Handler: app.handler, Runtime: python3.13, Layers: [!Ref Shared]}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer}
"""


def project(folder: Path) -> None:
    """What the commands are run on."""
    signup = (ROOT / "examples" / "signup_thread.py").read_text(encoding="utf-8")
    files = {
        "signup_thread.py": signup,
        "shop/template.yaml": TEMPLATE,
        "shop/signup/app.py": signup,
        "shop/orders/app.py": signup.replace("def handler", "def place").replace(".start()", ".run()"),
        "shop/layer/python/shared.py": "",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def printed(arguments: tuple[str, ...], folder: Path) -> Text:
    """What a command prints, in colour; its times vary, and are left out."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "FORCE_COLOR": "1",
        "COLUMNS": str(WIDTH),
        "TERM": "xterm-256color",
    }
    environment.pop("NO_COLOR", None)
    environment.pop("GITHUB_ACTIONS", None)
    command = [
        sys.executable,
        "-m",
        "lint_lambda",
        *arguments,
        *(() if arguments[0] == "handlers" else ("--no-cache",)),
    ]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    said = re.sub(r" in \d+\.\d+ s|\(\d+\.\d+ s\)", "", done.stdout)
    return Text.from_ansi(f"\x1b[1m$ lambda-lint {' '.join(arguments)}\x1b[0m\n{said.rstrip()}\n")


def picture(name: str, folder: Path) -> str:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(printed(COMMANDS[name], folder), soft_wrap=False)
    drawn = console.export_svg(title="lambda-lint", unique_id=name)
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)


def pictures() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as work:
        project(Path(work))
        return {name: picture(name, Path(work)) for name in COMMANDS}


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name, drawn in pictures().items():
        (PICTURES / f"{name}.svg").write_text(drawn, encoding="utf-8")
