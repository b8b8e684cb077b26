"""The library's window on small screens: nothing of it stands where nobody can reach it."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QDialog, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.library.window import LibraryWindow

SCREENS = [QSize(800, 500), QSize(700, 480)]


def high_page() -> tuple[QWidget, QPushButton]:
    """One with a button at its foot, which needs more height than a small screen has."""
    page, button = QWidget(), QPushButton("Apply")
    column = QVBoxLayout(page)
    head = QWidget()
    head.setMinimumSize(600, 560)
    column.addWidget(head)
    column.addWidget(button)
    return page, button


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> QSize:
    size: QSize = request.param
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: QRect(QPoint(), size))
    return size


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_it_fits_its_screen_and_a_high_page_scrolls(screen: QSize, qtbot: QtBot) -> None:
    page, button = high_page()
    window = LibraryWindow({"First": QWidget(), "High": page})
    qtbot.addWidget(window)
    window.arrange(b"", ())
    window.show_page(page)
    qtbot.waitExposed(window)
    assert window.height() < screen.height() and window.width() < screen.width()
    assert window.tabs.tabText(window.tabs.currentIndex()) == "High"
    area = window.tabs.currentWidget()
    assert isinstance(area, QScrollArea)
    assert area.verticalScrollBar().maximum() > 0
    area.ensureWidgetVisible(button)
    assert button.visibleRegion().boundingRect().size() == button.size()


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_a_size_that_was_kept_on_a_larger_screen_fits_a_smaller_one(screen: QSize, qtbot: QtBot) -> None:
    large = QDialog()
    qtbot.addWidget(large)
    large.resize(790, 780)  # no larger than the screen of the tests, which Qt itself would mind
    window = LibraryWindow({"First": QWidget()})
    qtbot.addWidget(window)
    window.arrange(bytes(large.saveGeometry().data()), ())
    window.show()
    assert window.height() < screen.height() and window.width() < screen.width()


def test_it_opens_where_it_was_and_names_its_pages(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    window = LibraryWindow({"First": first, "Second": second})
    qtbot.addWidget(window)
    window.show_page(second)
    window.hide()
    window.show_page()
    window.name(second, "Other")
    assert window.isVisible() and window.tabs.tabText(window.tabs.currentIndex()) == "Other"
    assert second.isVisible() and not first.isVisible()
