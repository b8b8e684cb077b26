"""The library's window on small screens: every part can be reached."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QDialog, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.library.window import LibraryWindow

SCREENS = [QSize(800, 500), QSize(700, 480)]


def high_tab() -> tuple[QWidget, QPushButton]:
    """A tab with a button at its foot that needs more height than a small screen has."""
    tab, button = QWidget(), QPushButton("Apply")
    column = QVBoxLayout(tab)
    head = QWidget()
    head.setMinimumSize(600, 560)
    column.addWidget(head)
    column.addWidget(button)
    return tab, button


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> QSize:
    size: QSize = request.param
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: QRect(QPoint(), size))
    return size


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_it_fits_its_screen_and_a_high_tab_scrolls(screen: QSize, qtbot: QtBot) -> None:
    tab, button = high_tab()
    window = LibraryWindow({"First": QWidget(), "High": tab})
    qtbot.addWidget(window)
    window.arrange(b"", ())
    window.show_tab(tab)
    qtbot.waitExposed(window)
    assert window.height() < screen.height() and window.width() < screen.width()
    assert window.tabs.tabText(window.tabs.currentIndex()) == "High"
    area = window.tabs.currentWidget()
    assert isinstance(area, QScrollArea)
    assert area.verticalScrollBar().maximum() > 0
    area.ensureWidgetVisible(button)
    assert button.visibleRegion().boundingRect().size() == button.size()


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_a_size_saved_on_a_larger_screen_fits_a_smaller_one(screen: QSize, qtbot: QtBot) -> None:
    large = QDialog()
    qtbot.addWidget(large)
    large.resize(790, 780)  # no larger than the screen of the tests, which Qt itself would mind
    window = LibraryWindow({"First": QWidget()})
    qtbot.addWidget(window)
    window.arrange(bytes(large.saveGeometry().data()), ())
    window.show()
    assert window.height() < screen.height() and window.width() < screen.width()


def test_it_opens_at_the_last_tab_and_titles_can_change(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    window = LibraryWindow({"First": first, "Second": second})
    qtbot.addWidget(window)
    window.show_tab(second)
    window.hide()
    window.show_tab()
    window.set_title(second, "Other")
    assert window.isVisible() and window.tabs.tabText(window.tabs.currentIndex()) == "Other"
    assert second.isVisible() and not first.isVisible()
