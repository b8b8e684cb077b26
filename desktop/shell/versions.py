"""The versions of the program and its parts, the system, and the commit: for About and for crash reports.

The names stay English: developers read them.
"""

import platform
from pathlib import Path

from PySide6.QtCore import qVersion

from resources import BUILD

CHECKOUT = Path(__file__).resolve().parents[2]
SHORT = 10  # characters of a commit that are shown


def version(part: str) -> str:
    """The installed version of a package, or a question mark."""
    from importlib import metadata  # here, to keep the start fast

    try:
        return metadata.version(part)
    except metadata.PackageNotFoundError:
        return "?"


def commit(build: Path = BUILD, checkout: Path = CHECKOUT) -> str:
    """The shortened commit of the build, else of the checkout; empty if there is none."""
    return (_first_line(build) or _of_checkout(checkout / ".git"))[:SHORT]


def _of_checkout(git: Path) -> str:
    head = _first_line(git / "HEAD")
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    if found := _first_line(git / name):
        return found
    try:
        packed = (git / "packed-refs").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""


def program() -> str:
    """The program's version, with the commit if it is known."""
    made_from = commit()
    return f"{version('inkfall')} ({made_from})" if made_from else version("inkfall")


def facts() -> tuple[tuple[str, str], ...]:
    """Names and values for a report."""
    return (
        ("Inkfall", program()),
        ("llama.cpp", f"llama-cpp-python {version('llama-cpp-python')}"),
        ("Qt", f"{qVersion()} (PySide6 {version('PySide6-Essentials')})"),
        ("Python", platform.python_version()),
        ("System", platform.platform()),
    )
