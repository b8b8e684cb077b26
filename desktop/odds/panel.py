"""The odds panel: what the model believed at one token, and the coin that was flipped there.

Shows the views it is given; knows neither the page nor the engine.
"""

from dataclasses import replace

from PySide6.QtCore import QEvent, QModelIndex, Signal
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from desktop.odds.alternatives import AlternativeList, AlternativeRows, Captions
from desktop.odds.card import TokenCard
from desktop.odds.colours import LIGHT, OddsColours
from desktop.odds.rows import OddsView
from desktop.odds.strip import CoinStrip
from desktop.qt.plain_text import Label
from resources.language import tr

NOTHING_YET = (
    tr("No odds yet."),
    tr(
        "Write the beginning of a text, then press Ctrl+Enter. The odds of each token appear here, with the "
        "random number that picked it."
    ),
)
NOTHING_HERE = (
    tr("No odds here."),
    tr("Not read yet. Press Ctrl+Shift+L to get odds for your own text."),
)
NARROWEST = 240
ROWS = 8  # alternatives that stay in view in a low window: the card shows fewer facts for them


class EmptyState(QWidget):
    """What to do where there is nothing to show: a line, and a quieter one under it."""

    def __init__(self, title: str, advice: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label(title, wordWrap=True)
        self._advice = Label(advice, wordWrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 16, 14, 14)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._advice)
        column.addStretch(1)

    def say(self, title: str, advice: str) -> None:
        self._title.setText(title)
        self._advice.setText(advice)

    def set_colours(self, colours: OddsColours) -> None:
        for label, colour in ((self._title, colours.text), (self._advice, colours.quiet)):
            palette = QPalette(label.palette())
            palette.setColor(QPalette.ColorRole.WindowText, QColor(colour))
            label.setPalette(palette)


class OddsPanel(QWidget):
    """`alternative_requested` is a wish: the id of the token that someone would rather have there."""

    alternative_requested = Signal(int)
    pin_requested = Signal()  # a wish: keep the token that is shown, or release the one that is kept

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: OddsView | None = None
        self._page_is_empty = True
        self._chain: QWidget | None = None
        self.setMinimumWidth(NARROWEST)
        self.setAccessibleName(tr("Odds"))
        self.setAutoFillBackground(True)
        self._card, self._strip = TokenCard(), CoinStrip()
        self._rows = AlternativeRows(self)
        self._list = AlternativeList(self._rows)
        self._captions = Captions(self._list, self._rows)
        self._empty = EmptyState(*NOTHING_YET)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._told())
        self._list.activated.connect(self._activated)
        self._card.part_requested.connect(self._show_part)
        self._card.pin_requested.connect(self.pin_requested)
        self.set_colours(LIGHT)

    def add_chain(self, line: QWidget) -> None:
        """Put the sampler chain, in a line, above the alternatives."""
        self._chain = line
        self._column.insertWidget(self._column.indexOf(self._captions), line)
        line.show()
        self._share_height()

    def _told(self) -> QWidget:
        told = QWidget()
        column = self._column = QVBoxLayout(told)
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
            self._empty.say(*(NOTHING_YET if self._page_is_empty else NOTHING_HERE))
        else:
            self._view = view
            self._card.show_view(view)
            self._strip.show_view(view)
            if view.bent != self._rows.bent:
                self._captions.update()
            self._rows.show_rows(view.rows, view.bent)
            self._share_height()
        self._pages.setCurrentIndex(0 if view is None else 1)

    def set_page_empty(self, empty: bool) -> None:
        """Whether the model has written nothing yet: then it is said what will appear here."""
        self._page_is_empty = empty
        if self._pages.currentIndex() == 0:
            self.show_view(None)

    def show_pinned(self, position: int | None) -> None:
        """Which token is kept, if any."""
        self._card.show_pinned(position is not None)

    def set_colours(self, colours: OddsColours) -> None:
        palette = QPalette(self.palette())
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
            palette.setColor(role, QColor(colours.ground))
        self.setPalette(palette)
        for widget in (self._empty, self._card, self._strip, self._captions, self._list.painter_of_rows):
            widget.set_colours(colours)
        self._list.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        """The card shows as many lines of facts as leave room for some alternatives; where even one is too much, card
        and alternatives are lower."""
        painter = self._list.painter_of_rows
        left = self.height() - 4 - self._strip.sizeHint().height() - self._captions.sizeHint().height()
        wanted = min(ROWS, self._rows.rowCount() or ROWS)
        left -= self._chain.sizeHint().height() if self._chain else 0
        low = left - self._card.height_for(1, False) < wanted * painter.height(False)
        none, one = (self._card.height_for(number, low) for number in (0, 1))
        room = left - wanted * painter.height(low) - none
        self._card.show_lines(max(0, room // (one - none)), low)
        self._list.set_low(low)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._list.painter_of_rows.measure(self._list)
            self._list.doItemsLayout()
            self._share_height()

    def _activated(self, index: QModelIndex) -> None:
        token = self._rows.row(index.row()).id
        if token >= 0:
            self.alternative_requested.emit(token)

    def _show_part(self, part: int) -> None:
        if self._view and 0 <= part < len(self._view.parts):
            parts = self._view.parts
            self.show_view(replace(parts[part], parts=parts, part=part))
