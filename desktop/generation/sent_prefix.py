"""The page up to where the model goes on, as one request sent it. No Qt.

The engine counts code points of what was sent; the page counts UTF-16 units of all its text.
"""

from array import array
from collections.abc import Sequence
from functools import cached_property

from desktop.page import utf16
from desktop.page.excerpt import Excerpt
from desktop.page.page import Page
from models.engine.events import ModelFacts
from models.engine.prefix import Piece, TokenPiece
from models.sampling.knobs import Sampling

Version = tuple[int, int]  # of a page: its length in units and its hash


def version_of(page: Page, end: int | None = None) -> Version:
    """The version of the page as it is now, or of the page up to `end`."""
    length = page.length if end is None else end
    return length, page.prefix_hash(length)


class SentPrefix:
    """An excerpt of the page. pieces: for the engine. version: of the page up to `end`, when it was sent."""

    def __init__(self, page: Page, excerpt: Excerpt, end: int | None = None) -> None:
        self.pieces = excerpt.pieces
        self.version = version_of(page, end)
        self._page, self._end = page, end
        self._excerpt = excerpt
        self._last = 0, excerpt.horizon  # the last answer: code points behind the horizon, and where they end

    def with_tokens(self, ids: Sequence[int]) -> tuple[Piece, ...]:
        """The pieces, and these tokens behind them."""
        return (*self.pieces, TokenPiece(array("i", ids))) if ids else tuple(self.pieces)

    @property
    def is_current(self) -> bool:
        """Whether the page still has what was sent, up to `end`, or where none was given as its whole text."""
        return self.version[0] <= self._page.length and version_of(self._page, self._end) == self.version

    def position(self, code_points: int) -> int:
        """The page position, in units, of the code point with that index, as long as the page changes only behind it.

        The text up to a position is read once, as long as the index grows.
        """
        behind = code_points - self._head_length
        if behind < 0:
            return utf16.unit_offset(self._page.text(0, self._excerpt.head), code_points)
        if behind < self._last[0]:
            self._last = 0, self._excerpt.horizon
        count, position = self._last
        text = self._page.text(position, position + 2 * (behind - count))
        position += utf16.unit_offset(text, behind - count)
        self._last = behind, position
        return position

    def code_points(self, position: int) -> int:
        """The code points sent before that position; 0 where it lies in the text that was only counted."""
        if position <= self._excerpt.horizon:
            return len(self._page.text(0, position)) if position <= self._excerpt.head else 0
        return self._head_length + len(self._page.text(self._excerpt.horizon, position))

    @cached_property
    def _head_length(self) -> int:
        """Code points of the page's beginning, where the excerpt has a gap behind it."""
        return len(self._page.text(0, self._excerpt.head))


def prefix_for(
    page: Page, model: ModelFacts | None, sampling: Sampling, n_keep: int, end: int | None = None, fed: int = 0
) -> SentPrefix:
    """The part of the page up to `end` to send: all that the model's context and the samplers can reach. fed: bytes
    that the grammar needs."""
    fingerprint, context = (model.fingerprint, model.context) if model else ("", 0)
    reach = max(context, sampling.repeat_last_n, sampling.dry_last_n, fed)  # a token has a byte at least
    return SentPrefix(page, page.excerpt(end, fingerprint, reach, n_keep), end)
