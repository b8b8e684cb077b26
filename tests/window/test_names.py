"""A hostile name wherever the program shows a name: it is never drawn as markup, forges no line and loses no letter."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAccessible, QAction, QTextDocument
from PySide6.QtGui import Qt as Markup
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDockWidget,
    QGroupBox,
    QLabel,
    QMenu,
    QTabBar,
    QTextBrowser,
    QWidget,
)

from desktop.odds.rows import view_of_look, view_of_token
from desktop.pagefile.unopened import set_title
from desktop.qt.visible import lines
from models.library.user_folders import link
from tests.desktop.odds.conftest import make_reading, on_page
from tests.models.library.conftest import SOUND, STRING, text
from tests.models.library.hub_stand_in import StandIn
from tests.window.windows import Names, every_window, put_model

# An image that Qt would open, a heading, mnemonics, Qt's mark for a changed window, a link of Markdown, an override of
# direction, an escape, and a line that would seem to be another sentence.
BAIT = "<img src='file:bait.png'><h1>&Own</h1>&lt;[*]![](bait.png)\u202eevil\u009b\x1b[2J"
FORGED = "FORGED"
NAME = f"{BAIT}\n{FORGED}: your pages are gone"
FILE = NAME + ".gguf"
HOSTILE = Names(
    file=FILE,
    foreign=NAME,
    notice=f"“{NAME}” could not be opened.",
    button=NAME,
    work=f"Loading {NAME}…",
    report=f"{NAME} went wrong.",
    version=NAME,
    url=f"https://{NAME}",
    devices=(("Devices", "one"), (NAME, lines(NAME, "two"))),
)
ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
SWALLOWED = re.compile("(?<!&)&(?:&&)*Own")  # the letter would be underlined, the sign lost
ROLES = {
    role: getattr(Qt.ItemDataRole, f"{role}Role")
    for role in ("Display", "ToolTip", "StatusTip", "WhatsThis", "AccessibleText", "AccessibleDescription")
}

DRAWN = ("ToolTip", "StatusTip", "WhatsThis")


def test_no_name_is_markup_or_forges_a_line(hand: Any, hub: StandIn) -> None:
    plant(hand, hub)
    shown: set[str] = set()
    complaints: list[str] = []
    for name, window in every_window(hand, hub, HOSTILE):
        for where, words in shown_texts(window):
            complaints += [f"{name}: {where}: {fault}: {words!r}" for fault in faults(where, words)]
            shown.update({name} if "evil" in words else ())
    assert not complaints, "\n".join(dict.fromkeys(complaints))
    expected = {"window", "library, Installed", "library, Search", "look inside", "remove a model"}
    expected |= {"about", "update", "crash", "cannot be saved", "delete a page"}
    assert expected <= shown, "the walk has lost its names"


def test_the_windows_title_is_the_pages(hand: Any) -> None:
    hand.types("text")
    hand.program.open_page.rename("a [*] & b\u202e")
    hand.until(lambda: "a [" in hand.program.window.windowTitle())
    assert hand.program.window.windowHandle().title().startswith("a [*] & b")
    assert "\u202e" not in hand.program.window.windowTitle()


@pytest.mark.parametrize("name", [NAME, "a\tCtrl+Q", "a && b & c"])
def test_a_recent_model_is_called_as_it_is(hand: Any, name: str) -> None:
    window = hand.program.window
    window.show_recent([f"/models/{number}/{name.replace('/', '')}" for number in range(11)])
    actions = window._recent.actions()
    assert len(actions) == 11 and not any("\t" in action.text() or "\n" in action.text() for action in actions)
    words = [action.text().removeprefix(f"&{number} ") for number, action in enumerate(actions, 1)]
    assert all(one.count("&") == 2 * name.replace("/", "").count("&") for one in words)


# ------------------------------------------------------------------------------------------------ planting


def plant(hand: Any, hub: StandIn) -> None:
    """Put the name wherever a page, a model, an answer or a token brings one."""
    program = hand.program
    program.home.pages.mkdir(parents=True, exist_ok=True)
    hand.types("harbour")
    hand.until(lambda: program.open_page.has_file)
    program.open_page.new()
    hand.until(lambda: not program.open_page.busy)
    (entry, *_) = program.pages.store.paths()
    set_title(entry, NAME)
    (program.home.pages / f"{NAME.replace('/', '')}.inkfall").write_bytes(b"no page")
    folder = program.home.models
    put_model(folder, HOSTILE)
    licensed = SOUND.with_value("general.license", STRING, text(NAME))
    licensed = licensed.with_value("general.license.name", STRING, text(NAME))
    licensed = licensed.with_value("general.license.link", STRING, text(NAME))
    (folder / "licensed.gguf").write_bytes(licensed.encode())
    (folder / f"broken {FILE.replace('/', '')}").write_bytes(b"GGUF" + bytes(40))
    hub.add(f"someone/made-{NAME.replace('/', '')}", {"a.Q8_0.gguf": b"x"}, tags=["gguf", f"license:{NAME}"])
    model = replace(
        program.session.state.model, name=NAME, path=f"/m/{NAME}", architecture=NAME, device=NAME, why=NAME, chat=True
    )
    program.status_presenter.model(model)
    program.pages.refresh()


# ------------------------------------------------------------------------------------------------ shown texts


def shown_texts(window: QWidget) -> Iterator[tuple[str, str]]:
    """All texts of the window with their sources, as Qt would draw them."""
    for widget in [window, *window.findChildren(QWidget)]:
        if widget.window() is window or isinstance(widget, QMenu):
            yield from said_by(widget)
    for action in window.findChildren(QAction):
        yield "action", action.text()
        for words in (action.toolTip(), action.statusTip(), action.whatsThis()):
            yield "tip of an action", words


def said_by(widget: QWidget) -> Iterator[tuple[str, str]]:
    about = type(widget).__name__
    for words in (widget.toolTip(), widget.statusTip(), widget.whatsThis()):
        yield f"tip of a {about}", words
    if widget.isWindow():
        yield "title", widget.windowTitle()
    yield from heard(widget)
    yield from drawn(widget)


def heard(widget: QWidget) -> Iterator[tuple[str, str]]:
    about = type(widget).__name__
    interface = QAccessible.queryAccessibleInterface(widget)
    for kind in (QAccessible.Text.Name, QAccessible.Text.Description):
        if interface is not None and widget.isVisible() and not isinstance(widget, QTextBrowser):
            yield f"a screen reader of a {about}", interface.text(kind)
    yield f"accessible name of a {about}", widget.accessibleName()
    yield f"accessible description of a {about}", widget.accessibleDescription()


def drawn(widget: QWidget) -> Iterator[tuple[str, str]]:
    match widget:
        case QLabel():
            plain = widget.textFormat() == Qt.TextFormat.PlainText or not widget.text()
            yield f"plain label {widget.objectName()}" if plain else f"label {widget.objectName()}", widget.text()
        case QTextBrowser():
            yield from images(widget.document())
        case QAbstractButton() | QGroupBox():
            yield "button", widget.text() if isinstance(widget, QAbstractButton) else widget.title()
        case QTabBar():
            for place in range(widget.count()):
                yield "tab", widget.tabText(place)
                yield "tip of a tab", widget.tabToolTip(place)
        case QComboBox():
            yield from of_rows(widget.model())
        case QAbstractItemView() if widget.model() is not None:
            yield from of_rows(widget.model())
        case QDockWidget() | QMenu():
            yield "button", widget.windowTitle()


def of_rows(rows: QAbstractItemModel) -> Iterator[tuple[str, str]]:
    for row in range(rows.rowCount(QModelIndex())):
        for column in range(_columns(rows)):
            for name, role in ROLES.items():
                words = rows.index(row, column).data(role)
                if isinstance(words, str):
                    yield f"tip of a cell ({name})" if name in DRAWN else f"cell ({name})", words


def _columns(rows: QAbstractItemModel) -> int:
    return 1 if isinstance(rows, QAbstractListModel) else rows.columnCount(QModelIndex())


def images(document: QTextDocument) -> Iterator[tuple[str, str]]:
    block = document.begin()
    while block.isValid():
        fragments = block.begin()
        while not fragments.atEnd():
            form = fragments.fragment().charFormat()
            if form.isImageFormat():
                yield "image", form.toImageFormat().name()
            yield "plain label of a browser", fragments.fragment().text()
            fragments += 1
        block = block.next()


def faults(where: str, words: str) -> Iterator[str]:
    """The faults of a text."""
    if where == "image" and "bait" in words:  # the terms of Gemma have one of their own, which is not fetched
        yield "an image is opened"
    if where.startswith(("tip", "label")) and Markup.mightBeRichText(words):
        yield "it is drawn as markup"
    if ODD.search(words):
        yield "it holds what cannot be seen"
    if any(line.startswith(FORGED) for line in words.splitlines()):
        yield "it forges a line"
    if where in ("button", "action", "tab") and SWALLOWED.search(words):
        yield "a letter is swallowed"


def test_a_token_is_a_token(hand: Any) -> None:
    bait = [(token.encode(), 0.3) for token in ("<h1>", f" {NAME}", "<img src='file:bait.png'>")]
    odds = hand.program.odds
    for view in (
        view_of_token([on_page(make_reading(bait), stale=True)], "caret", 100),
        view_of_look(make_reading(bait), 100),
    ):
        odds.show_view(view)
        QApplication.processEvents()
        words = list(shown_texts(hand.program.window))
        assert not [(where, one) for where, one in words if list(faults(where, one))]
        assert any("<\u2060h1>" in one for where, one in words if where.startswith("tip of a cell"))
        card = odds._card
        tips = [card.help_at(card._cell(number).center().toPoint()) for number in range(len(view.facts))]
        assert not any(ODD.search(tip) for tip in tips)


def test_the_searched_words_are_shown_literally(hand: Any) -> None:
    panel, bar = hand.program.pages.panel, hand.program.find_bar
    panel.field.setText(NAME)
    hand.until(lambda: bool(panel.list.placeholder) and "evil" in panel.list.placeholder)
    bar.open(NAME, None)
    assert not [(where, one) for where, one in shown_texts(hand.program.window) if list(faults(where, one))]


def test_a_model_in_another_folder_is_shown_by_its_name(hand: Any, tmp_path: Path) -> None:
    elsewhere = put_model(tmp_path / "elsewhere", HOSTILE)
    link(elsewhere, hand.program.home)
    hand.program.library.instance.open()
    local = hand.program.library.instance.local_actions
    hand.until(lambda: any(model.path == elsewhere for model in local.tab.table.rows.values))
    local.tab.table.select(0)
    window = hand.program.library.instance.window
    assert not [(where, one) for where, one in shown_texts(window) if list(faults(where, one))]
    window.hide()
