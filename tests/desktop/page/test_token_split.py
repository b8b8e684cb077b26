"""The tokens of text that no model has read, through edits: against a list that is filtered naively."""

import random

import pytest

from desktop.page import token_split
from desktop.page.edit import Change
from desktop.page.token_split import SplitRun, TokenSplit
from tests.desktop.page.conftest import MakeSpan


@pytest.fixture
def split(span: MakeSpan) -> TokenSplit:
    """“The old 한 lamp” in tokens: [0, 3) [3, 7) [7, 9) of three tokens, [9, 14)."""
    split = TokenSplit()
    split.put(0, [span("The", 1), span(" old", 2), span(" 한", 3, 4, 5), span(" lamp", 6)])
    return split


def ranges(split: TokenSplit) -> list[tuple[int, int]]:
    return [(run.start, run.end) for run in split.between(0, 10_000)]


def test_it_holds_ids_and_bytes_of_each_token(split: TokenSplit) -> None:
    assert split.between(3, 7) == [SplitRun(3, 7, ((2, b" old"),))]
    (run,) = split.between(8, 9)
    assert run.tokens == ((3, b" "), (4, b"\xed"), (5, b"\x95\x9c"))
    assert ranges(split) == [(0, 3), (3, 7), (7, 9), (9, 14)]


def test_new_tokens_take_the_place_of_those_that_they_meet(split: TokenSplit, span: MakeSpan) -> None:
    split.put(5, [span("ld 한", 8)])
    assert ranges(split) == [(0, 3), (5, 9), (9, 14)]
    split.put(20, [span("far", 9)])
    assert ranges(split) == [(0, 3), (5, 9), (9, 14), (20, 23)]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (Change(14, 0, 3, "typing"), [(0, 3), (3, 7), (7, 9)]),  # the last token may go on
        (Change(5, 0, 1, "typing"), [(0, 3), (8, 10), (10, 15)]),
        (Change(3, 0, 2, "typing"), [(9, 11), (11, 16)]),
        (Change(4, 4, 0, "typing"), [(0, 3), (5, 10)]),
        (Change(0, 14, 0, "typing"), []),
        (Change(14, 0, 3, "generation"), [(0, 3), (3, 7), (7, 9), (9, 14)]),
        (Change(7, 0, 3, "generation"), [(0, 3), (3, 7), (10, 12), (12, 17)]),
        (Change(4, 0, 3, "generation"), [(0, 3), (10, 12), (12, 17)]),
        (Change(30, 0, 3, "typing"), [(0, 3), (3, 7), (7, 9), (9, 14)]),
        (Change(0, 0, 0, "read"), [(0, 3), (3, 7), (7, 9), (9, 14)]),
        (Change(0, 14, 9, "file"), []),
    ],
)
def test_it_moves_with_the_text_and_forgets_what_an_edit_touches(
    split: TokenSplit, change: Change, left: list[tuple[int, int]]
) -> None:
    split.follow(change)
    assert ranges(split) == left


def test_random_edits_against_a_naive_list(span: MakeSpan) -> None:
    chance = random.Random(3)
    split, naive = TokenSplit(), list[tuple[int, int]]()
    for _ in range(400):
        start = chance.randrange(60)
        if chance.random() < 0.4:
            lengths = [chance.randrange(1, 5) for _ in range(chance.randrange(1, 6))]
            split.put(start, [span("x" * length, 1) for length in lengths])
            end = start + sum(lengths)
            naive = [one for one in naive if one[1] <= start or one[0] >= end]
            for length in lengths:
                naive.append((start, start + length))
                start += length
        else:
            removed, added = chance.randrange(6), chance.randrange(6)
            split.follow(Change(start, removed, added, "typing"))
            if removed or added:
                by = added - removed
                naive = [
                    (a, b) if b < start else (a + by, b + by) for a, b in naive if b < start or a > start + removed
                ]
        naive.sort()
        assert ranges(split) == naive


def test_no_more_runs_stay_in_memory_than_that(
    split: TokenSplit, span: MakeSpan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_split, "MOST", 3)
    split.put(50, [span("new", 7)])
    assert ranges(split) == [(50, 53)]
