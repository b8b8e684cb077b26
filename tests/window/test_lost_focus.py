"""A control that is disabled or hidden by its own use hands the focus to a neighbour where a key does no harm."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from desktop.generation.state import Phase
from desktop.odds.alternative_list import AlternativeList
from models.sampling.knobs import Sampling
from tests.window.test_stepping import begins, new_page, paused, steps

Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def test_the_next_word_after_ban_or_favour_is_the_next_token(hand: Any) -> None:
    panel = hand.program.sampling
    hand.program.side_dock.show("sampling")
    hand.sets(sampling=Sampling(banned=("London",)))
    bias, banned = panel.bias, panel.controls["banned"]
    for button in (bias.ban, bias.favour):
        bias.field.setFocus()
        QTest.keyClicks(focus(), " the")
        QTest.mouseClick(button, LEFT)
        assert focus() is bias.field
        QTest.keyClicks(focus(), "x")
        assert bias.field.text() == "x" and banned.box.toPlainText() == "London"
        bias.field.clear()
    assert len(panel.recipe.sampling.bias) == 2
    bias.rows[1].remove.setFocus()
    QTest.keyClick(focus(), Key.Key_Space)
    assert focus() is bias.field


def test_a_reset_control_has_the_focus_itself(hand: Any) -> None:
    panel = hand.program.sampling
    hand.program.side_dock.show("sampling")
    hand.sets(sampling=Sampling(temperature=0.5, ignore_eos=True))
    for name in ("temperature", "ignore_eos"):
        control = panel.controls[name]
        control.reset_button.setFocus()
        QTest.keyClick(focus(), Key.Key_Space)
        assert not control.changed and focus() is control.box
    hand.sets(sampling=Sampling(temperature=0.5))
    panel.neutral_button.setFocus()
    QTest.keyClick(focus(), Key.Key_Space)
    assert focus() is hand.program.editor


def test_step_mode_that_ends_leaves_the_focus_at_the_rows(hand: Any) -> None:
    new_page(hand)
    begins(hand)
    hand.until(lambda: paused(hand))
    bar = steps(hand)
    hand.until(lambda: bar.isVisible())
    QTest.mouseClick(bar.forks, LEFT)
    bar.box.setFocus()
    QTest.mouseClick(bar.switch, LEFT)
    assert not bar.isVisible() and isinstance(focus(), AlternativeList)
    QTest.keyClick(focus(), Key.Key_X)
    assert focus() is hand.program.editor


def test_the_button_for_the_next_token_is_pressed_again_and_again(hand: Any) -> None:
    new_page(hand)
    begins(hand)
    hand.until(lambda: paused(hand) and steps(hand).isVisible())
    steps(hand).next.setFocus()
    for _ in range(6):
        hand.until(lambda: paused(hand))
        QTest.keyClick(focus(), Key.Key_Space)
        assert focus() is steps(hand).next
    assert not steps(hand).forks.isChecked() and "Once" in hand.text
    hand.program.session.stop()
    hand.until(lambda: hand.phase is Phase.READY)
    before = hand.text
    QTest.keyClick(focus(), Key.Key_Space)
    assert hand.text == before and hand.phase is Phase.READY


def test_the_reset_of_the_chain_line_leaves_the_focus_at_the_rows(hand: Any) -> None:
    hand.sets(length=4, sampling=Sampling(temperature=0.5))
    hand.types("Once")
    hand.writes()
    hand.until(lambda: hand.program.odds.view is not None)
    hand.program.chain.reset.setFocus()
    QTest.keyClick(focus(), Key.Key_Space)
    assert hand.program.sampling.recipe.sampling == Sampling() and isinstance(focus(), AlternativeList)


def test_a_button_of_the_toolbar_leaves_the_focus_on_the_page(hand: Any) -> None:
    hand.types("Once")
    hand.writes()
    buttons = hand.program.window.bar.findChildren(QToolButton)
    next(button for button in buttons if button.text() == "Try again").setFocus()
    hand.program.open_page.new()  # which has nothing to try again
    hand.until(lambda: not hand.program.window.actions_["again"].isEnabled())
    assert focus() is hand.program.editor
