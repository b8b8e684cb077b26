"""The library behind its door: made when it is wanted, and told what it missed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.library.lazy_library import LazyLibrary
from models.library import user_folders
from models.library.app_dirs import AppDirs, under
from models.library.load_options import LoadOptions
from tests.desktop.library.test_local_actions import gguf


@pytest.fixture
def home(tmp_path: Path) -> AppDirs:
    return under(tmp_path / "home")


@pytest.fixture
def door(home: AppDirs, qtbot: QtBot) -> Iterator[LazyLibrary]:
    parent = QWidget()
    qtbot.addWidget(parent)
    door = LazyLibrary(home, parent)
    yield door
    door.close()


def test_a_model_that_was_opened_elsewhere_is_listed(
    door: LazyLibrary, home: AppDirs, qtbot: QtBot, tmp_path: Path
) -> None:
    far = gguf(tmp_path / "elsewhere" / "far.gguf", "Far")
    door.set_loaded(str(far))
    qtbot.waitUntil(lambda: user_folders.read(home).files == (far,))
    door.open()
    qtbot.waitUntil(lambda: door._inside is not None and door.inside._window is not None)
    qtbot.waitUntil(lambda: [one.name for one in door.inside._local.page.table.rows.values] == ["far"])


def test_one_that_is_opened_elsewhere_later_is_listed_too(
    door: LazyLibrary, home: AppDirs, qtbot: QtBot, tmp_path: Path
) -> None:
    door.inside.open()
    door.set_loaded(str(gguf(tmp_path / "elsewhere" / "far.gguf", "Far")))
    qtbot.waitUntil(lambda: [one.name for one in door.inside._local.page.table.rows.values] == ["far"])


def test_fixed_odds_are_no_file_to_be_listed(door: LazyLibrary, home: AppDirs) -> None:
    door.set_loaded("scripted:")
    door.close()
    assert not user_folders.read(home).files


def test_what_was_said_before_it_opened_is_known_inside(door: LazyLibrary, qtbot: QtBot) -> None:
    door.set_network("", "", True)
    door.set_choices(LoadOptions(context=1_024))
    door.set_loaded("", "")
    door.inside.open()
    qtbot.waitUntil(lambda: door.inside._net.offline.isChecked())
    assert door.inside._running.context.value() == 1_024
    with qtbot.waitSignal(door.model_chosen) as wish:
        door.inside.model_chosen.emit("some.gguf")
    assert wish.args == ["some.gguf"]


def test_two_wishes_for_it_open_one(door: LazyLibrary, qtbot: QtBot) -> None:
    door.open()
    door.open_catalogue()
    qtbot.waitUntil(lambda: door._inside is not None and door.inside._window is not None)
    assert door.inside._window is not None
    assert door.inside._catalogue.isVisible()


def test_the_hardware_is_shown(door: LazyLibrary, qtbot: QtBot) -> None:
    door.open_hardware()
    qtbot.waitUntil(lambda: door._inside is not None and door.inside._window is not None)
    assert door.inside._window is not None
    assert door.inside._running.isVisible()
