"""The settings while the program runs: one value, changed through one method, kept on disk a moment later."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.qt.deferred_writer import DeferredWriter
from desktop.settings.file import SettingsFile
from resources.language import tr
from resources.reasons import reason


class Preferences(QObject):
    """`changed` carries the new Settings, and the names of the fields that have changed. `message`: a sentence for the
    user."""

    changed = Signal(object, object)
    message = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._file = SettingsFile(path)
        read = self._file.read()
        self.value = read.settings
        self.sentence = read.sentence  # what was wrong with the file, for the notice
        self._keeper = DeferredWriter(self._snapshot, "settings", parent=self)
        self._keeper.failed.connect(self._not_kept)

    def change(self, **fields: Any) -> None:
        """Set those fields of Settings, and tell which of them have changed."""
        names = frozenset(name for name, value in fields.items() if value != getattr(self.value, name))
        if names:
            self.remember(**fields)
            self.changed.emit(self.value, names)

    def remember(self, **fields: Any) -> None:
        """Remember those fields, which change nothing that is shown."""
        self.value = replace(self.value, **fields)
        self._keeper.touch()

    def close(self) -> None:
        self._keeper.close()

    def _snapshot(self) -> Callable[[], None]:
        settings = self.value
        return lambda: self._file.save(settings)

    def _not_kept(self, error: OSError) -> None:
        sentence = tr("The settings could not be kept in {path}: {reason}.")
        self.message.emit(sentence.format(path=self._path, reason=reason(error, tr("it failed"))))
