"""The About window: versions, the devices that llama.cpp can use, licences; its text can be copied for a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from desktop.qt.background import Background
from desktop.qt.one_dialog import open_one
from desktop.qt.plain_text import Label
from desktop.qt.scrolled import scrolled
from desktop.qt.visible import lines
from desktop.qt.window_geometry import fit_to_screen
from desktop.shell import versions
from resources.language import tr

if TYPE_CHECKING:
    from desktop.shell.licences import Licence
    from models.launch.device_probe import Probe

LANE, LICENCES = "devices", "licences"
SYSTEM, DEVICES, BACKENDS = "System", "Devices", "Backends"  # English, as they are copied
LABELS = {SYSTEM: tr("System", "the computer's"), DEVICES: tr("Devices"), BACKENDS: tr("Backends", "of llama.cpp")}
Fact = tuple[str, str]
WIDTH, MARGIN, GAP = 480, 16, 12  # pixels


class About(QObject):
    """Opens the window. Asks llama.cpp for its devices and reads the licences off the GUI thread."""

    def __init__(self, parent: QWidget, ask: Callable[[], tuple[Fact, ...]] | None = None) -> None:
        """ask: returns names and values about the devices, in English; None: asks llama.cpp."""
        super().__init__(parent)
        self._window, self._ask = parent, ask or devices
        self._background = Background((), self)
        self.dialog: AboutDialog | None = None

    def open(self) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            return
        dialog = self.dialog = AboutDialog(versions.facts(), self._window)
        dialog.finished.connect(self._closed)
        dialog.licences_requested.connect(self._read_licences)
        dialog.open()
        self._background.run(LANE, self._ask, dialog.add)

    def close(self) -> None:
        self._background.close()

    def _read_licences(self) -> None:
        self._background.run(LICENCES, read_licences, self._show_licences)

    def _show_licences(self, found: list[Licence]) -> None:
        from desktop.shell.dialogs import LicencesDialog

        if (dialog := self.dialog) is not None:
            open_one(dialog, "licences", lambda: LicencesDialog(found, dialog))

    def _closed(self) -> None:
        self._background.cancel(LANE)
        self._background.cancel(LICENCES)
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()


class AboutDialog(QDialog):
    """The window. `licences_requested`: show the licences."""

    licences_requested = Signal()

    def __init__(self, facts: tuple[Fact, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Inkfall"))
        self.resize(WIDTH, 0)
        self._facts: tuple[Fact, ...] = ()
        self._rows = QFormLayout(horizontalSpacing=16, verticalSpacing=4)
        self._waiting = Label(tr("Asking llama.cpp for its devices…"))
        self._waiting.setObjectName("quiet")
        title = Label(f"Inkfall {versions.version('inkfall')}")
        title.setFont(_title_font())
        summary = tr("A page that a base language model continues, with the odds of every token beside it.")
        terms = tr("Inkfall is free software under the MIT licence. Models have licences of their own.")
        inside = QWidget()
        self._contents = QVBoxLayout(inside)
        self._contents.setSpacing(GAP)
        self._contents.setContentsMargins(0, 0, 0, 0)
        self._contents.addWidget(title)
        self._contents.addWidget(Label(summary, wordWrap=True))
        self._contents.addLayout(self._rows)
        self._contents.addWidget(self._waiting)
        self._contents.addWidget(Label(terms, wordWrap=True))
        self._contents.addStretch()
        self._foot = self._buttons()
        column = QVBoxLayout(self)
        column.setSpacing(GAP)
        column.setContentsMargins(MARGIN + 4, MARGIN, MARGIN + 4, MARGIN)
        column.addWidget(scrolled(inside), 1)
        column.addWidget(self._foot)
        self._put(facts)

    @property
    def text(self) -> str:
        """The text that is copied."""
        return "\n".join(f"{name}: {value}" for name, value in self._facts)

    def add(self, facts: tuple[Fact, ...]) -> None:
        """Show the answer of llama.cpp."""
        self._waiting.hide()
        self._put(facts)

    def _put(self, facts: tuple[Fact, ...]) -> None:
        self._facts += facts
        for name, value in facts:
            shown = Label(value, several=True, wordWrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label = Label(LABELS.get(name, name))
            label.setObjectName("quiet")
            self._rows.addRow(label, shown)
            for one in (label, shown):
                one.show()  # now, so that the layout counts them
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Make the window high enough for its text, up to the screen's height; beyond that the text scrolls."""
        text_height = self._contents.totalHeightForWidth(self.width() - 2 * (MARGIN + 4))
        self.resize(self.width(), max(self.height(), text_height + GAP + self._foot.sizeHint().height() + 2 * MARGIN))
        fit_to_screen(self)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.copy = buttons.addButton(tr("&Copy for a report"), role)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        licences = buttons.addButton(tr("&Licences"), role)
        licences.clicked.connect(self.licences_requested)
        buttons.rejected.connect(self.reject)
        return buttons


def _title_font() -> QFont:
    font = QFont()
    font.setBold(True)
    font.setPointSizeF(1.5 * font.pointSizeF())
    return font


def read_licences() -> list[Licence]:
    from desktop.shell.licences import licences

    return licences()


def devices() -> tuple[Fact, ...]:
    """The devices and backends of llama.cpp, asked in a process of its own."""
    from models.launch.device_probe import ProbeError, probe

    try:
        return _facts_of(probe())
    except ProbeError as error:
        return ((DEVICES, lines(str(error))),)


def _facts_of(found: Probe) -> tuple[Fact, ...]:
    from models.library.words import size
    from models.llamacpp.ggml_backends import status_words

    found_devices = [f"{one.name}: {one.description}, {size(one.total)}" for one in found.devices]
    backends = [status_words(one) for one in found.backends]
    facts = [("llama.cpp", found.llama), (DEVICES, lines(*found_devices)), (BACKENDS, lines(*backends))]
    return tuple((name, value) for name, value in facts if value)
