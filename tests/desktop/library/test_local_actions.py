"""Actions on the models of this machine: list, remove after a question, overrule the kind, link, show information."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from desktop.library.local_actions import LocalActions
from desktop.library.model_info_dialog import ModelInfoDialog
from desktop.qt.background import Background
from models.library import user_folders
from models.library.app_dirs import AppDirs, under
from models.library.header import HeaderError
from models.library.trash import RemovalError
from tests.models.library.conftest import SOUND, STRING, text, with_architecture


def gguf(path: Path, name: str, tune: str = "", extra: int = 0) -> Path:
    """A small GGUF of that name, with `extra` bytes behind it."""
    made = SOUND.with_value("general.name", STRING, text(name))
    made = made.with_value("general.finetune", STRING, text(tune)) if tune else made
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.encode() + bytes(extra))
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppDirs:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return under(tmp_path / "home")


@pytest.fixture
def local(home: AppDirs, qtbot: QtBot) -> Iterator[LocalActions]:
    background = Background((HeaderError, RemovalError, OSError))
    gguf(home.models / "one.gguf", "One", "Base")
    gguf(home.models / "two.gguf", "Two", "Instruct")
    local = LocalActions(home, background, move_to_trash=Path.unlink)
    qtbot.addWidget(local.tab)
    local.refresh()
    qtbot.waitUntil(lambda: len(local.tab.table.rows.values) == 2)
    yield local
    background.close()


def cells(local: LocalActions, column: int) -> list[str]:
    rows = local.tab.table.rows
    return [rows.index(row, column).data() for row in range(rows.rowCount())]


def box(local: LocalActions) -> QMessageBox:
    return local.tab.window().findChildren(QMessageBox)[-1]


def ask_to_remove(local: LocalActions, qtbot: QtBot) -> None:
    """Click Remove and wait for the question: what removing would free is looked up off the GUI thread."""
    local.tab.remove.click()
    qtbot.waitUntil(lambda: any(one.isVisible() for one in local.tab.window().findChildren(QMessageBox)))


def test_models_are_listed_with_their_kind(local: LocalActions) -> None:
    assert cells(local, 0) == ["one", "two"]
    assert cells(local, 3) == ["base", "chat"]


def test_opening_emits_model_chosen(local: LocalActions, qtbot: QtBot) -> None:
    local.tab.table.select(1)
    with qtbot.waitSignal(local.model_chosen) as wish:
        local.tab.open.click()
    assert wish.args is not None
    assert wish.args[0].endswith("two.gguf")


def test_a_linked_file_is_listed_with_its_own_folder(
    local: LocalActions, home: AppDirs, tmp_path: Path, qtbot: QtBot
) -> None:
    user_folders.link(gguf(tmp_path / "elsewhere" / "three.gguf", "Three"), home)
    local.refresh()
    qtbot.waitUntil(lambda: cells(local, 0) == ["one", "three", "two"])
    assert cells(local, 5)[1] == "linked file"


def test_the_user_can_overrule_the_kind(local: LocalActions, qtbot: QtBot) -> None:
    local.tab.table.select(1)
    assert local.tab.overrule.text() == "Mark as base model"
    with qtbot.waitSignal(local.overruled) as overruled:
        local.tab.overrule.click()
    assert overruled.args == [str(local.tab.table.rows.values[1].path), "base"]
    qtbot.waitUntil(lambda: cells(local, 3) == ["base", "base"])


def test_a_model_is_removed_only_after_a_yes(local: LocalActions, home: AppDirs, qtbot: QtBot, tmp_path: Path) -> None:
    local.tab.table.select(0)
    ask_to_remove(local, qtbot)
    box(local).button(QMessageBox.StandardButton.Cancel).click()
    assert (home.models / "one.gguf").exists()
    ask_to_remove(local, qtbot)
    remove = next(button for button in box(local).buttons() if button.text() == "Remove")
    remove.click()
    qtbot.waitUntil(lambda: cells(local, 0) == ["two"])
    assert not (home.models / "one.gguf").exists()
    assert "one is in the trash: " in local.tab.message_label.text()


def test_without_a_trash_permanent_deletion_is_offered(local: LocalActions, home: AppDirs, qtbot: QtBot) -> None:
    def no_trash(_file: Path) -> None:
        raise OSError(1, "no trash here")

    local.move_to_trash = no_trash
    local.tab.table.select(0)
    ask_to_remove(local, qtbot)
    next(button for button in box(local).buttons() if button.text() == "Remove").click()
    qtbot.waitUntil(lambda: "no trash here" in box(local).text())
    assert (home.models / "one.gguf").exists()
    next(button for button in box(local).buttons() if button.text() == "Delete permanently").click()
    qtbot.waitUntil(lambda: not (home.models / "one.gguf").exists())


def test_the_loaded_model_is_not_removed(local: LocalActions, home: AppDirs, qtbot: QtBot) -> None:
    local.set_loaded(home.models / "one.gguf")
    local.tab.table.select(0)
    ask_to_remove(local, qtbot)
    next(button for button in box(local).buttons() if button.text() == "Remove").click()
    qtbot.waitUntil(lambda: "is loaded" in local.tab.message_label.text())
    assert (home.models / "one.gguf").exists()


def test_the_loaded_model_is_marked(local: LocalActions, home: AppDirs, qtbot: QtBot, tmp_path: Path) -> None:
    link = tmp_path / "link.gguf"
    link.symlink_to(home.models / "two.gguf")
    rows = local.tab.table.rows
    for loaded in (home.models / "two.gguf", link):
        local.set_loaded(loaded)
        qtbot.waitUntil(lambda: cells(local, 0) == ["one", "two (loaded)"])
        assert [bool(rows.index(row, 2).data(Qt.ItemDataRole.FontRole)) for row in (0, 1)] == [False, True]
        local.refresh()
        qtbot.waitUntil(lambda: cells(local, 0) == ["one", "two (loaded)"])
        local.set_loaded(None)
        qtbot.waitUntil(lambda: cells(local, 0) == ["one", "two"])


def test_a_filter_narrows_the_list(local: LocalActions, qtbot: QtBot) -> None:
    local.tab.table.select(1)
    local.tab.filter.setText("MODELS tw")
    assert cells(local, 0) == ["two"]
    local.refresh()
    qtbot.waitUntil(lambda: cells(local, 0) == ["two"])
    local.tab.filter.setText("none")
    assert cells(local, 0) == [] and local.tab.message_label.text() == "No model matches the filter."
    assert not local.tab.open.isEnabled()
    local.tab.filter.clear()
    assert cells(local, 0) == ["one", "two"] and local.tab.open.isEnabled()


def test_the_information_about_a_model_is_shown(local: LocalActions, qtbot: QtBot) -> None:
    local.tab.table.select(0)
    local.tab.inspect.click()
    qtbot.waitUntil(lambda: bool(local.tab.window().findChildren(ModelInfoDialog)))
    dialog = local.tab.window().findChildren(ModelInfoDialog)[0]
    assert dialog.windowTitle() == "One — inside"
    dialog.reject()


def test_a_damaged_file_has_no_kind_to_overrule(local: LocalActions, home: AppDirs, qtbot: QtBot) -> None:
    (home.models / "bad.gguf").write_bytes(b"GGUF")
    local.refresh()
    qtbot.waitUntil(lambda: cells(local, 0) == ["bad", "one", "two"])
    local.tab.table.select(0)
    assert not local.tab.overrule.isEnabled()
    assert "cut short" in local.tab.message_label.text()


def test_a_long_name_in_one_word_does_not_widen_the_window(local: LocalActions) -> None:
    narrow = local.tab.minimumSizeHint().width()
    local.tab.say("x" * 500)
    assert local.tab.minimumSizeHint().width() == narrow


def test_a_model_that_cannot_be_opened_says_why_and_can_be_removed(
    local: LocalActions, home: AppDirs, qtbot: QtBot
) -> None:
    encoder = home.models / "three.gguf"
    encoder.write_bytes(with_architecture(SOUND, "bert").encode())
    (home.models / "zero.gguf").write_bytes(b"GGUF")
    local.refresh()
    qtbot.waitUntil(lambda: cells(local, 0) == ["one", "three", "two", "zero"])
    assert cells(local, 3) == ["base", "can't write", "chat", "damaged"]
    local.tab.table.select(1)
    assert local.tab.message_label.text() == "three.gguf is an encoder: it reads text but can't continue it."
    local.ask_to_remove(encoder)
    qtbot.waitUntil(lambda: any(one.isVisible() for one in local.tab.window().findChildren(QMessageBox)))
    box(local).buttons()[0].click()
    qtbot.waitUntil(lambda: not encoder.exists())
    local.ask_to_remove(encoder)
    qtbot.waitUntil(lambda: local.tab.message_label.text() == "three.gguf is not here any more.")
