"""Points out spaces that the writer typed at the end of the page, where healing is off: tokens bring their own space.

With healing on nothing is said, since the first token then begins with the space (docs/coin.md). Indentation, tabs and
other blanks are no mistake by themselves: odd_boundary.py asks the model about them.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.generation.recipe import Recipe
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.token_table import any_generated
from desktop.shell.notice import Notice
from resources.language import tr

RESTS = 1_500  # milliseconds without an edit
TOPIC = "trailing space"
_REACH = 64  # units at the end of the page that are looked at


class TrailingSpace(QObject):
    """Says it in the notice when the typing rests, with a button that removes the spaces. recipe: gives the present
    one."""

    def __init__(self, page: Page, notice: Notice, recipe: Callable[[], Recipe], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._page, self._notice, self._recipe = page, notice, recipe
        self._rests = QTimer(self, interval=RESTS, singleShot=True)
        self._rests.timeout.connect(self._show)
        page.listeners.append(self._page_changed)

    def _page_changed(self, change: Change) -> None:
        if not (change.units or change.removed):
            return
        self._rests.stop()
        self._notice.over(TOPIC)
        if change.cause == "typing" and self._recipe().sampling.no_healing and trailing_spaces(self._page):
            self._rests.start()

    def close(self) -> None:
        """Point out nothing any more."""
        self._rests.stop()

    def _show(self) -> None:
        if self._recipe().sampling.no_healing and trailing_spaces(self._page):
            sentence = tr(
                "Your text ends with a space. The token of a word has its own space, so most models continue badly "
                "after it."
            )
            self._notice.say(sentence, tr("Remove the space"), self._remove, topic=TOPIC)

    def _remove(self) -> None:
        spaces = trailing_spaces(self._page)
        if spaces:
            self._page.write(self._page.length - spaces, spaces, "")


def trailing_spaces(page: Page) -> int:
    """How many spaces the writer's text ends with, behind other text of the line; 0 where the page ends otherwise."""
    end = page.length
    text = page.text(max(0, end - _REACH), end)
    spaces = len(text) - len(text.rstrip(" "))
    behind = text[: len(text) - spaces]
    typed = not any_generated(page.tokens(end - spaces, end))
    return spaces if typed and behind and not behind[-1].isspace() else 0
