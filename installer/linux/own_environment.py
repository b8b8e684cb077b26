"""Runs first in the frozen program on Linux: gives programs that it starts (a browser, the file manager) the system's
libraries, not ours. This process is not affected: its loader has read the variable already. Our own child processes set
the variable again: PYINSTALLER_RESET_ENVIRONMENT makes PyInstaller treat them as new programs.
"""

import os

_before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if _before:
    os.environ["LD_LIBRARY_PATH"] = _before
else:
    os.environ.pop("LD_LIBRARY_PATH", None)
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
