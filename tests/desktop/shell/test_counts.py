"""Counting words and characters."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from desktop.page.edit import Change
from desktop.shell import counts as counts_
from desktop.shell.counts import Counted, Counts, count


@pytest.mark.parametrize(
    ("text", "words", "characters"),
    [
        ("", 0, 0),
        ("one", 1, 3),
        ("It's a well-known — boat.\n", 4, 26),
        ("한국어 문장 🌊", 2, 8),
        ("'quoted' 3.5 a_b", 4, 16),
    ],
)
def test_counting(text: str, words: int, characters: int) -> None:
    assert count(text) == Counted(words, characters)


def test_changes_in_a_row_are_counted_once(qtbot: QtBot) -> None:
    text, emitted = ["one"], list[Counted]()
    counts = Counts(lambda: lambda: text[0], delay=20)
    counts.counted.connect(emitted.append)
    for more in range(5):
        text[0] += f" {more}"
        counts.touch()
    qtbot.waitUntil(lambda: emitted == [Counted(6, 13)])
    counts.close()


def test_an_opened_page_is_counted_at_once_and_changes_later(qtbot: QtBot) -> None:
    text, emitted = ["one"], list[Counted]()
    counts = Counts(lambda: lambda: text[0], delay=1_000_000)
    counts.counted.connect(emitted.append)
    counts.touch()
    counts.page_changed(Change(0, 0, 3, "file"))
    qtbot.waitUntil(lambda: emitted == [Counted(1, 3)])
    counts.page_changed(Change(3, 0, 4, "typing"))
    assert counts._soon.remainingTime() > 900_000
    counts.close()


def test_what_the_model_writes_is_counted_less_often_than_what_is_typed(qtbot: QtBot) -> None:
    counts = Counts(lambda: lambda: "one")
    counts.page_changed(Change(0, 0, 3, "typing"))
    assert counts._soon.interval() == counts_.SOONEST
    counts._soon.stop()
    counts.page_changed(Change(3, 0, 3, "generation"))
    assert counts._soon.interval() == counts_.WRITING
    counts.close()


@given(st.text("aé한🌊𝒜_3'’- \n\ud83d", max_size=40), st.integers(1, 5))
def test_words_equal_those_of_a_regular_expression_for_any_slice(text: str, slice_: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts_, "SLICE", slice_)
        assert count(text).words == len(regex.findall(r"\w(?:[\w'’-]*\w)?", text))
