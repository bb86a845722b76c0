"""lambda-lint: find work in AWS Lambda handlers that is still running when the handler returns."""

__version__ = "0.1.0"

HOMEPAGE = "https://lambda-lint.readthedocs.io/"
