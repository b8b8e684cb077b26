"""Repairs the environment of the process: closed standard streams, a missing working folder, a missing home.

Runs before anything else. Standard library only.
"""

import os
import sys
from collections.abc import MutableMapping

_STREAMS = (("stdin", os.O_WRONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))


def mend() -> None:
    """Repair all three, for this process and its children."""
    fill_streams()
    find_folder()
    find_home(os.environ)


def fill_streams() -> None:
    """Open the null device for each closed standard stream; else the next open file would get its descriptor.

    Reading from such a stdin and writing to such a stdout still fail, as for closed ones; stderr is discarded. Does
    nothing on Windows, where a program without a console has None and the null device looks like a terminal.
    """
    if os.name != "posix":
        return
    for number, (name, flags, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # gets the lowest free descriptor, which is this one
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def find_folder() -> None:
    """Change to the root folder if the working folder is gone or not accessible: child processes would fail."""
    try:
        os.chdir(os.getcwd())  # noqa: PTH109 (pathlib asks the same)
    except OSError:
        os.chdir(os.sep)


def find_home(environment: MutableMapping[str, str]) -> None:
    """Set HOME to the root folder for a user without an entry in the system's database, as shells do."""
    if os.name == "posix" and os.path.expanduser("~") == "~":  # noqa: PTH111 (pathlib raises)
        environment["HOME"] = os.sep
