"""The window's look: which theme, what is put on, and that it can be read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.shell.theme import DARK, LIGHT, Look, Theme, palette_of, style_sheet_of, theme_for

READABLE = 4.5  # WCAG AA, for text


@pytest.fixture
def application(qapp: QApplication) -> Iterator[QApplication]:
    """The program's application, given back as it was."""
    palette, sheet, style = qapp.palette(), qapp.styleSheet(), qapp.style().name()
    yield qapp
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setStyle(style)


@pytest.mark.parametrize(
    ("choice", "system", "theme"),
    [
        ("system", Qt.ColorScheme.Dark, DARK),
        ("system", Qt.ColorScheme.Light, LIGHT),
        ("system", Qt.ColorScheme.Unknown, LIGHT),
        ("light", Qt.ColorScheme.Dark, LIGHT),
        ("dark", Qt.ColorScheme.Light, DARK),
        ("sepia", Qt.ColorScheme.Dark, LIGHT),
    ],
)
def test_the_choice_goes_before_the_system(choice: str, system: Qt.ColorScheme, theme: Theme) -> None:
    assert theme_for(choice, system) is theme


def test_a_choice_is_put_on_and_told_once(application: QApplication, qtbot: QtBot) -> None:
    look = Look(application, "light")
    told: list[Theme] = []
    look.theme_changed.connect(told.append)
    look.choose("dark")
    look.choose("dark")
    assert told == [DARK]
    assert look.theme is DARK
    assert application.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
    assert DARK.accent in application.styleSheet()


def test_it_follows_the_system(application: QApplication, qtbot: QtBot) -> None:
    system = [Qt.ColorScheme.Light]
    look = Look(application, "system", system=lambda: system[0])
    told: list[Theme] = []
    look.theme_changed.connect(told.append)
    system[0] = Qt.ColorScheme.Dark
    application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    system[0] = Qt.ColorScheme.Light
    application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert told == [DARK, LIGHT]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_ink_can_be_read_on_what_it_stands_on(theme: Theme) -> None:
    for ground in (theme.window, theme.field, theme.button, theme.hover):
        assert contrast(theme.text, ground) >= READABLE
    for ink in (theme.quiet, theme.accent, theme.link):
        assert contrast(ink, theme.window) >= READABLE
    assert contrast(theme.on_accent, theme.accent) >= READABLE


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_edges_are_seen(theme: Theme) -> None:
    """Of boxes that are not checked, and of what has the keys."""
    for edge in (theme.edge, theme.accent):
        assert contrast(edge, theme.window) >= 3
    assert contrast(theme.accent, theme.field) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_sheets_pictures_are_there(theme: Theme) -> None:
    named = re.findall(r'url\("(.+?)"\)', style_sheet_of(theme))
    assert len(named) == 2
    assert all(Path(name).is_file() and Path(name.replace(".png", "@2x.png")).is_file() for name in named)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_palette_and_sheet_are_whole(theme: Theme) -> None:
    assert "{" not in style_sheet_of(theme).replace(" {", "")
    disabled = palette_of(theme).color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    assert disabled == QColor(theme.off)


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.040_45 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
