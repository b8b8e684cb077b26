"""From the pieces of a prefix to the tokens of one model, and the window of them that its context holds.

Text is tokenised piece by piece, and only pieces that changed. Knows nothing of caches and coins.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from models.engine.backend import Backend
from models.engine.messages import Piece, TextPiece, TokenPiece

UNFINISHED = 64  # tokens of a generated tail that may hold the beginning of an unfinished character


@dataclass(frozen=True, slots=True)
class Window:
    """The end of the page that the context holds. ids: with BOS in front where the model wants one. dropped: tokens
    before it.
    """

    ids: array[int]
    dropped: int


class Tokens:
    """One model's tokens of a prefix that changes a little each time."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._known: dict[tuple[str, bool], array[int]] = {}  # the text pieces of the last prefix

    def of(self, pieces: tuple[Piece, ...]) -> array[int]:
        """The ids of the whole prefix, without BOS. Tokens that were sampled are never tokenised again."""
        ids, known = array("i"), self._known
        self._known = {}
        for index, piece in enumerate(pieces):
            if isinstance(piece, TokenPiece):
                ids.extend(piece.ids)
                continue
            key = (piece.text, index == 0)
            part = known[key] if key in known else self._backend.tokenize(*key)
            self._known[key] = part
            ids.extend(part)
        return ids

    def false_space(self, pieces: tuple[Piece, ...]) -> bool:
        """After `of`: the vocabulary put a space before the page that is not there."""
        if not pieces or isinstance(pieces[0], TokenPiece):
            return False
        shown = b"".join(self._backend.token_bytes(token) for token in self._known[pieces[0].text, True])
        return shown.startswith(b" ") and len(shown) == 1 + len(pieces[0].text.encode("utf-8", "surrogatepass"))

    def code_points(self, first: array[int], false_space: bool) -> int:
        """How many code points of the page its first tokens show."""
        shown = b"".join(self._backend.token_bytes(token) for token in first)
        return len((shown[1:] if false_space else shown).decode("utf-8", "ignore"))

    def tail(self, pieces: tuple[Piece, ...]) -> list[bytes]:
        """The bytes of the last generated tokens, if the prefix ends with such."""
        if not pieces or isinstance(pieces[-1], TextPiece):
            return []
        return [self._backend.token_bytes(token) for token in pieces[-1].ids[-UNFINISHED:]]


def dropped(tokens: int, context: int) -> int:
    """How many of a page's tokens, oldest first, a context leaves out: none, or a multiple of a quarter of it.

    It depends on nothing else, so that a page opened again has the window in which it was written.
    """
    step = max(1, context // 4)
    return max(0, -(-(tokens - context) // step)) * step


def window(page: array[int], bos: int, context: int) -> Window:
    """What the model reads of the page. context: tokens, BOS among them."""
    front = array("i", [bos] if bos >= 0 else [])
    left_out = dropped(len(page), context - len(front))
    return Window(front + page[left_out:], left_out)
