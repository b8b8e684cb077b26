"""Mends what a process may be started without: its standard streams, a working folder, a home.

Called before anything else. Standard library only.
"""

import os
import sys
from collections.abc import MutableMapping

_STREAMS = (("stdin", os.O_WRONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))


def mend() -> None:
    """Everything, of this process and of all that it starts."""
    fill_streams()
    find_folder()
    find_home(os.environ)


def fill_streams() -> None:
    """Put something into the place of a closed standard stream, which else the next file or pipe that is opened takes.

    Reading that input and writing that output fails, as it does where they are closed; errors go nowhere. On Windows a
    program without a console keeps None: there the null device passes for a terminal.
    """
    if os.name != "posix":
        return
    for number, (name, flags, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # which takes the lowest number that is free
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def find_folder() -> None:
    """Work in the topmost folder where the working folder is gone, or may not be entered: children could not either."""
    try:
        os.chdir(os.getcwd())  # noqa: PTH109 (pathlib asks the same)
    except OSError:
        os.chdir(os.sep)


def find_home(environment: MutableMapping[str, str]) -> None:
    """Of a user whom the system does not know, who has no home, it is the topmost folder, as a shell has it."""
    if os.name == "posix" and os.path.expanduser("~") == "~":  # noqa: PTH111 (pathlib raises)
        environment["HOME"] = os.sep
