"""Widgets and functions that show text literally: no markup, image, mnemonic or line break that comes from outside.

Names come from pages, model files and the hub. All text in the window goes through here, which
tests/desktop/qt/test_plain_text.py checks."""

from typing import Any

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import Qt as Markup
from PySide6.QtWidgets import QLabel, QMessageBox, QTextBrowser, QToolTip, QWidget

from desktop.qt.visible import visible, visible_lines

_JOINER = "\u2060"  # invisible, and a tag cannot begin with it


def tip(text: str, several: bool = False) -> str:
    """Make a text safe for a tooltip: Qt would take it for markup if it looks like some. several: keep the line breaks
    of a text that `visible.lines` joined."""
    shown = visible_lines(text) if several else visible(text)
    if Markup.mightBeRichText(shown):
        shown = shown.replace("<", f"<{_JOINER}").replace("&", f"&{_JOINER}")
    return shown


def caption(text: str) -> str:
    """Make a text safe for a button, a menu or a tab: `&` would underline the next letter."""
    return visible(text).replace("&", "&&")


def window_title(text: str) -> str:
    """Make a text safe for a window's title, in which `[*]` is Qt's mark for unsaved changes."""
    return visible(text).replace("[*]", "[*][*]")


def show_tip(position: QPoint, text: str, widget: QWidget) -> None:
    """Show a tooltip at a position of the screen, in pixels. text: lines joined by `visible.lines`."""
    QToolTip.showText(position, tip(text, several=True), widget)


class Label(QLabel):
    """A label in plain text. several: keep line breaks; else they are shown as signs."""

    def __init__(self, text: str = "", parent: QWidget | None = None, several: bool = False, **properties: Any) -> None:
        super().__init__(parent, textFormat=Qt.TextFormat.PlainText, **properties)
        self._shown = visible_lines if several else visible
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(self._shown(text))


class MessageBox(QMessageBox):
    """A question or a warning in plain text; deleted when it is closed."""

    def __init__(self, icon: QMessageBox.Icon, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(icon, title, "", parent=parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def setText(self, text: str) -> None:
        super().setText(visible(text))

    def setInformativeText(self, text: str) -> None:
        super().setInformativeText(visible(text))


class Browser(QTextBrowser):
    """Shows a text with markup of ours. Loads no images or styles that the text refers to."""

    def loadResource(self, _type: int, _name: QUrl | str) -> None:
        return None
