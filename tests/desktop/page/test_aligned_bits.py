"""The bits of two models for the same characters, against a naive oracle that walks from character to character."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.page.aligned_bits import Aligned, Tokens, align

Token = tuple[int, int, float]
Stretch = tuple[int, int, float, float]


@st.composite
def token_lists(draw: st.DrawFn) -> list[Token]:
    """Tokens of a text of some 30 characters, with gaps; bits in quarters, so that sums are exact."""
    found: list[Token] = []
    place = draw(st.integers(0, 4))
    while place < 30:
        end = place + draw(st.integers(1, 6))
        if draw(st.integers(0, 9)):
            bits = draw(st.one_of(st.integers(0, 40).map(lambda n: n / 4), st.sampled_from([math.nan, math.inf])))
            found.append((place, end, bits))
        place = end
    return found


def by_hand(first: list[Token], second: list[Token]) -> list[Stretch]:
    """From each common border, walk to the next one; keep what both cover."""
    borders = {place for token in first for place in token[:2]} & {place for token in second for place in token[:2]}
    found: list[Stretch] = []
    for start in sorted(borders):
        end = next((place for place in sorted(borders) if place > start), None)
        if end is None:
            break
        inside = [[token for token in tokens if start <= token[0] and token[1] <= end] for tokens in (first, second)]
        characters = [{place for token in tokens for place in range(token[0], token[1])} for tokens in inside]
        if characters == [set(range(start, end))] * 2:
            bits = [sum(token[2] for token in tokens) for tokens in inside]
            found.append((start, end, bits[0], bits[1]))
    return found


def stretches(found: Aligned) -> list[Stretch]:
    columns = (found.starts, found.ends, found.first, found.second)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def same(one: list[Stretch], other: list[Stretch]) -> bool:
    return len(one) == len(other) and all(
        a[:2] == b[:2] and np.array_equal(a[2:], b[2:], equal_nan=True) for a, b in zip(one, other, strict=True)
    )


@given(token_lists(), token_lists())
def test_as_by_hand(first: list[Token], second: list[Token]) -> None:
    found = align(Tokens.of(first), Tokens.of(second))
    assert same(stretches(found), by_hand(first, second))
    for start, end, *bits in stretches(found):
        for offset in range(start, end):
            assert same([found.at(offset)], [(start, end, bits[0], bits[1])])  # pyright: ignore[reportArgumentType]


@given(token_lists())
def test_the_same_tokens_align_one_by_one(tokens: list[Token]) -> None:
    found = align(Tokens.of(tokens), Tokens.of(tokens))
    assert same(stretches(found), [(start, end, bits, bits) for start, end, bits in tokens])


@given(token_lists(), token_lists())
def test_it_does_not_matter_which_comes_first(first: list[Token], second: list[Token]) -> None:
    one, other = align(Tokens.of(first), Tokens.of(second)), align(Tokens.of(second), Tokens.of(first))
    assert same(stretches(one), [(a, b, y, x) for a, b, x, y in stretches(other)])


def test_an_example() -> None:
    """`light|house keep|er` and `lighthouse| |keep|er`: both have a border at 0, 15 and 17."""
    first = Tokens.of([(0, 5, 3.0), (5, 15, 2.0), (15, 17, 0.5)])
    second = Tokens.of([(0, 10, 4.0), (10, 11, 0.25), (11, 15, 1.0), (15, 17, 1.5)])
    found = align(first, second)
    assert stretches(found) == [(0, 15, 5.0, 5.25), (15, 17, 0.5, 1.5)]
    assert found.at(14) == (0, 15, 5.0, 5.25) and found.at(15) == (15, 17, 0.5, 1.5)
    assert found.at(17) is None and found.at(-1) is None


@pytest.mark.parametrize("tokens", [[], [(3, 4, 1.0)]])
def test_nothing_in_common(tokens: list[Token]) -> None:
    for pair in ((tokens, []), ([], tokens), (tokens, [(0, 2, 1.0)])):
        assert not stretches(align(Tokens.of(pair[0]), Tokens.of(pair[1])))
