"""How a row of the list of pages looks: three lines for a page, two for a hit; the title may be typed over.

Colours are the palette's. Knows nothing of files.
"""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.page import utf16
from desktop.page_list import words
from desktop.page_list.page_store import Entry
from desktop.page_list.rows import VALUE, Index, PageRows
from desktop.page_list.search import Hit
from resources.language import tr

SIDE, EDGE = 12, 7  # pixels left and right of a row's words, and above and below
_TINT = 0.16  # of the accent, in the ground of the highlighted row where no keys come
LEFT_TO_RIGHT = Qt.LayoutDirection.LeftToRight
_SMALL = 0.9  # of the font's size, for all but the title


class _Hand:
    """A font and its measures, which cost more to find than a line to paint."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetrics(font)
        self.height = self.metrics.lineSpacing()


class RowPainter(QStyledItemDelegate):
    """Paints entries and hits."""

    def __init__(
        self, rows: PageRows, active: Callable[[], bool], highlighted: Callable[[], int], parent: QWidget | None = None
    ) -> None:
        """active: whether keys go to the list; where they do not, the highlighted row is quieter. highlighted: that
        row."""
        super().__init__(parent)
        self._rows, self._active, self._highlighted = rows, active, highlighted
        self._hands: dict[str, tuple[_Hand, _Hand]] = {}

    def _hands_of(self, font: QFont) -> tuple[_Hand, _Hand]:
        """For titles, and for all else."""
        key = font.key()
        if key not in self._hands:
            self._hands = {key: (_Hand(_bold(font)), _Hand(_small(font)))}
        return self._hands[key]

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = 2 if isinstance(index.data(VALUE), Hit) else 3
        bold, small = self._hands_of(option.font)
        return QSize(1, 2 * EDGE + bold.height + (lines - 1) * small.height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        value: Entry | Hit = index.data(VALUE)
        painter.save()
        highlighted = index.row() == self._highlighted()
        chosen = highlighted and self._active()
        ink, quiet = _inks(option.palette, chosen)
        bold, small = self._hands_of(option.font)
        self._paint_ground(painter, option, chosen, highlighted)
        room = option.rect.adjusted(SIDE, EDGE, -SIDE, -EDGE)
        entry = value.entry if isinstance(value, Hit) else value
        title, line = words.heading(entry)
        top = _line(painter, room, room.top(), bold, ink if entry.facts else quiet, title)
        if isinstance(value, Hit):
            room.setTop(top)
            _marked(painter, room, small, quiet, ink, value)
        else:
            top = _line(painter, room, top, small, quiet, line)
            _line(painter, room, top, small, quiet, self._rows.about(entry))
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, chosen: bool, highlighted: bool) -> None:
        palette = option.palette
        if chosen:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        elif highlighted:
            painter.fillRect(option.rect, quiet_highlight(palette))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.AlternateBase))
        current = option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        if self._active() and current and not highlighted:
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))

    # -------------------------------------------------------------------------------------------- typing a title

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Title of the page"))
        editor.setPlaceholderText(str(index.data(Qt.ItemDataRole.DisplayRole)))
        editor.setMaxLength(200)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        rect = option.rect
        height = editor.sizeHint().height()
        editor.setGeometry(rect.left() + SIDE - 4, rect.top() + 2, rect.width() - 2 * SIDE + 8, height)


def quiet_highlight(palette: QPalette) -> QColor:
    """The ground of the highlighted row where no keys come."""
    ground, accent = palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.Highlight)
    pairs = (ground.red(), accent.red()), (ground.green(), accent.green()), (ground.blue(), accent.blue())
    return QColor(*(round(one + (other - one) * _TINT) for one, other in pairs))


def _inks(palette: QPalette, chosen: bool) -> tuple[QColor, QColor]:
    """What is read first, and what stands beside it."""
    if chosen:
        colour = palette.color(QPalette.ColorRole.HighlightedText)
        return colour, colour
    return palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.PlaceholderText)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


def _small(font: QFont) -> QFont:
    small = QFont(font)
    if font.pointSizeF() > 0:
        small.setPointSizeF(font.pointSizeF() * _SMALL)
    else:
        small.setPixelSize(round(font.pixelSize() * _SMALL))
    return small


def _line(painter: QPainter, room: QRect, top: int, hand: _Hand, colour: QColor, text: str) -> int:
    """Paint one line, elided, from the side that the window begins at; returns where the next one's top is. The text
    itself runs as its letters do."""
    if text:
        painter.setFont(hand.font)
        painter.setPen(colour)
        shown = hand.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        side = painter.layoutDirection()
        left = room.left() if side == LEFT_TO_RIGHT else room.right() + 1 - hand.metrics.horizontalAdvance(shown)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.drawText(QPoint(left, top + hand.metrics.ascent()), shown)
        painter.setLayoutDirection(side)
    return top + hand.height


def _marked(painter: QPainter, room: QRect, hand: _Hand, quiet: QColor, ink: QColor, hit: Hit) -> None:
    """Paint the line of a hit, what was looked for in bold and in sight."""
    layout = QTextLayout(_in_sight(hit, hand.metrics, room.width()), hand.font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    layout.setTextOption(option)
    look = QTextCharFormat()
    look.setFontWeight(QFont.Weight.Bold)
    look.setForeground(ink)
    mark = QTextLayout.FormatRange()
    cut = utf16.length(hit.line) - utf16.length(layout.text())
    mark.start = utf16.length(hit.line[: hit.start]) - cut  # type: ignore[attr-defined]
    mark.length = utf16.length(hit.line[hit.start : hit.end])  # type: ignore[attr-defined]
    mark.format = look  # type: ignore[attr-defined]
    layout.setFormats([mark])
    layout.beginLayout()
    width = layout.createLine().naturalTextWidth()
    layout.endLayout()
    painter.setClipRect(room)
    painter.setPen(quiet)
    left = room.left() if painter.layoutDirection() == LEFT_TO_RIGHT else room.right() + 1 - width
    layout.draw(painter, QPointF(left, room.top()))


def _in_sight(hit: Hit, metrics: QFontMetrics, width: int) -> str:
    """The line, without so much of its beginning that what was looked for is within the width."""
    if metrics.horizontalAdvance(hit.line[: hit.end]) <= width * 0.9:
        return hit.line
    return hit.line[max(0, hit.start - 8) :]
