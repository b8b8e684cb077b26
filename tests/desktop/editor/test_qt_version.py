"""Two faults of some versions of PySide6, which the installed version must not have."""

import ctypes
import gc
import sys
from collections.abc import Callable

import psutil
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

CALLS = 2_000
BYTES_PER_LINE = 2_000  # 70 to 500 are usual; the faulty versions keep 6,800


def drift(call: Callable[[], object]) -> float:
    """References of None that are lost or gained in one call."""
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call()
    return (sys.getrefcount(None) - before) / CALLS


def test_calls_without_a_result_leave_none_alone(qtbot: QtBot) -> None:
    image = QImage(10, 10, QImage.Format.Format_ARGB32)
    painter, colour, rect = QPainter(image), QColor(1, 2, 3), QRectF(0, 0, 5, 5)
    document = QTextDocument()
    cursor = QTextCursor(document)
    try:
        assert drift(lambda: painter.fillRect(rect, colour)) == pytest.approx(0, abs=0.01)
        assert drift(lambda: cursor.setPosition(0)) == pytest.approx(0, abs=0.01)
        assert drift(lambda: cursor.insertText("a")) == pytest.approx(0, abs=0.01)
    finally:
        painter.end()


MALLINFO2 = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class Heap(ctypes.Structure):
    """glibc's mallinfo2."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in MALLINFO2.split())


def in_use() -> int:
    """Bytes of the C heap that are taken; where the C library cannot say, the process's resident memory."""
    gc.collect()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallinfo2"):
            libc.mallinfo2.restype = Heap
            heap = libc.mallinfo2()
            return heap.uordblks + heap.hblkhd
    return psutil.Process().memory_info().rss


def test_a_line_that_was_laid_out_costs_little_memory(qtbot: QtBot) -> None:
    editor = QPlainTextEdit()
    qtbot.addWidget(editor)
    editor.setUndoRedoEnabled(False)
    editor.resize(1000, 900)
    editor.setPlainText("\n".join("some words that make a line of text " * 3 for _ in range(8_000)))
    editor.show()
    before = in_use()
    layout, block, lines = editor.document().documentLayout(), editor.document().firstBlock(), 0
    while block.isValid():
        layout.blockBoundingRect(block)
        lines += block.layout().lineCount()
        block = block.next()
    assert lines >= 8_000
    assert (in_use() - before) / lines < BYTES_PER_LINE
