"""One string that the writer asks about, with its odds: as it was typed, and with the other spacing before it."""

import re
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.odds.string_words import BETWEEN, NO_TOKEN, Asked, StringView, other_spacing
from desktop.odds.token_chips import TokenChips
from desktop.odds.visible import WHITE_SPACE, visible
from desktop.qt.plain_text import Label, tip
from resources.colours import Colours
from resources.language import tr

NO_BREAK = "\u00a0"  # a space at which no line breaks
BREAK = "\u200b"  # no space, at which a line may break


class AskedRow(QFrame):
    """`removed`, a wish. marks: its places on the coin's strip, while its odds are those of the place that is shown."""

    removed = Signal()

    def __init__(self, text: str, colours: Colours) -> None:
        super().__init__()
        shown = visible(text.encode("utf-8", "surrogatepass"))
        self._named = tr("Odds of “{text}”").format(text=shown)
        self.setAccessibleName(self._named)
        self.title = Label(_breakable(f"“{shown}”"), wordWrap=True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # no wider than the panel
        self.close_button = QToolButton(autoRaise=True)
        self.close_button.setText("×")
        words = tr("Stop asking for “{text}”").format(text=shown)
        self.close_button.setAccessibleName(words)
        self.close_button.setToolTip(tip(words))
        self.close_button.clicked.connect(self.removed)
        self.odds, self.other = StringBlock(), StringBlock()
        adds = other_spacing(text).startswith(" ")
        self.other.title.setText(tr("With a space before it:") if adds else tr("Without the space before it:"))
        self.other.title.show()
        self.marks: tuple[Asked, ...] = ()
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self.odds)
        column.addWidget(self.other)
        self._say(tr("Asking…"))
        self.set_colours(colours)

    def show_views(self, view: StringView, other: StringView | None) -> None:
        """Show the odds of the string. other: those with the other spacing, None where there is none."""
        self.odds.show_view(view)
        if other is not None:
            self.other.show_view(other if other.begins != NO_TOKEN else replace(other, begins=""))
        self.other.setVisible(other is not None)
        self.set_current(True)
        self.marks = tuple(one.asked for one in (view, other) if one is not None and one.asked is not None)
        spoken = (view.spoken(), f"{self.other.title.text()} {other.spoken()}" if other else "")
        self.setAccessibleDescription(". ".join(filter(None, spoken)))

    def show_failure(self, sentence: str) -> None:
        self._say(sentence)
        self.set_current(True)

    def _say(self, sentence: str) -> None:
        self.odds.show_view(StringView((), sentence, ""))
        self.other.hide()
        self.marks = ()
        self.setAccessibleDescription(sentence)

    def set_current(self, current: bool) -> None:
        """Set whether the odds are those of the place that is shown; else they are greyed."""
        self.odds.setEnabled(current)
        self.other.setEnabled(current)
        self.marks = self.marks if current else ()

    def set_colours(self, colours: Colours) -> None:
        self.odds.set_colours(colours)
        self.other.set_colours(colours)


class StringBlock(QWidget):
    """The odds of one spelling: its tokens, and two lines in words. title: hidden at first."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.chips = Label(), TokenChips()
        self.whole, self.begins = Label(wordWrap=True), Label(wordWrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for widget in (self.title, self.chips, self.whole, self.begins):
            column.addWidget(widget)
        self.title.hide()

    def show_view(self, view: StringView) -> None:
        self.chips.setVisible(bool(view.chips))
        self.chips.show_chips(view.chips)
        self.chips.setToolTip(tip(view.again))
        self.whole.setText(_unbroken(view.whole))
        self.begins.setText(view.begins)
        self.begins.setVisible(bool(view.begins))

    def set_colours(self, colours: Colours) -> None:
        self.chips.set_colours(colours)
        for label in (self.title, self.begins):
            palette = QPalette(label.palette())
            palette.setColor(QPalette.ColorGroup.Normal, QPalette.ColorRole.WindowText, QColor(colours.quiet))
            label.setPalette(palette)


def _breakable(shown: str) -> str:
    """Visible text that may break behind the signs of white space, as the text itself would."""
    return re.sub(f"([{WHITE_SPACE}])", f"\\1{BREAK}", shown)


def _unbroken(words: str) -> str:
    """The numbers of a line, each kept whole where the line breaks; a sentence as it is."""
    parts = words.split(BETWEEN)
    return BETWEEN.join(part.replace(" ", NO_BREAK) for part in parts) if len(parts) > 1 else words
