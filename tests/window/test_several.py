"""Several continuations at once, from the menu beside Try again: one is shown, and the reader walks among them."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from models.sampling.knobs import Sampling

Key = Qt.Key


def choose(hand: Any, count: int) -> None:
    """Choose in the menu of the button."""
    again = hand.program.window.actions_["again"]
    button = hand.program.window.bar.findChild(QToolButton, "again_button")
    assert button.isVisible() and button.defaultAction() is again and again.isEnabled()
    (chosen,) = [action for action in button.menu().actions() if action.text() == f"×{count}"]
    chosen.trigger()


def status(hand: Any) -> str:
    return hand.program.window.status.words()["State"]


def grows(hand: Any) -> None:
    """Wait for more text."""
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length)


def previews(hand: Any) -> list[str]:
    return [branch.preview for fork in hand.program.page.forks() for branch in fork.branches if branch.preview]


def test_eight_at_once(hand: Any) -> None:
    hand.sets(length=24, seed=7, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    written = hand.writes()
    choose(hand, 8)
    hand.until(lambda: hand.program.page.branch_position().highest == 9)
    hand.until_ready()
    assert status(hand) == "8 continuations ended after 192 tokens"
    assert len(set(previews(hand))) > 4 and any(written.startswith(text[:10]) for text in previews(hand))
    assert hand.program.window.continuation.text() == "2 of 9"
    assert hand.program.editor.toPlainText() == hand.text
    hand.ctrl(Key.Key_Z)
    assert hand.text == f"Once{written}"
    hand.ctrl(Key.Key_Y)
    assert hand.program.page.branch_position().highest == 9


def test_walking_among_them_while_they_write(start: Any) -> None:
    hand = start()
    hand.opens("scripted:?rate=30")
    hand.sets(length=None, seed=7, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    choose(hand, 4)
    hand.until(lambda: len(previews(hand)) == 4)
    seen = [hand.text]
    for _ in range(3):
        hand.alt(Key.Key_Right)
        grows(hand)
        seen.append(hand.text)
        assert "4 continuations" in status(hand) and hand.program.editor.toPlainText() == hand.text
    assert len(set(seen)) == 4
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert status(hand).startswith("You stopped the writing of 4 continuations after")
    assert not hand.program.page.generating


def test_typing_in_the_shown_one_stops_it_and_the_others_go_on(start: Any) -> None:
    hand = start()
    hand.opens("scripted:?rate=30")
    hand.sets(length=40, seed=7, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    choose(hand, 2)
    hand.until(lambda: len(previews(hand)) == 2)
    hand.types("XYZ")
    shown = hand.text
    assert "XYZ" in shown
    hand.until_ready()
    assert hand.text == shown
    hand.alt(Key.Key_Right)
    assert hand.program.page.tally()[0] >= 40
    hand.alt(Key.Key_Left)
    assert hand.text == shown


def test_undoing_a_choice_in_one_of_them_shows_the_walk_again(hand: Any) -> None:
    hand.sets(length=24, seed=7, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    hand.writes()
    choose(hand, 4)
    hand.until(lambda: hand.program.page.branch_position().highest == 5)
    hand.until_ready()
    before = hand.text
    hand.program.editor.set_caret(len("Once") + 12)
    hand.until(lambda: hand.program.odds.view is not None)
    hand.alt(Key.Key_Period)
    hand.press(Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert hand.program.window.continuation.text() == "2 of 2"
    hand.ctrl(Key.Key_Z)
    assert hand.text == before and hand.program.window.continuation.text() == "2 of 5"
    hand.alt(Key.Key_Right)
    assert hand.text != before and hand.program.window.continuation.text() == "3 of 5"
