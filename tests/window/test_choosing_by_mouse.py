"""The mouse over the odds table, and between the tokens of one character: what is shown, and who has the keys."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.odds.visible import visible
from models.sampling.knobs import Sampling
from tests.window.test_choosing import at, character_of_several, chosen, click, ghost, table, third, written

Key, Shift = Qt.Key, Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def test_no_ghost_stays_where_the_rows_change_under_the_mouse(hand: Any) -> None:
    """The next move of the mouse holds what is shown by then."""
    written(hand)
    rows = table(hand)
    hand.program.odds.mouse_inside.emit(True)
    hand.program.odds.row_pointed.emit(2)
    assert ghost(hand) is not None
    hand.press(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert ghost(hand) is None
    hand.program.session.redo()
    at(hand, third(hand))
    rows.scrollToBottom()  # which brings another row under the mouse
    rows.scrollToTop()
    assert ghost(hand) is None and not hand.program.focus.holds
    place = QPointF(rows.visualRect(rows.model().index(1, 0)).center())
    moved = QMouseEvent(QEvent.Type.MouseMove, place, place, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, NONE)
    QApplication.sendEvent(rows.viewport(), moved)
    assert ghost(hand) is not None and hand.program.focus.holds
    rows.row_pointed.emit(-1)
    hand.program.odds.mouse_inside.emit(False)


def test_no_ghost_of_the_next_token_stays_where_the_model_writes_it(hand: Any) -> None:
    hand.sets(length=4, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view is not None and not hand.program.odds.view.token)
    hand.program.odds.mouse_inside.emit(True)
    hand.program.odds.row_pointed.emit(1)
    assert ghost(hand) is not None
    hand.writes()
    assert ghost(hand) is None
    hand.program.odds.row_pointed.emit(-1)
    hand.program.odds.mouse_inside.emit(False)


def test_a_click_on_a_row_gives_the_page_the_keys(hand: Any) -> None:
    """So that Enter puts it there, wherever the focus was."""
    before = written(hand)
    hand.program.odds._card.setFocus()
    click(hand, 2)
    assert hand.program.editor.hasFocus()
    hand.press(Key.Key_Return, Shift)
    assert len(chosen(hand)) == 1 and hand.text != before


def test_by_mouse_of_a_character_of_several(hand: Any) -> None:
    """A click leads to the character's second token, another previews one in its place, and Enter puts it there."""
    start = character_of_several(hand)
    before, card = hand.text, hand.program.odds._card
    hand.until(lambda: bool(hand.program.odds.view.parts))
    assert not card.former.isEnabled()
    QTest.mouseClick(card.following, LEFT)
    assert hand.program.odds.part == 1 and card.former.isEnabled()
    first = hand.program.page.readings_at(start)[0].reading
    click(hand, 2)
    place, _, shown = ghost(hand)
    assert place == start and hand.text == before
    hand.press(Key.Key_Return, Shift)
    readings = hand.program.page.readings_at(start)
    assert readings[0].reading == first and readings[1].reading.chosen == 2
    spelt = readings[0].reading.bytes + readings[1].reading.bytes
    assert shown == visible(spelt) and "\ufffd" not in shown  # its bytes, as in its row
    assert hand.text.startswith(before[:start] + spelt.decode("utf-8", "replace"))
    at(hand, start - 1)
    hand.until(lambda: not hand.program.odds.view.parts)
    assert card.former.isHidden() and card.following.isHidden()


def test_no_ghost_stays_where_another_tab_takes_the_place_of_the_rows(hand: Any) -> None:
    """By a key, or by the menu of a row: the mouse leaves the list without an event."""
    written(hand)
    rows = table(hand)
    rows.mouse_inside.emit(True)
    rows.row_pointed.emit(2)
    assert ghost(hand) is not None and hand.program.focus.holds
    rows.bias_requested.emit(1, True)
    assert not rows.isVisible() and ghost(hand) is None and not hand.program.focus.holds


def test_other_text_stands_where_its_field_was_entered_while_the_model_writes(start: Callable[[], Any]) -> None:
    hand = start()
    hand.writes_on(rate=100, units=40)
    hand.until(lambda: hand.program.odds.view is not None and hand.program.odds._own_text.field.isVisible())
    field = hand.program.odds._own_text.field
    field.setFocus()
    place = hand.program.focus.place()
    QTest.keyClicks(field, " words")
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length + 30)
    QTest.keyClick(field, Key.Key_Return, Shift)
    assert hand.text.endswith(" words") and len(hand.text) == place.start + len(" words")
    assert not hand.program.focus.holds
    hand.until_ready()
