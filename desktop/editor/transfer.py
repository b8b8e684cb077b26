"""Text between the page and the clipboard, or a drag. Copied text is the page's; pasted text is written to the page.

Programs offer the same data in several forms: a link as its text, as HTML and as an address, a file as its name too.
"""

from dataclasses import dataclass

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QTextDocumentFragment

from desktop.page import utf16
from desktop.page.page import Page


@dataclass(frozen=True, slots=True)
class Placed:
    """The range of the page where text was put."""

    start: int
    end: int


OBJECT = "\ufffc"  # stands for a picture in what was HTML
OF_NAUTILUS = "x-special/nautilus-clipboard"  # begins a list of files, and what to do with them, offered as text


def accepts(data: QMimeData) -> bool:
    """Whether the data has text in some form."""
    return data.hasText() or data.hasHtml() or data.hasUrls()


def names_files(data: QMimeData) -> bool:
    """Whether the data names files of this machine."""
    return any(url.isLocalFile() for url in data.urls())


def text_of(data: QMimeData) -> str:
    """The text of the data; of HTML alone the text a reader sees; of addresses alone these, of files their paths, one a
    line."""
    text = data.text() if data.hasFormat("text/plain") else ""
    if text and not (names_files(data) and _lists_files(text)):
        return text
    if read := QTextDocumentFragment.fromHtml(data.html()).toPlainText().replace(OBJECT, ""):
        return read
    return "\n".join(map(_address, data.urls()))


def _lists_files(text: str) -> bool:
    return all(line.startswith("file:") or line in (OF_NAUTILUS, "copy", "cut") for line in text.splitlines() if line)


def _address(url: QUrl) -> str:
    return url.toLocalFile() if url.isLocalFile() else url.toString(QUrl.ComponentFormattingOption.EncodeSpaces)


def copied(page: Page, start: int, end: int) -> QMimeData:
    """[start, end) of the page for the clipboard: the page's own characters, without soft breaks."""
    data = QMimeData()
    data.setText(utf16.whole(page.text(start, end)))
    return data


def insert(page: Page, start: int, end: int, data: QMimeData) -> Placed:
    """Replace [start, end) of the page by the text of the data, every character unchanged. Data without text changes
    nothing."""
    text = text_of(data)
    if not text:
        return Placed(start, end)
    page.write(start, end - start, text)
    return Placed(start, start + utf16.length(text))


def move(page: Page, start: int, end: int, to: int) -> Placed:
    """Move [start, end) of the page to a position outside it, as one step of the page's history."""
    text, size = page.text(start, end), end - start
    removal, insertion = (start, size, ""), (to, 0, text)
    if to <= start:
        page.write_many([insertion, removal])
        return Placed(to, to + size)
    page.write_many([removal, insertion])
    return Placed(to - size, to)
