"""The theme: which one is applied, and that text is readable in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QDockWidget,
    QMainWindow,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from desktop.page_list.painting import quiet_highlight
from desktop.shell.theme import ThemeController, palette_of, style_sheet_of, theme_for
from desktop.shell.toolbar import ToolBar
from resources.colours import DARK, LIGHT, Colours
from tests.desktop.contrast import contrast

READABLE, SEEN = 4.5, 3.0  # contrast: WCAG AA for text, and the least of any word


def laid_over(veil: str, ink: str) -> str:
    """The colour of an ink under a veil, '#aarrggbb'."""
    top, under = QColor(veil), QColor(ink)
    pairs = (top.red(), under.red()), (top.green(), under.green()), (top.blue(), under.blue())
    return QColor(*(round(one * top.alphaF() + other * (1 - top.alphaF())) for one, other in pairs)).name()


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
def test_the_choice_overrides_the_system(choice: str, system: Qt.ColorScheme, theme: Colours) -> None:
    assert theme_for(choice, system) is theme


def test_a_choice_is_applied_and_emitted_once(application: QApplication, qtbot: QtBot) -> None:
    controller = ThemeController(application, "light")
    emitted: list[Colours] = []
    controller.theme_changed.connect(emitted.append)
    controller.choose("dark")
    controller.choose("dark")
    assert emitted == [DARK]
    assert controller.theme is DARK
    assert application.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
    assert DARK.accent in application.styleSheet()


def test_it_follows_the_system(application: QApplication, qtbot: QtBot) -> None:
    system = [Qt.ColorScheme.Light]
    controller = ThemeController(application, "system", system=lambda: system[0])
    emitted: list[Colours] = []
    controller.theme_changed.connect(emitted.append)
    system[0] = Qt.ColorScheme.Dark
    application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    system[0] = Qt.ColorScheme.Light
    application.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert emitted == [DARK, LIGHT]


def edge_of(button: QToolButton) -> str:
    """The colour of its plate."""
    return button.grab().toImage().pixelColor(button.width() // 2, 4).name()


@pytest.mark.parametrize("themes", [("light", "dark"), ("dark", "light")])
def test_the_arrow_of_hidden_buttons_follows_the_theme(
    application: QApplication, qtbot: QtBot, themes: tuple[str, str]
) -> None:
    before, after = themes
    controller = ThemeController(application, before)
    window = QMainWindow()
    qtbot.addWidget(window)
    bar = ToolBar(window)
    window.addToolBar(bar)
    for number in range(12):
        bar.add_command(QAction(f"Command {number}", window))
    window.resize(400, 200)
    with qtbot.waitExposed(window):
        window.show()
    arrow = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert arrow is not None and arrow.isVisible()
    controller.choose(after)
    edge = (DARK if after == "dark" else LIGHT).edge
    qtbot.waitUntil(lambda: edge_of(arrow) == edge)


@pytest.mark.parametrize("name", ["", "small", "pin"])
def test_a_button_that_cannot_be_used_looks_it(application: QApplication, qtbot: QtBot, name: str) -> None:
    ThemeController(application, "light")
    button = QToolButton()
    button.setText("HHHH")
    button.setObjectName(name)
    qtbot.addWidget(button)
    button.ensurePolished()
    able = button.grab().toImage()
    button.setEnabled(False)
    assert button.grab().toImage() != able


def pairs_of(theme: Colours) -> Iterator[tuple[str, str, str, float]]:
    """Texts with their ink, their background, and the contrast they need."""
    tint = quiet_highlight(palette_of(theme)).name()
    for ground in (theme.window, theme.field, theme.button, theme.hover, theme.line, tint):
        yield "text", theme.text, ground, READABLE
        yield "what cannot be used", theme.off, ground, SEEN
    for ground in (theme.window, theme.field, tint):
        yield "quiet", theme.quiet, ground, READABLE
    for ground in (theme.button, theme.hover):
        yield "quiet on a button", theme.quiet, ground, SEEN
    for ink in (theme.accent, theme.link):
        yield "accent, link", ink, theme.window, READABLE
    for ground in (theme.accent, theme.link):
        yield "what is chosen", theme.on_accent, ground, READABLE


def pairs_of_page(colours: Colours) -> Iterator[tuple[str, str, str, float]]:
    for ink in (colours.text, colours.ink):
        for ground in (colours.paper, colours.selection, colours.hovered, colours.pinned, colours.heat):
            yield "text of the page", ink, ground, READABLE
        yield "what the model no longer sees", laid_over(colours.unseen, ink), colours.paper, SEEN
    yield "hint", colours.placeholder, colours.paper, READABLE


def pairs_of_odds(colours: Colours) -> Iterator[tuple[str, str, str, float]]:
    for ground in (colours.ground, colours.selected):
        for ink in (colours.text, colours.quiet, colours.dim, colours.warning):
            yield "odds", ink, ground, READABLE
    for ground in (*colours.strip, colours.rest):
        yield "the strip", colours.text, ground, READABLE
    yield "the chosen token", colours.on_final, colours.final, READABLE


PAIRS = [
    *(("light", *pair) for pair in (*pairs_of(LIGHT), *pairs_of_page(LIGHT), *pairs_of_odds(LIGHT))),
    *(("dark", *pair) for pair in (*pairs_of(DARK), *pairs_of_page(DARK), *pairs_of_odds(DARK))),
]


@pytest.mark.parametrize(("theme", "what", "ink", "ground", "least"), PAIRS)
def test_every_text_colour_contrasts_with_its_background(
    theme: str, what: str, ink: str, ground: str, least: float
) -> None:
    assert contrast(ink, ground) >= least, f"{theme}: {what}"


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)  # which no window offscreen can
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_entry_of_a_combo_box_is_visible_and_readable(
    application: QApplication, qtbot: QtBot, theme: str
) -> None:
    controller = ThemeController(application, theme)
    box = QComboBox()
    box.addItems(["▉▉▉", "▉▉▉", "▉▉▉"])  # as much ink as there can be
    qtbot.addWidget(box)
    box.setCurrentIndex(1)
    box.show()
    box.showPopup()
    view = box.view()
    places = [view.visualRect(box.model().index(row, 0)) for row in range(3)]
    assert all(view.viewport().rect().contains(place) for place in places)
    assert all(place.height() >= 1.45 * view.fontInfo().pixelSize() for place in places)
    picture = view.viewport().grab().toImage()
    for row, place in enumerate(places):
        seen = [picture.pixelColor(x, place.center().y()).name() for x in range(place.left(), place.right())]
        ground = seen[-3]
        assert max(contrast(ink, ground) for ink in seen) >= READABLE, row
        assert ground == (controller.theme.accent if row == 1 else controller.theme.field)
    box.hidePopup()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_edges_are_visible(theme: Colours) -> None:
    """The edges of unchecked boxes and of the focus have enough contrast."""
    for edge in (theme.edge, theme.accent):
        assert contrast(edge, theme.window) >= 3
    assert contrast(theme.accent, theme.field) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_pictures_of_the_style_sheet_exist(theme: Colours) -> None:
    named = re.findall(r'url\("(.+?)"\)', style_sheet_of(theme))
    assert len(set(named)) == 3
    assert all(Path(name).is_file() and Path(name.replace(".png", "@2x.png")).is_file() for name in named)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_palette_and_style_sheet_are_complete(theme: Colours) -> None:
    assert "{" not in style_sheet_of(theme).replace(" {", "")
    disabled = palette_of(theme).color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    assert disabled == QColor(theme.off)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=("light", "dark"))
def test_pictures_have_the_colours_of_the_theme(application: QApplication, qtbot: QtBot, theme: Colours) -> None:
    ThemeController(application, theme.name)
    window, box = QMainWindow(), QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    dock = QDockWidget("Odds")
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    for widget in (window, box):
        qtbot.addWidget(widget)
        widget.show()
    assert box.button(QDialogButtonBox.StandardButton.Close).icon().isNull()
    button = dock.findChild(QAbstractButton, "qt_dockwidget_floatbutton")
    assert button is not None
    image = button.icon().pixmap(12, 12).toImage()
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    inks = {image.pixelColor(*place).name() for place in places if image.pixelColor(*place).alpha() > 240}
    assert inks and all(contrast(ink, theme.window) >= SEEN for ink in inks)
