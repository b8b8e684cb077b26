"""The user interface: the window and its rooms. Qt lives only here; app.py makes every connection between rooms.

`python -m desktop` searches the working folder first for every import. This module removes it from the search path,
unless it is the program's own folder.
"""

import os
import sys


def _working_folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 (pathlib would be imported from there)
    except OSError:  # it is gone
        return ""


if sys.argv[:1] == ["-m"] and sys.path[0] == _working_folder() != os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120
    del sys.path[0]
