"""Matching: literal text, whole words, expressions; positions in units; nothing hangs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.finding import matching
from desktop.finding.matching import Query, QueryError, find
from desktop.page import utf16


def places(query: Query, text: str) -> list[str]:
    units, hits = utf16.encode(text), find(query, text).hits
    return [utf16.decode(units[2 * start : 2 * end]) for start, end in map(hits.span, range(len(hits)))]


@given(st.text("ab.🌊\n", max_size=30), st.text("ab.🌊", min_size=1, max_size=3))
def test_plain_words_are_found_literally(text: str, words: str) -> None:
    assert places(Query(words, match_case=True), text) == [words] * text.count(words)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query("boat"), ["Boat", "boat", "boat"]),
        (Query("boat", match_case=True), ["boat", "boat"]),
        (Query("boat", whole_words=True), ["Boat", "boat"]),
        (Query(r"b\w+", expression=True), ["Boat", "boat", "boats"]),
        (Query("b.", expression=False), []),
        (Query("boat", within=(5, 100)), ["boat", "boat"]),
        (Query("x*", expression=True), []),
        (Query("^the.*$", expression=True), ["the boats"]),
        (Query(""), []),
    ],
)
def test_queries_and_their_hits(query: Query, found: list[str]) -> None:
    assert places(query, "Boat 🌊 boat,\nthe boats") == found


def test_replacements_of_an_expression_know_its_groups() -> None:
    found = find(Query(r"(\w)(\w)", expression=True), "🌊ab", r"\2-\1")
    assert (found.hits.span(0), found.replacements) == ((2, 4), ("b-a",))
    assert find(Query("a"), "a", r"\1").replacements == (r"\1",)


def test_replacements_keep_their_numbers_within_bounds() -> None:
    found = find(Query(r"(\w)", expression=True, within=(1, 3)), "abcd", r"<\1>")
    assert [found.replacements[number] for number in found.hits.numbers] == ["<b>", "<c>"]


def test_all_replacements_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "LONGEST", 99)
    with pytest.raises(QueryError, match="longer than 99 characters"):
        find(Query(r"(\w)", expression=True), "abcdefghij", r"\1\1\1\1\1\1\1\1\1\1")


def test_a_page_full_of_hits_lists_the_first_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST", 5)
    assert len(find(Query("a"), "a" * 100).hits) == 5


@pytest.mark.parametrize(
    ("words", "template"),
    [("(", ""), ("a", r"\7"), ("[", ""), ("(" * 5_000 + ")" * 5_000, ""), ("a{99999999999999999999}", "")],
)
def test_an_invalid_expression_is_a_sentence(words: str, template: str) -> None:
    with pytest.raises(QueryError, match="cannot be read"):
        find(Query(words, expression=True), "aaa", template)


def test_an_expression_that_never_ends_is_given_up() -> None:
    with pytest.raises(QueryError, match="too long"):
        find(Query(r"(a|aa)+$(?=b)|(x+x+)+y", expression=True), "a" * 40 + "x" * 5_000, patience=0.2)
