"""The prefix as pieces, and the change from one prefix to the next (pure).

The parent makes patches, the child applies them: both hold the same pieces and send only what differs. Neighbours of
one kind are one piece (but for gaps) and no piece is empty, on both sides. Knows nothing of tokens' meaning nor of
pipes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Text that somebody wrote. The child tokenises it; never with special tokens."""

    text: str

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class TokenPiece:
    """Tokens of the loaded model's vocabulary, exactly as they were sampled (typecode 'i', one id each)."""

    ids: array[int]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the page that is not sent: all of it lies before what the window can hold. tokens: how many it has,
    as well as is known.
    """

    tokens: int

    def __len__(self) -> int:
        """It stands in the prefix as one thing that cannot be divided."""
        return 1


Piece = TextPiece | TokenPiece | Gap


@dataclass(frozen=True, slots=True)
class Patch:
    """The prefix (the page up to where the model reads or writes) as a change of the prefix last sent to this child.

    Keep the first `kept` pieces whole and `within` units (code points of a text piece, ids of a token piece) of the
    next one; put `pieces` behind. Neighbouring pieces of one kind are one piece. Neither side ever holds an empty
    piece.
    """

    kept: int
    within: int
    pieces: tuple[Piece, ...]


def joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same prefix with neighbours of one kind made one, and nothing empty."""
    result: list[Piece] = []
    for piece in pieces:
        if not len(piece):
            continue
        result[-1:] = _join(result[-1], piece) if result else (piece,)
    return tuple(result)


def apply(patch: Patch, held: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """What the prefix is after the patch."""
    part = (_part(held[patch.kept], 0, patch.within),) if patch.within else ()
    return joined((*held[: patch.kept], *part, *patch.pieces))


def difference(held: tuple[Piece, ...], wanted: tuple[Piece, ...]) -> Patch:
    """The patch that makes `wanted` of `held` (both joined)."""
    kept = 0
    while kept < min(len(held), len(wanted)) and held[kept] == wanted[kept]:
        kept += 1
    if kept == len(held) or kept == len(wanted):
        return Patch(kept, 0, wanted[kept:])
    within = _common(held[kept], wanted[kept])
    if not within:
        return Patch(kept, 0, wanted[kept:])
    rest = _part(wanted[kept], within, len(wanted[kept]))
    return Patch(kept, within, ((rest,) if len(rest) else ()) + wanted[kept + 1 :])


def _join(left: Piece, right: Piece) -> tuple[Piece, ...]:
    if isinstance(left, TextPiece) and isinstance(right, TextPiece):
        return (TextPiece(left.text + right.text),)
    if isinstance(left, TokenPiece) and isinstance(right, TokenPiece):
        return (TokenPiece(left.ids + right.ids),)
    return (left, right)


def _part(piece: Piece, start: int, end: int) -> Piece:
    if isinstance(piece, TextPiece):
        return TextPiece(piece.text[start:end])
    if isinstance(piece, Gap):
        return piece
    return TokenPiece(piece.ids[start:end])


def _common(left: Piece, right: Piece) -> int:
    """Units that both begin with; none where they are of different kinds."""
    if isinstance(left, TextPiece) and isinstance(right, TextPiece):
        return common(left.text, right.text)
    if isinstance(left, TokenPiece) and isinstance(right, TokenPiece):
        return common(left.ids, right.ids)
    return 0


def common(left: str | array[int], right: str | array[int]) -> int:
    """How many units both begin with, by halving: a comparison of slices runs at the speed of memory."""
    same, limit = 0, min(len(left), len(right))
    while same < limit:
        middle = (same + limit + 1) // 2
        if left[same:middle] == right[same:middle]:
            same = middle
        else:
            limit = middle - 1
    return same
