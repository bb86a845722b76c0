"""lambda-lint: find work in AWS Lambda handlers that is still running when the handler returns.

The Python interface is what this module exports: `check` and the types of what it takes and gives. Everything else may change in
any version. See docs/api.md.
"""

TYPE_CHECKING = False
"""As in `typing`, which is not imported: `python -m lint_lambda` gets here with the working directory first on its path."""

__version__ = "0.1.0"

HOMEPAGE = "https://lambda-lint.readthedocs.io/"

_EXPORTED = {
    "BaselineError": "lint_lambda.baseline",
    "Config": "lint_lambda.config",
    "ConfigError": "lint_lambda.config",
    "Confidence": "lint_lambda.core.finding",
    "Edit": "lint_lambda.core.finding",
    "Fate": "lint_lambda.core.finding",
    "Finding": "lint_lambda.core.finding",
    "Fix": "lint_lambda.core.finding",
    "Location": "lint_lambda.core.source",
    "ModelError": "lint_lambda.knowledge.loader",
    "Related": "lint_lambda.core.finding",
    "Report": "lint_lambda.engine",
    "Severity": "lint_lambda.core.finding",
    "Span": "lint_lambda.core.source",
    "check": "lint_lambda.api",
    "load_config": "lint_lambda.config",
}

__all__ = ["__version__", *sorted(_EXPORTED)]  # noqa: PLE0604 - the keys are texts

if TYPE_CHECKING:
    from lint_lambda.api import check as check
    from lint_lambda.baseline import BaselineError as BaselineError
    from lint_lambda.config import Config as Config
    from lint_lambda.config import ConfigError as ConfigError
    from lint_lambda.config import load_config as load_config
    from lint_lambda.core.finding import Confidence as Confidence
    from lint_lambda.core.finding import Edit as Edit
    from lint_lambda.core.finding import Fate as Fate
    from lint_lambda.core.finding import Finding as Finding
    from lint_lambda.core.finding import Fix as Fix
    from lint_lambda.core.finding import Related as Related
    from lint_lambda.core.finding import Severity as Severity
    from lint_lambda.core.source import Location as Location
    from lint_lambda.core.source import Span as Span
    from lint_lambda.engine import Report as Report
    from lint_lambda.knowledge.loader import ModelError as ModelError


def __getattr__(name: str) -> object:
    """Load what is exported when it is asked for, so that the command line starts without it."""
    if name not in _EXPORTED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_EXPORTED[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTED})
