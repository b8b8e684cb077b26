"""The data that a page's file gets: facts, view and all changes, also after an exception."""

from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.opening import open_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.unopened import peek
from desktop.pagefile.values import Facts, View
from tests.desktop.open_page.user import User, span, text_in
from tests.desktop.page.writing import write_spans


def test_facts(user: User) -> None:
    seen: list[Any] = []
    user.open_page.page_saved.connect(lambda _path, facts: seen.append(facts))
    user.open_page.set_model("gemma")
    user.now = 2_000.0
    user.writes("\n  The lighthouse\nand more")
    user.page.begin_generation(Source("model"))
    write_spans(user.page, [span(" of it")])
    user.open_page.set_counts(5, 31)
    user.saves()
    facts = seen[-1]
    assert (facts.line, facts.words, facts.characters) == ("The lighthouse", 5, 31)
    assert (facts.tokens, facts.model, facts.created, facts.modified) == (1, "gemma", 1_000.0, 2_000.0)


def test_a_branch_that_is_not_shown_is_saved_as_it_grows(user: User) -> None:
    user.open_page.set_model("gemma")
    user.writes("Once")
    one, two = user.page.begin_generations([Source("model")] * 2)
    one.append([span(" one")])
    two.append([span(" two")])
    user.saves()
    written = len(user.saved)
    user.now = 2_000.0
    two.append([span(" and more")])
    user.until(lambda: len(user.saved) > written)
    opened = open_page(user.open_page.path)
    page = Page()
    page.put(opened.contents)
    assert [branch.preview for branch in page.forks()[0].branches][:2] == [" one", " two and more"]
    assert (opened.facts.modified, opened.facts.model) == (2_000.0, "gemma")


def test_a_page_that_leaves_uncounted_is_counted(user: User, qtbot: QtBot) -> None:
    user.writes("one two three")
    path = user.open_page.path
    user.open_page.new()
    user.until(lambda: user.open_page.at_rest)
    assert (peek(path).words, peek(path).characters) == (3, 13)


def test_saving_does_not_depend_on_the_view(user: User, qtbot: QtBot) -> None:
    user.view = View(3, 3, 1, False)
    user.writes("Once")
    user.saves()
    user.mistake = ZeroDivisionError("no line")
    with qtbot.captureExceptions() as caught:
        user.writes(" upon")
        user.saves()
        path = user.open_page.path
        user.open_page.new()
        while not user.open_page.at_rest:
            QCoreApplication.processEvents()
        QCoreApplication.processEvents()
    assert {kind for kind, _, _ in caught} == {ZeroDivisionError}
    opened = open_page(path)
    assert opened.view == View(3, 3, 1, False) and text_in(path) == "Once upon"


def test_a_tracker_that_fails_loses_nothing(user: User, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    failing, look = iter((False, True, False, True)), Tracker._look_at_chunks

    def at_times(tracker: Tracker, *args: Any) -> None:
        look(tracker, *args)
        if next(failing, False):
            raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(Tracker, "_look_at_chunks", at_times)
    with qtbot.captureExceptions() as caught:
        for word in ("Once", " upon", " a", " time"):
            user.writes(word)
            user.saves()
            QCoreApplication.processEvents()
        path = user.open_page.path
        assert user.open_page.close() == ""
    assert caught and {kind for kind, _, _ in caught} == {ZeroDivisionError}
    assert text_in(path) == "Once upon a time"


def test_a_listener_that_fails_does_not_stop_saving(user: User, qtbot: QtBot) -> None:
    def fails(_change: object) -> None:
        raise ZeroDivisionError

    user.page.listeners.insert(0, fails)
    with qtbot.captureExceptions() as caught:
        user.writes("Once")
        user.writes(" upon")
        user.page.undo()
        user.saves()
        path = user.open_page.path
        assert user.open_page.close() == ""
    assert len(caught) == 3
    opened = open_page(path)
    page = Page()
    page.put(opened.contents)
    assert page.text() == "Once" and page.redo() and page.text() == "Once upon"
    assert opened.store
    opened.store.close()


def test_what_a_model_read_is_saved_and_changes_no_date(user: User) -> None:
    seen: list[Facts] = []
    user.open_page.page_saved.connect(lambda _path, facts: seen.append(facts))
    user.now = 1_000.0
    user.writes("Once upon")
    user.saves()
    user.now = 2_000.0
    user.page.add_readings(4, [span(" upon")], Source("model", "read"))
    user.saves()
    assert seen[-1].modified == 1_000.0
    page = Page()
    page.put(open_page(user.open_page.path).contents)
    assert page.readings_at(5)
