"""The status bar says what it is told."""

from pytestqt.qtbot import QtBot

from desktop.shell.status import StatusBar


def test_words(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_state("Writing…")
    bar.show_speed(81.26)
    bar.show_context(1234, 8192, 0)
    bar.show_model("Gemma 3 270M", "details", "CPU")
    assert bar.words() == {
        "State": "Writing…",
        "Speed": "81.3 tokens/s",
        "Context": "1,234 of 8,192 tokens",
        "Model": "Gemma 3 270M",
        "Device": "CPU",
    }


def test_the_badge_says_why_it_is_not_on_a_device(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_model("Gemma", "details", "CPU, 2 threads", "It runs on the CPU because no layer fits.")
    assert bar._device.toolTip() == "It runs on the CPU because no layer fits."
    assert bar._model.toolTip() == "details"


def test_without_a_model(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_context(0, 0, 0)
    bar.show_speed(0)
    bar.show_model("No model", "", "")
    assert bar.words()["Speed"] == ""
    assert not bar._gauge.isVisibleTo(bar)


def test_the_gauge_never_runs_over_and_a_long_name_is_cut(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_context(9000, 8192, 1200)
    assert bar._gauge.value() == bar._gauge.maximum()
    assert "1,200" in bar._words.toolTip()
    bar.show_model("a-very-long-name-of-a-model-" * 8, "", "CPU")
    assert len(bar.words()["Model"]) < 80


def test_the_gauge_says_what_is_seen_of_the_page_and_what_the_next_slide_costs(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_context(393, 512, 1_200, 1_592, "In 120 tokens the window slides: 384 tokens are read anew, about 0.8 s.")
    assert bar._gauge.toolTip() == bar._words.toolTip() == bar._gauge.accessibleDescription()
    assert bar._gauge.toolTip() == (
        "The model sees 393 tokens; its context holds 512. The page has 1,592. 1,200 of them are out of its sight. "
        "In 120 tokens the window slides: 384 tokens are read anew, about 0.8 s."
    )


def test_tokens_stand_beside_words_and_characters(qtbot: QtBot) -> None:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.show_counts(3, 14, "about 4 tokens")
    assert bar._counts.text() == "3 words"
    assert bar._counts.toolTip() == "14 characters, blanks and line ends among them\nabout 4 tokens"
