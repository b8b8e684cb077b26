"""The notice: one message at a time, its button, and when a message ends."""

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


def test_a_message_is_shown_and_dismissed(notice: Notice) -> None:
    assert notice.sentence == ""
    assert notice.isHidden()
    notice.say("The file is damaged.")
    assert notice.sentence == "The file is damaged."
    assert notice.dismiss()
    assert notice.sentence == ""
    assert notice.isHidden()
    assert not notice.dismiss()


def test_the_button_runs_its_action(notice: Notice) -> None:
    done: list[bool] = []
    notice.say("There is no model.", "Open model…", lambda: done.append(True))
    notice.content.action.click()
    assert done == [True]


def test_the_newer_of_two_messages_is_shown_first(notice: Notice) -> None:
    notice.say("One.", "Do it", lambda: None)
    notice.say("Two.")
    assert notice.sentence == notice.content.sentence.text() == "Two."
    assert not notice.content.action.isVisibleTo(notice)
    notice.content.dismiss.click()
    assert notice.sentence == notice.content.sentence.text() == "One."
    assert notice.content.action.isVisibleTo(notice)
    notice.clear()
    assert notice.isHidden()


def test_a_message_goes_when_its_topic_is_over(notice: Notice) -> None:
    notice.say("It cannot be saved.", topic="saving")
    notice.say("It is a chat model.", topic="model")
    notice.over("saving", "export")
    assert notice.sentence == "It is a chat model."
    notice.over("model")
    assert notice.isHidden()


def test_a_message_replaces_the_last_of_its_topic(notice: Notice) -> None:
    notice.say("Something else.")
    notice.say("The disk is full.", topic="saving")
    notice.say("The disk is gone.", topic="saving")
    assert notice.sentence == "The disk is gone."
    notice.dismiss()
    assert notice.sentence == "Something else."
    notice.say("Something else.")
    notice.dismiss()
    assert notice.sentence == ""


def test_the_number_of_messages_is_limited(notice: Notice) -> None:
    for number in range(100):
        notice.say(f"Sentence {number}.")
    assert notice.sentence == "Sentence 99."
    for _ in range(20):
        notice.dismiss()
    assert notice.sentence == ""


LONG = "A sentence that is long enough to be wrapped in a narrow window, word by word, over several lines of it."


@pytest.mark.parametrize(("width", "beside"), [(320, False), (800, True)])
def test_the_buttons_are_below_the_message_if_it_is_narrow(qtbot: QtBot, width: int, beside: bool) -> None:
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
    content = notice.content
    qtbot.waitUntil(lambda: (content.action.y() < content.sentence.geometry().bottom()) is beside)
    assert page.geometry() == before
    qtbot.waitUntil(lambda: page.geometry().contains(notice.geometry()))
    assert content.sentence.height() >= content.sentence.heightForWidth(content.sentence.width())
    assert notice.rect().contains(content.geometry())
