"""What a screen reader is told of widgets that paint themselves: what they are, their name, and their value in words.

Asked for when a screen reader asks, so that nothing is put into words sixty times a second for nobody. Knows no room: a
widget says of itself what it is (`Told`).
"""

import atexit
from typing import Protocol, runtime_checkable
from weakref import WeakSet

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QLineEdit, QToolButton, QWidget
from shiboken6.Shiboken import isValid

from desktop.qt.plain_text import Label
from desktop.qt.visible import visible, visible_lines
from resources.language import tr


@runtime_checkable
class Told(Protocol):
    """A widget that says itself. accessible_role: what it is."""

    accessible_role: QAccessible.Role

    def told_name(self) -> str:
        """What it is called, and what it says where that is all there is to it."""
        ...

    def told_value(self) -> str:
        """What it shows now, in words."""
        ...


class _Interface(QAccessibleWidget):
    """Holds nothing: a widget that only this knew would live for ever."""

    def text(self, what: QAccessible.Text) -> str:
        told = self.widget()
        if isinstance(told, Told) and what is QAccessible.Text.Name:
            return visible(told.told_name())
        if isinstance(told, Told) and what in (QAccessible.Text.Value, QAccessible.Text.Description):
            return visible_lines(told.told_value()) or super().text(
                what
            )  # AT-SPI has descriptions, and no values in words
        return super().text(what)


class FactLabel(Label):
    """Words that stand for something which its place tells the eye, and its name the ear: "Speed: 80 tokens/s"."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(name)

    def told_name(self) -> str:
        name, words = self.accessibleName(), self.text()
        return tr("{name}: {words}").format(name=name, words=words) if words else name

    def told_value(self) -> str:
        return self.toolTip()


def name_clear_button(line: QLineEdit) -> None:
    """Name the button inside a line that empties it: Qt gives it none."""
    for button in line.findChildren(QToolButton):
        button.setAccessibleName(tr("Clear"))
        button.setToolTip(tr("Clear"))


_made: WeakSet[_Interface] = WeakSet()
_installed = False


def install() -> None:
    """From now on every `Told` widget is asked; once a process."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_interface_of)
        atexit.register(_forget)


def _forget() -> None:
    """At the end of the process Python takes its own objects away before Qt does, and Qt would delete them again."""
    for interface in list(_made):
        if isValid(interface):
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(interface))


def announce(widget: QWidget, sentence: str) -> None:
    """A sentence that came by itself: it is read out wherever the focus is."""
    if sentence and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, visible(sentence)))


def changed(widget: QWidget) -> None:
    """The widget shows something else: whoever has it in focus is told. No more than a test where nobody listens."""
    if QAccessible.isActive() and widget.hasFocus():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.DescriptionChanged))


def _interface_of(_key: str, thing: QObject) -> QAccessibleInterface | None:
    if not isinstance(thing, QWidget) or not isinstance(thing, Told):
        return None
    interface = _Interface(thing, thing.accessible_role)
    _made.add(interface)
    return interface
