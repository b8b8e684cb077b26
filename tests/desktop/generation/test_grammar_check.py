"""Grammars are checked off the GUI thread, the newest text last."""

from __future__ import annotations

import threading
from typing import Any

from pytestqt.qtbot import QtBot

from desktop.generation.grammar_check import GrammarCheck
from models.launch.grammar_check import Verdict


def test_the_verdict_comes_with_its_text(qtbot: QtBot) -> None:
    threads = list[Any]()

    def check(text: str) -> Verdict:
        threads.append(threading.current_thread())
        return Verdict("Wrong.", 3) if "(" in text else Verdict()

    checking = GrammarCheck(check)
    with qtbot.waitSignal(checking.checked) as told:
        checking.ask("a (")
    assert told.args == ["a (", "Line 3 of the grammar: Wrong."]
    with qtbot.waitSignal(checking.checked) as told:
        checking.ask("a")
    assert told.args == ["a", ""]
    assert threading.main_thread() not in threads
    checking.close()


def test_only_the_newest_text_is_told(qtbot: QtBot) -> None:
    goes_on, told = threading.Event(), list[str]()

    def check(text: str) -> Verdict:
        goes_on.wait(10)
        return Verdict()

    checking = GrammarCheck(check)
    checking.checked.connect(lambda text, _told: told.append(text))
    checking.ask("first")
    with qtbot.waitSignal(checking.checked):
        checking.ask("second")
        goes_on.set()
    checking.close()
    assert told == ["second"]
