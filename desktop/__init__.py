"""What the user sees: the window and its rooms. Qt lives only here; app.py makes every connection between rooms.

Python looks first into the working folder for whatever `python -m desktop` imports: unless that folder is the
program's own, it is no longer asked.
"""

import os
import sys

if sys.argv[:1] == ["-m"] and sys.path[0] == os.getcwd() != os.path.dirname(os.path.dirname(os.path.abspath(__file__))):  # noqa: PTH109, PTH100, PTH120 (pathlib would be imported from there)
    del sys.path[0]
