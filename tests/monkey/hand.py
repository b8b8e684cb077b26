"""Sends keys, mouse and wheel events and compositions to the application, as a user does. Each is measured by itself as
one turn of the event loop."""

from collections.abc import Callable
from random import Random
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QInputMethodEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from tests.monkey.program_access import ProgramAccess
from tests.monkey.stalls import Stalls

Key = Qt.Key
Button = Qt.MouseButton
Modifier = Qt.KeyboardModifier
NONE, CONTROL, SHIFT, ALT = Modifier.NoModifier, Modifier.ControlModifier, Modifier.ShiftModifier, Modifier.AltModifier


class Hand:
    """Acts on the program. `did`: what it did since that was last taken, in words."""

    def __init__(
        self, access: ProgramAccess, stalls: Stalls, name: Callable[[], str], before: Callable[[str], object]
    ) -> None:
        """name: returns a word that was never used before. before: gets a description of each act ahead of it."""
        self.access, self.stalls, self.new_word, self._before = access, stalls, name, before
        self.did: list[str] = []
        self.actions_with_fault = 0  # how many more of them are done while the disk fails

    def _do(self, what: str, action: Callable[[], object]) -> None:
        if self.did and self.did[-1].partition(" (")[0] == what:
            times = int(self.did[-1].partition(" (")[2].rstrip(" times)") or 1)
            self.did[-1] = f"{what} ({times + 1} times)"
        else:
            self.did.append(what)
            self._before(what)
        with self.stalls.measured(what):
            action()

    # ------------------------------------------------------------------------------------------------ keys

    def focus(self) -> QWidget:
        """The widget that receives keys."""
        return QApplication.activePopupWidget() or QApplication.focusWidget() or self.top()

    def top(self) -> QWidget:
        """The window, or the dialog above it, that can be used now."""
        free = self.access.free_windows()
        return free[0] if free else self.access.window

    def key(self, key: Key, modifiers: Modifier = NONE, text: str = "") -> None:
        widget = self.focus()
        what = f"{_keys(key, modifiers)} to {described(widget)}"
        self._do(what, lambda: QTest.sendKeyEvent(QTest.KeyAction.Click, widget, key, text, modifiers))

    def types(self, text: str) -> None:
        """Press a key for each character, in the focused widget."""
        self.did.append(f"types {text!a} to {described(self.focus())}")
        for character in text:
            widget = self.focus()
            key = Key.Key_Return if character == "\n" else Key.Key_A
            sent = "\r" if character == "\n" else character
            with self.stalls.measured(f"typing into {type(widget).__name__}"):
                QTest.sendKeyEvent(QTest.KeyAction.Click, widget, key, sent, NONE)

    def composes(self, preedit: str, commit: str = "", replace: tuple[int, int] = (0, 0)) -> None:
        """Send an input method's preedit text, or its commit."""
        event = QInputMethodEvent(preedit, [])
        if commit or replace != (0, 0):
            event.setCommitString(commit, *replace)
        widget = self.focus()
        if widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled):
            what = f"composes {preedit!a} {commit!a} {replace} in {described(widget)}"
            self._do(what, lambda: QApplication.sendEvent(widget, event))

    def command(self, name: str, by_key: bool = False) -> None:
        """Run a command of the window, by its name or its key."""
        action = self.access.command(name)
        keys = action.shortcuts()
        if by_key and keys:
            pressed = keys[0][0]  # pyright: ignore[reportIndexIssue]
            modifiers = pressed.keyboardModifiers()
            self.key(pressed.key(), modifiers)
        elif self.access.page_is_free and QApplication.activePopupWidget() is None:
            self._do(f"command {name}", action.trigger)

    # ------------------------------------------------------------------------------------------------ mouse

    def clicks(
        self, widget: QWidget, at: QPoint | None = None, button: Button = Button.LeftButton, modifiers: Modifier = NONE
    ) -> None:
        place = at if at is not None else widget.rect().center()
        what = f"clicks {button.name} {_keys(None, modifiers)} on {described(widget)} at {place.x()},{place.y()}"
        self._do(what, lambda: QTest.mouseClick(widget, button, modifiers, place))

    def doubles(self, widget: QWidget, at: QPoint | None = None) -> None:
        place = at if at is not None else widget.rect().center()
        what = f"double-clicks {described(widget)} at {place.x()},{place.y()}"
        self._do(what, lambda: QTest.mouseDClick(widget, Button.LeftButton, NONE, place))

    def moves(self, widget: QWidget, at: QPoint) -> None:
        self._do(f"moves over {described(widget)} to {at.x()},{at.y()}", lambda: QTest.mouseMove(widget, at))

    def drags(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        """Press at one place, move to another and release."""

        def drag() -> None:
            QTest.mousePress(widget, Button.LeftButton, NONE, start)
            for part in (1, 2, 3):
                QTest.mouseMove(widget, start + (end - start) * (part / 3))
            QTest.mouseRelease(widget, Button.LeftButton, NONE, end)

        self._do(f"drags on {described(widget)} from {start.x()},{start.y()} to {end.x()},{end.y()}", drag)

    def turns(self, widget: QWidget, notches: int, modifiers: Modifier = NONE) -> None:
        """Turn the wheel."""
        centre = QPointF(widget.rect().center())
        event = QWheelEvent(
            centre,
            QPointF(widget.mapToGlobal(centre.toPoint())),
            QPoint(),
            QPoint(0, 120 * notches),
            Button.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        what = f"turns the wheel by {notches} {_keys(None, modifiers)} over {described(widget)}"
        self._do(what, lambda: QApplication.sendEvent(widget, event))

    def asks_for_menu(self, widget: QWidget, at: QPoint) -> None:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
        self._do(f"asks for a menu on {described(widget)}", lambda: QApplication.sendEvent(widget, event))

    def drops(self, widget: QWidget, mime: QMimeData, at: QPoint) -> None:
        """Drop data from another program here."""
        both = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

        def drop() -> None:
            entered = QDragEnterEvent(at, both, mime, Button.LeftButton, NONE)
            QApplication.sendEvent(widget, entered)
            QApplication.sendEvent(widget, QDragMoveEvent(at, both, mime, Button.LeftButton, NONE))
            if entered.isAccepted():
                QApplication.sendEvent(widget, QDropEvent(QPointF(at), both, mime, Button.LeftButton, NONE))

        self._do(f"drops {', '.join(mime.formats())} on {described(widget)}", drop)

    def resizes(self, window: QWidget, width: int, height: int) -> None:
        self._do(f"resizes {described(window)} to {width} x {height}", lambda: window.resize(width, height))

    def does(self, what: str, action: Callable[[], object]) -> None:
        """Run an act that comes from outside the window."""
        self._do(what, action)

    # ------------------------------------------------------------------------------------------------ menus, widgets

    def chooses(self, menu: QMenu, action: QAction) -> None:
        """Choose an entry of the open menu with the mouse, but none that opens a file dialog or a link."""
        self.clicks(menu, menu.actionGeometry(action).center())

    def to_the_page(self) -> bool:
        """Focus the page, as a click does. False if a dialog is in the way."""
        while (popup := QApplication.activePopupWidget()) is not None:
            self._do("closes a popup", popup.close)
        if not self.access.page_is_free:
            return False
        if QApplication.focusWidget() is not self.access.editor:
            self.access.window.activateWindow()
            QApplication.processEvents()
            viewport = self.access.editor.viewport()
            self.clicks(viewport, viewport.rect().center())
        return QApplication.focusWidget() is self.access.editor

    def place_in(self, widget: QWidget, chance: Random) -> QPoint:
        size = widget.size()
        return QPoint(chance.randrange(max(1, size.width())), chance.randrange(max(1, size.height())))

    def close_all(self) -> bool:
        """Close popups and dialogs. Returns whether none is left."""
        for _ in range(20):
            popup = QApplication.activePopupWidget()
            dialogs = self.access.dialogs()
            if popup is not None:
                self._do("closes a popup", popup.close)
            elif dialogs:
                self._do(f"closes {described(dialogs[0])}", dialogs[0].reject)
            else:
                return True
        return False


def is_file_dialog(widget: QWidget) -> bool:
    """Whether it is a file dialog, in which a stray key could delete files: only its own actions use it."""
    return any(isinstance(one, QFileDialog) for one in (widget, widget.window()))


def mime(text: str = "", html: str = "", urls: list[str] | None = None) -> QMimeData:
    data = QMimeData()
    if text:
        data.setText(text)
    if html:
        data.setHtml(html)
    if urls:
        data.setUrls([QUrl.fromLocalFile(url) for url in urls])
    return data


def described(widget: QWidget) -> str:
    """A widget in words: its class, and its accessible name or its text."""
    text: Any = getattr(widget, "text", None)
    shown = widget.accessibleName() or (text() if callable(text) else "") or widget.windowTitle()
    words = shown if isinstance(shown, str) else ""
    owner = widget.parentWidget()
    kind = type(widget).__name__ if type(widget) is not QWidget or owner is None else f"{type(owner).__name__}'s part"
    return f"{kind} “{words[:20]}”" if words.isprintable() and words else kind


def _keys(key: Key | None, modifiers: Modifier) -> str:
    names = {CONTROL: "Ctrl", SHIFT: "Shift", ALT: "Alt"}
    held = [name for modifier, name in names.items() if modifiers & modifier]
    return "+".join([*held, *([key.name.removeprefix("Key_")] if key is not None else [])])
