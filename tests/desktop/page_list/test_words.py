"""A page's facts as words for the list."""

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.page_list import words
from desktop.page_list.page_store import Entry
from desktop.pagefile.values import Facts

NOW = 1_800_000_000.0
ENTRY = Entry(Path("/p/a.inkfall"), Facts("", "It was", 1_234, 0, 0, "gemma-3-270m"), modified=NOW - 300)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-500, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (3_599, "59 minutes ago"),
        (7_200, "2 hours ago"),
        (86_400, "yesterday"),
        (2 * 86_400, "2 days ago"),
        (7 * 86_400, "8 January 2027"),
    ],
)
def test_how_long_ago(seconds: float, expected: str) -> None:
    assert words.ago(NOW - seconds, NOW) == expected


def test_the_third_line() -> None:
    assert words.details(ENTRY, NOW) == "1,234 words · gemma-3-270m · 5 minutes ago"
    assert words.details(replace(ENTRY, elsewhere=True, facts=Facts(words=1)), NOW) == (
        "1 word · 5 minutes ago · in another folder"
    )


def test_title_and_line() -> None:
    titled = Facts("A\ntitle", "It was\ta day\x00")
    assert words.heading(replace(ENTRY, facts=titled)) == ("A title", "It was a day")
    assert words.heading(ENTRY) == ("It was", "")
    assert words.heading(replace(ENTRY, facts=Facts())) == ("Empty page", "")
    long = Facts(line="It was a bright cold day in April, and the clocks were striking thirteen.")
    assert words.heading(replace(ENTRY, facts=long)) == (
        "It was a bright cold day in April, and the",
        "clocks were striking thirteen.",
    )
    assert words.heading(Entry(Path("/p/a.inkfall"), None, "It is damaged.")) == ("a", "It is damaged.")


def test_a_word_without_end_is_cut() -> None:
    title, rest = words.heading(replace(ENTRY, facts=Facts(line="x" * 100)))
    assert title + rest == "x" * 100 and rest


def test_texts_for_screen_readers() -> None:
    assert words.accessible_text(ENTRY, NOW, opened=True) == "It was. open. 1,234 words, gemma-3-270m, 5 minutes ago"
    assert ". in the trash. " in words.accessible_text(replace(ENTRY, trashed=True), NOW, opened=False)
