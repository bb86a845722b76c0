"""Names of things in the analysed program."""

from __future__ import annotations

Symbol = str
"""A dotted name in a library or the language, such as ``threading.Thread.start`` or ``builtins.list``."""

Site = int
"""The number of a node within its module: see `lint_lambda.core.ir`."""

MODULE_BODY = "<module>"
"""The qualified name of a module's top-level code."""
