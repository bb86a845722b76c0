"""Campaigns: many programs that nobody wrote for the linter, for what must never happen whatever it is given.

``python -m tests.campaigns --items 1000 stdlib tokens`` prints the counts, and fails when one that must be 0 is not. The tests run
each for a few items.
"""
