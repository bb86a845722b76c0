"""Errors that carry what the user needs to act: the file, the line, the remedy."""

from __future__ import annotations


class SyntaxProblem(Exception):
    """A file cannot be parsed. `line` counts from 1, `column` from 0; `hint` names the likely cause and remedy, or is empty."""

    def __init__(self, path: str, line: int, column: int, message: str, hint: str = "") -> None:
        super().__init__(f"{path}:{line}:{column + 1}: {message}")
        self.path = path
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint


class NotAnalysed(Exception):
    """A file is valid, as far as is known, but goes beyond what can be analysed; `reason` says how."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
