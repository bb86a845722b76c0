"""Says that a function cannot be run here."""

from __future__ import annotations


class Unavailable(Exception):
    """The function cannot be run here; the message says what to do about it."""
