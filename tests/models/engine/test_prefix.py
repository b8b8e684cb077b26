"""Patches of the prefix against a simple oracle: a flat list of units."""

from array import array
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.engine.prefix import Gap, Patch, Piece, TextPiece, TokenPiece, apply, common, difference, joined

texts = st.text(alphabet="ab한🌊\ud800\n", max_size=8).map(TextPiece)
tokens = st.lists(st.integers(0, 3), max_size=8).map(lambda ids: TokenPiece(array("i", ids)))
gaps = st.integers(1, 3).map(Gap)
prefixes = st.lists(st.one_of(texts, tokens, gaps), max_size=6).map(joined)


def flat(pieces: tuple[Piece, ...]) -> list[str | int | Gap]:
    return [unit for piece in pieces for unit in units(piece)]


def units(piece: Piece) -> Sequence[str | int | Gap]:
    match piece:
        case TextPiece():
            return piece.text
        case TokenPiece():
            return piece.ids
        case Gap():
            return [piece]


@given(st.lists(st.one_of(texts, tokens), max_size=6))
def test_joined_keeps_every_unit_and_leaves_no_empty_piece_and_no_equal_neighbours(pieces: list[Piece]) -> None:
    whole = joined(pieces)
    assert flat(whole) == flat(tuple(pieces))
    assert all(len(piece) for piece in whole)
    assert all(type(left) is not type(right) for left, right in pairwise(whole))


@given(prefixes, prefixes)
def test_a_patch_turns_one_prefix_into_another(held: tuple[Piece, ...], wanted: tuple[Piece, ...]) -> None:
    assert apply(difference(held, wanted), held) == wanted


@given(prefixes, prefixes)
def test_a_patch_sends_nothing_that_both_begin_with(held: tuple[Piece, ...], wanted: tuple[Piece, ...]) -> None:
    same = 0
    for left, right in zip(flat(held), flat(wanted), strict=False):
        if left != right:
            break
        same += 1
    assert len(flat(difference(held, wanted).pieces)) == len(flat(wanted)) - same


@given(st.lists(st.integers(0, 1), max_size=40), st.lists(st.integers(0, 1), max_size=40))
def test_common_counts_units_one_by_one(left: list[int], right: list[int]) -> None:
    naive = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    assert common(array("i", left), array("i", right)) == naive


def test_the_first_prefix_is_sent_whole() -> None:
    wanted = (TextPiece("once"),)
    assert difference((), wanted) == Patch(0, 0, wanted)
