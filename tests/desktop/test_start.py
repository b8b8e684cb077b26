"""A window imports only what it needs before it is shown, since every module costs start time."""

import subprocess
import sys

LATER = (
    "importlib.metadata",
    "regex",
    "psutil",
    "ssl",
    "keyring",
    "rich",
    "huggingface_hub",
    "httpx",
    "llama_cpp",
    "models.worker.worker",
    "models.llamacpp.model",
    "desktop.library.library",
    "desktop.shell.welcome",
    "desktop.updating.dialog",
    "desktop.updating.newest",
)
CODE = """
import sys, tempfile
from pathlib import Path
from desktop.__main__ import wants_window
from desktop.app import Inkfall, make_application
from models.library.app_dirs import under
assert wants_window([])
application = make_application()
program = Inkfall(under(Path(tempfile.mkdtemp())), application)
program.window.show()
application.processEvents()
print(*(name for name in {later!r} if name in sys.modules))
program.close()
"""


def test_a_shown_window_has_not_imported_later_modules() -> None:
    code = CODE.format(later=LATER)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
