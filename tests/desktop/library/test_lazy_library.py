"""LazyLibrary makes the library on first use and replays the calls made before."""

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
def lazy(home: AppDirs, qtbot: QtBot) -> Iterator[LazyLibrary]:
    parent = QWidget()
    qtbot.addWidget(parent)
    lazy = LazyLibrary(home, parent)
    yield lazy
    lazy.close()


def test_a_model_that_was_opened_elsewhere_is_listed(
    lazy: LazyLibrary, home: AppDirs, qtbot: QtBot, tmp_path: Path
) -> None:
    far = gguf(tmp_path / "elsewhere" / "far.gguf", "Far")
    lazy.set_loaded(str(far))
    qtbot.waitUntil(lambda: user_folders.read(home).files == (far,))
    lazy.open()
    qtbot.waitUntil(lambda: lazy._instance is not None and lazy.instance.window is not None)
    qtbot.waitUntil(lambda: [one.name for one in lazy.instance.local_actions.tab.table.rows.values] == ["far"])


def test_a_model_opened_elsewhere_later_is_listed_too(
    lazy: LazyLibrary, home: AppDirs, qtbot: QtBot, tmp_path: Path
) -> None:
    lazy.instance.open()
    lazy.set_loaded(str(gguf(tmp_path / "elsewhere" / "far.gguf", "Far")))
    qtbot.waitUntil(lambda: [one.name for one in lazy.instance.local_actions.tab.table.rows.values] == ["far"])


def test_scripted_odds_are_not_listed(lazy: LazyLibrary, home: AppDirs) -> None:
    lazy.set_loaded("scripted:")
    lazy.close()
    assert not user_folders.read(home).files


def test_calls_made_before_creation_are_replayed(lazy: LazyLibrary, qtbot: QtBot) -> None:
    lazy.set_network("", "", True)
    lazy.set_load_options(LoadOptions(context=1_024))
    lazy.set_loaded("", "")
    lazy.instance.open()
    qtbot.waitUntil(lambda: lazy.instance.network_tab.offline.isChecked())
    assert lazy.instance.hardware_tab.context.value() == 1_024
    with qtbot.waitSignal(lazy.model_chosen) as wish:
        lazy.instance.model_chosen.emit("some.gguf")
    assert wish.args == ["some.gguf"]


def test_two_requests_make_one_library(lazy: LazyLibrary, qtbot: QtBot) -> None:
    lazy.open()
    lazy.open_catalogue()
    qtbot.waitUntil(lambda: lazy._instance is not None and lazy.instance.window is not None)
    assert lazy.instance.window is not None
    assert lazy.instance.catalogue_tab.isVisible()


def test_the_hardware_is_shown(lazy: LazyLibrary, qtbot: QtBot) -> None:
    lazy.open_hardware()
    qtbot.waitUntil(lambda: lazy._instance is not None and lazy.instance.window is not None)
    assert lazy.instance.window is not None
    assert lazy.instance.hardware_tab.isVisible()
