"""The notice: one sentence, and a button that does what it says."""

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


def test_progress_can_be_cancelled(qtbot: QtBot) -> None:
    cancelled: list[bool] = []
    notice = Notice()
    qtbot.addWidget(notice)
    notice.progress("Loading.", 0.5, lambda: cancelled.append(True))
    notice._button.click()
    assert cancelled == [True]
    notice.say("Done.")
    assert not notice._bar.isVisibleTo(notice)
