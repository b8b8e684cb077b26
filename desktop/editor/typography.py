"""The fonts of a page and of its tokens' ids, the distance of its lines, and the width of its column."""

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

COLUMN = 74  # characters in a line, on average: 65 to 80 read well
SPACING = 1.45  # from line to line, in heights of the font's em box and leading

INSET = 28  # pixels between the edge of the viewport and the text; the page's top margin too
NARROWEST = 20  # characters in a line, at least

ID_ROWS = 2  # rows of ids below a line of tokens: neighbours may be narrower than their ids
_ID_SIZE = 0.62  # of the page's letters
_ID_ROW = 0.95  # of the height of the ids' font
_WORD_SPACING = 0.35  # of an em, added to each blank between tokens

_FAMILIES = ("Literata", "Source Serif 4", "Charter", "Iowan Old Style", "Georgia", "Noto Serif", "DejaVu Serif")
_POINTS = 12.5
_SAMPLE = "The quick brown fox jumps over the lazy dog, and then it rests. "


def default_font() -> QFont:
    """A serif font for reading: the first of the list that this machine has."""
    installed = set(QFontDatabase.families())
    family = next((name for name in _FAMILIES if name in installed), None)
    font = QFont(family) if family else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setStyleHint(QFont.StyleHint.Serif)
    font.setPointSizeF(_POINTS)
    return font


def pitch(font: QFont, spacing: float = SPACING) -> float:
    """The distance from line to line, in whole pixels so that every line is drawn alike.

    It follows the size of the letters, since fonts differ in how much space their own height includes; the font's
    height is the minimum."""
    metrics = QFontMetricsF(font)
    letters = metrics.ascent() + metrics.descent()
    em = metrics.capHeight() / 0.7  # the size that a reader sees
    return float(round(max(letters, em * spacing * 1.1)))


def column_width(font: QFont, characters: int = COLUMN) -> int:
    """The width in pixels of a line of that many characters (at least NARROWEST)."""
    return round(QFontMetricsF(font).horizontalAdvance(_SAMPLE) / len(_SAMPLE) * max(characters, NARROWEST))


def token_font(font: QFont) -> QFont:
    """The page's font with wider blanks: most tokens begin with one, and their ids need the room. Letters stay as they
    are, since wider ones would not join in Arabic."""
    wider = QFont(font)
    wider.setWordSpacing(QFontMetricsF(font).height() * _WORD_SPACING)
    return wider


def id_font(font: QFont) -> QFont:
    """The font of the ids below tokens in that font; all its digits have the same width."""
    small = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    small.setPointSizeF(font.pointSizeF() * _ID_SIZE)
    small.setFeature(QFont.Tag("tnum"), 1)
    return small


def id_row(font: QFont) -> float:
    """The height of a row of ids below tokens in that font, in pixels."""
    return QFontMetricsF(id_font(font)).height() * _ID_ROW


def id_foot(font: QFont) -> float:
    """The height of all rows of ids below a line, in whole pixels."""
    return float(round(id_row(font) * ID_ROWS))
