"""The prefix as a sequence of pieces, and patches from one prefix to the next (pure functions).

The parent makes patches and the child applies them: both hold the same pieces, and only the difference is sent. On both
sides neighbours of one kind are one piece (except gaps) and no piece is empty.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Text that the child tokenises, without special tokens. Length in code points."""

    text: str

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class TokenPiece:
    """Token ids of the loaded model's vocabulary, exactly as they were sampled (typecode 'i')."""

    ids: array[int]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the page that is not sent, because all of it is outside the window. tokens: its length, or an
    estimate.
    """

    tokens: int

    def __len__(self) -> int:
        """1: a gap is one unit of the prefix and cannot be divided."""
        return 1


Piece = TextPiece | TokenPiece | Gap


@dataclass(frozen=True, slots=True)
class Patch:
    """The prefix (the page up to where the model reads or writes) as a change of the prefix last sent to this child.

    The new prefix is the first `same` pieces of the old one, `within` units (code points of a text piece, ids of a
    token piece) of its next piece, and then `pieces`.
    """

    same: int
    within: int
    pieces: tuple[Piece, ...]


def joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same prefix with neighbours of one kind joined and empty pieces removed."""
    result: list[Piece] = []
    for piece in pieces:
        if not len(piece):
            continue
        result[-1:] = _join(result[-1], piece) if result else (piece,)
    return tuple(result)


def apply(patch: Patch, held: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The prefix after the patch."""
    part = (_part(held[patch.same], 0, patch.within),) if patch.within else ()
    return joined((*held[: patch.same], *part, *patch.pieces))


def difference(held: tuple[Piece, ...], wanted: tuple[Piece, ...]) -> Patch:
    """The patch from `held` to `wanted` (both joined)."""
    same = 0
    while same < min(len(held), len(wanted)) and held[same] == wanted[same]:
        same += 1
    if same == len(held) or same == len(wanted):
        return Patch(same, 0, wanted[same:])
    within = _common(held[same], wanted[same])
    if not within:
        return Patch(same, 0, wanted[same:])
    rest = _part(wanted[same], within, len(wanted[same]))
    return Patch(same, within, ((rest,) if len(rest) else ()) + wanted[same + 1 :])


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
    """The length of the common prefix of two pieces, in units; 0 if they are of different kinds."""
    if isinstance(left, TextPiece) and isinstance(right, TextPiece):
        return common(left.text, right.text)
    if isinstance(left, TokenPiece) and isinstance(right, TokenPiece):
        return common(left.ids, right.ids)
    return 0


def common(left: str | array[int], right: str | array[int]) -> int:
    """The length of the common prefix of two sequences, by bisection: comparing slices runs at the speed of memory."""
    equal, limit = 0, min(len(left), len(right))
    while equal < limit:
        middle = (equal + limit + 1) // 2
        if left[equal:middle] == right[equal:middle]:
            equal = middle
        else:
            limit = middle - 1
    return equal
