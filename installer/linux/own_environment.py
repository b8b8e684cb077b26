"""Runs first in the frozen program on Linux: programs that it starts (a browser, the file manager) are to find the
system's libraries, not ours. The loader of this process has read the variable already, and keeps what it read. Our own
child processes make a new one: told to, PyInstaller's start treats them as programs of their own.
"""

import os

_before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if _before:
    os.environ["LD_LIBRARY_PATH"] = _before
else:
    os.environ.pop("LD_LIBRARY_PATH", None)
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
