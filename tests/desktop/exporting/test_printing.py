"""A page as a PDF: all of its text, on numbered pages, while the program goes on."""

import re
import zlib
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPdfWriter
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from desktop.editor.typography import default_font
from desktop.exporting.printing import PrintedText, Printing, Tint, drawn


@pytest.fixture
def printing(qtbot: QtBot) -> Printing:
    return Printing()


@pytest.fixture
def font() -> QFont:
    font = default_font()
    font.setPointSizeF(11)
    return font


def written(printing: Printing, printed_text: PrintedText, path: Path, qtbot: QtBot) -> bytes:
    with qtbot.waitSignal(printing.ended, timeout=20_000) as ended:
        printing.write_pdf(printed_text, path)
    assert ended.args == [f"Exported to {path}."]
    return path.read_bytes()


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def streams(pdf: bytes) -> bytes:
    """Everything in the file that was packed, unpacked."""
    found = b""
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        try:
            found += zlib.decompress(packed)
        except zlib.error:
            found += packed
    return found


def test_a_short_page(printing: Printing, font: QFont, tmp_path: Path, qtbot: QtBot) -> None:
    pdf = written(printing, PrintedText("One line.\n\nAnother.", font, "A title"), tmp_path / "a.pdf", qtbot)
    assert pdf.startswith(b"%PDF-") and pages_of(pdf) == 1
    assert not printing.busy


def test_an_empty_page_prints_one_sheet(printing: Printing, font: QFont, tmp_path: Path, qtbot: QtBot) -> None:
    assert pages_of(written(printing, PrintedText("", font), tmp_path / "a.pdf", qtbot)) == 1


def test_many_lines_take_many_sheets(printing: Printing, font: QFont, tmp_path: Path, qtbot: QtBot) -> None:
    short = pages_of(written(printing, PrintedText("line\n" * 100, font), tmp_path / "a.pdf", qtbot))
    long = pages_of(written(printing, PrintedText("line\n" * 400, font), tmp_path / "b.pdf", qtbot))
    assert 2 <= short <= 4 and 4 * short - 4 <= long <= 4 * short


def lines_of(printed_text: PrintedText, tmp_path: Path) -> int:
    """How many lines are drawn."""
    device = QPdfWriter(str(tmp_path / "lines.pdf"))
    fractions = list(drawn(printed_text, device))
    assert fractions == sorted(fractions) and all(0 <= fraction <= 1 for fraction in fractions)
    return len(fractions)


def test_a_paragraph_without_end_loses_no_line_where_it_is_taken_apart(font: QFont, tmp_path: Path) -> None:
    words = "word " * 3_000
    device = QPdfWriter(str(tmp_path / "width.pdf"))
    width = QFontMetricsF(font, device).horizontalAdvance("word ")
    painter = QPainter(device)
    in_a_line = int(painter.viewport().width() / width)
    painter.end()
    lines = lines_of(PrintedText(words, font), tmp_path)
    assert 3_000 / (in_a_line + 1) <= lines <= 3_000 / (in_a_line - 1) + 1


def test_a_word_without_end_is_broken(font: QFont, tmp_path: Path) -> None:
    assert lines_of(PrintedText("x" * 5_000, font), tmp_path) > 30


def test_colours_are_painted_at_their_ranges(font: QFont, tmp_path: Path, qtbot: QtBot, printing: Printing) -> None:
    asked: list[tuple[int, int]] = []

    def tints(start: int, end: int) -> list[Tint]:
        asked.append((start, end))
        return [(start, start + 2, QColor("#ff8000"))]

    pdf = written(printing, PrintedText("🎉 one\ntwo\n\nthree", font, tints=tints), tmp_path / "a.pdf", qtbot)
    assert asked == [(0, 6), (7, 10), (11, 11), (12, 17)]  # units
    assert b"1 0.501960" in streams(pdf)


def test_a_tab_is_wider_than_a_blank(font: QFont, tmp_path: Path) -> None:
    blanks, tabs = (lines_of(PrintedText(f"a{gap}" * 200, font), tmp_path) for gap in (" ", "\t"))
    assert tabs > 3 * blanks


def test_strange_characters_do_no_harm(printing: Printing, font: QFont, tmp_path: Path, qtbot: QtBot) -> None:
    text = "a\x00b\x1b\r\u2028\u2029\ufffc\ud800 한국어 עברית\tend"
    assert pages_of(written(printing, PrintedText(text, font), tmp_path / "a.pdf", qtbot)) == 1


def test_one_can_go_on_while_it_is_written_and_stop_it(
    printing: Printing, font: QFont, tmp_path: Path, qtbot: QtBot
) -> None:
    messages: list[str] = []
    printing.ended.connect(messages.append)
    beats: list[int] = []
    beat = QTimer(interval=0)
    beat.timeout.connect(lambda: beats.append(1))
    beat.start()
    (tmp_path / "a.pdf").write_bytes(b"before")
    with qtbot.waitSignal(printing.progressed):
        printing.write_pdf(PrintedText("a line of text\n" * 20_000, font), tmp_path / "a.pdf")
    qtbot.waitUntil(lambda: len(beats) > 3)
    beat.stop()
    assert printing.busy
    printing.stop()
    assert messages == [""] and not printing.busy
    printing.stop()
    assert messages == [""]
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == b"before"


def test_a_place_that_cannot_be_written(printing: Printing, font: QFont, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(printing.ended) as ended:
        printing.write_pdf(PrintedText("text", font), tmp_path / "nowhere" / "a.pdf")
    assert ended.args == ["“a.pdf” could not be written: no such file or directory."] and not printing.busy


def test_the_dialog_asks_and_prints_nothing_itself(printing: Printing, font: QFont, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    printing.open_dialog(PrintedText("text", font), window)
    dialog = window.findChild(QDialog)
    assert dialog is not None and not printing.busy
    dialog.reject()
