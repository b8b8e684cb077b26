"""Text in and out: the clipboard, and drag and drop. What is taken is the page's text; what comes goes to the page
first."""

from dataclasses import dataclass

from PySide6.QtCore import QMimeData

from desktop.page import utf16
from desktop.page.page import Page


@dataclass(frozen=True, slots=True)
class Placed:
    """Where text came to stand on the page."""

    start: int
    end: int


def accepts(data: QMimeData) -> bool:
    """Text is taken; files are the window's."""
    return data.hasText() and not data.hasUrls()


def taken(page: Page, start: int, end: int) -> QMimeData:
    """A part of the page for the clipboard, without soft breaks and with its own characters instead of their
    stand-ins."""
    data = QMimeData()
    data.setText(utf16.whole(page.text(start, end)))
    return data


def put(page: Page, start: int, end: int, data: QMimeData) -> Placed:
    """Write text over [start, end) of the page, every character as it came."""
    text = data.text()
    page.write(start, end - start, text)
    return Placed(start, start + utf16.length(text))


def moved(page: Page, start: int, end: int, to: int) -> Placed:
    """Move [start, end) of the page to another place, which must not lie inside it; one step of its history."""
    text, size = page.text(start, end), end - start
    gone, come = (start, size, ""), (to, 0, text)
    if to <= start:
        page.write_many([come, gone])
        return Placed(to, to + size)
    page.write_many([gone, come])
    return Placed(to - size, to)
