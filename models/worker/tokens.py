"""Turns the pieces of a prefix into tokens of one model, and selects the window of them that its context holds.

Text is tokenised piece by piece, and only the pieces that changed.
"""

from __future__ import annotations

import codecs
from array import array
from dataclasses import dataclass, field, replace

from models.engine.prefix import Gap, Piece, TokenPiece
from models.worker.alignment import aligned_bytes
from models.worker.language_model import LanguageModel
from models.worker.replay_check import check_tokens
from resources.language import tr

EMPTY = tr("The page is empty, and this model cannot start from nothing: write a first word.")
UNFINISHED = 64  # last generated tokens that may hold the beginning of an unfinished character


@dataclass(slots=True)
class PageTokens:
    """The tokens of a page, without BOS. ids: those that were sent. gap: the number that were not; they come before
    ids[gap_at]. other: by index in ids, the bytes of the page that a token stands for, where it shows other bytes.
    """

    ids: array[int]
    gap_at: int = 0
    gap: int = 0
    other: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def __len__(self) -> int:
        """The number of tokens, sent or not."""
        return len(self.ids) + self.gap

    def shown(self, index: int, model: LanguageModel) -> bytes:
        """The bytes of the page that ids[index] stands for."""
        return self.other[index] if index in self.other else model.token_bytes(self.ids[index])


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """The tokens of a text. other: as in PageTokens."""

    ids: array[int]
    other: dict[int, bytes]


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens of the page that the context holds: the first `kept` (the header) and the end of the page.

    ids: with BOS in front if the model wants one. dropped: tokens of the page it does not hold, which come after the
    header. start: the index, among the tokens sent, of the first token after the dropped ones.
    """

    ids: array[int]
    dropped: int
    kept: int
    start: int


class Tokens:
    """Tokenises successive prefixes for one model, reusing the tokens of unchanged pieces."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._known: dict[tuple[str, bool], TokenisedText] = {}  # the text pieces of the last prefix

    def of(self, pieces: tuple[Piece, ...]) -> PageTokens:
        """The tokens of the prefix. Sampled tokens are never tokenised again. Raises ModelError."""
        page, known = PageTokens(array("i")), self._known
        self._known = {}
        for index, piece in enumerate(pieces):
            if isinstance(piece, TokenPiece):
                check_tokens(piece.ids, self._model.facts.vocabulary)
                page.ids.extend(piece.ids)
            elif isinstance(piece, Gap):
                page.gap_at, page.gap = len(page.ids), piece.tokens
            else:
                key = (piece.text, index == 0)
                tokenised = known[key] if key in known else self._tokenised(*key)
                self._known[key] = tokenised
                page.other |= {len(page.ids) + index: data for index, data in tokenised.other.items()}
                page.ids.extend(tokenised.ids)
        return page

    def of_text(self, text: str, first: bool) -> TokenisedText:
        """The tokens of a text piece; those of a piece of the last prefix are known. first: it begins the page."""
        return self._known.get((text, first)) or self._tokenised(text, first)

    def _tokenised(self, text: str, first: bool) -> TokenisedText:
        """The tokens of a text, with the bytes they stand for."""
        model, ids = self._model, self._model.tokenize(text, first)
        pieces = [model.token_bytes(token) for token in ids]
        data = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        return TokenisedText(ids, aligned_bytes(data, pieces, lambda index: not model.is_unknown(ids[index]), first))

    def tail(self, pieces: tuple[Piece, ...]) -> list[bytes]:
        """The bytes of the last generated tokens, if the prefix ends with generated tokens."""
        if not pieces or not isinstance(pieces[-1], TokenPiece):
            return []
        return [self._model.token_bytes(token) for token in pieces[-1].ids[-UNFINISHED:]]


class TextOffsets:
    """Counts the code points that the first tokens of a page show: whole characters, U+FFFD for bytes that are no
    UTF-8. Each token is decoded once: the number of tokens asked for must not decrease.
    """

    def __init__(self, model: LanguageModel, page: PageTokens) -> None:
        self._model = model
        self._page = page
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._read = 0
        self._count = 0

    def code_points(self, tokens: int) -> int:
        """The code points of the first `tokens` tokens sent; not fewer tokens than in the call before."""
        model, ids = self._model, self._page.ids
        if self._page.other:
            places = range(self._read, min(tokens, len(ids)))
            shown = b"".join(self._page.shown(index, model) for index in places)
        else:
            shown = b"".join(model.token_bytes(token) for token in ids[self._read : tokens])
        self._read = max(self._read, tokens)
        self._count += len(self._decoder.decode(shown))
        return self._count

    @property
    def inside_character(self) -> bool:
        """Whether the tokens asked for end inside a character, which is not counted."""
        return bool(self._decoder.getstate()[0])


def dropped(tokens: int, room: int) -> int:
    """How many of a page's oldest tokens a window of `room` tokens drops: none, or a multiple of a quarter of `room`.

    It depends on nothing else, so a page opened again gets the window in which it was written.
    """
    step = max(1, room // 4)
    return max(0, -(-(tokens - room) // step)) * step


def header_tokens(n_keep: int, context: int) -> int:
    """How many of the page's first tokens stay in a context that cannot hold all of it: n_keep, half of it at most."""
    return max(0, min(n_keep, context // 2))


def window(page: PageTokens, bos: int, context: int, n_keep: int = 0) -> Window:
    """The part of the page that the model reads. context: tokens, with BOS. n_keep: the page's first tokens that stay;
    the others are dropped as `dropped` says. The window never includes a gap: if fewer tokens follow the gap than the
    window has room for, it holds fewer.
    """
    front = array("i", [bos] if bos >= 0 else [])
    room = context - len(front)
    if len(page) <= room and not page.gap:
        return Window(front + page.ids, 0, 0, 0)
    head = min(header_tokens(n_keep, room), page.gap_at if page.gap else len(page))
    left_out = dropped(len(page) - head, room - head)
    if page.gap:
        left_out = max(left_out, page.gap_at + page.gap - head)
    start = head + left_out - page.gap
    return Window(front + page.ids[:head] + page.ids[start:], left_out, head, start)


def window_before(page: PageTokens, more: int, bos: int, context: int, n_keep: int = 0) -> Window:
    """The window of the page that leaves room for `more` tokens behind it, as if they stood on the page. Its ids are
    empty where the context has no room for them.
    """
    longer = replace(page, ids=page.ids + array("i", [0]) * more)
    found = window(longer, bos, context, n_keep)
    fits = found.kept <= found.start <= len(page.ids)
    return replace(found, ids=found.ids[: len(found.ids) - more] if fits else array("i"))


@dataclass(frozen=True, slots=True)
class Slide:
    """The next slide of a window. within: tokens until it comes. read: tokens that are then read again."""

    within: int
    read: int


def next_slide(page: int, dropped_now: int, bos: int, context: int, n_keep: int, batch: int) -> Slide:
    """When the window of a page of `page` tokens slides next, and how many tokens are then read again. batch: tokens of
    one evaluation; the header is read again from the start of its last batch.
    """
    front = 1 if bos >= 0 else 0
    room = context - front
    head = header_tokens(n_keep, room)
    total = room + dropped_now + 1  # the window holds one too many
    left_out = dropped(total - head, room - head)
    used = front + total - left_out
    return Slide(max(total - page, 0), used - min(front + head, used - 1) // batch * batch)
