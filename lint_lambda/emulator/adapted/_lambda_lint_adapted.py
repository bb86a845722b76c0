"""A web application as the handler that its adapter makes of it: `handler`, made when the function's process imports this.

`LAMBDA_LINT_APPLICATION` is `module:name`, `LAMBDA_LINT_ADAPTER` the adapter's name. What the adapter's own documentation says to
write is written here; the adapter itself is the one that is installed for the function. `auto` asks what can be called how: an
application that Lambda can call is called, an ASGI application goes through Mangum, a WSGI application through apig-wsgi.
"""

from __future__ import annotations

import importlib
import inspect
import os
from typing import Any


def _mangum(application: Any) -> Any:
    return importlib.import_module("mangum").Mangum(application)


def _apig_wsgi(application: Any) -> Any:
    return importlib.import_module("apig_wsgi").make_lambda_handler(application)


def _aws_wsgi(application: Any) -> Any:
    awsgi = importlib.import_module("awsgi")
    return lambda event, context: awsgi.response(application, event, context)


def _serverless_wsgi(application: Any) -> Any:
    serverless_wsgi = importlib.import_module("serverless_wsgi")
    return lambda event, context: serverless_wsgi.handle_request(application, event, context)


def _zappa(application: Any) -> Any:
    """Zappa's handler reads a module of settings that its deployment writes."""
    import sys
    import types

    module, _, name = os.environ["LAMBDA_LINT_APPLICATION"].partition(":")
    settings: Any = types.ModuleType("zappa_settings")
    settings.APP_MODULE, settings.APP_FUNCTION = module, name
    settings.API_STAGE, settings.PROJECT_NAME = "prod", "function"
    settings.DEBUG, settings.LOG_LEVEL, settings.BINARY_SUPPORT = False, "INFO", True
    settings.CONTEXT_HEADER_MAPPINGS, settings.ENVIRONMENT_VARIABLES = {}, {}
    settings.EXCEPTION_HANDLER, settings.DOMAIN, settings.BASE_PATH = None, None, None
    settings.DJANGO_SETTINGS, settings.AWS_EVENT_MAPPING, settings.AWS_BOT_EVENT_MAPPING = None, {}, {}
    settings.COGNITO_TRIGGER_MAPPING, settings.SLIM_HANDLER = {}, False
    sys.modules["zappa_settings"] = settings
    return importlib.import_module("zappa.handler").lambda_handler


_ADAPTERS = {
    "mangum": _mangum,
    "apig-wsgi": _apig_wsgi,
    "aws-wsgi": _aws_wsgi,
    "serverless-wsgi": _serverless_wsgi,
    "zappa": _zappa,
}


def _is_asgi(application: Any) -> bool:
    call = application if inspect.isfunction(application) else getattr(application, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(call)


def _auto(application: Any) -> Any:
    if type(application).__module__.partition(".")[0] == "chalice":
        return application
    if hasattr(application, "resolve") and hasattr(application, "current_event"):  # a resolver of Powertools
        return application.resolve
    return _mangum(application) if _is_asgi(application) else _apig_wsgi(application)


def _made() -> Any:
    module, _, name = os.environ["LAMBDA_LINT_APPLICATION"].partition(":")
    application: Any = importlib.import_module(module.replace("/", "."))
    for part in name.split("."):
        application = getattr(application, part)
    return _ADAPTERS.get(os.environ["LAMBDA_LINT_ADAPTER"], _auto)(application)


handler = _made()
