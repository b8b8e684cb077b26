"""The settings while the program runs: one value, changed through two methods, written to disk a second later."""

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
    """Holds the settings. `changed` carries the new Settings and a frozenset of the names of the fields that have
    changed; `message` a sentence for the user."""

    changed = Signal(object, object)
    message = Signal(str)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._file = SettingsFile(path)
        read = self._file.read()
        self.value = read.settings
        self.sentence = read.sentence  # what was wrong with the file, for the user
        self._writer = DeferredWriter(self._snapshot, "settings", parent=self)
        self._writer.failed.connect(self._report_failure)

    def change(self, **fields: Any) -> None:
        """Set fields of Settings, and emit `changed` for those whose values are new."""
        names = frozenset(name for name, value in fields.items() if value != getattr(self.value, name))
        if names:
            self.remember(**fields)
            self.changed.emit(self.value, names)

    def remember(self, **fields: Any) -> None:
        """Set fields of Settings without emitting `changed`: for values that nothing shown depends on."""
        self.value = replace(self.value, **fields)
        self._writer.touch()

    def close(self) -> None:
        self._writer.close()

    def _snapshot(self) -> Callable[[], None]:
        settings = self.value
        return lambda: self._file.save(settings)

    def _report_failure(self, error: OSError) -> None:
        sentence = tr("The settings could not be kept in {path}: {reason}.")
        self.message.emit(sentence.format(path=self._path, reason=reason(error, tr("it failed"))))
