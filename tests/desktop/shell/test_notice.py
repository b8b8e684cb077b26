"""The notice: one sentence at a time, a button that does what it says, and when a sentence goes."""

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.shell.floating import Floating
from desktop.shell.notice import Notice


@pytest.fixture
def notice(qtbot: QtBot) -> Notice:
    notice = Notice()
    qtbot.addWidget(notice)
    return notice


def test_says_and_is_dismissed(notice: Notice) -> None:
    assert notice.sentence == ""
    assert notice.isHidden()
    notice.say("The file is damaged.")
    assert notice.sentence == "The file is damaged."
    assert notice.dismiss()
    assert notice.sentence == ""
    assert notice.isHidden()
    assert not notice.dismiss()


def test_what_is_offered_is_done(notice: Notice) -> None:
    done: list[bool] = []
    notice.say("There is no model.", "Open model…", lambda: done.append(True))
    notice._said.action.click()
    assert done == [True]


def test_of_two_the_newer_is_shown_and_then_the_other(notice: Notice) -> None:
    notice.say("One.", "Do it", lambda: None)
    notice.say("Two.")
    assert notice.sentence == notice._said.sentence.text() == "Two."
    assert not notice._said.action.isVisibleTo(notice)
    notice._said.dismissed.click()
    assert notice.sentence == notice._said.sentence.text() == "One."
    assert notice._said.action.isVisibleTo(notice)
    notice.clear()
    assert notice.isHidden()


def test_a_sentence_goes_when_what_it_tells_of_is_over(notice: Notice) -> None:
    notice.say("It cannot be saved.", topic="saving")
    notice.say("It is a chat model.", topic="model")
    notice.over("saving", "export")
    assert notice.sentence == "It is a chat model."
    notice.over("model")
    assert notice.isHidden()


def test_the_next_of_a_topic_takes_the_place_of_the_one_before(notice: Notice) -> None:
    notice.say("Something else.")
    notice.say("The disk is full.", topic="saving")
    notice.say("The disk is gone.", topic="saving")
    assert notice.sentence == "The disk is gone."
    notice.dismiss()
    assert notice.sentence == "Something else."
    notice.say("Something else.")
    notice.dismiss()
    assert notice.sentence == ""


def test_sentences_do_not_pile_up_without_end(notice: Notice) -> None:
    for number in range(100):
        notice.say(f"Sentence {number}.")
    assert notice.sentence == "Sentence 99."
    for _ in range(20):
        notice.dismiss()
    assert notice.sentence == ""


LONG = "A sentence that is long enough to be wrapped in a narrow window, word by word, over several lines of it."


@pytest.mark.parametrize(("width", "beside"), [(320, False), (800, True)])
def test_the_buttons_stand_below_the_sentence_where_it_is_narrow(qtbot: QtBot, width: int, beside: bool) -> None:
    middle, page, notice = QWidget(), QWidget(), Notice()
    qtbot.addWidget(middle)
    column = QVBoxLayout(middle)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(page)
    Floating(page).add(notice)
    middle.resize(width, 400)
    middle.show()
    before = page.geometry()
    notice.say(LONG, "Do it")
    said = notice._said
    qtbot.waitUntil(lambda: (said.action.y() < said.sentence.geometry().bottom()) is beside)
    assert page.geometry() == before
    qtbot.waitUntil(lambda: page.geometry().contains(notice.geometry()))
    assert said.sentence.height() >= said.sentence.heightForWidth(said.sentence.width())
    assert notice.rect().contains(said.geometry())
