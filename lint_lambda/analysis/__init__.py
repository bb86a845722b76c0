"""Follow every launch from the handler to the response, and say what becomes of it."""

from lint_lambda.analysis.lifetimes import Analysis, analyse

__all__ = ["Analysis", "analyse"]
