"""Soft breaks put back to where lines end.

A soft break is made where a line ends anyway. After a change of width, of the font, or of the text before it, a line
may stop short at it: then the two blocks are joined, laid out, and split anew. Only breaks in view are looked at, so a
page of any length costs the same."""

from PySide6.QtGui import QTextBlock, QTextLayout
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.lines import visible_blocks
from desktop.editor.mirror import Mirror

_AHEAD = 200  # units of the next block that are tried on the line: more than fit on any


def rebalance(editor: QPlainTextEdit, mirror: Mirror) -> bool:
    """Put the soft breaks in view where lines end. Returns whether any had to move."""
    moved = False
    numbers = [block.blockNumber() for block, _, _ in visible_blocks(editor, editor.viewport().rect())]
    for number in reversed(numbers):  # from below, so that the numbers above stay right
        block = editor.document().findBlockByNumber(number)
        separator = block.position() + block.length() - 1
        if mirror.breaks.at(separator) and _stops_short(block):
            mirror.join(separator)
            joined = editor.document().findBlockByNumber(number)
            mirror.split_long(joined.position(), joined.position())
            moved = True
    return moved


def _stops_short(block: QTextBlock) -> bool:
    """Whether the last line of the block would hold more of the next one."""
    layout, following = block.layout(), block.next()
    if not layout.lineCount() or layout.preeditAreaText() or following.layout().preeditAreaText():
        return False
    last = layout.lineAt(layout.lineCount() - 1)
    end = block.text().encode("utf-16-le", "surrogatepass")[2 * last.textStart() :].decode("utf-16-le", "surrogatepass")
    trial = QTextLayout(end + following.text()[:_AHEAD], layout.font())
    trial.setTextOption(layout.textOption())
    trial.beginLayout()
    line = trial.createLine()
    line.setLineWidth(last.width())
    trial.endLayout()
    return line.textLength() > last.textLength()
