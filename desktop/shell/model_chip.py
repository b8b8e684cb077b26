"""The chip at the end of the toolbar: which model writes, and where it runs. A click offers others."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.qt.plain_text import caption, tip
from desktop.qt.visible import lines, visible, visible_lines
from resources.language import tr

LONG, SHORT = 34, 16  # characters of a model's name, in a wide and in a narrow window


class ModelChip(QToolButton):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name, self.device = "", ""
        self._narrow = False
        self.show_model(tr("No model"), "", "")

    def show_model(self, name: str, details: str, device: str, why: str = "") -> None:
        """device: where it runs, in words; why: why not all of it is on a graphics device."""
        self.name, self.device = visible(name), visible(device)
        said = tr("Model: {name}").format(name=self.name)
        self.setAccessibleName(f"{said}, {self.device}" if device else said)
        self.setToolTip(tip(lines(self.name, *details.splitlines(), why), several=True))
        self.setAccessibleDescription(visible_lines(lines(*details.splitlines(), why)))
        self._say()

    def set_narrow(self, narrow: bool) -> None:
        """In a narrow window the name alone is said, and little of it."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._say()

    def _say(self) -> None:
        metrics, most = self.fontMetrics(), SHORT if self._narrow else LONG
        width = metrics.averageCharWidth() * most
        side = Qt.TextElideMode.ElideRight if self._narrow else Qt.TextElideMode.ElideMiddle
        name = metrics.elidedText(self.name, side, width)
        device = metrics.elidedText(self.device, Qt.TextElideMode.ElideRight, width)
        self.setText(caption(name if self._narrow or not device else f"{name} · {device}"))
