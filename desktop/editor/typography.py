"""The default font of a page, the distance of its lines, and the width of its column."""

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

COLUMN = 74  # characters in a line, on average: 65 to 80 read well
SPACING = 1.45  # from line to line, in heights of the font's em box and leading

NARROWEST = 20  # characters in a line, at least

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
