"""Tokens aligned with the text that they stand for."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.worker.alignment import aligned_bytes

UNKNOWN = "<unk>"


def aligned(text: str, *pieces: str, first: bool = True) -> list[str]:
    """The text that each token stands for."""
    shown = [piece.encode() for piece in pieces]
    other = aligned_bytes(text.encode(), shown, lambda place: pieces[place] != UNKNOWN, first)
    return [other.get(place, piece).decode("utf-8", "replace") for place, piece in enumerate(shown)]


@pytest.mark.parametrize(
    ("text", "pieces", "stands_for"),
    [
        ("the house", ["the", " house"], ["the", " house"]),
        ("the house", [" the", " house"], ["the", " house"]),
        ("the house", [" ", "the", " house"], ["", "the", " house"]),
        (" the", ["  ", "the"], [" ", "the"]),
        ("a▁b", [" a", " b"], ["a", "▁b"]),
        ("▁▁", ["   "], ["▁▁"]),
        ("a▁ ▁b", [" a", "   ", "b"], ["a", "▁ ▁", "b"]),
        ("▁ the ▁", ["   ", "the", "  "], ["▁ ", "the", " ▁"]),
        ("a☃b", [" a", UNKNOWN, "b"], ["a", "☃", "b"]),
        ("a☃☃b", [" a", UNKNOWN, UNKNOWN, "b"], ["a", "☃", "☃", "b"]),
        ("a☃☃☃ the", [" a", UNKNOWN, " the"], ["a", "☃☃☃", " the"]),
        ("☃a☃b☃", [" ", UNKNOWN, "a", UNKNOWN, "b", UNKNOWN], ["", "☃", "a", "☃", "b", "☃"]),
        ("☃", [" ", UNKNOWN], ["", "☃"]),
        ("☃", [UNKNOWN], ["☃"]),
        ("a<unk>b☃", [" a", "<", "unk", ">", "b", UNKNOWN], ["a", "<", "unk", ">", "b", "☃"]),
        ("▁☃▁", ["  ", UNKNOWN, " "], ["▁", "☃", "▁"]),
        ("a   b", [" a", " b"], ["a", "   b"]),
        ("a\nb the house", [" a", " b", " the", " house"], ["a", "\nb", " the", " house"]),
        ("ａｂ the house", [" ab", " the", " house"], ["ａｂ", " the", " house"]),
        (
            "the ﬁrst ﬁsh swims",
            [" the", " fi", "rst", " fi", "sh", " swims"],
            ["the", " ﬁ", "rst", " ﬁ", "sh", " swims"],
        ),
        ("the end  ", [" the", " end"], ["the", " end  "]),
    ],
)
def test_every_token_stands_for_its_own_part(text: str, pieces: list[str], stands_for: list[str]) -> None:
    assert aligned(text, *pieces) == stands_for


def test_tokens_beyond_the_text_stand_for_nothing() -> None:
    assert aligned("①", " ", "1") == ["", "①"] or "".join(aligned("①", " ", "1")) == "①"
    assert "".join(aligned("a", " a", " b", " c")) == "a"


def test_nothing_is_worked_out_where_nothing_differs() -> None:
    def never(_place: int) -> bool:
        raise AssertionError

    assert aligned_bytes(b"the house", [b"the", b" house"], never, first=True) == {}
    assert aligned_bytes(b"the house", [b" the", b" house"], never, first=True) == {0: b"the"}
    assert aligned_bytes(b"", [], never, first=True) == {}


WORDS = st.lists(st.sampled_from(["the", " house", "▁", " ", "☃", "한", "a", "\n", "▁▁ a", "ab" * 9]), max_size=30)


@given(WORDS, st.data(), st.booleans())
def test_all_of_the_text_is_assigned_and_known_parts_keep_their_place(
    words: list[str], data: st.DataObject, first: bool
) -> None:
    """The tokens of a vocabulary without ☃ and 한."""
    text = "".join(words)
    shown = "".join(UNKNOWN if letter in "☃한" else " " if letter == "▁" else letter for letter in text)
    pieces: list[str] = [" "] if first and text else []
    for part in shown.split(UNKNOWN):
        cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(part) - 1)), max_size=4)))
        pieces += [part[begin:end] for begin, end in pairwise([0, *cuts, len(part)]) if part[begin:end]]
        pieces.append(UNKNOWN)
    pieces.pop()
    if pieces:
        found = aligned(text, *pieces, first=first)
        assert "".join(found) == text
        assert [len(one) for one in found if one in ("☃", "한")] == [1] * sum(letter in "☃한" for letter in text)


@given(st.binary(max_size=40), st.lists(st.binary(min_size=1, max_size=6), min_size=1, max_size=12), st.booleans())
def test_whatever_comes_all_of_the_text_is_given(text: bytes, pieces: list[bytes], first: bool) -> None:
    other = aligned_bytes(text, pieces, lambda place: place % 3 != 0, first)
    assert b"".join(other.get(place, piece) for place, piece in enumerate(pieces)) == text
