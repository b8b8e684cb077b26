"""Where that lies on the page which the engine tells of: it counts code points of what was sent, the page units of all.

Knows nothing of jobs; it holds for one of them, as long as only the end of the page grows. No Qt.
"""

from functools import cached_property

from desktop.page import utf16
from desktop.page.excerpt import Excerpt
from desktop.page.page import Page


class SentPositions:
    """One excerpt of the page, as it was sent."""

    def __init__(self, page: Page, excerpt: Excerpt) -> None:
        self._page = page
        self._excerpt = excerpt
        self._known = (0, excerpt.horizon)  # code points behind the horizon, and where they end: the last answer

    def position(self, code_points: int) -> int:
        """The position, in units, of the code point with that index. Those before it are read once, as long as the
        index grows."""
        behind = code_points - self._of_head
        if behind < 0:
            return utf16.unit_offset(self._page.text(0, self._excerpt.head), code_points)
        if behind < self._known[0]:
            self._known = (0, self._excerpt.horizon)
        count, position = self._known
        text = self._page.text(position, position + 2 * (behind - count))
        position += utf16.unit_offset(text, behind - count)
        self._known = (behind, position)
        return position

    @cached_property
    def _of_head(self) -> int:
        """Code points of the page's beginning, where it was sent by itself."""
        return len(self._page.text(0, self._excerpt.head))
