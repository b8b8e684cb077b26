"""The head of the odds panel: the token in large type, and the facts about it in a grid. One widget paints all of it,
so that 60 changes a second stay cheap."""

import math

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFont,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from desktop.odds.alternatives import SIDE
from desktop.odds.painting import Lettering, mirrored
from desktop.odds.rows import LABELS, Fact, OddsView
from desktop.qt import accessible
from desktop.qt.plain_text import show_tip, tip
from desktop.qt.visible import lines
from resources.colours import LIGHT, Colours
from resources.language import tr

WIDE = 400  # pixels from which on the facts have two columns
LEAST_NOTE = 36  # pixels below which a note is left out
BETWEEN = 4  # pixels between buttons
LARGE = 1.7  # the token's font size, in font sizes of the panel


class TokenCard(QWidget):
    """Shows a view's state, token and facts; with the focus, Ctrl+C copies them. `part_requested` carries the index of
    the token to show, of several that spell one character (left and right arrow, or two buttons). `pin_requested`, a
    wish: pin this token, or unpin the pinned one."""

    accessible_role = QAccessible.Role.StaticText
    part_requested = Signal(int)
    pin_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: OddsView | None = None
        self._most = len(LABELS)  # lines of facts shown at most
        self._low = False  # whether the lines are closer, for want of height
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.former = self._button("‹", tr("The token before this one in the same character"))
        self.former.clicked.connect(lambda: self._request_part(-1))
        self.following = self._button("›", tr("The token behind this one in the same character"))
        self.following.clicked.connect(lambda: self._request_part(1))
        self.pin = self._button()
        self.pin.clicked.connect(self.pin_requested)
        self.set_colours(LIGHT)
        self._measure()
        self.show_pinned(False)

    def _button(self, words: str = "", help_: str = "") -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("pin")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the focus on the page
        button.setText(words)
        button.setAccessibleName(help_)
        button.setToolTip(tip(help_))
        return button

    def set_colours(self, colours: Colours) -> None:
        self._text, self._quiet, self._dim = (QColor(c) for c in (colours.text, colours.quiet, colours.dim))
        self._warning = QColor(colours.warning)
        self._line = QPen(QColor(colours.line), 1)
        self._focus = QPen(QColor(colours.outline), 1)
        self.update()

    def show_view(self, view: OddsView) -> None:
        another_size = self._view is None or len(self._view.facts) != len(view.facts)
        self._view = view
        self.pin.setVisible(view.on_page and bool(view.token))
        for button, end in ((self.former, 0), (self.following, len(view.parts) - 1)):
            button.setVisible(bool(view.parts))
            button.setEnabled(view.part != end)
        if another_size:
            self._fit()
        accessible.changed(self)
        self.update()

    def show_pinned(self, pinned: bool) -> None:
        """Show whether a token is pinned."""
        words = tr("Unpin ×") if pinned else tr("Pin")
        self.pin.setText(words)
        self.pin.setAccessibleName(tr("Unpin the token") if pinned else tr("Pin the token"))
        self.pin.setToolTip(
            tr("Shows again what the mouse or the cursor is at (Esc).")
            if pinned
            else tr("Keeps showing this token (Ctrl+Shift+P; or double-click it on the page).")
        )
        self._place_buttons()
        self.update()

    @property
    def _buttons(self) -> tuple[QToolButton, ...]:
        """From the end of the line on."""
        return self.pin, self.following, self.former

    def _place_buttons(self) -> None:
        """Move the buttons to the end of the first line."""
        end = self.width() - round(SIDE)
        for button in self._buttons:
            width = button.sizeHint().width()
            x = self.width() - end if self.isRightToLeft() else end - width
            button.setGeometry(x, 3, width, self._row + 2)
            end -= width + BETWEEN

    def _request_part(self, by: int) -> None:
        if self._view is not None and self._view.parts:
            self.part_requested.emit(self._view.part + by)

    def accessible_name(self) -> str:
        return tr("Token")

    def accessible_value(self) -> str:
        return self._view.spoken() if self._view else ""

    # -------------------------------------------------------------------------------------------- sizes

    def _measure(self) -> None:
        self._letters = Lettering(self.font())
        self._row = math.ceil(self._letters.height) + 3
        large = QFont(self.font())
        large.setPointSizeF(self.font().pointSizeF() * LARGE)
        self._large = Lettering(large)
        self._chip = math.ceil(self._large.height) + 10
        self._label = max(map(self._letters.width, LABELS)) + 12
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self.height_for(self.shown_lines, self._low))

    def height_for(self, lines: int, low: bool) -> int:
        """Pixels of the card's height with that many lines of facts. low: with the lines as close as possible."""
        return self._top(low) + self._row * lines + (2 if low else 4)

    def _top(self, low: bool) -> int:
        """Pixels above the first line of facts."""
        return self._row + self._chip + (10 if low else 14)

    @property
    def all_lines(self) -> int:
        """Lines that all facts need at this width."""
        facts = len(self._view.facts) if self._view else 0
        return -(-facts // self._columns())

    def show_lines(self, most: int, low: bool) -> None:
        """Show at most that many lines of facts, from the first on; the others are in the tooltip. low: with the lines
        as close as possible."""
        if (most, low) != (self._most, self._low):
            self._most, self._low = most, low
            self._fit()
            self.update()

    def _columns(self) -> int:
        return 2 if self.width() >= WIDE else 1

    @property
    def shown_lines(self) -> int:
        """Lines of facts that are shown."""
        return min(self.all_lines, self._most)

    @property
    def shown_facts(self) -> tuple[Fact, ...]:
        """The facts that have room."""
        return self._view.facts[: self.shown_lines * self._columns()] if self._view else ()

    def _cell(self, number: int) -> QRectF:
        """The rectangle of the fact with that index."""
        column, line = divmod(number, self.shown_lines)
        width = (self.width() - 2 * SIDE) / self._columns()
        return QRectF(SIDE + column * width, self._top(self._low) + line * self._row, width - 4, self._row)

    def sizeHint(self) -> QSize:
        return QSize(280, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._place_buttons()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()
            self._place_buttons()

    # -------------------------------------------------------------------------------------------- painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._view is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_state(painter, self._view)
        self._paint_token(painter, self._view)
        for number, fact in enumerate(self.shown_facts):
            self._paint_fact(painter, self._cell(number), fact)
        painter.end()

    def _paint_state(self, painter: QPainter, view: OddsView) -> None:
        painter.setPen(self._warning if view.stale else self._quiet)
        taken = sum(button.width() + BETWEEN for button in self._buttons if button.isVisible())
        room = self.width() - 2 * SIDE - taken - 2
        place = mirrored(painter, QRectF(SIDE, 4, room, self._row), self.width())
        self._letters.begin(painter, place, view.state)

    def _paint_token(self, painter: QPainter, view: OddsView) -> None:
        chip = QRectF(SIDE + 0.5, self._row + 6.5, self.width() - 2 * SIDE - 1, self._chip)
        painter.setPen(self._focus if self.hasFocus() else self._line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(chip, 6, 6)
        painter.setFont(self._large.font)
        token = view.token or "?"
        ink = self._dim if view.stale or not view.token else self._text
        self._large.token(painter, chip.adjusted(9, 0, -9, 0), token, ink, self._dim)
        painter.setFont(self.font())

    def _paint_fact(self, painter: QPainter, cell: QRectF, fact: Fact) -> None:
        def put(place: QRectF, words: str) -> None:
            self._letters.begin(painter, mirrored(painter, place, self.width()), words)

        painter.setPen(self._quiet)
        put(cell, fact.label)
        painter.setPen(self._text)
        place = cell.adjusted(self._label, 0, 0, 0)
        put(place, fact.value)
        rest = place.adjusted(self._letters.width(fact.value) + 10, 0, 0, 0)
        if fact.note and rest.width() > LEAST_NOTE:
            painter.setPen(self._quiet)
            put(rest, fact.note)

    # -------------------------------------------------------------------------------------------- what the user does

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.help_at(event.pos()), self)
            return True
        return super().event(event)

    def help_at(self, place: QPoint) -> str:
        """The fact at that point of the card with its meaning; elsewhere the view's state in full, and the facts that
        have no room."""
        facts = self.shown_facts
        from_left = self.width() - place.x() if self.isRightToLeft() else place.x()
        for number, fact in enumerate(facts):
            if self._cell(number).contains(from_left, place.y()):
                return lines(f"{fact.label}: {fact.value} {fact.note}", fact.help)
        if self._view is None:
            return ""
        hidden = (f"{fact.label}: {fact.value} {fact.note}" for fact in self._view.facts[len(facts) :])
        return lines(self._view.state, *hidden)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = -1 if self.isRightToLeft() else 1
        steps = {Qt.Key.Key_Left: -forward, Qt.Key.Key_Right: forward}
        if event.matches(QKeySequence.StandardKey.Copy) and self._view:
            QGuiApplication.clipboard().setText(self._view.spoken())
        elif event.key() in steps and self._view and self._view.parts:
            self._request_part(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
