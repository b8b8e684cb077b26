"""The whole vocabulary in the odds panel: opened with a key, sorted, filtered, copied, and put on the page."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget

from desktop.odds.all_tokens import AllTokens
from desktop.odds.vocabulary_listing import Column, Kept
from models.sampling.knobs import Sampling

HORIZONTAL = Qt.Orientation.Horizontal
CTRL = Qt.KeyboardModifier.ControlModifier


def opened(hand: Any) -> AllTokens:
    hand.sets(length=6, sampling=Sampling(ignore_eos=True))
    hand.types("Once upon")
    hand.writes()
    hand.program.editor.set_caret(len("Once upon") + 2)
    hand.until(lambda: hand.program.odds.view is not None)
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    shown = hand.program.odds.all_tokens
    hand.until(lambda: listed(hand) > 0 and shown.table.isEnabled())
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
    titles = [rows.headerData(column, Qt.Orientation.Horizontal) for column in map(int, Column)]
    assert [title for title in titles if title.endswith("▾")] == ["Model ▾"]
    rows.sort(int(Column.RANK))
    assert rows.headerData(int(Column.RANK), Qt.Orientation.Horizontal) == "Rank ▴"


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
    assert cells(shown, 3)[int(Column.FINAL)] == "top-k" and cells(shown, 0)[int(Column.CUT)] == ""
    shown.kept.setCurrentIndex(Kept.LEFT)
    assert listed(hand) == 3
    shown.kept.setCurrentIndex(Kept.CUT)
    assert listed(hand) == hand.program.session.state.model.vocabulary - 3


def test_it_follows_the_caret(hand: Any) -> None:
    shown = opened(hand)
    before = [cells(shown, row) for row in range(5)]
    hand.program.editor.set_caret(len(hand.text) - 1)
    hand.until(lambda: shown.table.isEnabled() and [cells(shown, row) for row in range(5)] != before)


def test_it_does_not_hold_up_the_writing_and_follows_when_the_model_rests(start: Any) -> None:
    """Also with a model so slow that the list had time to settle between two tokens."""
    hand = start()
    hand.opens("scripted:?rate=4")
    shown = opened(hand)
    answers: list[object] = []
    hand.program.session.beside.whole.answered.connect(lambda *_: answers.append(1))
    hand.program.editor.set_caret(len(hand.text))
    hand.until(lambda: shown.table.isEnabled() and len(answers) == 1)
    hand.writes()
    assert len(answers) <= 2  # one may come before the first token
    before = len(answers)
    hand.until(lambda: shown.table.isEnabled() and len(answers) == before + 1)
    token = hand.program.odds.view.token
    assert token in [cells(shown, row)[0] for row in range(9)]


def test_while_the_model_writes_another_place_is_listed(start: Any) -> None:
    hand = start()
    hand.opens("scripted:?rate=4")
    shown = opened(hand)
    hand.sets(length=None)
    hand.ctrl(Qt.Key.Key_Return)
    hand.until(lambda: hand.program.page.generating and not shown.table.isEnabled())
    hand.program.focus.pin(len("Once upon") + 2)
    hand.until(shown.table.isEnabled)
    assert hand.program.page.generating


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
    assert hand.program.window.status.words()["State"] == "Copied 1 token."
    QTest.mouseClick(shown.copy_button, Qt.MouseButton.LeftButton)
    hand.until(lambda: len(copied()) == listed(hand) + 1)
    assert hand.program.window.status.words()["State"] == f"Copied {listed(hand)} tokens."
    assert [row[1] for row in copied()[1:]] == [cells(shown, row)[int(Column.ID)] for row in range(listed(hand))]


def test_letters_typed_in_the_list_narrow_it(hand: Any) -> None:
    shown = opened(hand)
    shown.table.setFocus()
    QTest.keyClick(shown.table, Qt.Key.Key_S)
    assert shown.filter.hasFocus() and shown.filter.text() == "s"
    QTest.keyClicks(shown.filter, "ea")
    assert 0 < listed(hand) < 60


def test_the_down_key_leads_from_the_filter_into_the_list(hand: Any) -> None:
    shown = opened(hand)
    QTest.keyClicks(shown.filter, "the")
    QTest.keyClick(shown.filter, Qt.Key.Key_Down)
    assert shown.table.hasFocus() and shown.table.currentIndex().row() == 0
    QTest.keyClick(shown.table, Qt.Key.Key_Down)
    assert shown.table.currentIndex().row() == 1
    shown.filter.setFocus()
    QTest.keyClicks(shown.filter, "zzz")
    QTest.keyClick(shown.filter, Qt.Key.Key_Down)
    assert shown.filter.hasFocus() and not shown.rows.rowCount()


def test_a_menu_sorts_it_for_those_who_have_keys_alone(hand: Any) -> None:
    shown = opened(hand)
    menu = shown.table.menu()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["Sort by “Model”"]
    menu.actions()[int(Column.ID)].trigger()
    assert [cells(shown, row)[int(Column.ID)] for row in (0, 1)] == ["0", "1"]
    menu.close()


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


def ghost(hand: Any) -> tuple[int, int, str] | None:
    return hand.program.editor.marks.current.ghost


def test_the_token_under_the_mouse_or_the_current_one_is_a_ghost_on_the_page(hand: Any) -> None:
    shown = opened(hand)
    start = hand.program.focus.place().start
    end = start + hand.program.page.readings_at(start)[0].length
    assert ghost(hand) is None
    shown.table.setFocus()
    shown.table.selectRow(3)
    assert ghost(hand) == (start, end, texts(shown, 3))
    shown.filter.setFocus()
    assert ghost(hand) is None
    point(shown, 5)
    before = ghost(hand)
    assert before == (start, end, texts(shown, 5))
    QTest.keyClicks(shown.filter, "sea")  # other rows are listed, below the same mouse
    assert ghost(hand) != before
    QTest.mouseMove(hand.program.editor.viewport())
    shown.table.setFocus()
    shown.table.selectRow(0)
    assert ghost(hand) == (start, end, texts(shown, 0))
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    assert ghost(hand) is None


def test_no_row_stays_selected_or_pointed_at_where_other_tokens_are_listed(hand: Any) -> None:
    shown = opened(hand)
    before = [cells(shown, row)[0] for row in range(9)]
    place = shown.table.visualRect(shown.rows.index(4, 0)).center()
    QTest.mouseClick(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    hand.sets(sampling=replace(hand.program.recipe.sampling, top_k=3))
    hand.until(lambda: cells(shown, 3)[int(Column.CUT)] == "top-k")
    assert [index.row() for index in shown.table.selectionModel().selectedRows()] == [4]  # the same tokens
    hand.program.editor.set_caret(len(hand.text) - 1)
    hand.until(lambda: shown.table.isEnabled() and [cells(shown, row)[0] for row in range(9)] != before)
    assert not shown.table.selectionModel().hasSelection() and ghost(hand) is None


def texts(shown: AllTokens, row: int) -> str:
    listing = shown.rows.listing
    assert listing is not None
    return listing.texts.of(int(cells(shown, row)[int(Column.ID)])).decode()


def point(shown: AllTokens, row: int) -> None:
    place = shown.table.visualRect(shown.rows.index(row, 0)).center()
    QTest.mouseMove(shown.table.viewport(), place - QPoint(1, 0))
    QTest.mouseMove(shown.table.viewport(), place)


def test_an_empty_page_has_the_odds_of_the_first_token(hand: Any) -> None:
    hand.sets(length=3, sampling=Sampling(ignore_eos=True))
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    shown = hand.program.odds.all_tokens
    hand.until(lambda: listed(hand) == hand.program.session.state.model.vocabulary)
    assert shown.isVisible() and shown.filter.hasFocus() and not hand.program.odds._card.isVisible()
    shown.table.setFocus()
    shown.table.selectRow(2)
    assert ghost(hand) == (0, 0, texts(shown, 2))
    text = texts(shown, 2)
    with hand.work():
        QTest.keyClick(shown.table, Qt.Key.Key_Return)
    assert hand.text.startswith(text) and len(hand.text) > len(text)
    hand.until(lambda: hand.program.odds._card.isVisible() and shown.isVisible())
    hand.ctrl(Qt.Key.Key_N)
    hand.until(lambda: hand.text == "" and not hand.program.odds._card.isVisible())
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    assert hand.program.odds._empty.isVisible()


def test_a_token_behind_a_word_that_is_healed_spells_the_word_too(hand: Any) -> None:
    """It is put in the place of the end of the word, not behind it."""
    hand.sets(length=3, sampling=Sampling(ignore_eos=True))
    hand.types("The lighth")
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    shown = hand.program.odds.all_tokens
    hand.until(lambda: listed(hand) > 0 and shown.table.isEnabled())
    shown.kept.setCurrentIndex(Kept.LEFT)
    shown.table.setFocus()
    shown.table.selectRow(0)
    token = texts(shown, 0)
    found = ghost(hand)
    assert found is not None
    start, end, text = found
    assert end == len("The lighth") and text == token
    QTest.keyClick(shown.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert hand.text == "The lighth"[:start] + token


def test_without_a_model_it_says_so(start: Any) -> None:
    hand = start()
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    assert "Open a model first" in hand.program.window.status.words()["State"]


def test_another_model_has_other_tokens(hand: Any) -> None:
    shown = opened(hand)
    hand.opens("scripted:?rate=1000")
    hand.until(lambda: shown.table.isEnabled())
    assert listed(hand) == hand.program.session.state.model.vocabulary


def test_the_list_has_the_state_of_its_place(hand: Any) -> None:
    """Mirostat as it was there, not as at its beginning: the tokens that are left are those that the panel shows."""
    hand.sets(length=8, sampling=Sampling(mirostat=2, mirostat_tau=1.0, mirostat_eta=0.9, ignore_eos=True))
    hand.types("Once upon")
    hand.writes()
    hand.program.editor.set_caret(len(hand.text))
    hand.until(lambda: hand.program.odds.view is not None)
    hand.press(Qt.Key.Key_K, CTRL, Qt.KeyboardModifier.ShiftModifier)
    hand.until(lambda: listed(hand) > 0)
    shown, rows = hand.program.odds.all_tokens, hand.program.odds.view.rows[:-1]
    by_token = {cells(shown, number)[0]: cells(shown, number) for number in range(40)}
    assert [by_token[row.token][int(Column.CUT)] for row in rows[:5]] == [row.cut for row in rows[:5]]
    place = hand.program.focus.place()
    assert place.state.mu is not None and abs(place.state.mu - 2.0) > 0.1


def test_what_cut_a_token_is_in_view_in_a_panel_of_the_usual_width(hand: Any) -> None:
    shown = opened(hand)
    hand.sets(sampling=replace(hand.program.recipe.sampling, top_k=3))
    hand.until(lambda: cells(shown, 3)[int(Column.CUT)] == "top-k")
    table, head = shown.table, shown.table.horizontalHeader()
    end = head.sectionViewportPosition(int(Column.RANK)) + head.sectionSize(int(Column.RANK))
    assert 0 < end <= table.viewport().width() and head.sectionSize(int(Column.TOKEN)) > 60
    advance = table.fontMetrics().horizontalAdvance
    for column in (Column.RAW, Column.FINAL, Column.RANK):
        widest = max(advance(cells(shown, row)[int(column)]) for row in range(listed(hand)))
        assert widest < head.sectionSize(int(column))
    menu = table.menu()
    next(action for action in menu.actions() if "Cut by" in action.text()).trigger()
    menu.close()
    assert cells(shown, 0)[int(Column.FINAL)] == "top-k" and shown.rows.headerData(2, HORIZONTAL).endswith("▾")
    hand.program.window.resize(1600, 760)
    hand.program.window.resizeDocks([hand.program.window.findChild(QDockWidget, "beside")], [600], HORIZONTAL)
    hand.until(lambda: table.horizontalScrollBar().maximum() == 0)  # the ids are in view, too


def test_the_mouse_that_lies_over_a_chosen_row_previews_nothing_more(hand: Any) -> None:
    shown = opened(hand)
    hand.program.editor.set_caret(len(hand.text))
    QTest.qWait(200)  # until the move is noticed
    hand.until(lambda: shown.table.isEnabled())
    place = shown.table.visualRect(shown.rows.index(5, 0)).center()
    point(shown, 5)
    assert ghost(hand) is not None
    with hand.work():
        QTest.mouseDClick(shown.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert ghost(hand) is None
    hand.until(shown.table.isEnabled)
    shown.table.entered.emit(shown.rows.index(5, 0))  # Qt says so of its own where the rows scroll
    QTest.qWait(50)
    assert ghost(hand) is None
    point(shown, 6)
    assert ghost(hand) is not None
