"""The chip at the end of the toolbar: the name of the loaded model and its device; a click opens a menu of others."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.qt.plain_text import caption, tip
from desktop.qt.visible import lines, visible, visible_lines
from resources.language import tr

LONG, SHORT = 34, 16  # characters of a model's name, in a wide and in a narrow window


class ModelChip(QToolButton):
    """A button with the model's name and device, and details in its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name, self.device = "", ""
        self._narrow = False
        self.show_model(tr("No model"), "", "")

    def show_model(self, name: str, details: str, device: str, why: str = "") -> None:
        """Show a model. device: where it runs, in words; why: why not all of it is on a graphics device."""
        self.name, self.device = visible(name), visible(device)
        model = tr("Model: {name}").format(name=self.name)
        self.setAccessibleName(f"{model}, {self.device}" if device else model)
        self.setToolTip(tip(lines(self.name, *details.splitlines(), why), several=True))
        self.setAccessibleDescription(visible_lines(lines(*details.splitlines(), why)))
        self._update_text()

    def set_narrow(self, narrow: bool) -> None:
        """Set whether the window is narrow: the chip shows a short name and no device then."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._update_text()

    def _update_text(self) -> None:
        metrics, most = self.fontMetrics(), SHORT if self._narrow else LONG
        width = metrics.averageCharWidth() * most
        side = Qt.TextElideMode.ElideRight if self._narrow else Qt.TextElideMode.ElideMiddle
        name = metrics.elidedText(self.name, side, width)
        device = metrics.elidedText(self.device, Qt.TextElideMode.ElideRight, width)
        self.setText(caption(name if self._narrow or not device else f"{name} · {device}"))
