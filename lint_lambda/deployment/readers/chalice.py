"""Read Chalice projects: ``.chalice/config.json`` says that ``app.py`` beside it is deployed, and with what."""

from __future__ import annotations

from lint_lambda.deployment.documents import DocumentError, Table, load
from lint_lambda.deployment.files import Files, folder
from lint_lambda.deployment.intrinsics import Evaluation
from lint_lambda.deployment.model import Declarations, Declared, Function, Trouble
from lint_lambda.deployment.readers.cloudformation import layer_folders
from lint_lambda.deployment.values import number, table, texts


def read(files: Files) -> Declarations:
    """The application of every Chalice project. Functions under its other decorators are found by these."""
    found = Declarations()
    for path in files.others:
        if path != ".chalice/config.json" and not path.endswith("/.chalice/config.json"):
            continue
        home = folder(folder(path))
        app = f"{home}/app.py" if home else "app.py"
        try:
            documents = load(path, files.read(path))
        except DocumentError as error:
            found.troubles.append(Trouble(path, error.line or 0, str(error)))
            documents = []
        document = documents[0] if documents and isinstance(documents[0], Table) else Table(1)
        if files.is_file(app):
            found.functions.append(_application(path, home, document, files))
    return found


def _application(path: str, home: str, document: Table, files: Files) -> Function:
    evaluation = Evaluation(Table(1))
    stages = document.table("stages")
    first = next((stage for stage in stages.values() if isinstance(stage, Table)), Table(1))
    environment = {
        **table(evaluation.value(document.get("environment_variables"))),
        **table(evaluation.value(first.get("environment_variables"))),
    }
    vendor = f"{home}/vendor" if home else "vendor"
    return Function(
        declared=Declared(path, document.line_of("app_name"), "chalice"),
        names=tuple(filter(None, (document.text("app_name"),))),
        handler="app.app",
        roots=(home, vendor) if files.is_directory(vendor) else (home,),
        layers=tuple(layer_folders(files, vendor)) if document.text("automatic_layer") == "true" else (),
        timeout=number(evaluation.value(first.get("lambda_timeout") or document.get("lambda_timeout"))),
        environment=texts(environment),
    )
