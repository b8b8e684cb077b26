"""The notice: one sentence, and a button that does what it says."""

import pytest
from pytestqt.qtbot import QtBot

from desktop.shell.notice import Notice


def test_says_and_is_dismissed(qtbot: QtBot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    assert notice.sentence == ""
    notice.say("The file is damaged.")
    assert notice.sentence == "The file is damaged."
    notice.clear()
    assert notice.sentence == ""


def test_progress_can_be_cancelled_and_leaves_what_was_said(qtbot: QtBot) -> None:
    cancelled: list[bool] = []
    notice = Notice()
    qtbot.addWidget(notice)
    notice.say("The engine ended.")
    notice.progress("Loading.", 0.5, lambda: cancelled.append(True))
    assert (notice.sentence, notice.work) == ("The engine ended.", "Loading.")
    notice._progress.cancel.click()
    assert cancelled == [True]
    notice.progress_ended()
    assert (notice.sentence, notice.work) == ("The engine ended.", "")
    notice.clear()
    assert notice.isHidden()


def test_what_is_offered_is_done(qtbot: QtBot) -> None:
    done: list[bool] = []
    notice = Notice()
    qtbot.addWidget(notice)
    notice.say("There is no model.", "Open model…", lambda: done.append(True))
    notice._said.action.click()
    assert done == [True]


@pytest.mark.parametrize(("width", "beside"), [(320, False), (800, True)])
def test_the_buttons_stand_below_the_sentence_where_it_is_narrow(qtbot: QtBot, width: int, beside: bool) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    notice.say("A sentence that is long enough to be wrapped in a narrow window, word by word.", "Do it")
    notice.resize(width, 200)
    notice.show()
    said = notice._said
    qtbot.waitUntil(lambda: (said.action.y() < said.sentence.geometry().bottom()) is beside)
