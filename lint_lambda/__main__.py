"""``lambda-lint``: what needs no analysis is answered here, before anything that takes a while is imported.

That is the version, the help of each command, and the page of one rule. All else is up to `lint_lambda.cli`, which answers these
as well, where the terminal wants them in another form.
"""

import os
import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:
    # `python -m` puts the working directory first on the path. That is the code to be checked: none of it is to run here.
    sys.path[:] = sys.path[1:]

from lint_lambda import __version__

HELP = os.path.join(os.path.dirname(__file__), "cli", "help")  # noqa: PTH118, PTH120 - pathlib takes longer than the answer
"""The help of each command as text files, which `docs/help_texts.py` writes."""

WIDTH = 80
"""Columns that the text files are made for, and that the help never takes more than."""


def main() -> None:
    """The console script."""
    try:
        _main()
    except KeyboardInterrupt:  # before there is anything to tidy up
        os._exit(130)


def _main() -> None:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the process was started without it: what is said goes nowhere
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - for as long as the process lives
    text = answer(sys.argv[1:])
    if text is None or not _can_print(text):
        from lint_lambda.core.stopping import run

        run(_full)
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python's own flush at exit is quiet
        if isinstance(error, BrokenPipeError):
            sys.exit(1)
        sys.stderr.write(f"Error: the output cannot be written: {error.strerror}\n")
        sys.exit(2)


def _full() -> None:
    from lint_lambda.core.collecting import collect_no_more, collect_rarely

    collect_rarely()
    from lint_lambda.cli import main as full

    try:
        full()
    finally:
        collect_no_more()


def answer(arguments: list[str]) -> str | None:
    """What to print; None where only the whole program knows."""
    if "_LAMBDA_LINT_COMPLETE" in os.environ:  # the shell asks what could be typed next
        return None
    if arguments in (["--version"], ["-V"]):
        return f"lambda-lint {__version__}\n"
    if arguments and arguments[-1] in ("--help", "-h") and len(arguments) <= 2 and _columns() >= WIDTH:
        return _read(f"{HELP}/{arguments[0] if len(arguments) == 2 else 'lambda-lint'}.txt")
    if len(arguments) == 2 and arguments[0] == "rule" and not sys.stdout.isatty():
        return _page(arguments[1])
    return None


def _page(wanted: str) -> str | None:
    """The page of a rule by its code or name."""
    package = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    for directory in (f"{package}/_rules", f"{os.path.dirname(package)}/rules"):  # noqa: PTH120
        for file in os.listdir(directory) if os.path.isdir(directory) else ():  # noqa: PTH112, PTH208
            stem, suffix = file[:-3], file[-3:]
            code, _, name = stem.partition("-")
            if suffix == ".md" and wanted in (code, code.lower(), name):
                head, _, body = (_read(f"{directory}/{file}") or "").removeprefix("+++\n").partition("\n+++\n")
                return f"# {code} {name}\n\n{body.strip()}\n\n" if head and body else None
    return None


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return None


def _columns() -> int:
    """The width of the terminal, as `shutil.get_terminal_size` says it."""
    try:
        given = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        given = 0
    try:
        return given if given > 0 else os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    main()
