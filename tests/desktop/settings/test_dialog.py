"""The settings' window, made from the declared fields."""

from dataclasses import fields

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialogButtonBox, QLabel, QSpinBox
from pytestqt.qtbot import QtBot

from desktop.settings.dialog import SettingsDialog
from desktop.settings.fields import Settings, for_dialog, info_of
from models.library.load_options import LoadOptions
from resources.language import languages

MODELS = ("/m.gguf",)
CHOSEN = Settings(
    theme="dark", font_family="No Such Face", column=20, threads=3, recent_models=MODELS, geometry=b"x", seed=4
)


@pytest.fixture
def dialog(qtbot: QtBot) -> SettingsDialog:
    dialog = SettingsDialog(CHOSEN)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def test_it_shows_the_settings_and_returns_them_unchanged(dialog: SettingsDialog) -> None:
    assert set(dialog.editors) == {one.name for one in for_dialog()}
    assert dialog.settings == CHOSEN


def test_every_editor_has_an_accessible_name(dialog: SettingsDialog) -> None:
    for one in for_dialog():
        editor = dialog.editors[one.name]
        assert editor.accessibleName() == info_of(one).label
        assert editor.toolTip() == info_of(one).help


def test_a_language_is_listed_by_its_own_name(dialog: SettingsDialog, qtbot: QtBot) -> None:
    box = dialog.editors["language"]
    assert isinstance(box, QComboBox)
    names = {box.itemData(place): box.itemText(place) for place in range(box.count())}
    assert names.keys() == {"", *languages()}
    assert (names["en"], names["ko"]) == ("English", "한국어")
    box.setCurrentIndex(box.findData("ko"))
    assert dialog.settings.language == "ko"


def test_ok_emits_the_changes(dialog: SettingsDialog, qtbot: QtBot) -> None:
    heat, column, theme = (dialog.editors[name] for name in ("heat", "column", "theme"))
    assert isinstance(heat, QCheckBox)
    assert isinstance(column, QSpinBox)
    assert isinstance(theme, QComboBox)
    heat.setFocus()
    qtbot.keyClick(heat, Qt.Key.Key_Space)
    column.setFocus()
    qtbot.keyClick(column, Qt.Key.Key_Up)
    qtbot.keyClick(theme, Qt.Key.Key_Home)
    with qtbot.waitSignal(dialog.settings_chosen) as signal:
        qtbot.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)
    assert signal.args is not None
    [chosen] = signal.args
    assert chosen == {"heat": True, "column": 21, "theme": "system"}


def test_escape_emits_nothing(dialog: SettingsDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.settings_chosen):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_defaults_are_restored_only_for_fields_in_the_dialog(dialog: SettingsDialog, qtbot: QtBot) -> None:
    reset = dialog.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
    qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert dialog.settings == Settings(threads=3, recent_models=("/m.gguf",), geometry=b"x", seed=4)


def test_load_options_are_chosen_in_the_library_alone(dialog: SettingsDialog, qtbot: QtBot) -> None:
    assert not set(dialog.editors) & {one.name for one in fields(LoadOptions)}
    heat = dialog.editors["heat"]
    assert isinstance(heat, QCheckBox)
    heat.click()
    with qtbot.waitSignals([dialog.settings_chosen, dialog.hardware_requested], order="strict"):
        dialog.hardware.click()
    assert not dialog.isVisible()


def test_the_network_is_set_in_the_library_alone(dialog: SettingsDialog, qtbot: QtBot) -> None:
    assert not set(dialog.editors) & {"endpoint", "proxy", "offline"}
    with qtbot.waitSignals([dialog.settings_chosen, dialog.network_requested], order="strict"):
        dialog.network.click()
    assert not dialog.isVisible()


def test_it_fits_a_small_screen(qtbot: QtBot) -> None:
    """1366 by 768 at 125 percent leaves 614 pixels."""
    dialog = SettingsDialog(Settings())
    qtbot.addWidget(dialog)
    dialog.resize(420, 560)
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert dialog.height() == 560
    assert dialog.buttons.geometry().bottom() < 560
    before, last = dialog.hardware, dialog.network
    before.setFocus()
    qtbot.keyClick(before, Qt.Key.Key_Tab)  # which brings what it comes to into view
    qtbot.waitUntil(lambda: not last.visibleRegion().isEmpty())


def test_a_group_has_space_above_it(dialog: SettingsDialog) -> None:
    heads = [label for label in dialog.findChildren(QLabel) if label.objectName() == "group"]
    rows = [*dialog.editors.values(), dialog.hardware, dialog.network]
    assert len(heads) >= 3
    for head in heads[1:]:
        words = head.mapTo(dialog, QPoint(0, head.contentsRect().top())).y()
        above = max(low for one in rows if (low := one.mapTo(dialog, one.rect().bottomLeft()).y()) < words)
        below = min(high for one in rows if (high := one.mapTo(dialog, QPoint()).y()) > words)
        assert words - above > below - (words + head.contentsRect().height())
