"""Paints a row of the list of pages: three lines for a page, two for a hit; the title can be edited in place.

Colours are the palette's.
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
_TINT = 0.16  # share of the accent in the background of the highlighted row without the focus
LEFT_TO_RIGHT = Qt.LayoutDirection.LeftToRight
_SMALL = 0.9  # of the font's size, for every line but the title


class _Font:
    """A font and its metrics, which take longer to make than a line to paint."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetrics(font)
        self.height = self.metrics.lineSpacing()


class PagePainter(QStyledItemDelegate):
    """Paints entries and hits."""

    def __init__(
        self, rows: PageRows, active: Callable[[], bool], highlighted: Callable[[], int], parent: QWidget | None = None
    ) -> None:
        """active: whether the list or its panel has the focus; without it the highlighted row is quieter. highlighted:
        that row."""
        super().__init__(parent)
        self._rows, self._active, self._highlighted = rows, active, highlighted
        self._fonts: dict[str, tuple[_Font, _Font]] = {}

    def _fonts_of(self, font: QFont) -> tuple[_Font, _Font]:
        """The fonts of titles and of all other lines."""
        key = font.key()
        if key not in self._fonts:
            self._fonts = {key: (_Font(_bold(font)), _Font(_small(font)))}
        return self._fonts[key]

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = 2 if isinstance(index.data(VALUE), Hit) else 3
        bold, small = self._fonts_of(option.font)
        return QSize(1, 2 * EDGE + bold.height + (lines - 1) * small.height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        value: Entry | Hit = index.data(VALUE)
        painter.save()
        highlighted = index.row() == self._highlighted()
        chosen = highlighted and self._active()
        ink, quiet = _text_colours(option.palette, chosen)
        bold, small = self._fonts_of(option.font)
        self._paint_background(painter, option, chosen, highlighted)
        room = option.rect.adjusted(SIDE, EDGE, -SIDE, -EDGE)
        entry = value.entry if isinstance(value, Hit) else value
        title, line = words.heading(entry)
        top = _paint_line(painter, room, room.top(), bold, ink if entry.facts else quiet, title)
        if isinstance(value, Hit):
            room.setTop(top)
            _paint_hit(painter, room, small, quiet, ink, value)
        else:
            top = _paint_line(painter, room, top, small, quiet, line)
            _paint_line(painter, room, top, small, quiet, self._rows.details(entry))
        painter.restore()

    def _paint_background(
        self, painter: QPainter, option: QStyleOptionViewItem, chosen: bool, highlighted: bool
    ) -> None:
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

    # -------------------------------------------------------------------------------------------- editing a title

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
    """The background of the highlighted row without the focus."""
    ground, accent = palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.Highlight)
    pairs = (ground.red(), accent.red()), (ground.green(), accent.green()), (ground.blue(), accent.blue())
    return QColor(*(round(one + (other - one) * _TINT) for one, other in pairs))


def _text_colours(palette: QPalette, chosen: bool) -> tuple[QColor, QColor]:
    """The colours of the title and of the other lines."""
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


def _paint_line(painter: QPainter, room: QRect, top: int, font: _Font, colour: QColor, text: str) -> int:
    """Paint one line, elided, at the side at which the layout begins; its letters decide the text's direction. Returns
    the top of the next line."""
    if text:
        painter.setFont(font.font)
        painter.setPen(colour)
        shown = font.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        side = painter.layoutDirection()
        left = room.left() if side == LEFT_TO_RIGHT else room.right() + 1 - font.metrics.horizontalAdvance(shown)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        painter.drawText(QPoint(left, top + font.metrics.ascent()), shown)
        painter.setLayoutDirection(side)
    return top + font.height


def _paint_hit(painter: QPainter, room: QRect, font: _Font, quiet: QColor, ink: QColor, hit: Hit) -> None:
    """Paint the line of a hit, with the match bold and visible."""
    layout = QTextLayout(_cut_to_match(hit, font.metrics, room.width()), font.font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    layout.setTextOption(option)
    char_format = QTextCharFormat()
    char_format.setFontWeight(QFont.Weight.Bold)
    char_format.setForeground(ink)
    mark = QTextLayout.FormatRange()
    cut = utf16.length(hit.line) - utf16.length(layout.text())
    mark.start = utf16.length(hit.line[: hit.start]) - cut  # type: ignore[attr-defined]
    mark.length = utf16.length(hit.line[hit.start : hit.end])  # type: ignore[attr-defined]
    mark.format = char_format  # type: ignore[attr-defined]
    layout.setFormats([mark])
    layout.beginLayout()
    width = layout.createLine().naturalTextWidth()
    layout.endLayout()
    painter.setClipRect(room)
    painter.setPen(quiet)
    left = room.left() if painter.layoutDirection() == LEFT_TO_RIGHT else room.right() + 1 - width
    layout.draw(painter, QPointF(left, room.top()))


def _cut_to_match(hit: Hit, metrics: QFontMetrics, width: int) -> str:
    """The line, cut at its beginning so that the match is within the width."""
    if metrics.horizontalAdvance(hit.line[: hit.end]) <= width * 0.9:
        return hit.line
    return hit.line[max(0, hit.start - 8) :]
