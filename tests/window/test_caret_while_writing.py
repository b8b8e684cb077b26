"""Where the caret is put while the model writes, the panel shows the token there."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

START = "Once upon"


@pytest.fixture
def writing(hand: Any) -> Any:
    """The model goes on and on at the end of the page, where the caret is, and nothing is under the mouse."""
    hand.types(START)
    hand.opens("scripted:?rate=40")
    hand.sets(length=None)
    hand.ctrl(Qt.Key.Key_Return)
    hand.until(lambda: len(hand.text) > len(START) + 40 and state(hand) == "just written")
    return hand


def state(hand: Any) -> str:
    view = hand.program.odds.view
    return view.state.split(" ·")[0] if view else ""


def grows(hand: Any) -> None:
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length + 20)


def goes_to_the_first_written_token(hand: Any) -> None:
    QTest.keyClick(hand.program.editor, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    for _ in range(len(START) + 2):
        QTest.keyClick(hand.program.editor, Qt.Key.Key_Right)
    hand.until(lambda: state(hand) == "at the cursor")


def test_by_key_and_back_to_the_end(writing: Any) -> None:
    editor = writing.program.editor
    grows(writing)
    assert state(writing) == "just written"
    goes_to_the_first_written_token(writing)
    token = writing.program.odds.view.token
    grows(writing)
    assert state(writing) == "at the cursor" and writing.program.odds.view.token == token
    QTest.keyClick(editor, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    writing.until(lambda: state(writing) == "just written")
    writing.program.session.stop()


def test_by_a_click_until_other_writing_begins(writing: Any) -> None:
    editor = writing.program.editor
    word = QTextCursor(editor.document())
    word.setPosition(len(START) + 2)
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=editor.cursorRect(word).center())
    writing.program.focus.hover(None)  # the mouse has gone
    writing.until(lambda: state(writing) == "at the cursor")
    grows(writing)
    assert state(writing) == "at the cursor"
    writing.ctrl(Qt.Key.Key_R)
    writing.until(lambda: state(writing) == "just written")
    writing.program.session.stop()


def test_typing_there_follows_the_model_again(writing: Any) -> None:
    editor = writing.program.editor
    goes_to_the_first_written_token(writing)
    QTest.keyClicks(editor, "x")
    writing.until(lambda: state(writing) == "just written")
    grows(writing)
    assert state(writing) == "just written"
    writing.program.session.stop()


def test_while_step_mode_waits(hand: Any) -> None:
    hand.types(START)
    hand.sets(length=None)
    hand.program.session.steps.needle = 60_000
    hand.program.steps.slider.setValue(0)
    QTest.mouseClick(hand.program.steps.switch, Qt.MouseButton.LeftButton)
    hand.ctrl(Qt.Key.Key_Return)
    for _ in range(8):
        hand.until(lambda: hand.program.session.state.paused and state(hand).startswith("next token"))
        hand.ctrl(Qt.Key.Key_Return)  # the draw, and its text
        hand.ctrl(Qt.Key.Key_Return)
    hand.until(lambda: hand.program.session.state.paused and state(hand).startswith("next token"))
    hand.program.editor.setFocus()
    for _ in range(6):
        QTest.keyClick(hand.program.editor, Qt.Key.Key_Left)
    hand.until(lambda: state(hand) == "at the cursor")
    hand.ctrl(Qt.Key.Key_Return)
    hand.until(lambda: state(hand).startswith(("next token", "drawn")))
    hand.program.session.stop()
