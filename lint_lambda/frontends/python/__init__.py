"""The Python front-end: the only code that knows libcst."""
