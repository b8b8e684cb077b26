"""The toolbar in windows of every width: the important buttons stay visible."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.shell.command import Conditions
from desktop.shell.theme import palette_of, style_sheet_of
from desktop.shell.window import Window
from resources.colours import DARK, LIGHT, Colours

ALL = ["Write", "Try again", "One token", "Next odds", "‹", "›", "Colours", "No model"]
NEEDED = ["Write", "‹", "›"]
PANELS = ["Pages", "Sampling", "Odds"]


@pytest.fixture(params=(LIGHT, DARK), ids=("light", "dark"))
def window(qtbot: QtBot, request: pytest.FixtureRequest) -> Window:
    theme: Colours = request.param
    window = Window(QLabel("page"))
    qtbot.addWidget(window)
    window.setPalette(palette_of(theme))
    window.setStyleSheet(style_sheet_of(theme))
    for name in PANELS:
        window.add_panel(name.lower(), name, QWidget(), Qt.DockWidgetArea.LeftDockWidgetArea, 240)
    window.actions_.update(Conditions(model=True, text=True))
    window.resize(1180, 480)
    with qtbot.waitExposed(window):
        window.show()
    return window


def in_reach(window: Window, qtbot: QtBot) -> list[str]:
    """The words of the buttons that can be seen whole, as they stand."""
    qtbot.wait(20)
    buttons = [one for one in window.bar.findChildren(QToolButton) if one.isVisible()]
    whole = [one for one in buttons if one.text() and one.visibleRegion().boundingRect() == one.rect()]
    mirrored = window.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return [one.text() for one in sorted(whole, key=lambda one: one.x(), reverse=mirrored)]


@pytest.mark.parametrize("width", [520, 580, 640, 700, 760, 800, 899])
@pytest.mark.parametrize("of", [1, 3, 12])
def test_a_narrow_toolbar_hides_the_least_important_buttons(window: Window, qtbot: QtBot, width: int, of: int) -> None:
    window.resize(width, 480)
    in_reach(window, qtbot)
    window.show_continuation(of, of)
    shown = in_reach(window, qtbot)
    assert set(NEEDED + PANELS) <= set(shown)
    rest = [one for one in shown if one not in PANELS]
    assert rest == [one for one in ALL if one in rest]
    left_out = [one for one in ALL if one not in rest]
    leaving = ["No model", "Try again", "One token", "Next odds", "Colours"]  # the last one first
    assert set(left_out) == set(leaving[len(leaving) - len(left_out) :])
    window.resize(1180, 480)
    assert in_reach(window, qtbot) == ALL


def test_hidden_buttons_return_when_there_is_room(window: Window, qtbot: QtBot) -> None:
    window.resize(700, 480)
    before = in_reach(window, qtbot)
    window.show_continuation(2, 3)
    assert "Next odds" not in in_reach(window, qtbot)
    window.show_continuation(1, 1)
    assert in_reach(window, qtbot) == before


def test_commands_of_hidden_buttons_keep_their_keys(window: Window, qtbot: QtBot) -> None:
    window.show_continuation(2, 3)
    window.resize(480, 480)
    in_reach(window, qtbot)
    assert window.actions_["look"].isVisible() and window.actions_["look"].shortcuts()


def test_the_extension_button_is_visible(window: Window, qtbot: QtBot) -> None:
    window.continuation.setText("a very long " * 30)
    window.resize(480, 480)
    qtbot.wait(20)
    more = window.bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert more is not None and more.isVisible()
    image = more.grab(more.rect()).toImage()
    colours = {image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height())}
    assert max(colours) - min(colours) > 60 and more.size().expandedTo(QSize(12, 12)) == more.size()


def test_one_button_writes_and_stops(window: Window, qtbot: QtBot) -> None:
    button = window.bar.findChild(QToolButton, "primary")
    assert button is not None
    ran: list[str] = []
    for name in ("write", "stop"):
        window.actions_[name].triggered.connect(lambda _checked=False, name=name: ran.append(name))
    qtbot.wait(10)
    width, others = button.width(), {one.text(): one.x() for one in window.bar.findChildren(QToolButton)}
    assert button.text() == "Write" and button.menu() is None and len(button.actions()) == 1
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    window.actions_.update(Conditions(model=True, writing=True, text=True))
    qtbot.wait(10)
    assert button.text() == "Stop" and button.isEnabled() and len(button.actions()) == 1
    assert button.width() == width
    after = {one.text(): one.x() for one in window.bar.findChildren(QToolButton)}
    assert {name: x for name, x in after.items() if name != "Stop"} == {k: x for k, x in others.items() if k != "Write"}
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    window.actions_.update(Conditions(model=True, text=True))
    assert button.text() == "Write" and ran == ["write", "stop"]


def test_the_chip_offers_models(window: Window) -> None:
    chosen: list[str] = []
    window.model_chosen.connect(chosen.append)
    window.show_recent(["/models/one.gguf", "/models/two.gguf"])
    menu = window.chip.menu()
    menu.aboutToShow.emit()
    titles = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert titles[:2] == ["&1 one.gguf", "&2 two.gguf"] and len(titles) == 7
    menu.actions()[1].trigger()
    assert chosen == ["/models/two.gguf"]
