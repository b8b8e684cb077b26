"""Dialogs: one of a kind at a time, deleted when closed, and they change only what the user changed in them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog

from desktop.crash.dialog import CrashDialog
from desktop.settings.dialog import SettingsDialog
from models.library.local_models import LocalModel
from tests.models.library.hub_stand_in import StandIn
from tests.window.windows import put_model

COMMANDS = ["settings", "keys", "about", "rename_page", "open_page", "save_page_as", "open_model", "updates", "print"]


def gone() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def dialogs() -> list[QDialog]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]


def opens_one(ask: Callable[[], object], hand: Any) -> None:
    """Asked for twice it is one; closed it is gone, and each time again."""
    hand.until(lambda: not dialogs())
    ask()
    hand.until(lambda: len(dialogs()) == 1)
    ask()
    (dialog,) = dialogs()
    dialog.reject()
    gone()
    before = len(QApplication.allWidgets())
    for _ in range(3):
        ask()
        hand.until(lambda: len(dialogs()) == 1)
        dialogs()[0].reject()
        gone()
    assert len(QApplication.allWidgets()) == before


def test_the_dialogs_of_commands_go(hand: Any) -> None:
    hand.types("text")
    program = hand.program
    program.about._ask = tuple
    program.updates._address = "http://127.0.0.1:9/"
    program.window.actions_["updates"].setVisible(True)
    for command in COMMANDS:
        opens_one(program.window.actions_[command].trigger, hand)


def test_every_dialog_that_asks_opens_once_and_closes(hand: Any, hub: StandIn) -> None:
    program = hand.program
    path = put_model(program.home.models)
    program.library.instance.open()
    local, window = program.library.instance.local_actions, program.library.instance.window
    hand.until(lambda: any(model.path == path for model in local.tab.table.rows.values))
    model: LocalModel = next(one for one in local.tab.table.rows.values if one.path == path)
    window.hide()
    for ask in (
        lambda: local._ask_to_remove(model),
        lambda: local._show_info(model),
        local._add_folder,
        lambda: program.pages._ask_to_delete(Path("x")),
        lambda: program.page_dialogs._ask_whether_to_close("The disk is full."),
        program.status_presenter._show_terms,
    ):
        opens_one(ask, hand)


def test_a_dialog_on_a_dialog_goes_with_it(hand: Any) -> None:
    program = hand.program
    program.about._ask = tuple
    program.about.open()
    program.about.dialog.licences_requested.emit()
    hand.until(lambda: len(dialogs()) == 2)
    program.about.dialog.licences_requested.emit()
    hand.until(lambda: not any(one.is_alive() for one in program.about._background._threads))
    assert len(dialogs()) == 2
    program.about.dialog.reject()
    gone()
    assert not dialogs() and program.about.dialog is None
    crash = CrashDialog("It went wrong.", "Where it was.", "crash.log", program.window)
    crash.show()
    crash._ask_where()
    crash._ask_where()
    assert len(dialogs()) == 2
    crash.close()
    crash.deleteLater()
    gone()
    assert not dialogs()


def test_changes_made_while_the_settings_are_open_stay(hand: Any, tmp_path: Path) -> None:
    """A model is loaded and another start hands a page over; OK gives back the one field that was changed."""
    program = hand.program
    hand.types("text")
    hand.until(lambda: program.open_page.has_file)
    page = tmp_path / "another.txt"
    page.write_text("another", encoding="utf-8")
    program.window.actions_["settings"].trigger()
    (dialog,) = dialogs()
    assert isinstance(dialog, SettingsDialog)
    dialog.editors["top"].setValue(7)  # type: ignore[attr-defined]
    program.come_forward([page])
    hand.until(lambda: hand.text == "another")
    hand.opens("scripted:?rate=1000")
    hand.until(lambda: program.open_page.has_file)
    program.preferences.remember(starter_terms_seen=True, welcome_seen=True)
    program._zoom(2)
    before = program.preferences.value
    dialog.accept()
    assert program.preferences.value == replace(before, top=7)
    assert before.recent_models[0] == "scripted:?rate=1000"


def test_a_change_enables_what_it_needs(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    program, done = hand.program, list[str]()
    for room, name in (
        (program.theme, "choose"),
        (program.editor.text_style, "set_typography"),
        (program.editor.marks, "set_measure"),
        (program.library, "set_network"),
        (program.updates, "set_network"),
        (program.library, "set_load_options"),
        (program.window, "show_recent"),
    ):
        monkeypatch.setattr(room, name, lambda *_, name=name: done.append(name))
    for change, expected in (
        ({"theme": "dark"}, ["choose"]),
        ({"column": 60}, ["set_typography"]),
        ({"heat": True}, ["set_measure"]),
        ({"offline": True}, ["set_network", "set_network"]),
        ({"context": 512}, ["set_load_options"]),
        ({"recent_models": ("/a",)}, ["show_recent"]),
        ({"top": 3, "seed": 5, "beside_shown": False}, []),
    ):
        done.clear()
        program.preferences.change(**change)
        assert done == expected, change
    assert not program.window.actions_["show_odds"].isChecked() and program.window.actions_["heat"].isChecked()
