"""The odds panel: the distribution at one token, and the draw that chose it. Shows the views that it is given."""

from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from desktop.odds.all_tokens import AllTokens
from desktop.odds.alternatives import AlternativeList, AlternativesBlock, Captions
from desktop.odds.ask import AskBox
from desktop.odds.card import TokenCard
from desktop.odds.own_text import OwnText
from desktop.odds.rows import EVERYTHING_ELSE, OddsRow, OddsView
from desktop.odds.strip import CoinStrip
from desktop.qt.plain_text import Label, tip
from resources.colours import LIGHT, Colours
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
NARROWEST = 240  # pixels
ROWS = 8  # alternatives that stay in view in a low window, at the cost of facts


class EmptyState(QWidget):
    """Advice where there is nothing to show: a title, and advice in a quieter colour under it."""

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

    def show_text(self, title: str, advice: str) -> None:
        self._title.setText(title)
        self._advice.setText(advice)

    def set_colours(self, colours: Colours) -> None:
        for label, colour in ((self._title, colours.text), (self._advice, colours.quiet)):
            palette = QPalette(label.palette())
            palette.setColor(QPalette.ColorRole.WindowText, QColor(colour))
            label.setPalette(palette)


class OddsPanel(QWidget):
    """The signals of rows, of the mouse over them and of refused keys are those of AlternativeList. `text_chosen`, a
    wish: put that text in the place of the token, and whether the model goes on. `pin_requested`, a wish: pin the token
    that is shown, or unpin the pinned one."""

    row_selected = Signal(int)
    row_chosen = Signal(int, bool)
    row_pointed = Signal(int)
    mouse_inside = Signal(bool)
    key_refused = Signal(QKeyEvent)
    text_chosen = Signal(str, bool)
    pin_requested = Signal()
    all_changed = Signal(bool)  # whether all tokens are listed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: OddsView | None = None
        self._page_is_empty = True
        self._reading = ""  # in words, while the model reads the text at the caret
        self._chain: QWidget | None = None
        self.setMinimumWidth(NARROWEST)
        self.setAccessibleName(tr("Odds"))
        self.setAutoFillBackground(True)
        self._card, self._strip = TokenCard(), CoinStrip()
        self._rows = AlternativesBlock(self)
        self._list = AlternativeList(self._rows)
        self._captions = Captions(self._list, self._rows)
        self._own_text = OwnText()
        self.all_tokens = AllTokens()
        self.all_tokens.hide()
        self.all_button = QToolButton(autoRaise=True)
        self.all_button.setCheckable(True)
        self.all_button.setText(tr("All tokens"))
        self.all_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.all_button.setToolTip(tip(tr("Lists every token of the vocabulary, to be sorted, filtered and copied.")))
        self.all_button.toggled.connect(self._show_all)
        self._own_text.add(self.all_button)
        self._effect = Label()
        self._effect.setObjectName("quiet")
        self._effect.setContentsMargins(10, 0, 10, 2)
        self._effect.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._effect.hide()
        self._empty = EmptyState(*NOTHING_YET)
        self.ask = AskBox()
        self.ask.height_changed.connect(self._share_height)
        self.ask.marks_changed.connect(self._strip.show_asked)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._make_view_widget())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.ask)
        column.addLayout(self._stack, 1)
        for name in ("row_selected", "row_chosen", "row_pointed", "mouse_inside", "key_refused"):
            getattr(self._list, name).connect(getattr(self, name))
        self._own_text.text_chosen.connect(self.text_chosen)
        self._card.part_requested.connect(self._show_part)
        self._card.pin_requested.connect(self.pin_requested)
        self.set_colours(LIGHT)

    def add_chain(self, line: QWidget) -> None:
        """Put the line of the sampler chain above the alternatives."""
        self._chain = line
        self._column.insertWidget(self._column.indexOf(self._effect), line)
        line.show()
        self._share_height()

    def _make_view_widget(self) -> QWidget:
        widget_of_view = QWidget()
        column = self._column = QVBoxLayout(widget_of_view)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        for widget in (self._card, self._strip, self._effect, self._captions):
            column.addWidget(widget)
        column.addWidget(self._list, 1)
        column.addWidget(self.all_tokens, 1)
        column.addWidget(self._own_text)
        return widget_of_view

    @property
    def view(self) -> OddsView | None:
        return self._view

    @property
    def part(self) -> int:
        """Index of the token that is shown, of those that spell one character."""
        return self._view.part if self._view else 0

    @property
    def shows_all(self) -> bool:
        """Whether all tokens are listed, in the place of the most likely ones."""
        return self.all_button.isChecked()

    def toggle_all(self) -> None:
        """List all tokens, or the most likely ones again."""
        self.all_button.toggle()
        if self.shows_all:
            self.all_tokens.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_all(self, shown: bool) -> None:
        for widget in (self._list, self._captions):
            widget.setVisible(not shown)
        self.all_tokens.setVisible(shown)
        self.all_changed.emit(shown)

    def rows_of(self, view: OddsView) -> tuple[OddsRow, ...]:
        """The rows of that view, or of the part of it that is shown, that stand for a token."""
        shown = view.parts[self.part] if view.parts and self.part < len(view.parts) else view
        return tuple(row for row in shown.rows if row.id != EVERYTHING_ELSE)

    def mark(self, row: int | None) -> None:
        """Mark that row as the one that is previewed; None: no row."""
        self._list.mark(row)

    def show_view(self, view: OddsView | None) -> None:
        """Show the view; None: show what to do."""
        if view is None:
            here = (self._reading, "") if self._reading else NOTHING_HERE
            self._empty.show_text(*(NOTHING_YET if self._page_is_empty and not self._reading else here))
        else:
            self._view = view
            self._card.show_view(view)
            self._strip.show_view(view)
            if view.odds_changed != self._rows.odds_changed:
                self._captions.update()
            self._rows.show_rows(view.rows, view.odds_changed)
            self._show_effect(view)
            self._share_height()
        self._stack.setCurrentIndex(0 if view is None else 1)

    def _show_effect(self, view: OddsView) -> None:
        self._effect.setText(view.effect)
        self._effect.setToolTip(tip(view.effect_help))
        self._effect.setAccessibleName(view.effect_help)
        self._effect.setVisible(bool(view.effect))

    def show_reading(self, reading: bool, fraction: float) -> None:
        """Show whether the model reads the text at the caret, and how much of it, 0 to 1, where nothing else is
        shown."""
        self._reading = tr("Reading… {percent} %").format(percent=round(100 * fraction)) if reading else ""
        if self._stack.currentIndex() == 0:
            self.show_view(None)

    def set_page_empty(self, empty: bool) -> None:
        """Set whether the model has written nothing yet: then the panel says what will appear in it."""
        self._page_is_empty = empty
        if self._stack.currentIndex() == 0:
            self.show_view(None)

    def show_pinned(self, position: int | None) -> None:
        """Show whether a token is pinned. position: of it, in UTF-16 units; None: none is."""
        self._card.show_pinned(position is not None)

    def set_colours(self, colours: Colours) -> None:
        palette = QPalette(self.palette())
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base):
            palette.setColor(role, QColor(colours.ground))
        self.setPalette(palette)
        for widget in (self.ask, self._empty, self._card, self._strip, self._captions, self._list.painter_of_rows):
            widget.set_colours(colours)
        self._list.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        """Let the card show as many lines of facts as leave room for ROWS alternatives; where not even one line has
        room, make card and rows lower, and where those have none, hide the field for other text."""
        painter = self._list.painter_of_rows
        self.ask.limit_height(self.height() // 3)
        asked = 0 if self.ask.isHidden() else self.ask.sizeHint().height()
        left = self.height() - asked - 4 - self._strip.sizeHint().height() - self._captions.sizeHint().height()
        wanted = min(ROWS, self._rows.rowCount() or ROWS)
        left -= self._chain.sizeHint().height() if self._chain else 0
        left -= 0 if self._effect.isHidden() else self._effect.sizeHint().height()
        field = self._own_text.sizeHint().height()
        has_room = left - field >= self._card.height_for(0, True) + wanted * painter.height(True)
        self._own_text.setVisible(has_room)
        left -= field if has_room else 0
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

    def _show_part(self, part: int) -> None:
        if self._view and 0 <= part < len(self._view.parts):
            parts = self._view.parts
            self.show_view(replace(parts[part], parts=parts, part=part))
