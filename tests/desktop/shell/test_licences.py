"""The licences of the program's parts, and their dialog."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.shell.dialogs import LicencesDialog
from desktop.shell.licences import Licence, licences


def test_a_checkout_reads_them_from_its_packages(tmp_path: Path) -> None:
    found = licences(tmp_path)
    names = [one.name for one in found]
    assert names[0] == "inkfall"
    assert {"PySide6_Essentials", "numpy", "keyring"} <= set(names)
    assert len(names) == len(set(names))
    assert "MIT License" in found[0].text


def test_an_installed_program_has_files(tmp_path: Path) -> None:
    (tmp_path / "zlib.txt").write_text("free", encoding="utf-8")
    (tmp_path / "inkfall.txt").write_text("ours", encoding="utf-8")
    assert licences(tmp_path) == [Licence("inkfall", "ours"), Licence("zlib", "free")]


def test_the_dialog_shows_the_chosen_one(qtbot: QtBot) -> None:
    dialog = LicencesDialog([Licence("inkfall", "ours"), Licence("zlib", "free")])
    qtbot.addWidget(dialog)
    assert dialog.text.toPlainText() == "ours"
    dialog.names.setCurrentRow(1)
    assert dialog.text.toPlainText() == "free"
