"""Skeletons of what a contributor adds: ``python -m tests.new rule NAME`` and ``python -m tests.new library NAME``."""
