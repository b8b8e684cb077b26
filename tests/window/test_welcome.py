"""The welcome: shown on the first start, never in the way, and one click from a text."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from desktop.shell.examples import EXAMPLES

Key = Qt.Key


def begins(hand: Any) -> Any:
    """Begin as run() does, without joining the starter."""
    hand.program.models.open_usual = lambda: None
    hand.program.begin([])
    hand.qtbot.wait(20)
    return hand.program.welcome_presenter


@pytest.fixture
def welcomed(hand: Any) -> Any:
    hand.program.window.actions_["welcome"].trigger()
    assert hand.program.welcome_presenter.shown
    return hand


def test_it_is_there_on_the_first_start_only(start: Callable[[], Any]) -> None:
    first = start()
    assert first.program.welcome_presenter.view is None  # nothing of it is made before it is wanted
    assert begins(first).shown
    assert not begins(start()).shown


def test_a_page_of_an_older_version_is_shown_instead(start: Callable[[], Any]) -> None:
    hand = start()
    hand.types("mine")
    again = start()
    assert again.text == "mine"
    assert not begins(again).shown


def test_the_keys_stay_with_the_page(welcomed: Any) -> None:
    assert QApplication.focusWidget() is welcomed.program.editor
    assert welcomed.program.editor.height() >= 100
    welcomed.types("O")
    assert welcomed.text == "O"
    assert not welcomed.program.welcome_presenter.shown


def test_escape_puts_it_away_from_the_page_and_from_its_buttons(welcomed: Any) -> None:
    welcomed.press(Key.Key_Escape)
    assert not welcomed.program.welcome_presenter.shown
    assert welcomed.text == ""
    welcomed.program.welcome_presenter.open()
    view = welcomed.program.welcome_presenter.view
    view.button.setFocus()
    welcomed.qtbot.keyClick(view.button, Key.Key_Escape)
    assert not welcomed.program.welcome_presenter.shown
    assert QApplication.focusWidget() is welcomed.program.editor


def test_escape_stops_the_model_first(welcomed: Any) -> None:
    welcomed.opens("scripted:?rate=100")
    welcomed.sets(length=None)
    welcomed.program.session.write(welcomed.program.recipe)
    welcomed.until(lambda: len(welcomed.text) > 10)
    welcomed.press(Key.Key_Escape)
    welcomed.until_ready()
    assert welcomed.program.welcome_presenter.shown
    welcomed.press(Key.Key_Escape)
    assert not welcomed.program.welcome_presenter.shown


def test_an_input_method_puts_it_away_and_keys_that_do_not_type_leave_it(welcomed: Any) -> None:
    for key in (Key.Key_Left, Key.Key_Shift, Key.Key_F5):
        welcomed.press(key)
        assert welcomed.program.welcome_presenter.shown
    QApplication.sendEvent(welcomed.program.editor, QInputMethodEvent("등", []))
    assert not welcomed.program.welcome_presenter.shown


def test_writing_puts_it_away(welcomed: Any) -> None:
    welcomed.sets(length=5)
    assert welcomed.writes()
    assert not welcomed.program.welcome_presenter.shown


def test_one_click_and_the_model_writes(welcomed: Any) -> None:
    welcomed.sets(length=10)
    for number, opening in enumerate(EXAMPLES):
        welcomed.program.open_page.new()
        welcomed.program.welcome_presenter.open()
        button = welcomed.program.welcome_presenter.view.examples[number]
        welcomed.program.welcome_presenter.view._scroll.ensureWidgetVisible(button)
        welcomed.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        welcomed.until(lambda text=opening.text: len(welcomed.text) > len(text))
        welcomed.until_ready()
        assert welcomed.text.startswith(opening.text)
        assert not welcomed.program.welcome_presenter.shown


def test_a_famous_text_has_its_temperature_and_no_other_page(welcomed: Any) -> None:
    program = welcomed.program
    opening = next(one for one in EXAMPLES if one.temperature is not None)
    before = program.recipe.sampling.temperature
    program.welcome_presenter._try(opening)
    welcomed.until_ready()
    assert program.recipe.sampling.temperature == opening.temperature == 0.0
    assert "temperature 0" in program.window.notice.sentence
    assert program.preferences.value.sampling.temperature == before
    welcomed.ctrl(Key.Key_N)
    assert program.recipe.sampling.temperature == before


def test_an_empty_page_is_started_beside_one_with_text(hand: Any) -> None:
    hand.types("mine")
    hand.program.welcome_presenter.open()
    hand.program.welcome_presenter.view.close_button.click()
    assert hand.text == "" and not hand.program.welcome_presenter.shown
    hand.types("new")
    hand.until(lambda: hand.program.open_page.at_rest)
    assert hand.text == "new"


def test_a_page_with_text_is_kept(hand: Any) -> None:
    hand.types("mine")
    first = hand.program.open_page.path
    hand.program.window.actions_["welcome"].trigger()
    hand.sets(length=5)
    hand.program.welcome_presenter.view.example_requested.emit(EXAMPLES[0])
    hand.until(lambda: hand.text.startswith(EXAMPLES[0].text))
    hand.until_ready()
    hand.until(lambda: hand.program.open_page.at_rest)
    hand.program.open_page.open(first)
    hand.until(lambda: hand.text == "mine")


def test_a_beginning_waits_for_the_model(start: Callable[[], Any]) -> None:
    hand = start()
    hand.program.welcome_presenter.open()
    hand.sets(length=5)
    hand.program.welcome_presenter.view.example_requested.emit(EXAMPLES[1])
    assert hand.text == EXAMPLES[1].text
    hand.opens("scripted:?rate=2000")
    hand.qtbot.wait(50)
    assert hand.text == EXAMPLES[1].text  # no model was being opened when it was chosen
    hand.program.open_page.new()
    hand.program.models.open("scripted:?rate=2000&load_seconds=0.3")
    hand.program.welcome_presenter.open()
    assert "is loading" in hand.program.welcome_presenter.view.model.text()
    hand.program.welcome_presenter.view.example_requested.emit(EXAMPLES[1])
    hand.until(lambda: len(hand.text) > len(EXAMPLES[1].text))
    hand.until_ready()


def test_without_a_model_there_is_the_library(start: Callable[[], Any]) -> None:
    hand = start()
    asked: list[bool] = []
    hand.program.welcome_presenter.library_requested.disconnect()
    hand.program.welcome_presenter.library_requested.connect(lambda: asked.append(True))
    hand.program.welcome_presenter.open()
    view = hand.program.welcome_presenter.view
    assert "no model yet" in view.model.text()
    view.button.click()
    assert asked == [True]
    view.dismiss()
    hand.program.welcome_presenter.open_soon()
    hand.program.models.starter_failed("The starter model is not installed.")
    hand.until(lambda: hand.program.welcome_presenter.shown)
    assert not hand.program.library._instance  # it does not open over the welcome by itself
    hand.opens("scripted:")
    assert "ready to write" in view.model.text()


def test_all_of_it_can_be_seen_at_any_width(welcomed: Any) -> None:
    view = welcomed.program.welcome_presenter.view
    view.setParent(None)
    welcomed.qtbot.addWidget(view)
    for width in (300, 400, 700, 1600):
        view.resize(width, 300)
        view.show()
        welcomed.qtbot.wait(10)
        assert view._contents.height() >= view._contents.layout().totalHeightForWidth(view._contents.width()) - 1
        assert view._scroll.widget().width() <= view._scroll.viewport().width()
        for button in view.examples:
            assert button.height() >= button.heightForWidth(button.width())


def test_dark_and_light(welcomed: Any) -> None:
    view = welcomed.program.welcome_presenter.view
    for theme in ("dark", "light"):
        welcomed.program.preferences.change(theme=theme)
        paper = welcomed.program.editor.palette().base().color()
        assert view.palette().window().color() == paper
        assert (paper.lightness() < 100) == (theme == "dark")


def test_it_says_where_the_odds_are(welcomed: Any) -> None:
    window, steps = welcomed.program.window, welcomed.program.welcome_presenter.view._steps
    assert "the panel beside the page" in steps.point.text()
    welcomed.ctrl(Key.Key_1)
    assert "(Ctrl+1 opens it)" in steps.point.text()
    welcomed.ctrl(Key.Key_1)
    assert "the panel beside the page" in steps.point.text()
    welcomed.ctrl(Key.Key_2)  # another tab
    assert "(Ctrl+1 opens it)" in steps.point.text()
    welcomed.ctrl(Key.Key_1)
    window.resize(700, 480)
    welcomed.qtbot.wait(20)
    assert "(Ctrl+1 opens it)" in steps.point.text()


ON_TEXT = ("again", "score", "cut", "copy", "select_all", "export", "print", "pin")  # commands


def test_an_empty_page_has_nothing_to_try_again_or_to_read(hand: Any) -> None:
    program = hand.program
    commands = program.window.actions_
    assert not [name for name in ON_TEXT if commands[name].isEnabled()]
    assert commands["write"].isEnabled() and commands["step"].isEnabled() and commands["look"].isEnabled()
    hand.types("Once")
    assert all(commands[name].isEnabled() for name in ON_TEXT)
    hand.sets(length=5)
    hand.writes()
    commands["new_page"].trigger()
    hand.until(lambda: hand.text == "")
    assert not [name for name in ON_TEXT if commands[name].isEnabled()]
    hand.until(lambda: program.odds._empty.isVisible())
    assert program.odds._empty._title.text() == "No odds yet."
    assert "The odds of each token appear here" in program.odds._empty._advice.text()
    hand.writes(Key.Key_Return)  # also on an empty page
    hand.ctrl(Key.Key_A)
    hand.press(Key.Key_Delete)
    hand.until(lambda: program.odds._empty.isVisible())
    assert program.odds._empty._title.text() == "No odds yet."
    assert not [name for name in ON_TEXT if commands[name].isEnabled()]
