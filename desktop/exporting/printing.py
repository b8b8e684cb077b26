"""The page on paper or as a PDF: its text in its font, numbered pages.

Laid out and drawn a few milliseconds at a time, so that a page of any length can be printed while one works on; a
snapshot of the text is taken first. Knows nothing of tokens: `tints` says what stands on a coloured ground.
"""

import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QIODevice, QLocale, QMarginsF, QObject, QPointF, QRectF, QSaveFile, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desktop.page import utf16
from desktop.qt.one_dialog import open_one
from desktop.qt.visible import visible
from resources.language import tr

BUDGET = 0.008  # seconds of drawing between two looks at what else there is to do
_PIECE = 2_000  # code points that are laid out at once: a paragraph may be a million long
_SPACING = 1.35  # from line to line, in heights of the font
_MARGIN = 22.0  # millimetres
_ODD = re.compile("[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]")
_TAB = 8  # blanks that a tab takes at most
_FOOT = 2.0  # lines that the page number takes

Tint = tuple[int, int, QColor]
Tints = Callable[[int, int], list[Tint]]


@dataclass(frozen=True, slots=True)
class PrintedText:
    """What is printed. tints: for a range in UTF-16 units, the ranges within it that stand on a coloured ground."""

    text: str
    font: QFont
    title: str = ""
    tints: Tints = lambda _start, _end: []


class Printing(QObject):
    """One printing at a time. `progressed`: a fraction; `ended`: a sentence for the user, empty where it was
    stopped."""

    progressed = Signal(float)
    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._go_on)
        self._drawing: Iterator[float] | None = None
        self._device: QPagedPaintDevice | None = None
        self._file: QSaveFile | None = None
        self._said, self._failed = "", ""
        self.succeeded = False  # the last one; known when it has ended

    @property
    def busy(self) -> bool:
        return self._drawing is not None

    def open_dialog(self, sheet: PrintedText, window: QWidget) -> None:
        """Ask for a printer, then print."""

        def make() -> QPrintDialog:
            printer = QPrinter(QPrinter.PrinterMode.HighResolution)
            printer.setDocName(visible(sheet.title) or tr("Page"))
            _set_margins(printer)
            dialog = QPrintDialog(printer, window)
            dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, False)
            said, failed = tr("Printed."), tr("The printer could not be used.")
            dialog.accepted.connect(lambda: self._begin(sheet, printer, said, failed))
            return dialog

        open_one(window, "print", make)

    def write_pdf(self, sheet: PrintedText, path: Path) -> None:
        """Write a PDF, whole or not at all."""
        file = QSaveFile(str(path))
        if not file.open(QIODevice.OpenModeFlag.WriteOnly):
            self.succeeded = False
            sentence = tr("“{name}” could not be written: {reason}.")
            self.ended.emit(sentence.format(name=path.name, reason=file.errorString().lower()))
            return
        writer = QPdfWriter(file)
        writer.setCreator("Inkfall")
        writer.setTitle(visible(sheet.title))
        writer.setPageSize(QPageSize(_sheet_here()))
        _set_margins(writer)
        said = tr("Exported to {path}.").format(path=path)
        failed = tr("“{name}” could not be written.").format(name=path.name)
        self._begin(sheet, writer, said, failed, file)

    def stop(self) -> None:
        """Print no further."""
        if self._drawing is not None:
            self._end("")

    def _begin(
        self, sheet: PrintedText, device: QPagedPaintDevice, said: str, failed: str, file: QSaveFile | None = None
    ) -> None:
        self.stop()
        self._device, self._file, self._said, self._failed = device, file, said, failed
        self._drawing = drawn(sheet, device)
        self._slices.start()

    def _go_on(self) -> None:
        assert self._drawing is not None
        until = time.perf_counter() + BUDGET
        try:
            for fraction in self._drawing:
                if time.perf_counter() > until:
                    self.progressed.emit(fraction)
                    return
        except OSError:
            self._end(self._failed)
        else:
            self._end(self._said)

    def _end(self, sentence: str) -> None:
        """Nothing is drawn any more: what was written counts if the sentence says so."""
        self._slices.stop()
        self._drawing = None  # the painter ends before its device goes, and that before its file
        self._device = None
        file, self._file = self._file, None
        if file is not None and sentence != self._said:
            file.cancelWriting()
        if file is not None and not file.commit() and sentence == self._said:
            sentence = self._failed
        self.succeeded = sentence == self._said
        self.ended.emit(sentence)


def drawn(sheet: PrintedText, device: QPagedPaintDevice) -> Iterator[float]:
    """Draw it, line by line; each step tells which part of the text is done. Raises OSError where the device takes
    nothing."""
    painter = QPainter()
    if not painter.begin(device):
        raise OSError("nothing can be drawn on this device")
    try:
        yield from _Paper(sheet, device, painter).pages()
    finally:
        painter.end()


class _Paper:
    """The place of the next line, and new pages where one is full."""

    def __init__(self, sheet: PrintedText, device: QPagedPaintDevice, painter: QPainter) -> None:
        self._sheet, self._device, self._painter = sheet, device, painter
        self._room = QRectF(0, 0, painter.viewport().width(), painter.viewport().height())
        metrics = QFontMetricsF(sheet.font, device)
        self._pitch = metrics.height() * _SPACING
        self._ascent = metrics.ascent()
        self._tab = metrics.horizontalAdvance(" " * _TAB)
        self._bottom = self._room.height() - _FOOT * self._pitch
        self._top, self._number = 0.0, 1

    def pages(self) -> Iterator[float]:
        text, units = self._sheet.text, 0
        if self._sheet.title:
            self._title()
        for start, end in _paragraphs(text):
            place = start
            while True:
                piece = text[place : min(end, place + _PIECE)]
                whole = place + len(piece) == end
                used = yield from self._piece(piece, units, whole, place / max(1, len(text)))
                units += utf16.length(piece[:used])
                place += used
                if whole:
                    break
            units += 1  # the line feed
        self._foot()

    def _piece(self, piece: str, units: int, whole: bool, done: float) -> "Iterator[float]":
        """Draw the lines of a piece; all but its last where there is more of its paragraph. Returns the code points
        drawn."""
        layout = self._laid_out(piece, units)
        lines = layout.lineCount()
        count = lines if whole or lines < 2 else lines - 1
        for number in range(count):
            self._draw(layout, number)
            yield done
        return len(piece) if count == lines else len(_units(piece, layout.lineAt(count).textStart()))

    def _laid_out(self, piece: str, units: int) -> QTextLayout:
        shown = _shown(piece)
        layout = QTextLayout(shown, self._sheet.font, self._device)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTabStopDistance(self._tab)
        if _from_right(shown):
            option.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.setTextOption(option)
        layout.setFormats([_ground(tint, units) for tint in self._sheet.tints(units, units + utf16.length(piece))])
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(self._room.width())
        layout.endLayout()
        return layout

    def _draw(self, layout: QTextLayout, number: int) -> None:
        if self._top + self._pitch > self._bottom:
            self._foot()
            self._device.newPage()
            self._top, self._number = 0.0, self._number + 1
        line = layout.lineAt(number)
        line.setPosition(QPointF(0.0, 0.0))
        line.draw(
            self._painter, QPointF(0.0, self._top + self._ascent - line.ascent())
        )  # other scripts' fonts are taller
        self._top += self._pitch

    def _title(self) -> None:
        font = QFont(self._sheet.font)
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        self._painter.setFont(font)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        room = QRectF(0, 0, self._room.width(), self._bottom / 2)
        box = self._painter.drawText(room, flags, visible(self._sheet.title))
        self._top = box.height() + self._pitch

    def _foot(self) -> None:
        self._painter.setFont(self._sheet.font)
        box = QRectF(0, self._room.height() - self._pitch, self._room.width(), self._pitch)
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._number))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield start, end
        start = end + 1
    yield start, len(text)


def _shown(text: str) -> str:
    """The text as it may be drawn, unit for unit: Qt would break lines at some characters and lose others."""
    return _ODD.sub(" ", utf16.whole(text))


def _from_right(text: str) -> bool:
    """Whether its first letter is of a script that runs from right to left."""
    strong = (direction for direction in map(unicodedata.bidirectional, text) if direction in {"L", "R", "AL"})
    return next(strong, "L") != "L"


def _units(text: str, units: int) -> str:
    """The beginning of the text, of that many units."""
    return utf16.decode(utf16.encode(text)[: 2 * units])


def _ground(tint: Tint, units: int) -> QTextLayout.FormatRange:
    start, end, colour = tint
    look = QTextCharFormat()
    look.setBackground(colour)
    ground = QTextLayout.FormatRange()
    ground.start, ground.length, ground.format = start - units, end - start, look  # type: ignore[attr-defined]
    return ground


def _sheet_here() -> QPageSize.PageSizeId:
    """The paper that is usual where the user is."""
    letter = QLocale.system().measurementSystem() == QLocale.MeasurementSystem.ImperialUSSystem
    return QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4


def _set_margins(device: QPagedPaintDevice) -> None:
    layout = device.pageLayout()
    layout.setUnits(QPageLayout.Unit.Millimeter)
    layout.setMargins(QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN))
    device.setPageLayout(layout)
