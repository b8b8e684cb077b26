"""Gives screen readers the role, name and value of widgets that paint themselves.

Such a widget implements `AccessibleText`. Its texts are made only when a screen reader asks, never at every repaint.
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
class AccessibleText(Protocol):
    """A widget that describes itself to screen readers."""

    accessible_role: QAccessible.Role

    def accessible_name(self) -> str:
        """The name that is read out; for a widget that is only a text, also the text."""
        ...

    def accessible_value(self) -> str:
        """The widget's contents, in words."""
        ...


class _Interface(QAccessibleWidget):
    """The interface of one widget. Keeps no reference of its own to it: that would keep the widget alive."""

    def text(self, what: QAccessible.Text) -> str:
        widget = self.widget()
        if isinstance(widget, AccessibleText) and what is QAccessible.Text.Name:
            return visible(widget.accessible_name())
        # The description too: AT-SPI has no values in words.
        if isinstance(widget, AccessibleText) and what in (QAccessible.Text.Value, QAccessible.Text.Description):
            return visible_lines(widget.accessible_value()) or super().text(what)
        return super().text(what)


class FactLabel(Label):
    """A label whose meaning is clear from its position; screen readers read its name too: "Speed: 80 tokens/s"."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName(name)

    def accessible_name(self) -> str:
        name, words = self.accessibleName(), self.text()
        return tr("{name}: {words}").format(name=name, words=words) if words else name

    def accessible_value(self) -> str:
        return self.toolTip()


def name_clear_button(line: QLineEdit) -> None:
    """Name the button in a line edit that empties it: Qt gives it no name."""
    for button in line.findChildren(QToolButton):
        button.setAccessibleName(tr("Clear"))
        button.setToolTip(tr("Clear"))


_made: WeakSet[_Interface] = WeakSet()
_installed = False


def install() -> None:
    """Install the factory of interfaces for `AccessibleText` widgets; a second call does nothing."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_interface_of)
        atexit.register(_forget)


def _forget() -> None:
    """Delete the interfaces at exit: Python frees its objects before Qt does, and Qt would delete them again."""
    for interface in list(_made):
        if isValid(interface):
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(interface))


def announce(widget: QWidget, sentence: str) -> None:
    """Have a screen reader read out the sentence, wherever the focus is."""
    if sentence and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, visible(sentence)))


def changed(widget: QWidget) -> None:
    """Notify screen readers that the widget, if it has the focus, shows something else. Cheap if none is running."""
    if QAccessible.isActive() and widget.hasFocus():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.DescriptionChanged))


def _interface_of(_key: str, thing: QObject) -> QAccessibleInterface | None:
    if not isinstance(thing, QWidget) or not isinstance(thing, AccessibleText):
        return None
    interface = _Interface(thing, thing.accessible_role)
    _made.add(interface)
    return interface
