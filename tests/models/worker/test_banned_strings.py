"""Banned strings in a stream's text, against a search over its bytes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from models.worker.banned_strings import BEFORE, BannedStrings, StreamText

PIECES = (b"a", b"b", b"ab", b"bA", b"B", "é".encode(), b"\xc3", b"\xa9", b"b\xc3", b"")
pieces = st.lists(st.sampled_from(PIECES), max_size=8)
strings = st.lists(st.text(st.sampled_from("abé"), min_size=1, max_size=4), min_size=1, max_size=3)


def completed(tokens: Sequence[bytes], before: int, banned: Sequence[str]) -> int | None:
    """Where the banned string begins that the last token completes; `before`: tokens of the prefix."""
    data = b"".join(tokens).lower()
    owners = [place for place, token in enumerate(tokens) for _ in token]
    for end in range(len(data) - len(tokens[-1]) + 1, len(data) + 1):
        for string in sorted((text.encode() for text in banned), key=lambda data: -len(data.decode())):
            if data[:end].endswith(string):
                return max(owners[end - len(string)] - before, BEFORE)
    return None


@given(pieces, pieces, strings)
@example([b"a"], [b"b"], ["ab"])  # it begins in the prefix
@example([b"\xc3"], [b"\xa9"], ["é"])
@example([], [b"b\xc3", b"\xa9a"], ["éa"])  # it begins inside a token
def test_a_string_is_found_at_its_last_token_with_the_place_of_its_first(
    before: list[bytes], tokens: list[bytes], banned: list[str]
) -> None:
    text, told = StreamText(BannedStrings.of(banned), before), []
    for count, token in enumerate(tokens):
        begins = text.begins
        found = text.feed(token)
        expected = completed([*before, *tokens[: count + 1]], len(before), banned)
        assert found == expected
        if found is not None:
            assert found == count or (begins is not None and begins <= found)  # it was held back
            return
        told.append(found)


@given(pieces, pieces, pieces, strings)
def test_what_is_taken_back_leaves_no_trace(
    before: list[bytes], first: list[bytes], then: list[bytes], banned: list[str]
) -> None:
    def fed(text: StreamText, tokens: list[bytes]) -> list[object]:
        found: list[object] = []
        for token in tokens:
            found += [text.feed(token), text.begins]
        return found

    prepared = BannedStrings.of(banned)
    text, fresh = StreamText(prepared, before), StreamText(prepared, before)
    fed(text, first)
    if first:
        text.take_back(0)
    assert fed(text, then) == fed(fresh, then)


def test_capitals_count_as_small_letters_and_empty_strings_are_ignored() -> None:
    text = StreamText(BannedStrings.of(["", "DeLve", "İx", "ÄÖ"]), [b"to "])
    assert [text.feed(token) for token in (b"DEL", b"vE")] == [None, 0]
    text.take_back(0)
    assert [text.feed(token.encode()) for token in ("äö", "İx")] == [0, 1]
    empty = StreamText(BannedStrings.of([""]), [])
    assert empty.feed(b"x") is None and empty.begins is None


def test_only_what_may_become_a_string_is_held() -> None:
    text = StreamText(BannedStrings.of(["abcd", "xy"]), [])
    held = [(text.feed(token), text.begins)[1] for token in (b"q", b"a", b"bc", b"x", b"q", "é".encode()[:1])]
    assert held == [None, 1, 1, 3, None, 5]
