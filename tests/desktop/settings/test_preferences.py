"""The settings while the program runs: changes and what is emitted for them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.settings.dialog import SettingsDialog
from desktop.settings.fields import Settings
from desktop.settings.preferences import Preferences


@pytest.fixture
def preferences(tmp_path: Path, qtbot: QtBot) -> Iterator[Preferences]:
    preferences = Preferences(tmp_path / "settings.json")
    yield preferences
    preferences.close()


def test_only_fields_that_changed_are_emitted(preferences: Preferences) -> None:
    changes: list[tuple[int, frozenset[str]]] = []
    preferences.changed.connect(lambda settings, names: changes.append((settings.top, names)))
    preferences.change(top=7, heat=False)
    preferences.change(top=7)
    preferences.remember(page="/a")
    preferences.change(page="/a", theme="dark")
    assert changes == [(7, {"top"}), (7, {"theme"})]


def test_a_dialog_returns_its_changes_alone(preferences: Preferences, qtbot: QtBot) -> None:
    dialog = SettingsDialog(preferences.value)
    qtbot.addWidget(dialog)
    dialog.settings_chosen.connect(lambda changes: preferences.change(**changes))
    preferences.changed.connect(dialog.follow)
    dialog.editors["top"].setValue(7)  # type: ignore[attr-defined]
    preferences.remember(page="/new", starter_terms_seen=True)
    preferences.change(recent_models=("/m",), theme="dark", top=9, threads=3)
    assert (dialog.settings.theme, dialog.settings.top, dialog.settings.threads) == ("dark", 7, 3)
    dialog.accept()
    assert preferences.value == Settings(
        page="/new", starter_terms_seen=True, recent_models=("/m",), theme="dark", top=7, threads=3
    )


def test_a_value_that_the_dialog_cannot_show_is_not_changed_by_it(preferences: Preferences, qtbot: QtBot) -> None:
    preferences.change(font_size=12.34, line_spacing=1.234)
    dialog = SettingsDialog(preferences.value)
    qtbot.addWidget(dialog)
    dialog.settings_chosen.connect(lambda changes: preferences.change(**changes))
    dialog.accept()
    assert (preferences.value.font_size, preferences.value.line_spacing) == (12.34, 1.234)


def test_defaults_stay_chosen_whatever_changes_elsewhere(preferences: Preferences, qtbot: QtBot) -> None:
    dialog = SettingsDialog(preferences.value)
    qtbot.addWidget(dialog)
    dialog.settings_chosen.connect(lambda changes: preferences.change(**changes))
    preferences.changed.connect(dialog.follow)
    dialog.buttons.button(dialog.buttons.StandardButton.RestoreDefaults).click()
    preferences.change(theme="dark", recent_models=("/m",))
    dialog.accept()
    assert preferences.value == Settings(recent_models=("/m",))


def test_two_processes_keep_what_each_has_changed(tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "settings.json"
    first, second = Preferences(path), Preferences(path)
    first.change(top=7, sampling=Settings().sampling.__class__(top_k=5), length=None)
    first.close()
    second.change(theme="dark", sampling=Settings().sampling.__class__(temperature=0.5))
    second.close()
    written = json.loads(path.read_text())
    assert written == {"top": 7, "length": None, "theme": "dark", "sampling": {"top_k": 5, "temperature": 0.5}}
