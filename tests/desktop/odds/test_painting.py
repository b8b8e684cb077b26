"""Texts that are shaped once are drawn in the right place."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from pytestqt.qtbot import QtBot

from desktop.odds.painting import MOST_SHAPED, Lettering

INK, QUIET = QColor("#ff0000"), QColor("#0000ff")


def drawn(token: str, letters: Lettering, width: float = 200) -> QImage:
    image = QImage(220, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setFont(letters.font)
    letters.token(painter, QRectF(0, 0, width, 40), token, INK, QUIET)
    painter.end()
    return image


def columns(image: QImage, colour: QColor) -> list[int]:
    """The columns in which that ink, mixed with the white ground, was used."""
    wanted = colour.hue()
    pixels = ((x, image.pixelColor(x, y)) for x in range(image.width()) for y in range(image.height()))
    return sorted({x for x, pixel in pixels if pixel.saturation() > 120 and abs(pixel.hue() - wanted) < 20})


def test_signs_of_invisible_characters_have_the_quiet_ink(qtbot: QtBot) -> None:
    image = drawn("␣sea<0xE2>", Lettering(QFont()))
    quiet, ink = columns(image, QUIET), columns(image, INK)
    assert quiet
    assert ink
    assert quiet[0] < ink[0] < ink[-1] < quiet[-1]


def test_long_text_is_elided(qtbot: QtBot) -> None:
    letters = Lettering(QFont())
    assert letters.elided("short", 200) == "short"
    assert letters.elided("x" * 500, 100).endswith("…")
    assert columns(drawn("x" * 500, letters, 100), INK)[-1] <= 101


def test_many_texts_do_not_fill_the_memory(qtbot: QtBot) -> None:
    letters = Lettering(QFont())
    widths = {letters.width(str(number)) for number in range(10_000, 19_000)}
    assert min(widths) > 0
    assert letters.shaped_count <= MOST_SHAPED
