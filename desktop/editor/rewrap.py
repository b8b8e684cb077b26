"""Soft breaks put back to where lines end.

A soft break is made where a line ends anyway. After a change of width, of the font, or of the text before it, a line
may stop short at it: then the two blocks are joined, laid out, and split anew. Only breaks in view are looked at, so a
page of any length costs the same."""

from PySide6.QtGui import QTextBlock, QTextLayout
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.document_sync import DocumentSync

_AHEAD = 200  # units of the next block that are tried on the line: more than fit on any


def rebalance(editor: QPlainTextEdit, mirror: DocumentSync) -> None:
    """Put the soft breaks in view where lines end, from the top: each moves the lines behind it."""
    block, top = editor.firstVisibleBlock(), editor.blockBoundingGeometry(editor.firstVisibleBlock()).top()
    bottom = top + editor.viewport().height() + editor.blockBoundingRect(block).height()
    while block.isValid() and top <= bottom:
        editor.blockBoundingRect(block)  # lays the block out, if it is not
        separator = block.position() + block.length() - 1
        if mirror.breaks.at(separator) and _stops_short(block):
            number, breaks = block.blockNumber(), len(mirror.breaks)
            mirror.join(separator)
            block = editor.document().findBlockByNumber(number)
            mirror.split_long(block.position(), block.position())
            block = editor.document().findBlockByNumber(number)
            if len(mirror.breaks) < breaks:
                continue  # the two fit into one block, whose end may be the next break
        top += editor.blockBoundingRect(block).height()
        block = block.next()


def _stops_short(block: QTextBlock) -> bool:
    """Whether the last line of the block would hold more of the next one."""
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
