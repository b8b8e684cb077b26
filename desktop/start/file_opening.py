"""An application that receives files from the system: on macOS a double click sends the running program an event.

Overrides `event` because an event filter on the application would see every event of every widget.
"""

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """The QApplication. `files_received` carries the files to open, a list of Path."""

    files_received = Signal(object)

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent):
            return super().event(event)
        if name := event.file():  # empty for an URL of something else than a file
            self.files_received.emit([Path(name)])
        return True
