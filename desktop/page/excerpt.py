"""What of a long page goes to the engine: the end of it, from a horizon on that lies well before anything the model can
see, and as much of its beginning as the window keeps. What lies between is only counted.

The horizon depends on text and tokens alone, and moves in large steps: what is sent changes little from one request to
the next, and a page opened again is sent in the same way. Where tokens cover the text the count is exact, and so is the
window; of text without tokens it is estimated. Knows nothing of pipes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.page import utf16
from desktop.page.chunks import Chunks
from desktop.page.pieces import pieces
from desktop.page.token_table import ends
from models.engine.prefix import Gap, Piece
from resources.language import tr_count

USUAL = 4  # units of a token, where text is only counted
MOST = 16  # units of a token that text surely does not exceed on the whole


@dataclass(frozen=True, slots=True)
class Measures:
    """step: units between two places where a horizon may lie; head_step: the same for the end of the beginning that is
    kept. searched: units behind such a place among which a good one is looked for. margin: tokens that are sent beyond
    those that are asked for. Tests take small ones to meet the edges."""

    step: int = 65_536
    head_step: int = 4_096
    searched: int = 4_096
    margin: int = 1_024


@dataclass(frozen=True, slots=True)
class Excerpt:
    """pieces: for the engine. Where there is a gap, the page up to `head` and the page from `horizon` on; else both
    are 0."""

    pieces: tuple[Piece, ...]
    head: int = 0
    horizon: int = 0


@dataclass(frozen=True, slots=True)
class Count:
    """Tokens of a stretch of the page. exact: none of it had to be estimated."""

    tokens: int
    exact: bool

    @property
    def words(self) -> str:
        """As in `1 token` or `about 300 tokens`."""
        exactly = tr_count("{count:,} token", "{count:,} tokens", self.tokens)
        roughly = tr_count("about {count:,} token", "about {count:,} tokens", self.tokens)
        return (exactly if self.exact else roughly).format(count=self.tokens)


def count(chunks: Chunks, start: int, end: int) -> Count:
    """How many tokens that stretch has, whoever drew or read them; text without tokens is estimated."""
    tokens, bare = chunks.tally(start, end)
    return Count(tokens + -(-bare // USUAL), not bare)


def excerpt(
    chunks: Chunks, end: int, sources: Sequence[int], reach: int, n_keep: int, measures: Measures = Measures()
) -> Excerpt:
    """What to send of the page up to end. sources: those whose generated tokens stay tokens. reach: how many of the
    last tokens the engine may look at. n_keep: how many of the first."""
    horizon = _horizon(chunks, end, reach + measures.margin, measures)
    head = _head(chunks, horizon, n_keep + measures.margin, measures) if n_keep and horizon else 0
    if head >= horizon:
        return Excerpt(pieces(chunks.tables(end), sources))
    gap = Gap(count(chunks, head, horizon).tokens)
    first, last = pieces(chunks.tables(head), sources), pieces(chunks.tables(end, horizon), sources)
    return Excerpt((*first, gap, *last), head, horizon)


def _horizon(chunks: Chunks, end: int, tokens: int, measures: Measures) -> int:
    """The last place behind which there are surely so many tokens; 0 where there is none."""
    for place in range(end // measures.step * measures.step, 0, -measures.step):
        if _surely(chunks, place, end) >= tokens:
            good = _good(chunks, place, end, measures)
            if _surely(chunks, good, end) >= tokens:
                return good
    return 0


def _head(chunks: Chunks, horizon: int, tokens: int, measures: Measures) -> int:
    """The first place before which there are surely so many tokens, not behind the horizon."""
    for place in range(measures.head_step, horizon, measures.head_step):
        if _surely(chunks, 0, place) >= tokens:
            return min(_good(chunks, place, horizon, measures), horizon)
    return horizon


def _surely(chunks: Chunks, start: int, end: int) -> int:
    tokens, bare = chunks.tally(start, end)
    return tokens + bare // MOST


def _good(chunks: Chunks, place: int, end: int, measures: Measures) -> int:
    """A place at that one or soon behind it at which text is tokenised as if nothing stood before it: where a paragraph
    begins, else a word. Never inside a run of tokens."""
    text = utf16.decode(chunks.units(place - 1, min(place + measures.searched, end)))
    places = (i + 1 for i, sign in enumerate(text[:-1]) if sign == "\n" and not text[i + 1].isspace())
    found = next(places, None)
    if found is None:
        found = next((i for i, sign in enumerate(text[1:-1], 1) if sign == " " and not text[i + 1].isspace()), 1)
    place += utf16.length(text[:found]) - 1
    across = chunks.touched(place, place)
    return int(ends(across)[-1]) if len(across) else place
