"""About Inkfall: what it consists of here, on which devices models can run, its licences; to be copied for a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.qt.background import Background
from desktop.qt.one_dialog import open_one
from desktop.qt.plain_text import Label
from desktop.qt.visible import lines
from desktop.shell import versions
from resources.language import tr

if TYPE_CHECKING:
    from desktop.shell.licences import Licence
    from models.launch.device_probe import Probe

LANE, LICENCES = "devices", "licences"
SYSTEM, DEVICES, BACKENDS = "System", "Devices", "Backends"  # as they are copied
LABELS = {SYSTEM: tr("System", "the computer's"), DEVICES: tr("Devices"), BACKENDS: tr("Backends", "of llama.cpp")}
Fact = tuple[str, str]
MOST_HEIGHT = 0.55  # of the screen, for the facts


class About(QObject):
    """Opens the window; asks llama.cpp for its devices, and reads the licences, off the GUI thread."""

    def __init__(self, parent: QWidget, ask: Callable[[], tuple[Fact, ...]] | None = None) -> None:
        """ask: names and values, English; None for llama.cpp's own answer."""
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
    """Versions, devices, licences."""

    licences_requested = Signal()

    def __init__(self, facts: tuple[Fact, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Inkfall"))
        self.setMinimumWidth(480)
        self._facts: tuple[Fact, ...] = ()
        self._facts_room = _Facts()
        self._rows = self._facts_room.rows
        self._rows.setHorizontalSpacing(16)
        self._rows.setVerticalSpacing(4)
        self._waiting = Label(tr("Asking llama.cpp for its devices…"))
        self._waiting.setObjectName("quiet")
        title = Label(f"Inkfall {versions.version('inkfall')}")
        title.setFont(_title_font())
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(title)
        about = tr("A page that a base language model continues, with the odds of every token beside it.")
        column.addWidget(Label(about, wordWrap=True))
        column.addWidget(self._facts_room)
        column.addWidget(self._waiting)
        terms = tr("Inkfall is free software under the MIT licence. Models have licences of their own.")
        column.addWidget(Label(terms, wordWrap=True))
        column.addStretch()
        column.addWidget(self._buttons())
        self._put(facts)

    @property
    def text(self) -> str:
        """What is copied."""
        return "\n".join(f"{name}: {value}" for name, value in self._facts)

    def add(self, facts: tuple[Fact, ...]) -> None:
        """What llama.cpp said."""
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
        self._facts_room.updateGeometry()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as all words need at the width that there is."""
        self.setMinimumHeight(self._column.totalHeightForWidth(self.width()))

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.copy = buttons.addButton(tr("&Copy for a report"), role)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        licences = buttons.addButton(tr("&Licences"), role)
        licences.clicked.connect(self.licences_requested)
        buttons.rejected.connect(self.reject)
        return buttons


class _Facts(QScrollArea):
    """Rows of facts as high as they are, up to a part of the screen; from there on they scroll."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.inside = QWidget()
        self.rows = QFormLayout(self.inside)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.setWidget(self.inside)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab leads through the facts, and they come into view
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        whole = self.rows.totalHeightForWidth(width)
        most = round(self.screen().availableGeometry().height() * MOST_HEIGHT)
        return whole if whole <= most else most

    def sizeHint(self) -> QSize:
        width = self.inside.sizeHint().width()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.inside.minimumSizeHint().width(), 0)


def _title_font() -> QFont:
    font = QFont()
    font.setBold(True)
    font.setPointSizeF(1.5 * font.pointSizeF())
    return font


def read_licences() -> list[Licence]:
    from desktop.shell.licences import licences

    return licences()


def devices() -> tuple[Fact, ...]:
    """What llama.cpp sees of this machine; asked in a process of its own."""
    from models.launch.device_probe import ProbeError, probe

    try:
        return _seen(probe())
    except ProbeError as error:
        return ((DEVICES, lines(str(error))),)


def _seen(found: Probe) -> tuple[Fact, ...]:
    from models.library.words import size
    from models.llamacpp.ggml_backends import status_words

    told = [f"{one.name}: {one.description}, {size(one.total)}" for one in found.devices]
    said = [status_words(one) for one in found.backends]
    facts = [("llama.cpp", found.llama), (DEVICES, lines(*told)), (BACKENDS, lines(*said))]
    return tuple((name, value) for name, value in facts if value)
