"""Colours in the text: Ctrl+H, the menu by keys, the legend, and what the next start remembers."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from desktop.generation.state import Phase
from desktop.page.bands import bands
from desktop.page.measures import MEASURES
from desktop.presenters.from_settings import load_options
from desktop.settings.fields import Settings

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of an open menu

KEYS = {"": Qt.Key.Key_O, "probability": Qt.Key.Key_P, "surprisal": Qt.Key.Key_S, "rank": Qt.Key.Key_R}
KEYS |= {"entropy": Qt.Key.Key_E, "author": Qt.Key.Key_A, "difference": Qt.Key.Key_D}
ALWAYS = [name for name in MEASURES if name != "difference"]  # which every page has


def shown(hand: Any) -> str:
    """The measure that the page shows; the legend, the button and the menu agree."""
    program = hand.program
    tinting = program.editor.marks.current.tinting
    measure = tinting.measure.name if tinting.measure else ""
    assert program.colouring.legend.isVisible() == bool(measure) == program.window.actions_["heat"].isChecked()
    checked = [action.text().replace("&", "") for action in program.colouring.menu.menu.actions() if action.isChecked()]
    checked = [words for words in checked if "Underline" not in words]
    assert checked == [MEASURES[measure].title.replace("&", "") if measure else "Off"]
    return measure


def choose(hand: Any, measure: str) -> None:
    """Open the menu and press the choice's letter."""
    menu: QMenu = hand.program.colouring.menu.menu
    menu.popup(hand.program.window.mapToGlobal(hand.program.window.rect().center()))
    hand.until(menu.isVisible)
    hand.qtbot.keyClick(menu, KEYS[measure])
    hand.until(lambda: not menu.isVisible())
    hand.program.window.activateWindow()  # offscreen, a menu that closes may leave no active window


def test_ctrl_h_turns_the_last_measure_on_and_off(hand: Any) -> None:
    assert shown(hand) == ""
    hand.ctrl(Qt.Key.Key_H)
    assert shown(hand) == Settings().measure == "surprisal"
    hand.ctrl(Qt.Key.Key_H)
    assert shown(hand) == ""
    choose(hand, "rank")
    assert shown(hand) == "rank"
    hand.ctrl(Qt.Key.Key_H)
    assert shown(hand) == ""
    hand.ctrl(Qt.Key.Key_H)
    assert shown(hand) == "rank"


@pytest.mark.parametrize("measure", ALWAYS)
def test_every_measure_can_be_chosen_and_taken_off(hand: Any, measure: str) -> None:
    choose(hand, measure)
    assert shown(hand) == measure
    choose(hand, "")
    assert shown(hand) == "" and hand.program.preferences.value.measure == measure


def test_the_next_start_has_the_measure(start: Callable[[], Any]) -> None:
    first = start()
    choose(first, "entropy")
    first.ctrl(Qt.Key.Key_H)
    second = start()
    assert shown(second) == ""
    second.ctrl(Qt.Key.Key_H)
    assert shown(second) == "entropy"
    third = start()
    assert shown(third) == "entropy"


def test_bars_take_the_place_of_fills(hand: Any) -> None:
    choose(hand, "rank")
    menu: QMenu = hand.program.colouring.menu.menu
    menu.popup(hand.program.window.mapToGlobal(hand.program.window.rect().center()))
    hand.until(menu.isVisible)
    hand.qtbot.keyClick(menu, Qt.Key.Key_U)
    hand.until(lambda: not menu.isVisible())
    hand.program.window.activateWindow()
    assert hand.program.editor.marks.current.tinting.underlined and hand.program.preferences.value.underline
    hand.program.preferences.change(underline=False)
    assert not hand.program.editor.marks.current.tinting.underlined and shown(hand) == "rank"


def test_the_classes_of_ranks_are_a_setting(hand: Any) -> None:
    choose(hand, "rank")
    hand.program.preferences.change(rank_classes=(50, 5, 500))
    assert hand.program.editor.marks.current.tinting.measure.bounds == (1, 5, 50, 500)
    assert "up to 5, 50, 500, beyond" in hand.program.colouring.legend.accessible_name()


def test_the_mouse_on_a_swatch_lights_its_tokens(hand: Any) -> None:
    hand.sets(length=20)
    hand.types("Once upon a time")
    hand.writes()
    choose(hand, "surprisal")
    legend = hand.program.colouring.legend
    legend.band_hovered.emit(2)
    assert hand.program.editor.marks.current.tinting.band == 2
    choose(hand, "rank")
    assert hand.program.editor.marks.current.tinting.band is None


def test_the_button_in_the_toolbar_has_the_menu(hand: Any) -> None:
    button = hand.program.window.bar.findChild(QToolButton, "heat_button")
    assert button.menu() is hand.program.colouring.menu.menu
    hand.qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center() / 2)
    assert shown(hand) == "surprisal"


def test_writing_and_typing_go_on_under_each_measure(hand: Any) -> None:
    hand.opens("scripted:?rate=100")
    hand.sets(length=20)
    hand.types("Once upon a time")
    for measure in ALWAYS:
        choose(hand, measure)
        hand.program.editor.setFocus()
        assert hand.writes()
        hand.types(" and")
        QApplication.processEvents()
    assert hand.text.endswith(" and")


def test_the_difference_of_two_models_is_offered_where_a_second_one_has_read_the_page(hand: Any) -> None:
    program = hand.program
    offered = next(action for action in program.colouring.menu.menu.actions() if "Difference" in action.text())
    assert not offered.isVisible()
    program.preferences.change(heat=True, measure="difference")
    assert shown(hand) == "surprisal"  # as long as there is nothing to compare with
    hand.sets(length=12)
    hand.types("Once upon a time")
    hand.writes()
    program.second_model.open_model("scripted:?rate=2000", load_options(program.preferences.value))
    hand.until(lambda: program.second_model.state.phase is Phase.READY)
    program.second_model.score(program.recipe)
    hand.until(lambda: offered.isVisible())
    assert shown(hand) == "difference" and program.editor.marks.current.tinting.measure.layer
    found = bands(program.page, program.colouring.measure, 0, program.page.length)
    assert len(found.starts) and set(found.steps.tolist()) == {2}  # the same model thinks alike
    choose(hand, "rank")
    choose(hand, "difference")
    assert shown(hand) == "difference"
    hand.ctrl(Qt.Key.Key_N)
    hand.until(lambda: not offered.isVisible())
    assert shown(hand) == "surprisal"
