"""Moves soft breaks back to where lines end.

A soft break is made where a line ends. After a change of width, of the font, or of the text before it, its line may
stop short: then the two blocks are joined, laid out, and split again. Only breaks in view are checked, so a page of any
length costs the same.
"""

from PySide6.QtGui import QTextBlock, QTextLayout
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.split_document import SplitDocument

_AHEAD = 200  # units of the next block that are tried on the line: more than fit on any


def rewrap(view: QPlainTextEdit, document: SplitDocument) -> None:
    """Move the soft breaks in view to where lines end, from the top: each moves the lines behind it."""
    block, top = view.firstVisibleBlock(), view.blockBoundingGeometry(view.firstVisibleBlock()).top()
    bottom = top + view.viewport().height() + view.blockBoundingRect(block).height()
    while block.isValid() and top <= bottom:
        view.blockBoundingRect(block)  # lays the block out, if it is not
        separator = block.position() + block.length() - 1
        if document.breaks.at(separator) and _stops_short(block):
            number, breaks = block.blockNumber(), len(document.breaks)
            document.join(separator)
            block = view.document().findBlockByNumber(number)
            document.split_long(block.position(), block.position())
            block = view.document().findBlockByNumber(number)
            if len(document.breaks) < breaks:
                continue  # the two fit into one block, whose end may be the next break
        top += view.blockBoundingRect(block).height()
        block = block.next()


def _stops_short(block: QTextBlock) -> bool:
    """Whether the last line of the block has room for more of the next block."""
    layout, following = block.layout(), block.next()
    if not layout.lineCount() or layout.preeditAreaText() or following.layout().preeditAreaText():
        return False
    last = layout.lineAt(layout.lineCount() - 1)
    end = block.text().encode("utf-16-le", "surrogatepass")[2 * last.textStart() :].decode("utf-16-le", "surrogatepass")
    trial = QTextLayout(end + following.text()[:_AHEAD], block.document().defaultFont())
    trial.setTextOption(layout.textOption())
    trial.beginLayout()
    line = trial.createLine()
    line.setLineWidth(last.width())
    trial.endLayout()
    return line.textLength() > last.textLength()
