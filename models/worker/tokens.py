"""From the pieces of a prefix to the tokens of one model, and the window of them that its context holds.

Text is tokenised piece by piece, and only pieces that changed. Knows nothing of caches and coins.
"""

from __future__ import annotations

import codecs
from array import array
from dataclasses import dataclass, field

from models.engine.prefix import Gap, Piece, TokenPiece
from models.worker.alignment import shares
from models.worker.language_model import LanguageModel

UNFINISHED = 64  # tokens of a generated tail that may hold the beginning of an unfinished character


@dataclass(slots=True)
class PageTokens:
    """The tokens of a page, without BOS. ids: those that were sent. gap: tokens that were not; they stand before
    ids[gap_at]. other: by place among the ids, the bytes of the page that a token stands for, where it shows others.
    """

    ids: array[int]
    gap_at: int = 0
    gap: int = 0
    other: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def __len__(self) -> int:
        """All of them, sent or not."""
        return len(self.ids) + self.gap

    def shown(self, place: int, model: LanguageModel) -> bytes:
        """The bytes of the page that the token at that place, among those that were sent, stands for."""
        return self.other[place] if place in self.other else model.token_bytes(self.ids[place])


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """A text's tokens. other: as PageTokens has it."""

    ids: array[int]
    other: dict[int, bytes]


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

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._known: dict[tuple[str, bool], TokenisedText] = {}  # the text pieces of the last prefix

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
                cut = known[key] if key in known else self._cut(*key)
                self._known[key] = cut
                page.other |= {len(page.ids) + place: share for place, share in cut.other.items()}
                page.ids.extend(cut.ids)
        return page

    def _cut(self, text: str, first: bool) -> TokenisedText:
        """The tokens of a text, and what they stand for."""
        model, ids = self._model, self._model.tokenize(text, first)
        pieces = [model.token_bytes(token) for token in ids]
        data = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        return TokenisedText(ids, shares(data, pieces, lambda place: not model.is_unknown(ids[place]), first))

    def tail(self, pieces: tuple[Piece, ...]) -> list[bytes]:
        """The bytes of the last generated tokens, if the prefix ends with such."""
        if not pieces or not isinstance(pieces[-1], TokenPiece):
            return []
        return [self._model.token_bytes(token) for token in pieces[-1].ids[-UNFINISHED:]]


class TextOffsets:
    """How many code points the first tokens of a page show: whole characters, U+FFFD for bytes that are none. Asked of
    ever more tokens, as a window slides; each is looked at once.
    """

    def __init__(self, model: LanguageModel, page: PageTokens) -> None:
        self._model = model
        self._page = page
        self._whole = codecs.getincrementaldecoder("utf-8")("replace")
        self._read = 0
        self._count = 0

    def by(self, tokens: int) -> int:
        """Of the first `tokens` that were sent; not fewer than were asked for before."""
        model, ids = self._model, self._page.ids
        if self._page.other:
            places = range(self._read, min(tokens, len(ids)))
            shown = b"".join(self._page.shown(place, model) for place in places)
        else:
            shown = b"".join(model.token_bytes(token) for token in ids[self._read : tokens])
        self._read = max(self._read, tokens)
        self._count += len(self._whole.decode(shown))
        return self._count

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


def kept(n_keep: int, context: int) -> int:
    """How many of the page's first tokens may stay in a context that all of it does not fit in: half of it at most."""
    return max(0, min(n_keep, context // 2))


def window(page: PageTokens, bos: int, context: int, n_keep: int = 0) -> Window:
    """What the model reads of the page. context: tokens, BOS among them. n_keep: of the page's first tokens, so many
    stay; the others are dropped as `dropped` says. A gap is never reached into: where fewer tokens were sent behind it
    than the window has room for, it holds fewer.
    """
    front = array("i", [bos] if bos >= 0 else [])
    room = context - len(front)
    if len(page) <= room and not page.gap:
        return Window(front + page.ids, 0, 0, 0)
    head = min(kept(n_keep, room), page.gap_at if page.gap else len(page))
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


def next_slide(page: int, dropped_now: int, bos: int, context: int, n_keep: int, batch: int) -> Slide:
    """When the window slides next, of a page of so many tokens, and what that costs. batch: tokens of one evaluation;
    those that are kept are read again from the beginning of the last one's on.
    """
    front = 1 if bos >= 0 else 0
    room = context - front
    head = kept(n_keep, room)
    total = room + dropped_now + 1  # the window holds one too many
    left_out = dropped(total - head, room - head)
    used = front + total - left_out
    return Slide(max(total - page, 0), used - min(front + head, used - 1) // batch * batch)
