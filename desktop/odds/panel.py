"""The odds panel: the distribution at one token, and the draw that chose it. Shows the views that it is given."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from desktop.odds.all_tokens import AllTokens
from desktop.odds.alternative_list import AlternativeList
from desktop.odds.alternatives import AlternativesBlock
from desktop.odds.ask import AskBox
from desktop.odds.beside import BesideView
from desktop.odds.captions import Captions
from desktop.odds.card import TokenCard
from desktop.odds.coin_bar import CoinBar
from desktop.odds.flips import Tally, with_flip, with_tally, words_of_flip
from desktop.odds.own_text import OwnText
from desktop.odds.rows import EVERYTHING_ELSE, OddsRow, OddsView
from desktop.odds.strip import CoinStrip
from desktop.qt import accessible
from desktop.qt.plain_text import Label, tip
from models.sampling.readings import Reading
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
NO_EFFECT = " "  # in the place of what the chain does, where that is not known: nothing below may move
NARROWEST = 240  # pixels
LOWEST = 160  # pixels: the panel is never higher than the window, whatever is in it
LEAST_ROWS = 3  # alternatives that stay in view below strings that were asked about
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
    """The signals of rows, of the mouse over them, of refused keys and of bias are those of AlternativeList.
    `text_chosen`, a wish: put that text where its field says, and whether the model goes on. `text_in_use`:
    whether the field for it has the focus. `pin_requested`, a wish: pin the token that is shown, or unpin the pinned
    one. `part_shown`: another one of the tokens that spell a character is shown."""

    row_selected = Signal(int)
    row_chosen = Signal(int, bool)
    row_pointed = Signal(int)
    mouse_inside = Signal(bool)
    key_refused = Signal(QKeyEvent)
    bias_requested = Signal(int, bool)
    text_chosen = Signal(str, bool)
    text_in_use = Signal(bool)
    pin_requested = Signal()
    view_shown = Signal()  # another view, or part of it, or none
    part_shown = Signal()
    all_changed = Signal(bool)  # whether all tokens are listed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: OddsView | None = None
        self._has_view = False
        self._flip: Reading | None = None
        self._tally: Tally | None = None
        self._page_is_empty = True
        self._reading = ""  # in words, while the model reads the text at the caret
        self._chain: QWidget | None = None
        self._steps: QWidget | None = None
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
        self.all_button = QToolButton()
        self.all_button.setAutoRaise(True)
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
        self._beside = Label(wordWrap=True)
        self._beside.setObjectName("quiet")
        self._beside.setContentsMargins(10, 2, 10, 2)
        self._beside.hide()
        self.coin = CoinBar()
        self._empty = EmptyState(*NOTHING_YET)
        self.ask = AskBox()
        for box in (self.ask, self.coin):
            box.height_changed.connect(self._share_height)
        self.ask.marks_changed.connect(self._strip.show_asked)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._make_view_widget())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.ask)
        column.addLayout(self._stack, 1)
        for name in ("row_selected", "row_chosen", "row_pointed", "mouse_inside", "key_refused", "bias_requested"):
            getattr(self._list, name).connect(getattr(self, name))
        self._own_text.text_chosen.connect(self.text_chosen)
        self._own_text.in_use.connect(self.text_in_use)
        self._card.part_requested.connect(self._show_part)
        self._card.pin_requested.connect(self.pin_requested)
        self.set_colours(LIGHT)

    def add_chain(self, line: QWidget) -> None:
        """Put the line of the sampler chain above the alternatives."""
        self._chain = line
        self._column.insertWidget(self._column.indexOf(self._effect), line)
        line.show()
        self._share_height()

    def add_steps(self, switch: QToolButton, bar: QWidget) -> None:
        """Put step mode's switch beside the buttons of the coin, and its controls above them: so the buttons stay where
        they are."""
        self.coin.add_switch(switch)
        self._steps = bar
        self._column.insertWidget(self._column.indexOf(self.coin), bar)
        bar.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share the height again when step mode's controls appear or go."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._share_height()
        return super().eventFilter(watched, event)

    def _make_view_widget(self) -> QWidget:
        widget_of_view = QWidget()
        column = self._column = QVBoxLayout(widget_of_view)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        for widget in (self._card, self._strip, self._effect, self._beside, self._captions):
            column.addWidget(widget)
        column.addWidget(self._list, 1)
        column.addWidget(self.all_tokens, 1)
        column.addWidget(self.coin)
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
        self._show_what_there_is()
        self._share_height()
        self.all_changed.emit(shown)

    def neighbour(self) -> QWidget:
        """The list, for lost_focus.py."""
        return self.all_tokens.filter if self.shows_all else self._list

    @property
    def rows_have_keys(self) -> bool:
        """Whether the list of the most likely tokens has the focus."""
        return self._list.hasFocus()

    def rows_of(self, view: OddsView) -> tuple[OddsRow, ...]:
        """The rows of that view, or of the part of it that is shown, that stand for a token."""
        shown = view.parts[self.part] if view.parts and self.part < len(view.parts) else view
        return tuple(row for row in shown.rows if row.id != EVERYTHING_ELSE)

    def mark(self, row: int | None) -> None:
        """Mark that row as the one that is previewed; None: no row."""
        self._list.mark(row)

    def show_view(self, view: OddsView | None) -> None:
        """Show the view; None: show what to do."""
        self._has_view = view is not None
        if view is None:
            here = (self._reading, "") if self._reading else NOTHING_HERE
            self._empty.show_text(*(NOTHING_YET if self._page_is_empty and not self._reading else here))
        else:
            if self._view is None or view.again != self._view.again:
                accessible.announce(self._card, view.again)
            self._view = view
            self._card.show_view(view)
            self._show_effect(view)
            self._show_coin(view)
        self._show_what_there_is()
        self.view_shown.emit()

    def _show_what_there_is(self) -> None:
        """Show the view, or the advice that takes its place; all tokens are listed without a view, too."""
        self._stack.setCurrentIndex(1 if self._has_view or self.shows_all else 0)
        if self._card.isHidden() == self._has_view:
            for widget in (self._card, self._strip):
                widget.setVisible(self._has_view)
            self._share_height()

    def show_text_place(self, replaces: bool) -> None:
        """Show whether the field for any text puts it in the place of the token that is shown, or next."""
        self._own_text.show_place(self._view.token if self._view and replaces else "")

    def show_beside(self, view: BesideView | None) -> None:
        """Show the odds of a second model beside those of the view; None: there is no second model."""
        self._rows.show_second(view.odds if view else None, view.more if view else ())
        self._captions.update()
        before = self._beside.isHidden(), self._beside.text()
        self._beside.setVisible(view is not None)
        self._beside.setEnabled(view is not None and bool(view.sentence))
        if view is None or view.sentence:  # the last sentence stays, grey, until there is another: nothing jumps
            self._beside.setText(view.sentence if view else "")
            self._beside.setToolTip(tip(view.help if view else ""))
            self._beside.setAccessibleDescription(view.help if view else "")
        if before != (self._beside.isHidden(), self._beside.text()):
            self._share_height()

    def show_flip(self, flip: Reading | None) -> None:
        """Show an extra flip of the coin of this place in place of the page's own; None: show that again."""
        self._flip = flip
        self.coin.show_flip(words_of_flip(flip) if flip else "")
        if self._view is not None:
            self._show_coin(self._view)

    def show_tally(self, tally: Tally | None) -> None:
        """Show the tally of extra flips beside the bars; None for none."""
        if tally is not self._tally:
            self._tally = tally
            if self._view is not None:
                self._show_coin(self._view)

    def _show_coin(self, view: OddsView) -> None:
        """The strip and the rows of a view, with the extra flips."""
        shown = with_tally(view, self._tally) if self._tally else view
        self._strip.show_view(with_flip(shown, self._flip) if self._flip else shown)
        headings = self._rows.headings
        self._rows.show_rows(shown.rows, shown.odds_changed)
        if headings != self._rows.headings:
            self._captions.update()
        self.coin.show_tally(shown.tally)
        self._share_height()

    def _show_effect(self, view: OddsView) -> None:
        self._fit_effect(view)
        self._effect.setToolTip(tip(view.effect_help))
        self._effect.setAccessibleName(view.effect)
        self._effect.setAccessibleDescription(view.effect_help)

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
        for widget, role in ((self, QPalette.ColorRole.Window), (self._list, QPalette.ColorRole.Base)):
            palette = QPalette(widget.palette())  # not the base of all: fields have a ground of their own
            palette.setColor(role, QColor(colours.ground))
            widget.setPalette(palette)
        for widget in (self.ask, self._empty, self._card, self._strip, self._captions, self._list.painter_of_rows):
            widget.set_colours(colours)
        self._list.viewport().update()

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), LOWEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._view is not None:
            self._fit_effect(self._view)
        self._share_height()

    def _fit_effect(self, view: OddsView) -> None:
        """A narrow panel shows the beginning of the line; its tooltip has all of it."""
        room, metrics = self.width() - 20, self._effect.fontMetrics()
        self._effect.setText(metrics.elidedText(view.effect, Qt.TextElideMode.ElideRight, room) or NO_EFFECT)

    def _share_height(self) -> None:
        """Let the card show as many lines of facts as leave room for ROWS alternatives; where not even one line has
        room, make card and rows lower, and where those have none, hide the coin's row and the field for other text,
        then the line about what the samplers left, then the strip, and at last the chain. The list of all tokens takes
        the place of the alternatives."""
        painter = self._list.painter_of_rows
        coin_in_use = self._coin_in_use and not self.shows_all
        coin = max(self.coin.sizeHint().height(), self.coin.heightForWidth(self.width()))  # with its line, which wraps
        least = self.all_tokens.least_height if self.shows_all else LEAST_ROWS * painter.height(True)
        left = self.height() - 4 - self._strip.sizeHint().height()
        left -= 0 if self.shows_all else self._captions.sizeHint().height()
        left -= self._chain.sizeHint().height() if self._chain else 0
        left -= self._steps.sizeHint().height() if self._steps and not self._steps.isHidden() else 0
        beside = self._card.height_for(0, True) + least
        beside += coin if coin_in_use else 0
        asked = self.ask.limit_height(min(self.height() // 3, left - beside))
        left -= 0 if self.ask.isHidden() else asked
        wanted = min(ROWS, self._rows.rowCount() or ROWS)
        left -= 0 if self._beside.isHidden() else self._beside.heightForWidth(self.width())
        spared = 0 if self.shows_all else painter.height(True)  # of the alternatives one row fewer does
        has_strip, effect = left >= beside - spared, self._effect.sizeHint().height()
        has_effect = left - effect >= beside + painter.height(True)  # it leaves one row more than the least
        self._strip.setVisible(self._has_view and has_strip)
        self._effect.setVisible(self._has_view and has_effect)
        left += 0 if has_strip else self._strip.sizeHint().height()
        left -= effect if has_effect else 0
        if self._chain:
            self._chain.setVisible(has_room := left >= beside - spared)
            left += 0 if has_room else self._chain.sizeHint().height()
        coin = coin if self.shows_all else self.coin.height_of_buttons
        foot = ((self._own_text, self._own_text.sizeHint().height()), (self.coin, coin))
        rows = {low: least if self.shows_all else wanted * painter.height(low) for low in (False, True)}
        for box, height in foot:  # the coin's line takes its room from the rows, so that nothing else moves
            has_room = left - height >= self._card.height_for(0, True) + rows[True]
            in_use = box is self.coin and coin_in_use
            box.setVisible((has_room or in_use) and (self._has_view or box is self._own_text))
            left -= height if has_room else 0
        low = left - self._card.height_for(1, False) < rows[False]
        none, one = (self._card.height_for(number, low) for number in (0, 1))
        self._card.show_lines(max(0, (left - rows[low] - none) // (one - none)), low)
        self._list.set_low(low)

    @property
    def _coin_in_use(self) -> bool:
        return self.coin.in_use or (self._steps is not None and not self._steps.isHidden())

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
            self.part_shown.emit()
