"""Compares `prove` with a second, simple sandbox that shares nothing with it, over programs that are no fixtures.

programs.py   makes small Lambda functions of parts       freezer.py   the second sandbox
client.py     what runs in it                             __main__.py  runs both, and the linter, and counts
"""
