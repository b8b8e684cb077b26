"""Vocabularies are the same where every token has the same bytes; tokens are found by their bytes."""

from array import array
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from models.engine.events import VocabularyRead
from models.engine.vocabularies import TokenBytes

TOKENS = st.lists(st.binary(min_size=1, max_size=3), min_size=1, max_size=30)


def read(tokens: list[bytes]) -> VocabularyRead:
    return VocabularyRead(1, b"".join(tokens), array("q", accumulate(map(len, tokens))))


@given(TOKENS, TOKENS)
def test_the_digest_is_that_of_the_tokens(one: list[bytes], other: list[bytes]) -> None:
    assert (TokenBytes(read(one)).digest == TokenBytes(read(other)).digest) == (one == other)


def test_the_same_bytes_cut_elsewhere_are_other_tokens() -> None:
    assert TokenBytes(read([b"ab", b"c"])).digest != TokenBytes(read([b"a", b"bc"])).digest


@given(TOKENS, st.binary(max_size=3))
def test_all_tokens_of_a_spelling_are_found(tokens: list[bytes], wanted: bytes) -> None:
    vocabulary = TokenBytes(read(tokens))
    for text in {*tokens, wanted}:
        expected = [token for token, spelt in enumerate(tokens) if spelt == text]
        assert vocabulary.spelling(text).tolist() == expected
        assert all(vocabulary.of(token) == spelt for token, spelt in enumerate(tokens))
    assert vocabulary.of(len(tokens)) == vocabulary.of(-1) == b""
