"""Widgets that show text as no more than text, whatever stands in it: no markup, no image, no mnemonic, no forged line.

Names come from pages, model files and the hub. Everything that the window says goes through here
(tests/desktop/qt/test_plain_text.py)."""

from typing import Any

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import Qt as Markup
from PySide6.QtWidgets import QLabel, QMessageBox, QTextBrowser, QToolTip, QWidget

from desktop.qt.visible import visible, visible_lines

_JOINER = "\u2060"  # draws nothing, and no tag begins with it


def tip(text: str, several: bool = False) -> str:
    """A text for a tooltip, which Qt would take for markup where it looks like some. several: it has lines of its own,
    joined by `visible.lines`."""
    shown = visible_lines(text) if several else visible(text)
    if Markup.mightBeRichText(shown):
        shown = shown.replace("<", f"<{_JOINER}").replace("&", f"&{_JOINER}")
    return shown


def caption(text: str) -> str:
    """A text for a button, a menu or a tab, where `&` would underline the next letter."""
    return visible(text).replace("&", "&&")


def window_title(text: str) -> str:
    """A text for a window's title, in which Qt's own mark `[*]` stands for itself."""
    return visible(text).replace("[*]", "[*][*]")


def show_tip(place: QPoint, text: str, widget: QWidget) -> None:
    """Show a tooltip at that place of the screen. text: in lines, joined by `visible.lines`."""
    QToolTip.showText(place, tip(text, several=True), widget)


class Label(QLabel):
    """A label in plain text. several: it has lines of its own, so that a line break in the text is one."""

    def __init__(self, text: str = "", parent: QWidget | None = None, several: bool = False, **properties: Any) -> None:
        super().__init__(parent, textFormat=Qt.TextFormat.PlainText, **properties)
        self._shown = visible_lines if several else visible
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(self._shown(text))


class MessageBox(QMessageBox):
    """A question or a warning in plain text; goes when it is closed."""

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
    """Shows a text with markup of ours; no file and no address that stands in it is opened for an image or a style."""

    def loadResource(self, _type: int, _name: QUrl | str) -> None:
        return None
