"""The mark of a text that the model ended by itself: it is there whenever such an end is."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt

Key = Qt.Key


def marked(hand: Any) -> int | None:
    return hand.program.editor.marks.current.ended


def ended(hand: Any) -> None:
    """Let the model write until it ends the text by itself."""
    hand.sets(length=None, seed=7)
    hand.types("Once")
    hand.writes()
    assert hand.program.session.state.words == "The model ended the text here"
    assert marked(hand) == hand.program.page.length


def test_it_comes_back_with_the_text(hand: Any) -> None:
    ended(hand)
    text = hand.text
    hand.ctrl(Key.Key_Z)
    assert hand.text == "Once" and marked(hand) is None
    hand.ctrl(Key.Key_Y)
    assert hand.text == text and marked(hand) == hand.program.page.length
    hand.types("!")
    assert marked(hand) is None
    hand.press(Key.Key_Backspace)
    assert hand.text == text and marked(hand) == hand.program.page.length


def test_it_comes_back_with_the_branch(hand: Any) -> None:
    ended(hand)
    text = hand.text
    hand.sets(length=3)
    hand.writes(Key.Key_R)
    assert hand.text != text and marked(hand) is None
    hand.alt(Key.Key_Left)
    assert hand.text == text and marked(hand) == hand.program.page.length
    hand.alt(Key.Key_Right)
    assert marked(hand) is None


def test_each_of_several_continuations_that_ended_has_it(hand: Any) -> None:
    hand.sets(length=None, seed=7)
    hand.types("Once")
    with hand.work():
        hand.program.session.write(hand.program.recipe, streams=3)
    for _ in range(3):
        assert marked(hand) == hand.program.page.length
        hand.alt(Key.Key_Left)
        hand.alt(Key.Key_Left)
    hand.types("!")
    assert marked(hand) is None


def test_it_comes_back_with_the_page(start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=2000")
    ended(hand)
    text = hand.text
    hand.ctrl(Key.Key_N)
    assert hand.text == "" and marked(hand) is None
    again = start()
    again.ctrl(Key.Key_N)
    again.program.open_page.open(next(again.program.home.pages.glob("*.inkfall")))
    again.until(lambda: again.text == text)
    assert marked(again) == again.program.page.length
