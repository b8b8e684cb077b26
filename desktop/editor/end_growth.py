"""Keeps small what Qt repaints while text grows at the end of a document.

Where a paragraph changes, Qt repaints all of its lines, and the whole view where the paragraph is a line longer. Text
behind the end changes the last two lines at most: a word that grows may move to the next line.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.lines import may_mix_directions
from desktop.editor.spacing import spacing_of

_MAY_CHANGE = 2  # lines at the end


@contextmanager
def repainting_end(view: QPlainTextEdit) -> Iterator[None]:
    """While text is put behind the end of the view's document: only the lines there are repainted."""
    document = view.document()
    layout, block = spacing_of(document), document.lastBlock()
    changing, lines_before = block.layout().lineCount() - _MAY_CHANGE, document.lineCount()
    with QSignalBlocker(layout):  # its requests to repaint, and that of the scroll bar, which is made here
        yield
    if document.lineCount() != lines_before:
        layout.documentSizeChanged.emit(layout.documentSize())
    viewport, place = view.viewport(), view.blockBoundingGeometry(block).translated(view.contentOffset())
    if changing > 0 and not may_mix_directions(block):  # else what comes later can turn the lines before
        place.setTop(place.top() + layout.box(block.layout().lineAt(changing))[0])
    top = max(0, int(place.top()))
    viewport.update(0, top, viewport.width(), viewport.height() - top)
