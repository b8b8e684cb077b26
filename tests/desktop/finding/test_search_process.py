"""The search process: whatever an expression does, the process is ended and the error is a sentence."""

import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from desktop.finding.matching import Found, Query, QueryError
from desktop.finding.search_process import CalledOffError, Searcher
from desktop.page.page import Page
from desktop.page.snapshot import Snapshot

BOMBS = {
    "nested counts": "(?:(?:(?:a{1000}){1000}){1000}){1000}",
    "alternatives, repeated": "(?:" + "|".join(f"a{n}{{900}}" for n in range(900)) + "){1000}",
    "a fuzzy one": r"(?:(?:(?:lighthouse){e<=5}){900}){900}",
    "a lookbehind": "(?<=(?:(?:a{1000}){1000}){1000})b",
    "recursion": r"(?:(a(?R)?b){1000}){1000}{1000}",
    "one that never ends": r"(?:x+x+)+y|(?:(?:a|aa)+)+$(?=b)",
}


@pytest.fixture
def searcher() -> Iterator[Searcher]:
    searcher = Searcher(patience=0.5, memory=300 << 20)
    yield searcher
    searcher.end()


def text(words: str) -> Snapshot:
    page = Page()
    page.write(0, 0, words)
    return page.snapshot()


def ask(searcher: Searcher, words: str, on: str = "aab" * 50 + "x" * 3_000) -> Found:
    return searcher.ask(Query(words, expression=True), text(on), lambda: True)


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_whatever_it_is_it_is_given_up_and_the_next_one_is_found(searcher: Searcher, bomb: str) -> None:
    try:
        ask(searcher, bomb)  # a newer library may be cleverer
    except QueryError as error:
        assert str(error).endswith(".")
    assert len(ask(searcher, "aab").hits) == 50


def test_a_bomb_is_a_sentence(searcher: Searcher) -> None:
    with pytest.raises(QueryError, match="takes too"):
        ask(searcher, BOMBS["nested counts"])


def test_a_replacement_that_makes_too_much_is_a_sentence(searcher: Searcher) -> None:
    query = Query(r"(x+)", expression=True)
    with pytest.raises(QueryError, match=r"longer than|takes too"):
        searcher.ask(query, text("x" * 400_000), lambda: True, r"\1" * 5_000)


@pytest.fixture
def patient() -> Iterator[Searcher]:
    """A searcher that gives up nothing by itself while a test runs."""
    searcher = Searcher(patience=60, memory=300 << 20)
    yield searcher
    searcher.end()


def test_a_search_that_is_no_longer_wanted_is_called_off(patient: Searcher) -> None:
    wanted = [True]
    ask(patient, "a")
    threading.Timer(0.2, wanted.clear).start()
    with pytest.raises(CalledOffError):
        patient.ask(Query(BOMBS["one that never ends"], expression=True), text("x" * 9_000), lambda: bool(wanted))
    assert len(ask(patient, "aab").hits) == 50


def test_the_next_question_uses_the_same_process(searcher: Searcher) -> None:
    ask(searcher, "a")
    pid = searcher.pid
    assert pid is not None
    for _ in range(3):
        with pytest.raises(CalledOffError):
            searcher.ask(Query("a"), text("a"), lambda: False)
        ask(searcher, "b")
    assert searcher.pid == pid


def test_ending_does_not_wait_for_an_answer(patient: Searcher) -> None:
    query = Query(BOMBS["one that never ends"], expression=True)
    outcome: list[str] = []

    def asks() -> None:
        with pytest.raises(CalledOffError):
            patient.ask(query, text("x" * 9_000), lambda: True)
        outcome.append("called off")

    asking = threading.Thread(target=asks)
    asking.start()
    while patient.pid is None:
        time.sleep(0.02)
    patient.end()
    asking.join(20)
    assert outcome == ["called off"] and patient.pid is None


def test_a_process_that_is_killed_is_a_sentence(searcher: Searcher) -> None:
    ask(searcher, "a")
    psutil.Process(searcher.pid).kill()
    with pytest.raises(QueryError, match="cannot be searched for"):
        ask(searcher, "a")
    assert len(ask(searcher, "aab").hits) == 50


def test_a_snapshot_is_the_page_as_it_was(searcher: Searcher) -> None:
    page = Page()
    page.write(0, 0, "boat 🌊 boat")
    then = page.snapshot()
    page.write(0, 4, "ship")
    page.write(page.length, 0, " boat")
    assert then.text() == "boat 🌊 boat"
    assert len(searcher.ask(Query("boat"), then, lambda: True).hits) == 2
