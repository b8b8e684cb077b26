"""Finds lines of text without enough height for their letters: above, or below with descenders."""

from collections.abc import Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QTabBar,
    QTreeView,
    QWidget,
)

TALLEST = 1.45  # heights of a letter that a line takes in the fonts of Hangul, which the tests do not have
MOST_ROWS = 30  # of a list that are looked at
ROUNDED = 1  # pixels
FIELDS = (QLineEdit, QComboBox, QPushButton, QTabBar, QHeaderView)  # their height is the same whatever stands in them


def clipped(window: QWidget) -> Iterator[str]:
    """The texts with fewer pixels of height than they need."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        for text, room, wraps in _lines(widget):
            needed = height(text, widget.font(), room.width() if wraps else 0)
            if isinstance(widget, FIELDS):
                needed = max(needed, TALLEST * widget.fontInfo().pixelSize())
            if room.height() + ROUNDED < needed:
                yield f"{type(widget).__name__} {text[:60]!r} has {room.height()} of {needed:.0f} pixels"


def height(text: str, font: QFont, width: int = 0) -> float:
    """The height of the text in pixels, broken into lines at that width; in one where it is 0."""
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap if width else QTextOption.WrapMode.ManualWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    whole = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width or 100_000)
        whole += line.ascent() + line.descent() + (line.leading() if whole else 0)  # which may be less than nothing
    layout.endLayout()
    return whole


def _lines(widget: QWidget) -> Iterator[tuple[str, QRect, bool]]:
    """Texts of the widget, the room of each, and whether it is broken into lines."""
    match widget:
        case QLabel() if widget.text() and widget.textFormat() != Qt.TextFormat.RichText:
            yield widget.text(), widget.contentsRect(), widget.wordWrap()
        case QLineEdit():
            yield widget.text() or widget.placeholderText() or "gÄ", _inside(widget), False
        case QComboBox():
            option = QStyleOptionComboBox()
            widget.initStyleOption(option)
            field = QStyle.SubControl.SC_ComboBoxEditField
            room = widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, widget)
            yield widget.currentText() or "gÄ", room, False
        case QPushButton() | QCheckBox() if widget.text():
            option = QStyleOptionButton()
            widget.initStyleOption(option)
            check = QStyle.SubElement.SE_CheckBoxContents
            if isinstance(widget, QCheckBox):
                yield widget.text(), widget.style().subElementRect(check, option, widget), False
            else:  # what is above and below the words is theirs, too
                yield widget.text(), widget.rect().adjusted(0, 2, 0, -2), False
        case QAbstractButton() if widget.text():
            yield widget.text(), widget.rect(), False
        case QTabBar():
            yield from ((widget.tabText(place), widget.tabRect(place), False) for place in range(widget.count()))
        case QHeaderView():
            yield "gÄ", widget.rect(), False
        case QListView() | QTreeView():
            yield from _rows(widget)
        case _:
            pass


def _inside(field: QLineEdit) -> QRect:
    """The rectangle that a field, or a spin box around it, leaves for the letters."""
    outer = field.parentWidget()
    room = field.contentsRect() if isinstance(outer, QAbstractSpinBox) else field.rect().adjusted(0, 2, 0, -2)
    return room.marginsRemoved(field.textMargins())


def _rows(view: QAbstractItemView) -> Iterator[tuple[str, QRect, bool]]:
    model = view.model()
    for row in range(min(model.rowCount(), MOST_ROWS)):
        index = model.index(row, 0)
        shown = index.data()
        if isinstance(shown, str) and shown:
            yield shown.split("\n")[0], view.visualRect(index), False
