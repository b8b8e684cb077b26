"""The main window: drops, recent models, continuations, its title."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QStatusTipEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from desktop.shell.command import Conditions
from desktop.shell.window import Window


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window(QLabel("page"))
    qtbot.addWidget(window)
    window.show()
    return window


def test_files_are_dropped(window: Window) -> None:
    dropped: list[tuple[Path, ...]] = []
    window.files_dropped.connect(dropped.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/a/ünï cødé.gguf"), QUrl("https://example.org/x")])
    window.dropEvent(
        QDropEvent(
            QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    assert dropped == [(Path("/a/ünï cødé.gguf"),)]


@pytest.mark.parametrize(("address", "taken"), [("file:///a.gguf", True), ("https://example.org/a.gguf", False)])
def test_only_files_may_be_dropped(window: Window, address: str, taken: bool) -> None:
    data = QMimeData()
    data.setUrls([QUrl(address)])
    event = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dragEnterEvent(event)
    assert event.isAccepted() == taken


def test_recent_models_open_again(window: Window) -> None:
    chosen: list[str] = []
    window.model_chosen.connect(chosen.append)
    menu = next(menu for menu in window.findChildren(QMenu) if menu.title() == "Re&cent models")
    window.show_recent([])
    assert not menu.menuAction().isVisible()
    window.show_recent(["/m/one.gguf", "/m/two & a half.gguf"])
    assert [action.text() for action in menu.actions()] == ["&1 one.gguf", "&2 two && a half.gguf"]
    menu.actions()[1].trigger()
    assert chosen == ["/m/two & a half.gguf"]


def test_which_continuation_is_shown(window: Window) -> None:
    window.show_continuation(1, 1)
    assert window.continuation.text() == ""
    window.show_continuation(2, 3)
    assert window.continuation.text() == "2 of 3"
    window.show_continuation(0, 2)
    assert window.continuation.text() == "– of 2"
    window.show_continuation(0, 1)
    assert window.continuation.text() == "– of 1"
    window.show_continuation(0, 0)
    assert window.continuation.text() == ""


def test_the_signs_of_continuations_look_as_their_commands_are(window: Window) -> None:
    signs = window.bar.findChildren(QToolButton, "sign")
    assert len(signs) == 2 and not any(sign.isEnabled() for sign in signs)
    window.actions_.update(Conditions(can_go_back=True))
    assert [sign.isEnabled() for sign in signs] == [True, False]


def test_the_title_marks_an_unsaved_page(window: Window) -> None:
    window.show_title("a.txt", True)
    assert window.windowTitle() == "a.txt[*] — Inkfall"
    assert window.isWindowModified()
    window.show_title("", False)
    assert window.windowTitle().startswith("Inkfall")


def test_status_tips_never_cover_the_state(window: Window) -> None:
    window.status.show_state("Writing…")
    for button in window.bar.findChildren(QToolButton):
        QApplication.sendEvent(button, QStatusTipEvent(button.statusTip()))  # as Qt does while the mouse rests there
        assert window.status.currentMessage() == ""
        assert window.status._state.isVisible()
    for action in window.actions_._actions.values():
        assert not action.statusTip() and action.toolTip()
