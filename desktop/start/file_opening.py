"""Files that the system asks the running program to open: a double-click on macOS starts no second program and names no
file on a command line, it sends the application an event.

An event filter on the application would see every event of every widget; this one sees its own. Knows nothing of what
files are.
"""

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """`files_received` carries what was asked for, a list of Path."""

    files_received = Signal(object)

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent):
            return super().event(event)
        if name := event.file():  # an address of something that is no file has none
            self.files_received.emit([Path(name)])
        return True
