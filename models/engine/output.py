"""Where a process of ours writes what nobody is to see: its standard output and errors, into a file.

Knows not what is written.
"""

import os

from models.library.atomic_file import NO_LINK


def redirect(log: str) -> None:
    """Python's and llama.cpp's output into the file, from the file descriptors up: llama.cpp writes there even as it
    aborts. What a link there leads to is left alone.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_LINK
    try:
        file = os.open(log, flags, 0o600)
    except OSError:
        file = os.open(os.devnull, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
