"""One module a format: each finds the files it can read, and says which functions they declare."""
