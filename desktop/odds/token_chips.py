"""Tokens with their odds, each in a box; the boxes wrap."""

from collections.abc import Iterator

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.odds.painting import Lettering, mirrored
from desktop.odds.string_words import Chip
from resources.colours import LIGHT, Colours
from resources.language import tr

PAD = 5.0  # pixels at both sides of a box's words
GAP = 4.0  # pixels between boxes, and between the token and its odds
MOST = 64  # boxes that are shown


class TokenChips(QWidget):
    accessible_role = QAccessible.Role.StaticText

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: tuple[Chip, ...] = ()
        self.setAccessibleName(tr("Tokens"))
        self._colours = LIGHT
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_chips(self, chips: tuple[Chip, ...]) -> None:
        self._chips = chips[:MOST]
        if len(chips) > MOST:
            self._chips += (Chip("…", ""),)
        self.updateGeometry()
        self.update()

    def set_colours(self, colours: Colours) -> None:
        self._colours = colours
        self.update()

    def accessible_name(self) -> str:
        return self.accessibleName()

    def accessible_value(self) -> str:
        """Each token with its odds."""
        return ", ".join(f"{chip.token} {chip.share}".rstrip() for chip in self._chips)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(max((place.bottom() for _, place in self._places(width)), default=0.0) + 1)

    def sizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(self.width(), 120)))

    def _places(self, width: float) -> Iterator[tuple[Chip, QRectF]]:
        """Each chip with its place, in pixels, from left to right."""
        letters = Lettering(self.font())
        height, x, y = letters.height + 4, 0.0, 0.0
        for chip in self._chips:
            needed = letters.width(chip.token) + 2 * PAD + (GAP + letters.width(chip.share) if chip.share else 0.0)
            needed = min(needed, max(width - 1, 1.0))
            if x and x + needed > width - 1:
                x, y = 0.0, y + height + GAP
            yield chip, QRectF(x + 0.5, y + 0.5, needed, height)
            x += needed + GAP

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, letters, colours = QPainter(self), Lettering(self.font()), self._colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for chip, place in self._places(self.width()):
            shown = mirrored(painter, place, self.width())
            painter.setPen(QPen(QColor(colours.edge)))
            painter.setBrush(QColor(colours.field))
            painter.drawRoundedRect(shown, 4, 4)
            inside = shown.adjusted(PAD, 0, -PAD, 0)
            share = letters.width(chip.share) + GAP if chip.share else 0.0
            token = QRectF(place.left() + PAD, place.top(), max(inside.width() - share, 0.0), place.height())
            token = mirrored(painter, token, self.width())
            letters.token(painter, token, chip.token, QColor(colours.text), QColor(colours.quiet))
            painter.setPen(QColor(colours.quiet))
            letters.end(painter, inside, chip.share)
