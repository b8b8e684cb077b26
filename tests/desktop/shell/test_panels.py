"""Panels in wide and narrow windows: which are shown, and the width that the page keeps."""

from collections.abc import Iterable

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.shell.panels import NARROW, PAGE
from desktop.shell.window import Window

NAMES = ("pages", "sampling", "odds")


class Panel(QWidget):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.setMinimumWidth(width)

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth() + 60, 300)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window(QLabel("page"))
    qtbot.addWidget(window)
    window.add_panel("pages", "Pages", Panel(200), Qt.DockWidgetArea.LeftDockWidgetArea, 264)
    window.add_panel("sampling", "Sampling", Panel(262), Qt.DockWidgetArea.LeftDockWidgetArea, 264)
    window.add_panel("odds", "Odds", Panel(240), Qt.DockWidgetArea.RightDockWidgetArea, 340)
    window.resize(1180, 760)
    with qtbot.waitExposed(window):
        window.show()
    return window


def dock_of(window: Window, name: str) -> QDockWidget:
    [dock] = window.findChildren(QDockWidget, name)
    return dock


def shown(window: Window) -> set[str]:
    docks = {name: dock_of(window, name) for name in NAMES}
    assert all(dock.isVisible() == window.actions_[f"show_{name}"].isChecked() for name, dock in docks.items())
    return {name for name, dock in docks.items() if dock.isVisible()}


def buttons(window: Window) -> dict[str, QToolButton]:
    QTest.qWait(20)
    names = ("Pages", "Sampling", "Odds")
    return {one.text(): one for one in window.bar.findChildren(QToolButton) if one.text() in names and one.isVisible()}


def page_width(window: Window, qtbot: QtBot) -> int:
    qtbot.wait(10)
    return window.centralWidget().width()


def test_a_narrow_window_hides_panels_and_a_wide_one_shows_them_again(window: Window, qtbot: QtBot) -> None:
    window.actions_["show_sampling"].trigger()
    assert shown(window) == {"pages", "odds"} and buttons(window) == {}
    window.resize(700, 480)
    assert window.width() == 700 and shown(window) == set() and page_width(window, qtbot) == 700
    assert set(buttons(window)) == {"Pages", "Sampling", "Odds"}
    window.resize(1180, 760)
    assert shown(window) == {"pages", "odds"} and buttons(window) == {}


@pytest.mark.parametrize("size", [(700, 480), (670, 480), (800, 600), (NARROW - 1, 700)])
def test_buttons_show_panels_and_the_page_keeps_its_width(window: Window, qtbot: QtBot, size: tuple[int, int]) -> None:
    window.resize(*size)
    for name, button in buttons(window).items():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert shown(window) == {name.lower()}
        assert page_width(window, qtbot) >= PAGE and window.width() == size[0]
        assert button.isChecked()
    qtbot.mouseClick(buttons(window)["Odds"], Qt.MouseButton.LeftButton)
    assert "odds" not in shown(window)


@pytest.mark.parametrize("width", range(NARROW - 10, 1_100, 10))
def test_the_page_is_never_narrower_than_its_least_width(window: Window, qtbot: QtBot, width: int) -> None:
    window.resize(width, 700)
    assert page_width(window, qtbot) >= PAGE and window.width() == width


def test_a_panel_wanted_in_a_narrow_window_waits_for_room(window: Window) -> None:
    window.resize(700, 480)
    window.panels.want("odds", False)
    window.panels.want("pages", True)
    assert shown(window) == set()
    window.resize(1180, 760)
    assert shown(window) == {"pages", "sampling"}


def test_a_window_restored_narrow_shows_panels_once_it_is_wide(window: Window, qtbot: QtBot) -> None:
    window.resize(700, 480)
    state = bytes(window.saveState().data())
    window.resize(1180, 760)
    window.restore(b"", state)
    for name in NAMES:
        window.panels.want(name, True)
    window.resize(1180, 760)
    assert shown(window) == set(NAMES)


def test_a_floating_panel_stays_visible(window: Window) -> None:
    dock = dock_of(window, "odds")
    dock.setFloating(True)
    window.resize(700, 480)
    assert shown(window) == {"odds"}
    dock.setFloating(False)


def widths(window: Window, qtbot: QtBot) -> dict[str, int]:
    """The widths of the shown panels."""
    qtbot.wait(30)
    return {name: dock_of(window, name).width() for name in NAMES if dock_of(window, name).isVisible()}


@pytest.mark.parametrize("odds", [340, 410, 290])
@pytest.mark.parametrize("steps", [(700,), (1_100, 1_000, 940, 910), range(1_170, 690, -30), (700, 720, 1_000, 700)])
def test_a_panel_gets_its_width_back(window: Window, qtbot: QtBot, odds: int, steps: Iterable[int]) -> None:
    window.actions_["show_sampling"].trigger()
    window.resizeDocks([dock_of(window, "odds")], [odds], Qt.Orientation.Horizontal)
    before = widths(window, qtbot)
    assert before == {"pages": 264, "odds": odds}
    for width in steps:
        window.resize(width, 700)
        qtbot.wait(5)
    if window.panels.narrow:
        for name in ("odds", "pages", "pages"):
            window.actions_[f"show_{name}"].trigger()
            qtbot.wait(5)
    for width in (*reversed(tuple(steps)), 1180):
        window.resize(width, 760)
        qtbot.wait(5)
    assert widths(window, qtbot) == before


def test_a_restart_in_a_narrow_window_keeps_the_widths(window: Window, qtbot: QtBot) -> None:
    window.actions_["show_sampling"].trigger()
    before = widths(window, qtbot)
    window.resize(700, 480)
    qtbot.wait(30)
    state, saved = bytes(window.saveState().data()), window.panels.widths
    window.panels.choose_widths(["odds=241", "pages=201", "sampling=262"])
    window.restore(b"", state, (*saved, "rubbish", "odds=", "odds=9999999", "nobody=3"))
    window.resize(1180, 760)
    assert widths(window, qtbot) == before


def test_a_width_that_the_user_chose_is_kept(window: Window, qtbot: QtBot) -> None:
    before = widths(window, qtbot)
    dock = dock_of(window, "odds")
    mirrored = window.layoutDirection() == Qt.LayoutDirection.RightToLeft
    outwards = 1 if mirrored else -1  # from the panel to the page
    seam = QPoint(dock.geometry().right() + 1 if mirrored else dock.x() - 1, dock.y() + 200)
    qtbot.mousePress(window, Qt.MouseButton.LeftButton, pos=seam)
    for step in (10, 25, 40):
        qtbot.mouseMove(window, seam + QPoint(outwards * step, 0))
        qtbot.wait(20)  # Qt moves a seam after the mouse
    qtbot.mouseRelease(window, Qt.MouseButton.LeftButton, pos=seam + QPoint(outwards * 40, 0))
    dragged = widths(window, qtbot)
    assert dragged["odds"] > before["odds"] + 20
    for width in (1_000, 700, 1_180):
        window.resize(width, 760)
        qtbot.wait(5)
    assert widths(window, qtbot) == dragged
