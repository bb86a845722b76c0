"""Whether a project runs on Lambda: what decides where a function is a handler by its name alone.

Command lines, bots and other servers give that name to functions of their own. Where nothing is declared, and a package says what it
depends on, something in it has to speak of Lambda: its manifest, the file itself, a script that deploys it, or what it says of itself.
"""

from __future__ import annotations

import re
from posixpath import join

from lint_lambda.deployment.files import Files, folder, upward

_MANIFEST = "package.json"
_SPEAKS = re.compile(
    rb"lambda|serverless|aws-sdk|@?aws-cdk|amplify|netlify|middy|architect|claudia|\bsst\b|api[ -]?gateway|"
    rb"requestContext|queryStringParameters|pathParameters|isBase64Encoded|statusCode|callbackWaitsForEmptyEventLoop|"
    rb"event\.Records|AWS_REGION",
    re.IGNORECASE,
)
_DEPLOYS = re.compile(
    r"(?:^|/)(?:README[^/]*|Makefile|justfile|Dockerfile[^/]*|Procfile|[^/]+\.(?:sh|ya?ml|toml|tf|hcl))\Z",
    re.IGNORECASE,
)
"""What may deploy a package, or say of it how that is done."""


class Evidence:
    """What the files of one project say of where it runs."""

    def __init__(self, files: Files, *, declares: bool) -> None:
        """`declares`: something in the project declares functions."""
        self._files = files
        self._declares = declares
        self._known: dict[str, bool] = {}

    def speaks_against(self, path: str) -> bool:
        """Whether a function of this file that has a handler's name, and nothing else of one, is none."""
        if self._declares or _SPEAKS.search(self._files.read(path)) is not None:
            return False
        packages = [each for each in upward(folder(path)) if self._files.is_file(join(each, _MANIFEST))]
        return bool(packages) and not any(map(self._speaks, {*packages, ""}))

    def _speaks(self, directory: str) -> bool:
        if directory not in self._known:
            beside = [join(directory, name) for name in self._files.beside(directory)]
            asked = [path for path in beside if path.endswith(_MANIFEST) or _DEPLOYS.search(path)]
            workflows = join(directory, ".github/workflows")
            asked += [join(workflows, name) for name in self._files.beside(workflows)]
            self._known[directory] = any(_SPEAKS.search(self._files.read(path)) is not None for path in asked)
        return self._known[directory]
