"""Prints the page, or writes it as a PDF: its text in its font, on numbered sheets.

It is laid out and drawn a few milliseconds at a time from a snapshot of the text, so that one can work on meanwhile.
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

BUDGET = 0.008  # seconds of drawing in one turn of the event loop
_PIECE = 2_000  # code points laid out at once; a paragraph may have a million
_SPACING = 1.35  # from line to line, in heights of the font
_MARGIN = 22.0  # millimetres
_ODD = re.compile("[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]")
_TAB = 8  # spaces between two tab stops
_FOOT = 2.0  # lines for the page number

Tint = tuple[int, int, QColor]
Tints = Callable[[int, int], list[Tint]]


@dataclass(frozen=True, slots=True)
class PrintedText:
    """The text to print. tints: returns the ranges with a background colour in [start, end), in UTF-16 units."""

    text: str
    font: QFont
    title: str = ""
    tints: Tints = lambda _start, _end: []


class Printing(QObject):
    """One printing at a time. `progressed` carries a fraction from 0 to 1; `ended` carries a sentence for the user,
    empty where it was stopped."""

    progressed = Signal(float)
    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._draw_slice)
        self._drawing: Iterator[float] | None = None
        self._device: QPagedPaintDevice | None = None
        self._file: QSaveFile | None = None
        self._done_message, self._failed_message = "", ""
        self.succeeded = False  # whether the last printing did; set before `ended`

    @property
    def busy(self) -> bool:
        return self._drawing is not None

    def open_dialog(self, text: PrintedText, window: QWidget) -> None:
        """Ask for a printer, then print."""

        def make() -> QPrintDialog:
            printer = QPrinter(QPrinter.PrinterMode.HighResolution)
            printer.setDocName(visible(text.title) or tr("Page"))
            _set_margins(printer)
            dialog = QPrintDialog(printer, window)
            dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, False)
            done, failed = tr("Printed."), tr("The printer could not be used.")
            dialog.accepted.connect(lambda: self._begin(text, printer, done, failed))
            return dialog

        open_one(window, "print", make)

    def write_pdf(self, text: PrintedText, path: Path) -> None:
        """Write a PDF, whole or not at all."""
        file = QSaveFile(str(path))
        if not file.open(QIODevice.OpenModeFlag.WriteOnly):
            self.succeeded = False
            sentence = tr("“{name}” could not be written: {reason}.")
            self.ended.emit(sentence.format(name=path.name, reason=file.errorString().lower()))
            return
        writer = QPdfWriter(file)
        writer.setCreator("Inkfall")
        writer.setTitle(visible(text.title))
        writer.setPageSize(QPageSize(_local_size()))
        _set_margins(writer)
        done = tr("Exported to {path}.").format(path=path)
        failed = tr("“{name}” could not be written.").format(name=path.name)
        self._begin(text, writer, done, failed, file)

    def stop(self) -> None:
        """Stop printing."""
        if self._drawing is not None:
            self._end("")

    def _begin(
        self, text: PrintedText, device: QPagedPaintDevice, done: str, failed: str, file: QSaveFile | None = None
    ) -> None:
        self.stop()
        self._device, self._file = device, file
        self._done_message, self._failed_message = done, failed
        self._drawing = drawn(text, device)
        self._slices.start()

    def _draw_slice(self) -> None:
        assert self._drawing is not None
        until = time.perf_counter() + BUDGET
        try:
            for fraction in self._drawing:
                if time.perf_counter() > until:
                    self.progressed.emit(fraction)
                    return
        except OSError:
            self._end(self._failed_message)
        else:
            self._end(self._done_message)

    def _end(self, sentence: str) -> None:
        """End the drawing. The file is kept where the sentence is that of success, else discarded."""
        self._slices.stop()
        self._drawing = None  # painter, device and file have to be released in this order
        self._device = None
        file, self._file = self._file, None
        if file is not None and sentence != self._done_message:
            file.cancelWriting()
        if file is not None and not file.commit() and sentence == self._done_message:
            sentence = self._failed_message
        self.succeeded = sentence == self._done_message
        self.ended.emit(sentence)


def drawn(text: PrintedText, device: QPagedPaintDevice) -> Iterator[float]:
    """Draw the text line by line; yields the fraction done, from 0 to 1. Raises OSError where the device cannot be
    drawn on."""
    painter = QPainter()
    if not painter.begin(device):
        raise OSError("nothing can be drawn on this device")
    try:
        yield from _Paper(text, device, painter).draw()
    finally:
        painter.end()


class _Paper:
    """Draws lines, one below the other, on as many sheets as they need."""

    def __init__(self, text: PrintedText, device: QPagedPaintDevice, painter: QPainter) -> None:
        self._text, self._device, self._painter = text, device, painter
        self._room = QRectF(0, 0, painter.viewport().width(), painter.viewport().height())
        metrics = QFontMetricsF(text.font, device)
        self._pitch = metrics.height() * _SPACING
        self._ascent = metrics.ascent()
        self._tab = metrics.horizontalAdvance(" " * _TAB)
        self._bottom = self._room.height() - _FOOT * self._pitch
        self._top, self._number = 0.0, 1

    def draw(self) -> Iterator[float]:
        """Draw all; yields the fraction done."""
        text, units = self._text.text, 0
        if self._text.title:
            self._title()
        for start, end in _paragraphs(text):
            place = start
            while True:
                piece = text[place : min(end, place + _PIECE)]
                is_last = place + len(piece) == end
                used = yield from self._piece(piece, units, is_last, place / max(1, len(text)))
                units += utf16.length(piece[:used])
                place += used
                if is_last:
                    break
            units += 1  # the line feed
        self._foot()

    def _piece(self, piece: str, units: int, is_last: bool, done: float) -> "Iterator[float]":
        """Draw the lines of a piece of a paragraph, without the last line unless it is the last piece. Returns the code
        points drawn."""
        layout = self._laid_out(piece, units)
        lines = layout.lineCount()
        count = lines if is_last or lines < 2 else lines - 1
        for number in range(count):
            self._draw(layout, number)
            yield done
        return len(piece) if count == lines else len(_units(piece, layout.lineAt(count).textStart()))

    def _laid_out(self, piece: str, units: int) -> QTextLayout:
        shown = _shown(piece)
        layout = QTextLayout(shown, self._text.font, self._device)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTabStopDistance(self._tab)
        if _is_right_to_left(shown):
            option.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.setTextOption(option)
        layout.setFormats([_ground(tint, units) for tint in self._text.tints(units, units + utf16.length(piece))])
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
        top = self._top + self._ascent - line.ascent()  # fonts of other scripts are taller
        line.draw(self._painter, QPointF(0.0, top))
        self._top += self._pitch

    def _title(self) -> None:
        font = QFont(self._text.font)
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        self._painter.setFont(font)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        room = QRectF(0, 0, self._room.width(), self._bottom / 2)
        box = self._painter.drawText(room, flags, visible(self._text.title))
        self._top = box.height() + self._pitch

    def _foot(self) -> None:
        self._painter.setFont(self._text.font)
        box = QRectF(0, self._room.height() - self._pitch, self._room.width(), self._pitch)
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._number))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield start, end
        start = end + 1
    yield start, len(text)


def _shown(text: str) -> str:
    """The text for drawing, of the same length: without characters at which Qt breaks lines, or which it drops."""
    return _ODD.sub(" ", utf16.whole(text))


def _is_right_to_left(text: str) -> bool:
    """Whether the first letter is of a right-to-left script."""
    strong = (direction for direction in map(unicodedata.bidirectional, text) if direction in {"L", "R", "AL"})
    return next(strong, "L") != "L"


def _units(text: str, units: int) -> str:
    """The first units of the text, as many as given."""
    return utf16.decode(utf16.encode(text)[: 2 * units])


def _ground(tint: Tint, units: int) -> QTextLayout.FormatRange:
    start, end, colour = tint
    char_format = QTextCharFormat()
    char_format.setBackground(colour)
    ground = QTextLayout.FormatRange()
    ground.start, ground.length, ground.format = start - units, end - start, char_format  # type: ignore[attr-defined]
    return ground


def _local_size() -> QPageSize.PageSizeId:
    """The paper size that is usual in the user's country."""
    letter = QLocale.system().measurementSystem() == QLocale.MeasurementSystem.ImperialUSSystem
    return QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4


def _set_margins(device: QPagedPaintDevice) -> None:
    layout = device.pageLayout()
    layout.setUnits(QPageLayout.Unit.Millimeter)
    layout.setMargins(QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN))
    device.setPageLayout(layout)
