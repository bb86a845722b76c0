"""What leads round in a ring is followed once: the handler's findings are there, and nothing is given up."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import Config
from lint_lambda.engine import Request, check

LOSES = "def handler(event, context):\n    threading.Thread(target=work).start()\n    g()\n"


@pytest.mark.parametrize(
    "files",
    [
        {
            "app.py": f"import threading\nfrom a import *\n{LOSES}",
            "a.py": "from b import *",
            "b.py": "from a import *\nX = 1",
        },
        {"app.py": f"import threading\nfrom app import *\n{LOSES}"},
        {
            "app.py": f"from m0 import *\n{LOSES}",
            **{f"m{n}.py": f"from m{(n + 1) % 300} import *\nfrom m{(n * 7 + 3) % 300} import *" for n in range(299)},
            "m299.py": "import threading\ndef work(): pass\n",
        },
        {
            "app.py": f"from p import *\n{LOSES}",
            "p/__init__.py": "from .q import *",
            "p/q.py": "from . import *\nimport threading",
        },
        {"app.py": f"import threading\nclass A: pass\nA.__call__ = A()\ng = A()\n{LOSES}"},
        {
            "app.py": f"import threading\nclass A: pass\nclass B: pass\nA.__call__ = B()\nB.__call__ = A()\ng = A()\n{LOSES}"
        },
        {"app.py": f"import threading\nclass A(B): pass\nclass B(A): pass\nclass C(C): pass\ng = A() or C()\n{LOSES}"},
    ],
    ids=["stars", "itself", "many stars", "package", "called", "called by another", "bases"],
)
def test_a_ring_ends(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    report = check(Request([tmp_path], Config(root=tmp_path)))
    assert [(f.code, f.location.path) for f in report.findings] == [("LAM201", "app.py")]
    assert (report.problems, [warning for warning in report.warnings if "given up" in warning]) == ((), [])


def test_a_name_is_found_through_a_chain_and_past_a_ring(tmp_path: Path) -> None:
    files = {
        "app.py": "from a import *\ndef handler(event, context):\n    begin()\n",
        "a.py": "from b import *\nfrom c import *\n",
        "b.py": "from a import *\n",
        "c.py": "from b import *\nfrom d import *\n",
        "d.py": "import threading\ndef begin():\n    threading.Thread(target=print).start()\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    report = check(Request([tmp_path], Config(root=tmp_path)))
    assert [(f.code, f.location.path) for f in report.findings] == [("LAM201", "d.py")]
