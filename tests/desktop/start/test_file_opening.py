"""Files that the system asks to open. A process has one application, so the test's runs in its own process."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ASK = """
import json, sys
from PySide6.QtCore import QCoreApplication, QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from desktop.start.file_opening import Application

application, received = Application([]), []
application.files_received.connect(lambda files: received.append([str(file) for file in files]))
for asked in (QFileOpenEvent(sys.argv[1]), QFileOpenEvent(QUrl.fromLocalFile(sys.argv[1]))):
    QCoreApplication.sendEvent(application, asked)
for other in (QFileOpenEvent(QUrl("https://example.org/page.inkfall")), QEvent(QEvent.Type.ApplicationActivate)):
    QCoreApplication.sendEvent(application, other)
print(json.dumps(received))
"""


def test_a_double_clicked_file_is_received(tmp_path: Path) -> None:
    page = str(tmp_path / "한 장.inkfall")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", ASK, page]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[page], [page]]
    assert done.stderr == ""
