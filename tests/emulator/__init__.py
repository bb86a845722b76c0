"""Tests of the sandbox: the two APIs as a client sees them, the freeze, and the story it tells."""
