"""Finding: plain text as it stands, whole words, expressions; positions in units; nothing hangs."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.finding import search
from desktop.finding.search import Match, Query, QueryError, find
from desktop.page import utf16


def places(query: Query, text: str) -> list[str]:
    units = utf16.encode(text)
    return [utf16.decode(units[2 * match.start : 2 * match.end]) for match in find(query, text)]


@given(st.text("ab.🌊\n", max_size=30), st.text("ab.🌊", min_size=1, max_size=3))
def test_plain_words_are_found_as_they_stand(text: str, words: str) -> None:
    found = list(find(Query(words, case=True), text))
    assert len(found) == text.count(words)
    assert places(Query(words, case=True), text) == [words] * len(found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query("boat"), ["Boat", "boat", "boat"]),
        (Query("boat", case=True), ["boat", "boat"]),
        (Query("boat", whole=True), ["Boat", "boat"]),
        (Query(r"b\w+", expression=True), ["Boat", "boat", "boats"]),
        (Query("b.", expression=False), []),
        (Query("boat", within=(5, 100)), ["boat", "boat"]),
        (Query("x*", expression=True), []),
        (Query("^the.*$", expression=True), ["the boats"]),
        (Query(""), []),
    ],
)
def test_what_is_asked_for(query: Query, found: list[str]) -> None:
    assert places(query, "Boat 🌊 boat,\nthe boats") == found


def test_replacements_of_an_expression_know_its_groups() -> None:
    assert list(find(Query(r"(\w)(\w)", expression=True), "🌊ab", r"\2-\1")) == [Match(2, 4, "b-a")]
    assert list(find(Query("a"), "a", r"\1")) == [Match(0, 1, r"\1")]


@pytest.mark.parametrize(("words", "instead"), [("(", ""), ("a", r"\7"), ("[", "")])
def test_what_cannot_be_read_is_a_sentence(words: str, instead: str) -> None:
    with pytest.raises(QueryError, match="cannot be read"):
        list(find(Query(words, expression=True), "aaa", instead))


def test_an_expression_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PATIENCE", 0.2)
    begun = time.monotonic()
    with pytest.raises(QueryError, match="too long"):
        list(find(Query(r"(a|aa)+$(?=b)|(x+x+)+y", expression=True), "a" * 40 + "x" * 5_000))
    assert time.monotonic() - begun < 20
