"""The whole vocabulary in the odds panel: opened with a key, sorted, filtered, copied, and put on the page."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from desktop.odds.all_tokens import AllTokens
from desktop.odds.vocabulary_listing import Column, Kept
from models.sampling.knobs import Sampling

CTRL = Qt.KeyboardModifier.ControlModifier


def opened(hand: Any) -> AllTokens:
    hand.sets(length=6, sampling=Sampling(ignore_eos=True))
    hand.types("Once upon")
    hand.writes()
    hand.program.editor.set_caret(len("Once upon") + 2)
    hand.until(lambda: hand.program.odds.view is not None)
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    shown = hand.program.odds.all_tokens
    hand.until(lambda: listed(hand) > 0)
    assert shown.isVisible() and shown.filter.hasFocus()
    return shown


def listed(hand: Any) -> int:
    return hand.program.odds.all_tokens.rows.rowCount()


def cells(shown: AllTokens, row: int) -> list[str]:
    return [shown.rows.index(row, int(column)).data() for column in Column]


def test_every_token_is_listed_with_the_odds_of_the_panel(hand: Any) -> None:
    shown = opened(hand)
    size = hand.program.session.state.model.vocabulary
    assert listed(hand) == size and f"{size:,} tokens" in shown.count.text()
    view = hand.program.odds.view
    for number, row in enumerate(view.rows[:5]):
        assert cells(shown, number)[:2] == [row.token, row.raw] and cells(shown, number)[int(Column.ID)] == str(row.id)
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    assert not shown.isVisible() and hand.program.odds._list.isVisible()


def test_headings_stand_over_what_they_name(hand: Any) -> None:
    rows = opened(hand).rows
    alignment = Qt.ItemDataRole.TextAlignmentRole
    for column in map(int, Column):
        heading = rows.headerData(column, Qt.Orientation.Horizontal, alignment)
        assert heading == rows.index(0, column).data(alignment)


def test_a_click_on_a_heading_sorts(hand: Any) -> None:
    shown = opened(hand)
    head = shown.table.horizontalHeader()
    for column, first in ((Column.ID, ["0", "1"]), (Column.RANK, ["1", "2"])):
        head.setOffset(0)
        place = head.sectionViewportPosition(int(column)) + 5
        shown.table.horizontalScrollBar().setValue(max(0, place - 50))
        place = head.sectionViewportPosition(int(column)) + 5
        QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place, head.height() // 2))
        assert [cells(shown, row)[int(column)] for row in (0, 1)] == first
        QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place, head.height() // 2))
        assert int(cells(shown, 0)[int(column)].replace(",", "")) > 100


def test_it_follows_the_samplers_and_tells_who_cut(hand: Any) -> None:
    shown = opened(hand)
    hand.sets(sampling=replace(hand.program.recipe.sampling, top_k=3))
    hand.until(lambda: cells(shown, 3)[int(Column.CUT)] == "top-k")
    assert cells(shown, 3)[int(Column.FINAL)] == "" and cells(shown, 0)[int(Column.CUT)] == ""
    shown.kept.setCurrentIndex(Kept.LEFT)
    assert listed(hand) == 3
    shown.kept.setCurrentIndex(Kept.CUT)
    assert listed(hand) == hand.program.session.state.model.vocabulary - 3


def test_it_follows_the_caret(hand: Any) -> None:
    shown = opened(hand)
    before = [cells(shown, row) for row in range(5)]
    hand.program.editor.set_caret(len(hand.text) - 1)
    hand.until(lambda: shown.table.isEnabled() and [cells(shown, row) for row in range(5)] != before)


def test_typing_narrows_it_and_ctrl_c_copies(hand: Any) -> None:
    shown = opened(hand)
    QTest.keyClicks(shown.filter, "sea")
    assert 0 < listed(hand) < 60 and all("sea" in cells(shown, row)[0].lower() for row in range(listed(hand)))
    QGuiApplication.clipboard().setText("")
    shown.table.setFocus()
    shown.table.selectRow(0)
    QTest.keyClick(shown.table, Qt.Key.Key_C, CTRL)
    hand.until(lambda: "\r\n" in QGuiApplication.clipboard().text() or "\n" in QGuiApplication.clipboard().text())
    assert len(copied()) == 2
    QTest.mouseClick(shown.copy_button, Qt.MouseButton.LeftButton)
    hand.until(lambda: len(copied()) == listed(hand) + 1)
    assert [row[1] for row in copied()[1:]] == [cells(shown, row)[int(Column.ID)] for row in range(listed(hand))]


def copied() -> list[list[str]]:
    return list(csv.reader(io.StringIO(QGuiApplication.clipboard().text(), newline="")))


@pytest.mark.parametrize("goes_on", [True, False])
def test_enter_puts_a_token_on_the_page(hand: Any, goes_on: bool) -> None:
    shown = opened(hand)
    row = listed(hand) // 2  # of the rare ones, which the panel does not list
    shown.table.setFocus()
    shown.table.selectRow(row)
    token, start = int(cells(shown, row)[int(Column.ID)]), hand.program.focus.place().start
    shift = Qt.KeyboardModifier.NoModifier if goes_on else Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(shown.table, Qt.Key.Key_Return, shift)
    hand.until_ready()
    chosen = hand.program.page.readings_at(start)[0]
    assert chosen.reading.token == token and chosen.source.kind == "chosen"
    assert chosen.reading.rank == int(cells(shown, row)[int(Column.RANK)].replace(",", "")) or goes_on
    assert (hand.program.page.last_generation() is not None) or not goes_on


def test_another_model_has_other_tokens(hand: Any) -> None:
    shown = opened(hand)
    hand.opens("scripted:?rate=1000")
    hand.until(lambda: shown.table.isEnabled())
    assert listed(hand) == hand.program.session.state.model.vocabulary
