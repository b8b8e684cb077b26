"""Step mode by real keys and clicks, with a model in a child process: the same text as at full speed, one by one."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from desktop.generation.state import Phase
from desktop.generation.step_bar import SPEEDS, StepBar
from desktop.odds.rows import OddsView
from desktop.page.token_table import GENERATED
from models.sampling.knobs import Sampling
from tests.window.test_choosing import click
from tests.window.test_flipping import bar, flips
from tests.window.test_stream_faults import tokens_of_branches

Key, LEFT, Shift = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
Ctrl = Qt.KeyboardModifier.ControlModifier


def steps(hand: Any) -> StepBar:
    return hand.program.steps


def paused(hand: Any) -> bool:
    return hand.program.session.state.paused


def shown(hand: Any) -> tuple[str, str]:
    """The state of what the panel shows, and the name of its first fact."""
    view: OddsView | None = hand.program.odds.view
    return (view.state, view.facts[0].label) if view else ("", "")


def new_page(hand: Any, **recipe: object) -> None:
    hand.program.open_page.new()
    hand.until(lambda: not hand.program.open_page.busy)
    hand.sets(seed=11, length=10, sampling=Sampling(ignore_eos=True), **recipe)
    hand.types("Once")


def begins(hand: Any, speed: int = 0) -> None:
    """Turn step mode on at that speed, and press Ctrl+Enter. A draw is shown until it is written by another press."""
    hand.program.session.steps.needle = 60_000
    steps(hand).slider.setValue(speed)
    if not steps(hand).switch.isChecked():
        QTest.mouseClick(steps(hand).switch, LEFT)
    hand.ctrl(Key.Key_Return)


def one_token(hand: Any) -> None:
    """Press Ctrl+Shift+Enter twice: for the draw, and for its text."""
    before = hand.text
    hand.until(lambda: paused(hand))
    for _ in range(2):
        hand.press(Key.Key_Return, Ctrl, Shift)
    assert hand.text != before


def at_full_speed(hand: Any) -> str:
    new_page(hand)
    hand.writes()
    return hand.text


def test_one_click_after_the_other_it_writes_what_it_writes_at_full_speed(hand: Any) -> None:
    wanted = at_full_speed(hand)
    new_page(hand)
    begins(hand)
    for number in range(10):
        hand.until(lambda: paused(hand))
        hand.until(lambda: shown(hand)[0] == "next token (not chosen yet)")
        before = hand.text
        hand.press(Key.Key_Return, *((Ctrl, Shift) if number % 2 else (Ctrl,)))
        hand.until(lambda: shown(hand)[0] == "drawn, about to be written")
        view = hand.program.odds.view
        assert 0 <= view.draw < 1 and view.token and not view.on_page and hand.text == before
        hand.ctrl(Key.Key_Return)
        assert wanted.startswith(hand.text) and hand.text != before
    hand.until_ready()
    assert hand.text == wanted
    assert hand.program.session.state.words == "Stopped after 10 tokens"


def test_at_a_speed_it_writes_the_same(hand: Any) -> None:
    wanted = at_full_speed(hand)
    new_page(hand)
    begins(hand, SPEEDS.index(16.0))
    hand.until(lambda: hand.phase is Phase.WRITING)
    hand.until(lambda: len(hand.text) > len("Once"))
    assert hand.text != wanted and not paused(hand)
    hand.until_ready()
    assert hand.text == wanted


def test_another_speed_goes_on_from_where_it_waits(hand: Any) -> None:
    wanted = at_full_speed(hand)
    new_page(hand)
    begins(hand)
    one_token(hand)
    hand.until(lambda: paused(hand))
    steps(hand).slider.setValue(SPEEDS.index(16.0))
    hand.until_ready()
    assert hand.text == wanted


def test_it_hesitates_at_forks_and_the_button_goes_on(hand: Any) -> None:
    wanted = at_full_speed(hand)
    new_page(hand)
    steps(hand).forks.setChecked(True)
    steps(hand).box.setValue(1.0)
    begins(hand, len(SPEEDS) - 1)
    waits = 0
    while hand.text != wanted:
        hand.until(lambda: paused(hand) or hand.phase is Phase.READY)
        if paused(hand):
            waits += 1
            hand.until(lambda: shown(hand)[1] == "Entropy")
            entropy = float(hand.program.odds.view.facts[0].value.split()[0])
            assert entropy >= 1.0 and steps(hand).next.isEnabled()
            for _ in range(2):
                QTest.mouseClick(steps(hand).next, LEFT)
    hand.until_ready()
    assert waits and hand.text == wanted


def test_with_a_grammar_it_shows_what_that_cut_and_writes_the_same(hand: Any) -> None:
    """An edit while it waits is fed to the grammar, too."""
    grammar = Sampling(ignore_eos=True, grammar='root ::= (" " [a-z]+)+')

    def begun() -> None:
        new_page(hand)
        hand.sets(sampling=grammar)

    begun()
    hand.writes()
    wanted = hand.text
    assert wanted[len("Once") :].replace(" ", "").isalpha()
    begun()
    begins(hand)
    cut = set[str]()
    while hand.text != wanted:
        hand.until(lambda: paused(hand) and shown(hand)[0].startswith("next token"))
        cut |= {row.cut for row in hand.program.odds.view.rows if row.cut}
        one_token(hand)
        assert wanted.startswith(hand.text)
    hand.until_ready()
    assert "grammar" in cut
    begun()
    begins(hand)
    one_token(hand)
    hand.until(lambda: paused(hand))
    hand.program.editor.set_caret(len(hand.text))
    hand.types(" .")
    hand.until_ready()
    assert "grammar" in hand.messages[-1] and hand.text.endswith(" .")


def test_an_edit_and_a_choice_while_it_waits(hand: Any) -> None:
    new_page(hand)
    begins(hand)
    for _ in range(3):
        one_token(hand)
    hand.until(lambda: paused(hand))
    before = hand.text
    hand.types("!")
    hand.until(lambda: paused(hand))  # it goes on behind the edit
    assert hand.text.replace("!", "") == before
    one_token(hand)
    hand.until(lambda: paused(hand))
    before = hand.text
    flips(hand)
    _, _, text = hand.program.editor.marks.current.ghost
    hand.press(Key.Key_Return)
    hand.until(lambda: paused(hand))
    assert hand.text == before + text and not bar(hand).take.isVisible()


@pytest.mark.parametrize("how", ["at the end", "before", "here"])
def test_undo_takes_back_what_came_behind_typed_words_before_them(hand: Any, start: Any, how: str) -> None:
    """Typed at the end, or before it, or while the model writes in mid-page; the page's file keeps it."""
    new_page(hand)
    if how == "here":
        hand.types(" behind")
        hand.program.editor.set_caret(4)
        hand.program.session.steps.needle = 60_000
        QTest.mouseClick(steps(hand).switch, LEFT)
        hand.press(Key.Key_Return, Ctrl, Qt.KeyboardModifier.AltModifier)
    else:
        begins(hand)
    first = hand.text
    for _ in range(2):
        one_token(hand)
    seen = [first, hand.text]
    hand.until(lambda: paused(hand))
    hand.program.editor.set_caret(2 if how == "before" else len(hand.text))
    hand.types(" words")
    seen.append(hand.text)
    for _ in range(2):
        one_token(hand)
    seen.append(hand.text)
    for text in seen[-2::-1]:
        hand.ctrl(Key.Key_Z)
        assert hand.text == text
    assert not paused(hand) and hand.phase is Phase.READY
    for text in seen[1:]:
        hand.ctrl(Key.Key_Y)
        assert hand.text == text
    hand.until(lambda: not hand.program.open_page.busy)
    again = start()
    assert again.text == seen[-1]
    for text in seen[-2::-1]:
        again.ctrl(Key.Key_Z)
        assert again.text == text


def test_words_typed_into_one_of_several_stop_it_and_are_taken_back_first(hand: Any) -> None:
    """The others go on. What they write stays with all they wrote, which is one step."""
    new_page(hand)
    hand.program.session.steps.needle = 60_000
    QTest.mouseClick(steps(hand).switch, LEFT)
    hand.program.window.several_requested.emit(4)
    one_token(hand)
    hand.until(lambda: paused(hand))
    before = hand.text
    hand.types(" words")
    hand.until(lambda: paused(hand))
    for _ in range(2):
        hand.press(Key.Key_Return, Ctrl, Shift)
    assert hand.program.session.tokens == 4 + 3 and hand.text == f"{before} words"
    hand.ctrl(Key.Key_Z)
    assert hand.text == before
    hand.ctrl(Key.Key_Z)
    assert hand.text == "Once"
    assert hand.program.session.state.words == "Stopped by undo"


def pins_second(hand: Any) -> int:
    """Pin the second token that the model wrote; returns where it begins."""
    rows = hand.program.page.tokens(0, hand.program.page.length)
    place = int(rows[rows["kind"] == GENERATED][1]["start"])
    hand.program.focus.pin(place)
    hand.until(lambda: shown(hand)[0].startswith("pinned"))
    return place


@pytest.mark.parametrize("how", ["row", "double click", "digit", "own text"])
@pytest.mark.parametrize("write_on", [True, False])
@pytest.mark.parametrize("earlier", [True, False])
def test_a_choice_goes_on_step_by_step_or_says_that_it_stopped_the_writing(
    hand: Any, how: str, write_on: bool, earlier: bool
) -> None:
    """In the place of an earlier token, or of the one that waits."""
    new_page(hand)
    begins(hand)
    for _ in range(3):
        one_token(hand)
    hand.until(lambda: paused(hand) and shown(hand)[0].startswith("next token"))
    place, modifier = len(hand.text), Qt.KeyboardModifier.NoModifier if write_on else Shift
    if earlier:
        place = pins_second(hand)
    former, field = hand.text, hand.program.odds._own_text.field
    match how:
        case "row":
            click(hand, 1)
            hand.press(Key.Key_Return, *(() if write_on else (Shift,)))
        case "double click":
            click(hand, 1, twice=True, modifier=modifier)
        case "digit":
            click(hand, 1)
            hand.press(Key.Key_3)
            hand.press(Key.Key_Return, *(() if write_on else (Shift,)))
        case _:
            QTest.keyClicks(field, " zebra")
            QTest.keyClick(field, Key.Key_Return, modifier)
    chosen = hand.text[place:]
    assert hand.text[:place] == former[:place] and chosen.strip()
    if write_on:
        hand.until(lambda: paused(hand) and shown(hand)[0].startswith("next token"))
        assert hand.text == former[:place] + chosen
        one_token(hand)
        assert hand.text.startswith(former[:place] + chosen)
        return
    branched = " · Branched. Alt+Left goes back" if earlier else ""
    assert hand.phase is Phase.READY and not paused(hand)
    words = hand.program.window.status.words()["State"]
    assert words == f"Your choice stopped the writing{branched}"


def test_another_branch_says_that_it_stopped_the_writing(hand: Any) -> None:
    new_page(hand)
    hand.writes()
    hand.program.session.steps.needle = 60_000
    QTest.mouseClick(steps(hand).switch, LEFT)
    hand.ctrl(Key.Key_R)
    one_token(hand)
    hand.until(lambda: paused(hand))
    hand.alt(Key.Key_Left)
    assert hand.phase is Phase.READY and not steps(hand).next.isEnabled()
    assert hand.program.window.status.words()["State"] == "You stopped the writing after 1 token"


def test_stop_keeps_what_is_written_and_the_draws_of_the_rest(hand: Any) -> None:
    wanted = at_full_speed(hand)
    new_page(hand)
    begins(hand)
    for _ in range(3):
        one_token(hand)
    hand.until(lambda: paused(hand))
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert wanted.startswith(hand.text) and hand.text != wanted
    assert hand.program.session.state.words == "You stopped the writing after 3 tokens"
    QTest.mouseClick(steps(hand).switch, LEFT)
    hand.sets(length=7)
    hand.writes()
    assert hand.text == wanted


def test_one_token_in_step_mode_is_shown_before_it_is_written(hand: Any) -> None:
    new_page(hand)
    QTest.mouseClick(steps(hand).switch, LEFT)
    hand.press(Key.Key_Return, Ctrl, Shift)
    hand.until(lambda: paused(hand))
    assert hand.text == "Once"
    one_token(hand)
    hand.until_ready()
    assert hand.program.page.tally()[0] == 1


def test_several_continuations_take_each_step_together(hand: Any) -> None:
    new_page(hand)
    hand.sets(length=3)
    hand.program.session.steps.needle = 60_000
    QTest.mouseClick(steps(hand).switch, LEFT)
    hand.program.window.several_requested.emit(3)
    for number in (1, 2):
        hand.until(lambda: paused(hand))
        one_token(hand)
        assert tokens_of_branches(hand, 3) == [number] * 3
    hand.until(lambda: paused(hand))
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert tokens_of_branches(hand, 3) == [2] * 3


def test_a_newcomer_sees_a_button_and_a_row_of_the_menu(hand: Any) -> None:
    new_page(hand)
    hand.writes()
    hand.until(lambda: steps(hand).switch.isVisible())
    assert steps(hand).isHidden()
    action = hand.program.window.actions_["step_mode"]
    action.trigger()
    assert steps(hand).isVisible() and steps(hand).switch.isChecked()
    QTest.mouseClick(steps(hand).switch, LEFT)
    assert not action.isChecked() and steps(hand).isHidden()
    hand.program.side_dock.toggle("sampling")
    action.trigger()
    assert hand.program.side_dock.tab == "odds"


def test_the_speed_and_the_forks_are_remembered_and_step_mode_is_not(hand: Any, start: Any) -> None:
    new_page(hand)
    steps(hand).forks.setChecked(True)
    steps(hand).box.setValue(3.5)
    begins(hand, 4)
    hand.until_ready()
    again = start()
    assert again.program.steps.values == (4, True, 3.5)
    assert not again.program.steps.switch.isChecked()


def test_the_button_is_disabled_when_the_focus_has_left_it_and_nothing_waits(hand: Any) -> None:
    new_page(hand)
    hand.sets(length=1)
    begins(hand)
    hand.until(lambda: paused(hand))
    hand.program.side_dock.show("odds")
    hand.until(lambda: steps(hand).next.isVisible())
    steps(hand).next.setFocus()
    for _ in range(2):
        QTest.keyClick(steps(hand).next, Key.Key_Space)
    hand.until_ready()
    assert steps(hand).next.isEnabled() and steps(hand).next.hasFocus()  # to be pressed for the next one that waits
    steps(hand).forks.setFocus()
    hand.until(lambda: not steps(hand).next.isEnabled())
    assert steps(hand).forks.hasFocus()


def test_its_controls_are_reached_by_keys_and_have_names_and_values(hand: Any) -> None:
    new_page(hand)
    QTest.mouseClick(steps(hand).switch, LEFT)
    slider = steps(hand).slider
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(slider, Key.Key_Right)
    assert steps(hand).pace.rate == SPEEDS[1]
    spoken = QAccessible.queryAccessibleInterface
    assert spoken(slider).text(QAccessible.Text.Name) == "Speed"
    assert spoken(slider).text(QAccessible.Text.Description) == "0.5 tokens a second"
    QTest.keyClick(slider, Key.Key_End)
    assert steps(hand).words.text() == "Full speed" == spoken(slider).text(QAccessible.Text.Description)
    QTest.keyClick(slider, Key.Key_Home)
    assert spoken(slider).text(QAccessible.Text.Description) == "One token a click"
    assert spoken(steps(hand).switch).text(QAccessible.Text.Name) == "Step mode"
    assert spoken(steps(hand).switch).state().checked
    assert spoken(steps(hand).box).text(QAccessible.Text.Name) == "Entropy of a fork, in bits"
    assert spoken(steps(hand).forks).text(QAccessible.Text.Name) == "Hesitate at forks"
    steps(hand).forks.setFocus()
    QTest.keyClick(steps(hand).forks, Key.Key_Space)
    assert steps(hand).pace.fork == 2.0
