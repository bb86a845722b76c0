"""What is wrong with something in `rules/`, or with what a user added to it."""

from __future__ import annotations


class KnowledgeError(Exception):
    """A file or a table that cannot be used; the message names the file, the row, the key and the remedy."""
