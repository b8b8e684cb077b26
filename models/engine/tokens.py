"""From the pieces of a prefix to the tokens of one model, and the window of them that its context holds.

Text is tokenised piece by piece, and only pieces that changed. Knows nothing of caches and coins.
"""

from __future__ import annotations

import codecs
from array import array
from dataclasses import dataclass

from models.engine.backend import Backend
from models.engine.messages import Gap, Piece, TextPiece, TokenPiece

UNFINISHED = 64  # tokens of a generated tail that may hold the beginning of an unfinished character


@dataclass(slots=True)
class PageTokens:
    """The tokens of a page, without BOS. ids: those that were sent. gap: tokens that were not; they stand before
    ids[gap_at].
    """

    ids: array[int]
    gap_at: int = 0
    gap: int = 0

    def __len__(self) -> int:
        """All of them, sent or not."""
        return len(self.ids) + self.gap


@dataclass(frozen=True, slots=True)
class Window:
    """What the context holds of the page: the first `kept` tokens, where some stay, and the end of it.

    ids: with BOS in front where the model wants one. dropped: tokens of the page that it does not hold, which stand
    behind the kept ones. start: the place, among the tokens that were sent, of the first behind those.
    """

    ids: array[int]
    dropped: int
    kept: int
    start: int


class Tokens:
    """One model's tokens of a prefix that changes a little each time."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._known: dict[tuple[str, bool], array[int]] = {}  # the text pieces of the last prefix

    def of(self, pieces: tuple[Piece, ...]) -> PageTokens:
        """The tokens of the whole prefix. Those that were sampled are never tokenised again."""
        page, known = PageTokens(array("i")), self._known
        self._known = {}
        for index, piece in enumerate(pieces):
            if isinstance(piece, TokenPiece):
                page.ids.extend(piece.ids)
            elif isinstance(piece, Gap):
                page.gap_at, page.gap = len(page.ids), piece.tokens
            else:
                key = (piece.text, index == 0)
                part = known[key] if key in known else self._backend.tokenize(*key)
                self._known[key] = part
                page.ids.extend(part)
        return page

    def false_space(self, pieces: tuple[Piece, ...]) -> bool:
        """After `of`: the vocabulary put a space before the page that is not there."""
        if not pieces or not isinstance(pieces[0], TextPiece):
            return False
        shown = b"".join(self._backend.token_bytes(token) for token in self._known[pieces[0].text, True])
        return shown.startswith(b" ") and len(shown) == 1 + len(pieces[0].text.encode("utf-8", "surrogatepass"))

    def tail(self, pieces: tuple[Piece, ...]) -> list[bytes]:
        """The bytes of the last generated tokens, if the prefix ends with such."""
        if not pieces or not isinstance(pieces[-1], TokenPiece):
            return []
        return [self._backend.token_bytes(token) for token in pieces[-1].ids[-UNFINISHED:]]


class Shown:
    """How many code points the first tokens of a page show: whole characters, U+FFFD for bytes that are none. Asked of
    ever more tokens, as a window slides; each is looked at once.
    """

    def __init__(self, backend: Backend, page: PageTokens, false_space: bool) -> None:
        """false_space: the page's first token shows a space that is not there."""
        self._backend = backend
        self._page = page
        self._whole = codecs.getincrementaldecoder("utf-8")("replace")
        self._read = 0
        self._count = -1 if false_space else 0

    def by(self, tokens: int) -> int:
        """Of the first `tokens` that were sent; not fewer than were asked for before."""
        shown = b"".join(self._backend.token_bytes(token) for token in self._page.ids[self._read : tokens])
        self._read = max(self._read, tokens)
        self._count += len(self._whole.decode(shown))
        return max(self._count, 0)

    @property
    def inside_character(self) -> bool:
        """The tokens asked for end inside a character, which is not counted."""
        return bool(self._whole.getstate()[0])


def dropped(tokens: int, room: int) -> int:
    """How many of a page's tokens, oldest first, a window leaves out: none, or a multiple of a quarter of it.

    It depends on nothing else, so that a page opened again has the window in which it was written.
    """
    step = max(1, room // 4)
    return max(0, -(-(tokens - room) // step)) * step


def kept(keep: int, context: int) -> int:
    """How many of the page's first tokens may stay in a context that all of it does not fit in: half of it at most."""
    return max(0, min(keep, context // 2))


def window(page: PageTokens, bos: int, context: int, keep: int = 0) -> Window:
    """What the model reads of the page. context: tokens, BOS among them. keep: of the page's first tokens, so many
    stay; the others are dropped as `dropped` says. A gap is never reached into: where fewer tokens were sent behind it
    than the window has room for, it holds fewer.
    """
    front = array("i", [bos] if bos >= 0 else [])
    room = context - len(front)
    if len(page) <= room and not page.gap:
        return Window(front + page.ids, 0, 0, 0)
    head = min(kept(keep, room), page.gap_at if page.gap else len(page))
    left_out = dropped(len(page) - head, room - head)
    if page.gap:
        left_out = max(left_out, page.gap_at + page.gap - head)
    start = head + left_out - page.gap
    return Window(front + page.ids[:head] + page.ids[start:], left_out, head, start)


@dataclass(frozen=True, slots=True)
class Slide:
    """The next slide of a window. within: tokens until it comes. read: tokens that are then read anew."""

    within: int
    read: int


def next_slide(page: int, dropped_now: int, bos: int, context: int, keep: int, batch: int) -> Slide:
    """When the window slides next, of a page of so many tokens, and what that costs. batch: tokens of one evaluation;
    those that are kept are read again from the beginning of the last one's on.
    """
    front = 1 if bos >= 0 else 0
    room = context - front
    head = kept(keep, room)
    total = room + dropped_now + 1  # the window holds one too many
    left_out = dropped(total - head, room - head)
    used = front + total - left_out
    return Slide(max(total - page, 0), used - min(front + head, used - 1) // batch * batch)
