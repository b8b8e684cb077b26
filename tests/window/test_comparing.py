"""Two models in the whole program: chosen by keys in the question, shown in the chip, read into a layer, closed."""

import os
import signal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop.generation.page_reading import Step
from desktop.generation.state import Phase
from desktop.library.second_dialog import SecondModelDialog
from models.library.beside import BesideForecast
from models.library.fit import Machine, MemoryPool
from tests.models import tiny

Key = Qt.Key
FIRST, LETTERS, HOT = "scripted:?rate=2000", "scripted:?letters=1", "scripted:?heat=2"
GB = 10**9


def knows(hand: Any, *paths: str, memory: float = 64) -> None:
    """The paths are recent models; the computer has that many gigabytes."""
    hand.program.second_choice.machine = lambda: Machine(MemoryPool("CPU", "CPU", int(memory * GB), int(memory * GB)))
    hand.program.preferences.change(recent_models=paths)


def asks(hand: Any, command: str) -> SecondModelDialog:
    """Open the question, and wait until all forecasts are there."""
    hand.program.window.actions_[command].trigger()
    dialog = hand.program.window.findChild(SecondModelDialog)
    hand.until(lambda: bool(dialog.table.rows.values) and all(one.judged for one in dialog.table.rows.values))
    return dialog


def chooses(dialog: SecondModelDialog, path: str) -> None:
    """Select it and press Enter."""
    paths = [one.path for one in dialog.table.rows.values]
    dialog.table.select(paths.index(path))
    QTest.keyClick(dialog.table, Key.Key_Return)


def goes_back(hand: Any) -> None:
    """The keys go to the page again, as they do by themselves on a screen."""
    hand.program.window.activateWindow()
    hand.until(hand.program.editor.hasFocus)


def compares(hand: Any, path: str = LETTERS) -> None:
    knows(hand, path)
    chooses(asks(hand, "compare"), path)
    hand.until(lambda: hand.program.comparing.model is not None)
    goes_back(hand)


def chip(hand: Any) -> str:
    return hand.program.window.chip.text()


def button(dialog: SecondModelDialog, words: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == words)


def test_compared_and_closed(hand: Any) -> None:
    compares(hand)
    assert "⇄" in chip(hand) and "letters" in hand.program.window.chip.accessibleName()
    assert hand.program.window.actions_["stop_comparing"].isEnabled()
    menu = hand.program.window.chip.menu()
    menu.aboutToShow.emit()
    assert menu.actions()[-1].text() == "Stop compar&ing"
    first = hand.program.pump.engine.pid
    menu.actions()[-1].trigger()
    hand.until(lambda: hand.program.second_model.state.phase is Phase.EMPTY)
    hand.until(lambda: not hand.program.window.actions_["stop_comparing"].isEnabled())
    assert "⇄" not in chip(hand) and hand.program.pump.engine.pid == first
    hand.types("Once")
    assert hand.writes()


def test_a_second_that_dies_leaves_page_and_first_alone(hand: Any) -> None:
    compares(hand)
    hand.types("Once upon a time")
    text, first = hand.text, hand.program.pump.engine.pid
    os.kill(hand.program.second_model._pump.engine.pid, signal.SIGKILL)
    hand.until(lambda: bool(hand.program.window.notice.sentence))
    assert hand.program.window.notice.sentence.startswith("Second model: ")
    assert hand.text == text and hand.program.pump.engine.pid == first
    assert hand.writes()
    hand.program.window.actions_["stop_comparing"].trigger()
    hand.until(lambda: "⇄" not in chip(hand))


def test_read_with_another_model_by_keys(hand: Any) -> None:
    hand.types("The old lighthouse keeper")
    knows(hand, LETTERS, HOT)
    chooses(asks(hand, "read_with"), HOT)
    hand.until(lambda: hand.program.page_reading.busy)
    assert not hand.program.window.actions_["compare"].isEnabled()
    hand.until(lambda: not hand.program.page_reading.busy)
    (layer,) = hand.program.page.layers
    assert layer.name.endswith("(scripted) 2") and "⇄" not in chip(hand)
    assert hand.program.window.status.words()["State"] == f"{layer.name}: The page was read"
    hand.until(lambda: hand.program.window.actions_["compare"].isEnabled())


def test_the_layer_comes_back_with_the_page(start: Any) -> None:
    hand = start()
    hand.opens(FIRST)
    hand.types("The old lighthouse keeper")
    knows(hand, LETTERS)
    chooses(asks(hand, "read_with"), LETTERS)
    hand.until(lambda: bool(list(hand.program.page.layers)) and not hand.program.page_reading.busy)
    again = start()
    again.until(lambda: again.text == "The old lighthouse keeper")
    (layer,) = again.program.page.layers
    assert layer.name == "The Lighthouse in letters (scripted)" and len(layer.table) == len(again.text)


def test_cancel_in_the_status_bar_stops_it(hand: Any) -> None:
    hand.types("The old lighthouse keeper " * 20)
    knows(hand, f"{LETTERS}&rate=2")
    chooses(asks(hand, "read_with"), f"{LETTERS}&rate=2")
    hand.until(lambda: hand.program.page_reading.step is Step.READING)
    cancel = hand.program.window.status._cancel
    hand.until(cancel.isVisible)
    assert "reads the page" in cancel.accessibleName()
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    hand.until(lambda: not hand.program.page_reading.busy)
    assert "You stopped the reading" in hand.program.window.status.words()["State"]


def test_where_both_do_not_fit_it_says_so_and_offers_turns(hand: Any, tmp_path: Any, monkeypatch: Any) -> None:
    path = str(tiny.make(tmp_path / "gpt2.gguf", "gpt2"))
    knows(hand, path, LETTERS)

    def tight(found: Any, machine: Any, first: Any, options: Any) -> BesideForecast:
        from models.library.fit import planned

        return BesideForecast("in turns", planned(found, machine, options), "Both do not fit: 2 GB and 1 GB.")

    monkeypatch.setattr("desktop.library.second_models.forecast", tight)
    hand.types("once upon a time")
    dialog = asks(hand, "compare")
    dialog.table.select([one.path for one in dialog.table.rows.values].index(path))
    assert dialog.sentence.text() == "Both do not fit: 2 GB and 1 GB."
    turns = button(dialog, "Read in turns")
    assert turns.isVisible() and not button(dialog, "Compare").isEnabled()
    dialog.table.select([one.path for one in dialog.table.rows.values].index(LETTERS))
    assert not turns.isVisible() and button(dialog, "Compare").isEnabled()
    dialog.table.select([one.path for one in dialog.table.rows.values].index(path))
    QTest.mouseClick(turns, Qt.MouseButton.LeftButton)
    hand.until(lambda: hand.phase is Phase.EMPTY)
    hand.until(lambda: not hand.program.page_reading.busy and hand.phase is Phase.READY)
    assert [layer.name for layer in hand.program.page.layers] == ["Tiny gpt2"]
    hand.until(lambda: hand.program.window.status.words()["State"] == "Tiny gpt2: The page was read")
    goes_back(hand)
    assert hand.program.session.state.model.path == FIRST and hand.writes()


def test_what_cannot_be_opened_cannot_be_chosen(hand: Any, tmp_path: Any) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no model")
    knows(hand, str(bad))
    dialog = asks(hand, "compare")
    dialog.table.select(0)
    assert dialog.table.rows.values[0].words == "can't be opened" and dialog.sentence.text().endswith(".")
    QTest.keyClick(dialog.table, Key.Key_Return)
    assert dialog.isVisible() and not button(dialog, "Compare").isEnabled()
    QTest.keyClick(dialog, Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_file_from_elsewhere(hand: Any, tmp_path: Any) -> None:
    path = tiny.make(tmp_path / "llama.gguf", "llama")
    knows(hand, HOT)
    dialog = asks(hand, "compare")
    hand.program.second_choice._files.open = lambda purpose, title, folder, kinds, then: then(path)
    QTest.mouseClick(button(dialog, "From disk…"), Qt.MouseButton.LeftButton)
    hand.until(lambda: all(one.judged for one in dialog.table.rows.values))
    assert dialog.table.current is not None and dialog.table.current.path == str(path)
    assert "It runs on the CPU" in dialog.sentence.text() and "The loaded model" in dialog.sentence.text()
    QTest.mouseClick(button(dialog, "Compare"), Qt.MouseButton.LeftButton)
    hand.until(lambda: hand.program.comparing.model is not None)
    assert "Tiny llama" in hand.program.window.chip.toolTip()


def test_a_load_that_is_cancelled(hand: Any) -> None:
    slow = f"{LETTERS}&load_seconds=20"
    knows(hand, slow)
    chooses(asks(hand, "compare"), slow)
    cancel = hand.program.window.status._cancel
    hand.until(lambda: cancel.isVisible() and "Loading" in cancel.accessibleName())
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    hand.until(lambda: hand.program.second_model.state.phase is Phase.EMPTY)
    assert not hand.program.window.notice.sentence and "⇄" not in chip(hand)


def test_the_compared_model_reads_the_page_and_stays_and_stopping_closes_it(hand: Any) -> None:
    slow = f"{LETTERS}&rate=20"
    hand.types("The old lighthouse keeper")
    compares(hand, slow)
    chooses(asks(hand, "read_with"), slow)
    hand.until(lambda: bool(list(hand.program.page.layers)) and not hand.program.page_reading.busy)
    assert "⇄" in chip(hand)
    hand.types(" " * 400)
    chooses(asks(hand, "read_with"), slow)
    hand.until(lambda: hand.program.page_reading.busy)
    hand.program.window.actions_["stop_comparing"].trigger()
    hand.until(lambda: hand.program.second_model.state.phase is Phase.EMPTY)
    hand.until(lambda: not hand.program.page_reading.busy and "⇄" not in chip(hand))


def line(hand: Any) -> str:
    label = hand.program.odds._beside
    return label.text() if label.isEnabled() else ""


def test_the_odds_stand_beside_and_follow_the_cursor(hand: Any) -> None:
    hand.types("The old lighthouse keeper")
    hand.sets(length=8)
    hand.writes()
    compares(hand, HOT)
    hand.until(lambda: line(hand).startswith("Same tokens. Divergence: "))
    first = line(hand)
    hand.press(Key.Key_Home)
    hand.press(Key.Key_End)
    for _ in range(12):
        hand.press(Key.Key_Left)
    hand.until(lambda: line(hand).startswith("Same tokens") and line(hand) != first)
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view.token == "" and line(hand).startswith("Same tokens"))
    hand.program.window.actions_["stop_comparing"].trigger()
    hand.until(lambda: hand.program.odds._beside.isHidden())
    assert hand.writes()


def test_other_tokens_while_comparing(hand: Any) -> None:
    hand.types("The old lighthouse keeper")
    hand.sets(length=8)
    hand.writes()
    compares(hand, LETTERS)
    hand.until(lambda: line(hand).startswith("Different tokens. “"))
    assert "first" in line(hand) and "second" in line(hand)


@pytest.mark.parametrize("command", ["compare", "read_with", "stop_comparing"])
def test_nothing_to_compare_on_an_empty_page_without_a_model(start: Any, command: str) -> None:
    hand = start()
    assert not hand.program.window.actions_[command].isEnabled()
