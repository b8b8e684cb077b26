"""Marks where the model ended the text again, when what it had ended is back on the page: by undo and redo, with
another branch, or with the page's file.

The first time, the session says so itself.
"""

from desktop.editor.page_marks import PageMarks
from desktop.page.edit import Change
from desktop.page.page import Page


class EndOfText:
    """Follows the page, whose view has these marks."""

    def __init__(self, page: Page, marks: PageMarks) -> None:
        self._page, self._marks = page, marks

    def page_changed(self, change: Change) -> None:
        """Text came or went: a text that the model ended may end there, or with the page."""
        if change.cause == "generation" or not (change.units or change.removed):
            return
        for position in (self._page.length, change.start + change.units):
            if self._page.ends_at(position):
                self._marks.set_ended(position)
                return
