"""The item model of the alternatives, and the painter of a row. Shows the rows of an OddsView, and beside them the odds
of a second model, where there is one: they take the place of those after sampling."""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.odds.beside import SecondOdds
from desktop.odds.painting import Lettering, mirrored
from desktop.odds.rows import EVERYTHING_ELSE, LIKELY_TO_SECOND, PROBABILITY, OddsRow
from desktop.odds.words import NOT_KNOWN
from desktop.qt.plain_text import tip
from desktop.qt.visible import lines
from models.sampling.knobs import STAGES, stage_name
from resources.colours import LIGHT, Colours
from resources.language import tr

COLUMNS = TOKEN, MODEL, COIN, CUT_BY = tr("Token"), tr("Model"), tr("After sampling"), tr("Cut by")
FLIPS = tr("Flips")  # the heading in place of MODEL, while extra flips are tallied
ALTERNATIVES = tr("Alternatives")
FIRST, SECOND = tr("First", "model"), tr("Second", "model")  # the headings while two models are compared
SIDE = 10.0  # pixels at both sides of a row
GAP = 8.0  # pixels between columns
RAW_BAR, FINAL_BAR = 7.0, 3.0  # heights of the two bars, in pixels
LOW_BAR = 3.0  # height of both in low rows
SECOND_MARK = 3.0  # width of the mark of a row that is there for a second model, in pixels
TICK = 2.0  # width of the mark of a tally, in pixels
_AnyIndex = QModelIndex | QPersistentModelIndex


class AlternativesBlock(QAbstractTableModel):
    """The item model: one row an alternative, "everything else" last, but for what is only likely to a second model;
    columns as in COLUMNS."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[OddsRow, ...] = ()
        self._own: tuple[OddsRow, ...] = ()  # those of the view; behind them are those of the second model
        self._more: tuple[OddsRow, ...] = ()
        self._second: tuple[SecondOdds, ...] | None = None
        self.odds_changed = False

    def show_rows(self, rows: tuple[OddsRow, ...], odds_changed: bool) -> None:
        """Show these rows. odds_changed: the chain changed the odds, so the column of the odds after sampling is
        shown. Rows with a tally have its column in place of the model's."""
        if rows != self._own or odds_changed != self.odds_changed:
            self._own, self.odds_changed = rows, odds_changed
            self._put((*rows, *self._more))

    def show_second(self, odds: tuple[SecondOdds, ...] | None, more: tuple[OddsRow, ...] = ()) -> None:
        """Show the odds of a second model beside the rows, in their order; None: there is none. more: rows of it, to be
        shown below the others. A tally of extra flips comes before them."""
        if odds != self._second or more != self._more:
            self._second, self._more = odds, more
            self._put((*self._own, *more))

    def _put(self, rows: tuple[OddsRow, ...]) -> None:
        same_number = len(rows) == len(self._rows)
        if not same_number:
            self.beginResetModel()
        self._rows = rows
        if not same_number:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))

    @property
    def compares(self) -> bool:
        """Whether the odds of a second model are shown."""
        return SECOND in self.headings

    def second(self, number: int) -> SecondOdds | None:
        """The second model's odds of a row; None where there are none."""
        return self._second[number] if self._second is not None and number < len(self._second) else None

    def row(self, number: int) -> OddsRow:
        return self._rows[number]

    @property
    def headings(self) -> tuple[str, ...]:
        """The names of the numbers in a row, from its middle to its end."""
        if self._rows and self._rows[0].flips:
            return (COIN if self.odds_changed else PROBABILITY), FLIPS
        if self._second is not None:
            return FIRST, SECOND
        return (MODEL, COIN) if self.odds_changed else (PROBABILITY,)

    def numbers(self, number: int) -> tuple[str, ...]:
        """The numbers of a row under these headings."""
        row, second = self._rows[number], self.second(number)
        texts = {MODEL: row.raw, PROBABILITY: row.raw, COIN: row.cut or row.final, FLIPS: row.flips}
        texts |= {FIRST: row.raw, SECOND: second.words if second else ""}
        return tuple(texts[heading] for heading in self.headings)

    def rowCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, second = self._rows[index.row()], self.second(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.token, row.raw, row.final, row.cut)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join((row.spoken(), *((second.spoken,) if second else ())))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(lines(*_tip(row).split("\n"), second.spoken if second else ""), several=True)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None


def _tip(row: OddsRow) -> str:
    if row.id == EVERYTHING_ELSE:
        return tr("All tokens of the vocabulary that are not listed, together.")
    cut = tr("cut by {stage}; before that {raw}").format(raw=row.raw, stage=row.cut)
    kept = tr("model {raw}, after sampling {final}").format(raw=row.raw, final=row.final)
    number = row.id if row.id >= 0 else NOT_KNOWN
    flips = (tr("{share} of the flips").format(share=row.flips),) if row.flips else ()
    why = (LIKELY_TO_SECOND,) if row.second else ()
    return lines(row.token, tr("id {number}").format(number=number), cut if row.cut else kept, *flips, *why)


class AlternativePainter(QStyledItemDelegate):
    """Paints a row: token and numbers above, two bars below on one scale from 0 to 1; raw broad and grey, final narrow
    and coloured over it."""

    def __init__(self, rows: AlternativesBlock, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self.low = False  # whether rows have the least height
        self.set_colours(LIGHT)
        self.measure(parent)

    def measure(self, widget: QWidget) -> None:
        """Compute the sizes from the widget's font."""
        self.letters = Lettering(widget.font())
        self.number_width = max(map(self.letters.width, ("> 99.9 %", NOT_KNOWN, MODEL, FLIPS, FIRST, SECOND)))
        stages = (stage_name(cut) for cut in range(1, len(STAGES) + 1))
        self.coin_width = max(self.number_width, *(self.letters.width(text) + 1 for text in (COIN, *stages)))
        self._line = self.letters.height

    def width(self, heading: str) -> float:
        """Pixels of the column of numbers under that heading."""
        return self.coin_width if heading == COIN else self.number_width

    def height(self, low: bool) -> int:
        """Pixels of a row. low: the least height that holds text and bars."""
        return round(self._line + (LOW_BAR + 4 if low else RAW_BAR + 9))

    def set_colours(self, colours: Colours) -> None:
        self._text, self._quiet, self._dim = (QColor(c) for c in (colours.text, colours.quiet, colours.dim))
        self._raw, self._final, self._second = (QColor(c) for c in (colours.raw, colours.final, colours.second))
        self._selected = QColor(colours.selected)
        self._outline = QPen(QColor(colours.outline), 1.4)
        self._scale = QColor(colours.rest)

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:  # noqa: ARG002
        return QSize(60, self.height(self.low))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        row = self._rows.row(index.row())
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_Selected):
            self._box(painter, rect, self._selected)
        if row.chosen:
            painter.setPen(self._outline)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(3.5, 0.5, -3.5, -0.5), 5, 5)
        if row.second:
            self._mark_second(painter, rect)
        line = QRectF(rect.left() + SIDE, rect.top() + (1 if self.low else 3), rect.width() - 2 * SIDE, self._line)
        self._numbers(painter, line, row, self._rows.numbers(index.row()))
        bar = LOW_BAR if self.low else RAW_BAR
        strip = QRectF(line.left(), round(line.bottom()) + 1, line.width(), bar)
        painter.fillRect(QRectF(strip.left(), strip.center().y() - 0.5, strip.width(), 1.0), self._scale)
        second = self._rows.second(index.row())
        if self._rows.compares:
            self._bars_of_two(painter, strip, row.raw_share, second.share if second else 0.0)
        else:
            self._bars(painter, strip, row)

    def _mark_second(self, painter: QPainter, rect: QRectF) -> None:
        """A bar in the second model's colour before the token."""
        bar = QRectF(rect.left() + 4, rect.top() + 3, SECOND_MARK, rect.height() - 6)
        painter.fillRect(mirrored(painter, bar, 2 * rect.center().x()), self._second)

    def _box(self, painter: QPainter, rect: QRectF, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect.adjusted(3.5, 0.5, -3.5, -0.5), 5, 5)

    def _numbers(self, painter: QPainter, line: QRectF, row: OddsRow, numbers: tuple[str, ...]) -> None:
        """The token at the beginning of the line, and its numbers at the end."""
        middle = 2 * line.center().x()
        other = row.id == EVERYTHING_ELSE
        ink = self._dim if row.cut else self._quiet if other else self._text
        painter.setPen(ink)
        for heading, number in reversed(tuple(zip(self._rows.headings, numbers, strict=True))):
            self.letters.end(painter, mirrored(painter, line, middle), number)
            painter.setPen(self._dim if row.cut else ink if self._rows.compares else self._quiet)
            line = line.adjusted(0, 0, -(self.width(heading) + GAP), 0)
        self.letters.token(painter, mirrored(painter, line, middle), row.token, ink, self._dim)

    def _bars_of_two(self, painter: QPainter, strip: QRectF, first: float, second: float) -> None:
        """The first model's bar above the second's."""
        half = (strip.height() - 1) / 2
        above, below = strip.adjusted(0, 0, 0, -half - 1), strip.adjusted(0, half + 1, 0, 0)
        self._bar(painter, above, first, half, self._raw)
        self._bar(painter, below, second, half, self._second)

    def _bars(self, painter: QPainter, strip: QRectF, row: OddsRow) -> None:
        painter.setOpacity(0.55 if row.cut else 1.0)
        self._bar(painter, strip, row.raw_share, strip.height(), self._raw)
        self._bar(painter, strip, row.final_share, 1.5 if self.low else FINAL_BAR, self._final)
        painter.setOpacity(1.0)
        if row.flips:
            self._tick(painter, strip, row.flips_share)

    def _bar(self, painter: QPainter, strip: QRectF, share: float, height: float, colour: QColor) -> None:
        """A bar of that share of the strip's width, at least 1.5 pixels where the share is above 0."""
        if share <= 0:
            return
        width = max(strip.width() * min(share, 1.0), 1.5)
        bar = QRectF(strip.left(), strip.center().y() - height / 2, width, height)
        painter.fillRect(mirrored(painter, bar, 2 * strip.center().x()), colour)

    def _tick(self, painter: QPainter, strip: QRectF, share: float) -> None:
        """A mark across the bars, where the share of the flips is."""
        x = strip.left() + strip.width() * min(share, 1.0)
        tick = QRectF(x - TICK / 2, strip.top() - 1, TICK, strip.height() + 2)
        painter.fillRect(mirrored(painter, tick, 2 * strip.center().x()), self._text)
