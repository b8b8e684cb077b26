"""The excerpt of a long page that is sent to the engine: the end, from a horizon on that lies well before anything the
model can see, and as much of the beginning as the window keeps. The text between is only counted.

The horizon depends on text and tokens alone, and moves in large steps: what is sent changes little from one request to
the next, and a page opened again is sent in the same way. The count is exact where tokens cover the text, and then so
is the window; for text without tokens it is estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.page import utf16
from desktop.page.chunks import Chunks
from desktop.page.pieces import pieces
from desktop.page.token_table import ends
from models.engine.prefix import Gap, Piece
from resources.language import tr_count

USUAL = 4  # units a token, for the estimate of text without tokens
MOST = 16  # units a token: an upper bound of the average of any text


@dataclass(frozen=True, slots=True)
class Measures:
    """step: units between two positions where a horizon may lie; head_step: the same for the end of the head. searched:
    units after such a position that are searched for a better one. margin: tokens sent beyond those asked for. Tests
    use small ones to meet the edges."""

    step: int = 65_536
    head_step: int = 4_096
    searched: int = 4_096
    margin: int = 1_024


@dataclass(frozen=True, slots=True)
class Excerpt:
    """pieces: for the engine. With a gap, they are the page up to `head` and from `horizon` on, in units; without one
    both are 0."""

    pieces: tuple[Piece, ...]
    head: int = 0
    horizon: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """A number of tokens. exact: no part of it is estimated."""

    tokens: int
    exact: bool

    @property
    def words(self) -> str:
        """As in `1 token` or `about 300 tokens`."""
        exactly = tr_count("{count:,} token", "{count:,} tokens", self.tokens)
        roughly = tr_count("about {count:,} token", "about {count:,} tokens", self.tokens)
        return (exactly if self.exact else roughly).format(count=self.tokens)


def count(chunks: Chunks, start: int, end: int) -> Count:
    """The number of tokens in [start, end), of any model; text without tokens is estimated."""
    tokens, bare = chunks.tally(start, end)
    return Count(tokens + -(-bare // USUAL), not bare)


def excerpt(
    chunks: Chunks, end: int, sources: Sequence[int], reach: int, n_keep: int, measures: Measures = Measures()
) -> Excerpt:
    """The excerpt of the page up to end. sources: indices of those whose generated tokens are sent as tokens. reach:
    number of tokens at the end that the engine may use. n_keep: the same at the beginning."""
    horizon = _horizon(chunks, end, reach + measures.margin, measures)
    head = _head(chunks, horizon, n_keep + measures.margin, measures) if n_keep and horizon else 0
    if head >= horizon:
        return Excerpt(pieces(chunks.tables(end), sources))
    gap = Gap(count(chunks, head, horizon).tokens)
    first, last = pieces(chunks.tables(head), sources), pieces(chunks.tables(end, horizon), sources)
    return Excerpt((*first, gap, *last), head, horizon)


def _horizon(chunks: Chunks, end: int, tokens: int, measures: Measures) -> int:
    """The last position with at least that many tokens after it; 0 where there is none."""
    for place in range(end // measures.step * measures.step, 0, -measures.step):
        if _at_least(chunks, place, end) >= tokens:
            boundary = _boundary(chunks, place, end, measures)
            if _at_least(chunks, boundary, end) >= tokens:
                return boundary
    return 0


def _head(chunks: Chunks, horizon: int, tokens: int, measures: Measures) -> int:
    """The first position with at least that many tokens before it, at most the horizon."""
    for place in range(measures.head_step, horizon, measures.head_step):
        if _at_least(chunks, 0, place) >= tokens:
            return min(_boundary(chunks, place, horizon, measures), horizon)
    return horizon


def _at_least(chunks: Chunks, start: int, end: int) -> int:
    """A lower bound of the tokens in [start, end)."""
    tokens, bare = chunks.tally(start, end)
    return tokens + bare // MOST


def _boundary(chunks: Chunks, place: int, end: int, measures: Measures) -> int:
    """A position at `place` or soon after it where the text is tokenised as if nothing came before it: the beginning of
    a paragraph, else of a word. Never inside a run of tokens."""
    text = utf16.decode(chunks.units(place - 1, min(place + measures.searched, end)))
    places = (i + 1 for i, sign in enumerate(text[:-1]) if sign == "\n" and not text[i + 1].isspace())
    found = next(places, None)
    if found is None:
        found = next((i for i, sign in enumerate(text[1:-1], 1) if sign == " " and not text[i + 1].isspace()), 1)
    place += utf16.length(text[:found]) - 1
    across = chunks.touched(place, place)
    return int(ends(across)[-1]) if len(across) else place
