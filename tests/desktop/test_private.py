"""The files that the program writes: in its own folders for this user alone, elsewhere with the user's umask."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = """
import os, sys
os.umask(0o022)
from pathlib import Path
from PySide6.QtTest import QTest
from desktop.app import Inkfall, make_application
from desktop.crash import fatal
from models.library.app_dirs import app_dirs
application = make_application()
watch = fatal.Watch(app_dirs().log)
program = Inkfall(app_dirs(), application)
program.window.show()
program.crash.install()

def until(done):
    for _ in range(4000):
        if done():
            return
        QTest.qWait(10)
    raise TimeoutError

program.models.open("scripted:")
program.editor.insertPlainText("A line.")
until(lambda: program.open_page.path is not None and program.open_page.path.exists() and program.session.state.model)
ours = program.open_page.path
program.preferences.change(font_size=20.0)
sys.excepthook(ValueError, ValueError("x"), None)
program.pages.duplicate(ours)
elsewhere = Path(sys.argv[1])
program.export_print._exports.export(ours, elsewhere / "page.html")
from desktop.pagefile.unopened import copy_page
from desktop.pagefile.store import create_page
copy_page(ours, elsewhere / "copy.inkfall")
create_page(elsewhere / "new.inkfall").close()
until(lambda: len(list(app_dirs().pages.glob("*.inkfall"))) == 2)
until(lambda: (app_dirs().config / "settings.json").exists() and (elsewhere / "page.html").exists())
QTest.qWait(300)
for folder, names, files in os.walk(os.environ["INKFALL_HOME"]):
    for name in (*names, *files):
        path = os.path.join(folder, name)
        print(oct(os.stat(path).st_mode & 0o777), path, sep="\\t")
program.window.close()
watch.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there folders have access lists")
def test_files_in_our_folders_are_closed_to_others(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    (home / "data").mkdir(parents=True, mode=0o755)
    elsewhere.mkdir()
    environment = {**os.environ, "INKFALL_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", CODE, str(elsewhere)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    found = {name: mode for mode, _, name in (line.partition("\t") for line in done.stdout.splitlines())}
    assert {Path(name).name for name in found} >= {"pages", "settings.json", "engine.log", "crash.log", "fatal.log"}
    assert any(name.endswith(("-wal", ".inkfall")) for name in found)
    assert {name: mode for name, mode in found.items() if mode not in ("0o700", "0o600")} == {}
    assert {mode for name, mode in found.items() if Path(name).is_file()} == {"0o600"}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in elsewhere.iterdir()}
    assert modes.keys() >= {"copy.inkfall", "new.inkfall", "page.html"} and set(modes.values()) == {0o644}
