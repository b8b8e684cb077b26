"""The chip at the end of the toolbar: the name of the loaded model and its device, or of the two that are compared.

A click opens a menu of others."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.qt.plain_text import caption, tip
from desktop.qt.visible import lines, visible, visible_lines
from resources.language import tr

LONG, SHORT = 34, 16  # characters of a model's name, in a wide and in a narrow window
LONG_OF_TWO, SHORT_OF_TWO = 18, 9  # of each, where there are two


class ModelChip(QToolButton):
    """A button with the model's name and device, and details in its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name, self.device, self.second = "", "", ""
        self._details, self._second_details = "", ""
        self._narrow = False
        self.show_model(tr("No model"), "", "")

    def show_model(self, name: str, details: str, device: str, why: str = "") -> None:
        """Show a model. device: where it runs, in words; why: why not all of it is on a graphics device."""
        self.name, self.device = visible(name), visible(device)
        self._details = lines(*details.splitlines(), why)
        self._update()

    def show_second(self, name: str, details: str = "") -> None:
        """Show the model that is compared with the first; an empty name for none."""
        self.second, self._second_details = visible(name), lines(*details.splitlines())
        self._update()

    def set_narrow(self, narrow: bool) -> None:
        """Set whether the window is narrow: the chip shows a short name and no device then."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._update_text()

    def _update(self) -> None:
        model = tr("Model: {name}").format(name=self.name)
        model = f"{model}, {self.device}" if self.device else model
        second = tr("second model: {name}").format(name=self.second) if self.second else ""
        self.setAccessibleName("; ".join(filter(None, (model, second))))
        both = lines(*self._details.splitlines(), self.second, *self._second_details.splitlines())
        self.setToolTip(tip(lines(self.name, *both.splitlines()), several=True))
        self.setAccessibleDescription(visible_lines(both))
        self._update_text()

    def _update_text(self) -> None:
        if self.second:
            most = SHORT_OF_TWO if self._narrow else LONG_OF_TWO
            self.setText(caption(f"{self._elided(self.name, most)} ⇄ {self._elided(self.second, most)}"))
            return
        most = SHORT if self._narrow else LONG
        name = self._elided(self.name, most)
        device = self.fontMetrics().elidedText(self.device, Qt.TextElideMode.ElideRight, self._width(most))
        self.setText(caption(name if self._narrow or not device else f"{name} · {device}"))

    def _elided(self, name: str, most: int) -> str:
        side = Qt.TextElideMode.ElideRight if self._narrow else Qt.TextElideMode.ElideMiddle
        return self.fontMetrics().elidedText(name, side, self._width(most))

    def _width(self, characters: int) -> int:
        """Pixels of that many characters of a usual width."""
        return self.fontMetrics().averageCharWidth() * characters
