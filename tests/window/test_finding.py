"""Find and replace with real keys on the real page."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

Key = Qt.Key
LINES = "\n".join(f"{number} boat" for number in range(80))


@pytest.fixture
def page(hand: Any) -> Any:
    hand.program.page.write(0, 0, "one boat, two boats, Boat 🌊 boat")
    return hand


def search_for(hand: Any, words: str) -> None:
    hand.ctrl(Key.Key_F)
    hand.qtbot.keyClicks(hand.program.find_bar.words, words)


def press(hand: Any, widget: QWidget, key: Key, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    hand.qtbot.keyClick(widget, key, modifier)


def message_of(hand: Any) -> str:
    return hand.program.find_bar.message.text()


def test_return_goes_from_one_to_the_next_and_around(page: Any) -> None:
    search_for(page, "boat")
    bar = page.program.find_bar
    page.until(lambda: message_of(page) == "1 of 4")
    for number in (2, 3, 4, 1):
        press(page, bar.words, Key.Key_Return)
        assert message_of(page) == f"{number} of 4"
    press(page, bar.words, Key.Key_Return, shift=True)
    assert message_of(page) == "4 of 4"
    assert page.program.editor.page_selection() == (29, 33)
    press(page, bar, Key.Key_Escape)
    assert not bar.isVisible()


def test_replacing_all_is_one_step_and_keeps_generated_text_between(hand: Any) -> None:
    hand.opens("scripted:")
    hand.sets(length=20, seed=3)
    hand.types("boat boat")
    hand.writes()
    before, tokens = hand.text, len(hand.program.page.tokens(0, hand.program.page.length))
    search_for(hand, "boat boat")
    hand.program.find_bar.replacement.setText("ship")
    hand.until(lambda: message_of(hand).startswith("1 of"))
    hand.program.find_bar.words.setText("boat")
    hand.until(lambda: " of " in message_of(hand) and message_of(hand) != "1 of 1")
    hand.program.find_bar.replace_all_requested.emit()
    hand.until(lambda: message_of(hand).endswith("replaced"))
    assert hand.text.startswith("ship ship")
    assert len(hand.program.page.tokens(0, hand.program.page.length)) <= tokens
    hand.program.session.undo()
    assert hand.text == before
    assert len(hand.program.page.tokens(0, hand.program.page.length)) == tokens


def test_replacing_one_by_one_with_groups(page: Any) -> None:
    bar = page.program.find_bar
    page.ctrl(Key.Key_F)
    bar.expression.setChecked(True)
    bar.words.setText(r"(b)(oat)\b")
    bar.replacement.setText(r"\2\1")
    page.until(lambda: message_of(page) == "1 of 3")
    bar.replace_requested.emit()
    page.until(lambda: message_of(page) == "1 of 2")
    assert page.text == "one oatb, two boats, Boat 🌊 boat"
    bar.replace_requested.emit()
    page.until(lambda: message_of(page) == "1 of 1")
    assert page.text == "one oatb, two boats, oatB 🌊 boat"


def test_typing_counts_again_and_leaves_the_caret(page: Any) -> None:
    search_for(page, "boat")
    page.until(lambda: message_of(page) == "1 of 4")
    page.program.editor.set_caret(0)
    page.types("boat ")
    page.until(lambda: message_of(page) == "5 found")
    assert page.program.editor.page_position() == 5


def test_a_bad_expression_is_a_sentence(page: Any) -> None:
    page.ctrl(Key.Key_F)
    page.program.find_bar.expression.setChecked(True)
    page.program.find_bar.words.setText("(")
    page.until(lambda: "cannot be read" in message_of(page))


def hits_on(hand: Any) -> list[tuple[int, int]]:
    """All hits on the page."""
    return hand.program.finder.hits_in(0, hand.program.page.length)[0]


def place_of(hand: Any, position: int) -> QPoint:
    """The rectangle of a page position, in pixels of the window."""
    editor = hand.program.editor
    cursor = editor.textCursor()
    cursor.setPosition(position)
    return editor.viewport().mapTo(hand.program.window, editor.cursorRect(cursor).topLeft())


def hidden_by_the_bar(hand: Any) -> bool:
    """Whether the bar covers the current hit, or the caret."""
    editor, bar = hand.program.editor, hand.program.find_bar
    place = editor.selected_place().translated(editor.pos())
    assert editor.geometry().contains(place)
    return bar.isVisible() and bar.geometry().intersects(place)


@pytest.mark.parametrize("text", ["two lines\nwith a boat", LINES])
@pytest.mark.parametrize("caret", ["first", "middle", "last"])
@pytest.mark.parametrize("size", [(1180, 760), (480, 320)])
def test_the_bar_moves_no_text(hand: Any, text: str, caret: str, size: tuple[int, int]) -> None:
    program = hand.program
    program.window.resize(*size)
    program.page.write(0, 0, text)
    hand.ctrl(Key.Key_Home if caret == "first" else Key.Key_End)
    if caret == "middle":
        program.editor.set_caret(len(text) // 2)
    hand.qtbot.wait(30)
    at, following = program.editor.page_position(), program.editor.following
    before = place_of(hand, at), program.editor.geometry()
    hand.ctrl(Key.Key_F)
    hand.qtbot.wait(30)
    assert program.find_bar.isVisible()
    assert (place_of(hand, at), program.editor.geometry()) == before
    assert not hidden_by_the_bar(hand)
    press(hand, program.find_bar, Key.Key_Escape)
    hand.qtbot.wait(30)
    assert (place_of(hand, at), program.editor.geometry()) == before
    assert program.editor.following == following


@pytest.mark.parametrize("text", ["one boat, two boats\nand a boat", LINES, "boat " * 2_000])
@pytest.mark.parametrize("size", [(1180, 760), (700, 480), (480, 320)])
@pytest.mark.parametrize("with_message", [False, True])
def test_the_bar_never_hides_the_current_hit(hand: Any, text: str, size: tuple[int, int], with_message: bool) -> None:
    program = hand.program
    program.window.resize(*size)
    program.page.write(0, 0, text)
    if with_message and size != (480, 320):
        program.window.notice.say("Something is the matter.")
    hand.ctrl(Key.Key_Home)
    search_for(hand, "boat")
    hand.until(lambda: len(hits_on(hand)) > 2)
    hits = min(len(hits_on(hand)), 90)
    for by in [1] * (hits + 1) + [-1] * (hits + 2):
        program.finder.step(by)
        assert not hidden_by_the_bar(hand)


def test_the_bar_never_hides_the_caret_while_the_user_writes(hand: Any) -> None:
    program = hand.program
    program.page.write(0, 0, LINES)
    hand.ctrl(Key.Key_End)
    hand.ctrl(Key.Key_F)
    program.editor.setFocus()
    for key in [Key.Key_Up] * 82 + [Key.Key_Down] * 82 + [Key.Key_PageUp] * 6:
        hand.press(key)
        assert not hidden_by_the_bar(hand)
    hand.types("typed")
    assert not hidden_by_the_bar(hand)


def test_a_click_beside_the_buttons_of_the_bar_does_not_reach_the_page(hand: Any) -> None:
    hand.program.page.write(0, 0, LINES)
    hand.program.editor.set_caret(300)
    hand.ctrl(Key.Key_F)
    QTest.mouseClick(hand.program.find_bar, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert hand.program.editor.page_position() == 300
    assert QRect(QPoint(), hand.program.window.size()).contains(hand.program.find_bar.geometry())
