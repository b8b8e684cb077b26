"""The status bar shows what it is given."""

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desktop.shell.status import StatusBar


def test_texts_of_the_labels(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_state("Writing…")
    bar.show_speed(81.26)
    bar.show_context(1234, 8192, 0)
    assert bar.words() == {
        "State": "Writing…",
        "Speed": "81.3 tokens/s",
        "Context": "1,234 of 8,192 tokens",
    }


@pytest.fixture
def bar(qtbot: QtBot) -> StatusBar:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.resize(900, bar.height())
    bar.show()
    bar.show_state("Ready")
    return bar


def state(bar: StatusBar) -> str:
    return bar.words()["State"]


def test_running_work_has_a_progress_bar_and_can_be_cancelled(bar: StatusBar) -> None:
    cancelled: list[str] = []
    cancel = bar.findChild(QToolButton)
    assert cancel is not None
    bar.show_work("engine", "Loading a…", 0.25, lambda: cancelled.append("engine"))
    assert state(bar) == "Loading a…"
    assert bar._bar.isVisible()
    assert bar._bar.value() == 250
    bar.show_work("output", "Exporting…", -1, lambda: cancelled.append("output"))
    assert state(bar) == "Exporting…"
    assert not bar._bar.isVisible()
    cancel.click()
    bar.end_work("output")
    assert state(bar) == "Loading a…"
    cancel.click()
    assert cancelled == ["output", "engine"]
    bar.show_work("engine", "Unpacking…", 0.5, None)
    assert not cancel.isVisible()
    bar.end_work("engine")
    bar.end_work("engine")
    assert state(bar) == "Ready"


def test_a_result_is_shown_for_a_while_or_until_the_state_changes(bar: StatusBar) -> None:
    bar.say("Saved.")
    assert state(bar) == "Saved."
    bar.show_state("Ready")
    assert state(bar) == "Saved."
    bar.show_state("Writing…")
    assert state(bar) == "Writing…"
    bar.say("Exported.")
    assert state(bar) == "Exported."
    bar._forget.timeout.emit()
    assert state(bar) == "Writing…"


def test_why_writing_ended_is_readable_in_a_narrow_bar(bar: StatusBar, qtbot: QtBot) -> None:
    bar.show_counts(22_083, 90_000)
    bar.show_speed(53.4)
    bar.show_context(1_941, 2_048, 0)
    bar.resize(1_300, bar.height())
    assert bar._counts.isVisible()
    assert bar._speed.isVisible()
    bar.show_state("Writing ended with an error after 107 tokens")
    bar.resize(560, bar.height())
    qtbot.wait(1)
    assert not bar._counts.isVisible()
    assert bar._state.width() >= bar._state.natural_width()
    bar.show_state("Ready")
    bar.resize(1_300, bar.height())
    assert bar._counts.isVisible()
    assert bar._speed.isVisible()


def test_its_height_never_changes_and_long_words_do_not_widen_it(bar: StatusBar) -> None:
    height, least = bar.height(), bar.minimumSizeHint().width()
    bar.show_work("output", "Exporting to " + "a-long-name" * 30, 0.5, lambda: None)
    assert bar.height() == height
    assert bar.minimumSizeHint().width() < least + 250
    assert bar._state.width() < 900
    assert "a-long-name" in bar._state.toolTip()
    bar.end_work("output")
    bar.say("Saved in " + "/a/long/path" * 40)
    assert bar.height() == height
    assert bar.minimumSizeHint().width() < least + 250


def test_without_a_model(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_context(0, 0, 0)
    bar.show_speed(0)
    assert bar.words()["Speed"] == ""
    assert not bar._gauge.isVisibleTo(bar)


def test_the_gauge_is_full_at_most(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_context(9000, 8192, 1200)
    assert bar._gauge.value() == bar._gauge.maximum()
    assert "1,200" in bar._words.toolTip()


def test_the_tooltip_of_the_gauge_explains_context_and_slide(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    slide = "In 120 tokens the context moves on: 384 tokens will be read again, about 0.8 s."
    bar.show_context(393, 512, 1_200, 1_592, slide)
    assert bar._gauge.toolTip() == bar._words.toolTip() == bar._gauge.accessibleDescription()
    assert bar._gauge.toolTip() == (
        "The model sees 393 tokens; its context holds 512. The page has 1,592. 1,200 of them are outside the context. "
        "In 120 tokens the context moves on: 384 tokens will be read again, about 0.8 s."
    )


def test_the_tooltip_of_the_counts_has_the_tokens(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_counts(3, 14, "about 4 tokens")
    assert bar._counts.text() == "3 words"
    assert bar._counts.toolTip() == "14 characters, including spaces and line breaks\nabout 4 tokens"


def test_a_narrow_bar_leaves_out_the_speed(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_context(393, 2_048, 0)
    bar.show_speed(1_912.8)
    bar.show_counts(10_000, 60_000)
    bar.show_state("Stopped after 128 tokens")
    bar.setMinimumWidth(100)  # as the window, which is not held wide by it
    bar.show()
    for width in (1_180, 420):
        bar.resize(width, bar.height())
        qtbot.wait(10)
        assert bar._speed.isVisible() == (width > 900) and bar._gauge.isVisible() == bar._words.isVisible()
    assert bar._state.width() >= bar._state.sizeHint().width()


def test_an_estimate_is_marked(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_context(1_234, 8_192, 0, 1_233, about=True)
    assert bar.words()["Context"] == "about 1,234 of 8,192 tokens"
    assert bar._gauge.toolTip() == bar._words.toolTip()
    assert "has about 1,233 tokens. The context holds 8,192." in bar._words.toolTip()
