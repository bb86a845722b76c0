"""The set-up for Emacs that the documentation shows: Eglot, in an Emacs without a screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EMACS = shutil.which("emacs")
LOSES = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n    return 1\n"

SCRIPT = """
(require 'eglot)
(add-to-list 'eglot-server-programs `(python-mode . (,(getenv "PYTHON") "-m" "lint_lambda" "server")))
(setq eglot-sync-connect 240)
(find-file (getenv "APP"))
(python-mode)
(call-interactively #'eglot)
(flymake-mode 1)
(let ((turns 0))
  (while (and (< turns 1200) (null (flymake-diagnostics)))
    (accept-process-output nil 0.2)
    (flymake-start)
    (setq turns (1+ turns))))
(princ (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))
"""


def emacs(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    assert EMACS is not None
    return subprocess.run(
        [EMACS, "--batch", "--eval", "(progn (require 'package) (package-initialize))", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def test_emacs_shows_findings(tmp_path: Path) -> None:
    if EMACS is None:
        pytest.skip("Emacs is not installed (Debian's packages `emacs-nox` and `elpa-eglot`)")
    if emacs("--eval", "(require 'eglot)").returncode:
        pytest.skip("Emacs has no Eglot (Debian's package `elpa-eglot`)")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)  # Emacs asks git for the project
    app, script = tmp_path / "app.py", tmp_path / "try.el"
    app.write_text(LOSES, encoding="utf-8")
    script.write_text(SCRIPT, encoding="utf-8")
    ran = emacs("-l", str(script), PYTHON=sys.executable, PYTHONPATH=str(ROOT), APP=str(app), HOME=str(tmp_path))
    assert "LAM201" in ran.stdout, ran.stderr
