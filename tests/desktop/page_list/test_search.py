"""Search in all pages."""

from pathlib import Path

import pytest

from desktop.page import utf16
from desktop.page_list.page_store import Entry
from desktop.page_list.search import MOST, Found, Hit, search
from desktop.pagefile.values import Facts, PageFileError


def found_in(words: str, *texts: str, title: str = "") -> list[Found]:
    pages = {Path(str(number)): text for number, text in enumerate(texts)}
    entries = [Entry(path, Facts(title)) for path in pages]
    return list(search(entries, words, lambda entry: pages[entry.path]))


def marked(hit: Hit) -> str:
    return f"{hit.line[: hit.start]}[{hit.line[hit.start : hit.end]}]{hit.line[hit.end :]}"


def test_plain_words_whatever_their_case() -> None:
    found = found_in("Straße (A", "x\nIn der straße (a) war\nSTRASSE")
    assert [[marked(hit) for hit in one.hits] for one in found] == [["In der [straße (a]) war"]]


def test_words_are_found_with_any_blanks_between() -> None:
    (found,) = found_in(
        "bright  cold",
        "a bright\n\tcold day",
    )
    assert [marked(hit) for hit in found.hits] == ["a [bright  cold] day"]


def test_positions_are_units() -> None:
    text = "🎉🎉 one\n🎉 one"
    (found,) = found_in("one", text)
    assert [utf16.decode(utf16.encode(text)[2 * hit.position :])[:3] for hit in found.hits] == ["one", "one"]


def test_every_page_is_yielded_so_that_the_search_can_be_stopped() -> None:
    assert [len(one.hits) for one in found_in("x", "a", "x\nx", "b")] == [0, 2, 0]


def test_hits_in_a_shown_line_are_not_listed_again() -> None:
    (found,) = found_in("a", "a b a\na" + " " * 500 + "a")
    assert [hit.position for hit in found.hits] == [0, 6, 507]


@pytest.mark.parametrize("error", [PageFileError("x"), RecursionError("deep"), MemoryError(), KeyError("x")])
def test_a_page_that_cannot_be_searched_does_not_end_the_search(error: Exception) -> None:
    def text_of(entry: Entry) -> str:
        if entry.path.name == "bad":
            raise error
        return "a word"

    entries = [Entry(Path(name), Facts()) for name in ("one", "bad", "two")]
    assert [one.hits[0].entry.path.name for one in search(entries, "word", text_of)] == ["one", "two"]


def test_a_title_is_found_too() -> None:
    (found,) = found_in("house", "no", title="The Lighthouse")
    assert [(hit.position, marked(hit)) for hit in found.hits] == [(-1, "The Light[house]")]


def test_a_long_line_is_shortened_around_the_words() -> None:
    (found,) = found_in("needle", "hay " * 1_000 + "needle" + " hay" * 1_000)
    line = marked(found.hits[0])
    assert line.startswith("…hay ") and "hay [needle] hay" in line and len(line) < 220


def test_only_the_first_hits_of_a_page_are_listed() -> None:
    (found,) = found_in("a", "a\n" * (MOST + 1))
    assert len(found.hits) == MOST and found.more
    (found,) = found_in("a", "a\n" * MOST)
    assert len(found.hits) == MOST and not found.more


def test_control_characters_do_not_reach_the_list() -> None:
    (found,) = found_in("word", "\x00\x1b[0m word\r\ud800")
    assert all(sign.isprintable() for sign in found.hits[0].line)


def test_unreadable_pages_are_skipped() -> None:
    def text_of(entry: Entry) -> str:
        raise PageFileError("No.")

    assert list(search([Entry(Path("a"), Facts()), Entry(Path("b"))], "x", text_of)) == []


def test_no_words_find_nothing() -> None:
    assert found_in("  ", "text") == []
