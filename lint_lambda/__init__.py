"""lambda-lint: find work in AWS Lambda handlers that is still pending when the response goes out."""

__version__ = "0.1.0"
