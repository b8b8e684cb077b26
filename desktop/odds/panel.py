"""The odds panel: what the model believed at one token, and the coin that was flipped there.

Shows the views it is given; knows neither the page nor the engine.
"""

from dataclasses import replace

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from desktop.odds.alternatives import AlternativeList, AlternativeRows, Captions
from desktop.odds.card import TokenCard
from desktop.odds.colours import LIGHT, OddsColours
from desktop.odds.rows import OddsView
from desktop.odds.strip import CoinStrip

NOTHING_YET = (
    "Nothing has been generated yet.\n\nWrite the beginning of a text, then press Ctrl+Enter: "
    "here stand the odds of every token the model writes."
)
NOTHING_HERE = "The model has not read the text here.\n\nMove to a word that it wrote, or let it read the page."
NARROWEST = 240


class OddsPanel(QWidget):
    """`alternative_requested` is a wish: the id of the token that someone would rather have there."""

    alternative_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: OddsView | None = None
        self.setMinimumWidth(NARROWEST)
        self.setAccessibleName("Odds")
        self.setAutoFillBackground(True)
        self._card, self._strip = TokenCard(), CoinStrip()
        self._rows = AlternativeRows(self)
        self._list = AlternativeList(self._rows)
        self._captions = Captions(self._list, self._rows)
        self._empty = QLabel(NOTHING_YET, alignment=Qt.AlignmentFlag.AlignTop, wordWrap=True, margin=14)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._told())
        self._list.activated.connect(self._activated)
        self._card.part_requested.connect(self._show_part)
        self.set_colours(LIGHT)

    def _told(self) -> QWidget:
        told = QWidget()
        column = QVBoxLayout(told)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        for widget in (self._card, self._strip, self._captions):
            column.addWidget(widget)
        column.addWidget(self._list, 1)
        return told

    @property
    def view(self) -> OddsView | None:
        return self._view

    def show_view(self, view: OddsView | None) -> None:
        """Show that token, or say what to do where there is none."""
        if view is None:
            self._empty.setText(NOTHING_HERE if self._view else self._empty.text())
        else:
            self._view = view
            self._card.show_view(view)
            self._strip.show_view(view)
            if view.bent != self._rows.bent:
                self._captions.update()
            self._rows.show_rows(view.rows, view.bent)
        self._pages.setCurrentIndex(0 if view is None else 1)

    def set_colours(self, colours: OddsColours) -> None:
        palette = QPalette(self.palette())
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
            palette.setColor(role, QColor(colours.ground))
        self.setPalette(palette)
        quiet = QPalette(palette)
        quiet.setColor(QPalette.ColorRole.WindowText, QColor(colours.quiet))
        self._empty.setPalette(quiet)
        for widget in (self._card, self._strip, self._captions, self._list.painter_of_rows):
            widget.set_colours(colours)
        self._list.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._list.painter_of_rows.measure(self._list)
            self._list.doItemsLayout()

    def _activated(self, index: QModelIndex) -> None:
        token = self._rows.row(index.row()).id
        if token >= 0:
            self.alternative_requested.emit(token)

    def _show_part(self, part: int) -> None:
        if self._view and 0 <= part < len(self._view.parts):
            parts = self._view.parts
            self.show_view(replace(parts[part], parts=parts, part=part))
