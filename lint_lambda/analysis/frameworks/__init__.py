"""Functions that a framework keeps: registration, what runs around them, and decorators."""
