"""Tell packages that a tool copied into a deployment folder from the project's own code beside them.

``pip install --target`` puts ``NAME-VERSION.dist-info`` beside each package it copies; its ``RECORD`` lists the files
(PyPA, "Recording installed projects"). Copies without such metadata are known by names that nobody gives to code of
their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

_UNMISTAKABLE = (
    "attr awscrt bcrypt boto boto3 botocore bs4 certifi cffi chardet charset_normalizer cryptography dateutil dns docutils "
    "idna jinja2 jmespath jsonschema jwt lxml markupsafe matplotlib nacl numpy oauthlib openpyxl OpenSSL pandas pika pip pkg_resources "
    "psycopg2 pyarrow pycparser pydantic pydantic_core pymysql pytz requests requests_oauthlib rsa s3transfer scipy setuptools "
    "simplejson sklearn sqlalchemy typing_extensions urllib3 werkzeug wheel wrapt yaml"
)
_FAMOUS = frozenset(_UNMISTAKABLE.split())
_LARGEST_RECORD = 20_000_000
"""Bytes of a list of installed files that are read."""
_OWN = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})


def vendored(directory: Path, entries: Collection[str], read: Callable[[Path, int], bytes]) -> frozenset[str]:
    """The entries of `directory` that are third-party: names of packages (directories) and modules (``six.py``).

    `read` gives so many bytes of a file, or raises `OSError`.
    """
    found = {entry for entry in entries if entry in _FAMOUS or entry == "six.py"}
    if found and not _OWN.isdisjoint(entries):
        found = set()  # the project is that library
    for entry in entries:
        if entry.endswith(".dist-info"):
            found.add(entry)
            found |= _installed(directory / entry, read)
    return frozenset(found)


def _installed(metadata: Path, read: Callable[[Path, int], bytes]) -> set[str]:
    """Top-level names that one distribution put beside its metadata."""
    for name in ("RECORD", "top_level.txt"):
        try:
            lines = read(metadata / name, _LARGEST_RECORD).decode("utf-8", "replace").splitlines()
        except OSError:
            continue  # not there, or not for us to read: the next source of names may be
        return set(_from_record(lines) if name == "RECORD" else _spelled(lines))
    return set(_spelled([metadata.name.split("-", 1)[0].replace(".", "_")]))


def _from_record(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        head = line.strip('"').split(",", 1)[0].split("/", 1)[0]
        if head not in ("", "..", "__pycache__"):
            yield head


def _spelled(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        if name.strip():
            yield from (name.strip(), name.strip().lower(), f"{name.strip()}.py", f"{name.strip().lower()}.py")
