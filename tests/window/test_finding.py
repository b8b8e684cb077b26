"""Find and replace with real keys on the real page."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

Key = Qt.Key


@pytest.fixture
def page(hand: Any) -> Any:
    hand.program.page.write(0, 0, "one boat, two boats, Boat 🌊 boat")
    return hand


def looks_for(hand: Any, words: str) -> None:
    hand.ctrl(Key.Key_F)
    hand.qtbot.keyClicks(hand.program.find_bar.words, words)


def press(hand: Any, widget: QWidget, key: Key, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    hand.qtbot.keyClick(widget, key, modifier)


def said(hand: Any) -> str:
    return hand.program.find_bar.said.text()


def test_return_goes_from_one_to_the_next_and_around(page: Any) -> None:
    looks_for(page, "boat")
    bar = page.program.find_bar
    page.until(lambda: said(page) == "1 of 4")
    for number in (2, 3, 4, 1):
        press(page, bar.words, Key.Key_Return)
        assert said(page) == f"{number} of 4"
    press(page, bar.words, Key.Key_Return, shift=True)
    assert said(page) == "4 of 4"
    assert page.program.editor.page_selection() == (29, 33)
    press(page, bar, Key.Key_Escape)
    assert not bar.isVisible()


def test_replacing_all_is_one_step_and_keeps_what_the_model_wrote_between(hand: Any) -> None:
    hand.opens("scripted:")
    hand.sets(length=20, seed=3)
    hand.types("boat boat")
    hand.writes()
    before, tokens = hand.text, len(hand.program.page.tokens(0, hand.program.page.length))
    looks_for(hand, "boat boat")
    hand.program.find_bar.instead.setText("ship")
    hand.until(lambda: said(hand).startswith("1 of"))
    hand.program.find_bar.words.setText("boat")
    hand.until(lambda: " of " in said(hand) and said(hand) != "1 of 1")
    hand.program.find_bar.replace_all_requested.emit()
    hand.until(lambda: said(hand).endswith("replaced"))
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
    bar.instead.setText(r"\2\1")
    page.until(lambda: said(page) == "1 of 3")
    bar.replace_requested.emit()
    page.until(lambda: said(page) == "1 of 2")
    assert page.text == "one oatb, two boats, Boat 🌊 boat"
    bar.replace_requested.emit()
    page.until(lambda: said(page) == "1 of 1")
    assert page.text == "one oatb, two boats, oatB 🌊 boat"


def test_typing_on_counts_anew_and_leaves_the_caret(page: Any) -> None:
    looks_for(page, "boat")
    page.until(lambda: said(page) == "1 of 4")
    page.program.editor.set_caret(0)
    page.types("boat ")
    page.until(lambda: said(page) == "5 found")
    assert page.program.editor.page_position() == 5


def test_a_bad_expression_is_a_sentence(page: Any) -> None:
    page.ctrl(Key.Key_F)
    page.program.find_bar.expression.setChecked(True)
    page.program.find_bar.words.setText("(")
    page.until(lambda: "cannot be read" in said(page))
