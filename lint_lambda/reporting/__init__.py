"""Verdicts become findings: which rule objects, in which words, under which fingerprint."""
