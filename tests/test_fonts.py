"""The tests' own fonts: windows see the chosen set, and nothing else."""

import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo
from PySide6.QtWidgets import QApplication

from desktop.editor.typography import default_font
from tests import fonts

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fontconfig")


def test_windows_see_the_chosen_set_alone(qapp: QApplication, request: pytest.FixtureRequest) -> None:
    chosen = str(request.config.getoption("--fonts"))
    sans, serif, monospace = fonts.FAMILIES[chosen]
    makers = {family.split()[0] for family in QFontDatabase.families()} - {"Sans", "Serif", "Monospace"}
    assert makers == ({"DejaVu"} if chosen == fonts.DEJAVU else {"Noto", "DejaVu"})
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    used = [QFontInfo(font).family() for font in (qapp.font(), default_font(), fixed, QFont("No such face"))]
    assert used == [sans, serif, monospace, sans]


def test_missing_fonts_are_named_with_their_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "found_font", lambda _name: None)
    with pytest.raises(LookupError, match="apt-get install fonts-noto-core"):
        fonts.configuration(fonts.NOTO, tmp_path)
