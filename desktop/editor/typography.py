"""The look of a page of text: which font, how far its lines stand apart, how wide its column is."""

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

COLUMN = 74  # characters in a line, on average: 65 to 80 read well
SPACING = 1.45  # from line to line, in heights of the font's em box and leading

NARROWEST = 20  # characters; a column of fewer is no column

_FAMILIES = ("Literata", "Source Serif 4", "Charter", "Iowan Old Style", "Georgia", "Noto Serif", "DejaVu Serif")
_POINTS = 12.5
_SAMPLE = "The quick brown fox jumps over the lazy dog, and then it rests. "


def default_font() -> QFont:
    """A font made for reading, of those this machine has."""
    installed = set(QFontDatabase.families())
    family = next((name for name in _FAMILIES if name in installed), None)
    font = QFont(family) if family else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setStyleHint(QFont.StyleHint.Serif)
    font.setPointSizeF(_POINTS)
    return font


def pitch(font: QFont, spacing: float = SPACING) -> float:
    """From one line to the next, in whole pixels so that every line is drawn alike.

    Fonts differ in how much air their own height holds: the size of the letters counts, and the font's height only as
    the least."""
    metrics = QFontMetricsF(font)
    letters = metrics.ascent() + metrics.descent()
    em = metrics.capHeight() / 0.7  # what the size means to the eye
    return float(round(max(letters, em * spacing * 1.1)))


def column_width(font: QFont, characters: int = COLUMN) -> int:
    """Pixels that a line of so many characters takes (at least NARROWEST)."""
    return round(QFontMetricsF(font).horizontalAdvance(_SAMPLE) / len(_SAMPLE) * max(characters, NARROWEST))
