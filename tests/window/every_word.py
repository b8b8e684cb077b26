"""Walks every text that the whole program shows, in the language of this process. test_language.py runs it in processes
of their own, since the language is fixed when a process starts."""

import re
import sys
from collections.abc import Iterator
from dataclasses import astuple
from functools import cache
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QLocale, Qt, QTranslator
from PySide6.QtGui import QAccessible, QAction, QFontDatabase, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QStatusBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from desktop.page_list.rows import entry_of
from desktop.page_list.words import EMPTY, heading
from desktop.shell import versions
from desktop.shell.about import SYSTEM, AboutDialog
from desktop.shell.commands import COMMANDS
from desktop.shell.examples import EXAMPLES
from desktop.shell.licences import licences
from models.library import catalogue
from resources.language import PSEUDO, SOURCE, SPOKEN, languages
from tests.models.library.hub_stand_in import StandIn
from tests.window.clipping import clipped
from tests.window.windows import REPOSITORY, every_window

ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
MOST_ROWS = 30  # of a list that are looked at


class QtInBrackets(QTranslator):
    """Qt's own words as ours: in brackets."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        return source if context in ("QShortcut", "QGuiApplication") else f"⟦{source}⟧"


@pytest.fixture
def brackets(qapp: QApplication) -> Iterator[None]:
    translator = QtInBrackets()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


@pytest.mark.skipif(SPOKEN != PSEUDO, reason="looks for brackets")
def test_no_word_goes_past_tr(brackets: None, hand: Any, hub: StandIn) -> None:
    complaints, seen = dict[str, str](), set[str]()
    for name, window in every_window(hand, hub):
        data = data_of(hand.program, hub)
        for place, text in fresh(texts(window), seen):
            if rest := words_in(outside(text), data):
                complaints[rest] = f"{name}, {place}: {rest!r} in {text[:200]!r}"
    assert not complaints, "\n".join(complaints.values())


@pytest.mark.skipif(SPOKEN in (SOURCE, PSEUDO), reason="there is nothing to translate")
def test_no_english_sentence_is_left(hand: Any, hub: StandIn) -> None:
    complaints, seen = dict[str, str](), set[str]()
    for name, window in every_window(hand, hub):
        data = data_of(hand.program, hub)
        for place, text in fresh(texts(window), seen):
            if (rest := words_in(text, data)) and ENGLISH.search(rest):
                complaints[rest] = f"{name}, {place}: {text[:200]!r}"
        complaints.update({line: f"{name}, {line}" for line in cut_off(window)})
    assert not complaints, "\n".join(complaints.values())
    _keys_are_as_declared(hand.program)


def fresh(shown: Iterator[tuple[str, str]], seen: set[str]) -> Iterator[tuple[str, str]]:
    """The texts that are not in `seen` yet; adds them."""
    for place, text in shown:
        if text not in seen:
            seen.add(text)
            yield place, text


def _keys_are_as_declared(program: Any) -> None:
    for command in COMMANDS:
        keys = [one.toString(QKeySequence.SequenceFormat.PortableText) for one in actions_of(program, command.name)]
        assert keys == list(command.keys), command.name


def actions_of(program: Any, command: str) -> list[QKeySequence]:
    return program.window.actions_[command].shortcuts()


# ------------------------------------------------------------------------------------------------ what is data

ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
SAID_BY_THE_TEST = (
    *("Something is the matter.", "Do something", "Working…", "The disk is full.", "It went wrong."),
    *("made.Q8_0.gguf", "made", "one", "llama", "https://example.org/9.9"),
)
STAGES = ("dry", "top-n-sigma", "top-k", "top-p", "min-p", "xtc", "mirostat")  # of sampling: their names everywhere
PAPERS = ("Nucleus", "Min-p", "Holtzman et al., arXiv:1904.09751", "Nguyen et al., arXiv:2407.01082")  # of presets
SEARCHES = ("gemma, llama 8b, pythia…",)  # names of models that one may look for
SIZES = re.compile(r"(?<![^\W\d_])\d[\d.,]* ?(kB|MB|GB|TB|[KMB])(?![^\W\d_])")
TYPES = re.compile(r"\b(CPU|[Qq]\d_\d|[Ff](16|32)|[\da-f]{2}( [\da-f]{2})*)\b")
KEYS = re.compile(r"\b((Ctrl|Shift|Alt)\+)*(F\d|Esc|Enter|Return|Del|Left|Right|[A-Z]\b|(?<=\+)\W)|\b(Ctrl|Shift)\b")
PARTS = ("PySide6-Essentials", "llama-cpp-python", "scripted:?rate=2000", "The Lighthouse (scripted)")
MARKUP = re.compile(r"<[^>]*>|&nbsp;")


Data = re.Pattern[str]


@cache
def _names() -> tuple[str, ...]:
    """Names of models, fonts, parts of the program, languages."""
    entries = catalogue.entries()
    named = (value for entry in entries for value in astuple(entry) if isinstance(value, str))
    spoken = (QLocale(language).nativeLanguageName() for language in languages())
    parts = (one.name for one in licences())
    beginnings = (opening.shown for opening in EXAMPLES)
    known = (*named, *spoken, *parts, *beginnings, *_versions(), *QFontDatabase.families())
    return (*known, *PARTS, *STAGES, *PAPERS, *SAID_BY_THE_TEST, *SEARCHES, "Inkfall", "English")


def _of_machine() -> Iterator[str]:
    """llama.cpp's descriptions of its devices, while About is open."""
    for window in QApplication.topLevelWidgets():
        if isinstance(window, AboutDialog):
            yield from (line for _name, value in window._facts for line in (value, *value.split("\n")))


def _versions() -> Iterator[str]:
    """The versions and names of the program's parts."""
    for name, value in versions.facts():
        if name != SYSTEM:
            yield name
        yield value


def data_of(program: Any, hub: StandIn) -> Data:
    """The shown texts that are data: names, files, the page's own text and its tokens."""
    tokens = (row.token for row in program.odds._rows._rows[:-1])
    titles = (
        part for value in program.pages.panel.list.rows.values for part in heading(entry_of(value)) if part != EMPTY
    )
    titles = (*titles, program.window.windowTitle().partition("[*]")[0])  # the list gets it when the page is saved
    shown = (*_names(), *program.page.text().split("\n"), *titles, *tokens, *_of_machine(), REPOSITORY, hub.endpoint)
    longest_first = sorted(set(filter(None, shown)), key=len, reverse=True)
    files = re.escape(str(program.home.data)) + r"[^\n;|]*"
    return re.compile(rf"{files}|(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)")


def words_in(text: str, data: Data) -> str:
    """A text without data, numbers with units, keys and mark-up; empty if no word is left."""
    for pattern in (data, MARKUP, SIZES, TYPES, KEYS):
        text = pattern.sub(" ", text)
    return text.strip() if re.search(r"[^\W\d_]{2}", text) else ""


def outside(text: str) -> str:
    """The parts of a text outside of brackets."""
    depth, kept = 0, list[str]()
    for sign in text:
        depth += (sign == "⟦") - (sign == "⟧")
        if depth == 0 and sign != "⟧":
            kept.append(sign)
    return "".join(kept)


@pytest.mark.skipif(SPOKEN == PSEUDO, reason="brackets are no language")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the fonts are chosen on Linux alone")
def test_no_line_is_clipped(hand: Any, hub: StandIn) -> None:
    complaints = dict[str, str]()
    for name, window in every_window(hand, hub):
        hand.qtbot.wait(50)  # layouts settle
        complaints.update(dict.fromkeys(clipped(window), name))
    assert not complaints, "\n".join(f"{name}, {line}" for line, name in complaints.items())


def cut_off(window: QWidget) -> Iterator[str]:
    """Buttons and labels that have not the room for their words."""
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, QAbstractButton | QLabel) or not widget.isVisible() or not widget.text():
            continue
        wraps = isinstance(widget, QLabel) and widget.wordWrap()
        if not wraps and widget.width() < widget.minimumSizeHint().width() - 1:
            yield f"{widget.text()!r} has {widget.width()} of {widget.sizeHint().width()} pixels"


# ------------------------------------------------------------------------------------------------ what is shown


def texts(window: QWidget) -> Iterator[tuple[str, str]]:
    """All texts that a window shows or gives to screen readers, with their sources."""
    for widget in (window, *window.findChildren(QWidget)):
        about = f"{type(widget).__name__} {widget.objectName()}"
        for kind, text in _of_widget(widget):
            if text:
                yield f"{about} {kind}", text


def _of_widget(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "title", widget.windowTitle()
    yield "tooltip", widget.toolTip()
    yield "status tip", widget.statusTip()
    yield "what's this", widget.whatsThis()
    yield "name", widget.accessibleName()
    yield "description", widget.accessibleDescription()
    interface = QAccessible.queryAccessibleInterface(widget)
    if interface is not None and not isinstance(widget, QPlainTextEdit | QTextEdit | QLineEdit):
        for kind in (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value):
            yield f"accessible {kind.name}", interface.text(kind)
    for action in widget.actions():
        yield from _of_action(action)
    yield "words", _words(widget)
    for text in _choices(widget):
        yield "choice", text
    if isinstance(widget, QAbstractItemView) and not isinstance(widget, QHeaderView) and widget.model() is not None:
        yield from _of_model(widget.model())


def _words(widget: QWidget) -> str:
    """The text of a widget."""
    match widget:
        case QLabel() | QAbstractButton() | QProgressBar():
            return widget.text()
        case QLineEdit() | QPlainTextEdit() | QTextEdit():
            return widget.placeholderText()
        case QGroupBox() | QMenu():
            return widget.title()
        case QStatusBar():
            return widget.currentMessage()
        case _:
            return ""


def _choices(widget: QWidget) -> Iterator[str]:
    """The choices of a widget."""
    if isinstance(widget, QComboBox):
        yield from map(widget.itemText, range(min(widget.count(), MOST_ROWS)))
    elif isinstance(widget, QTabBar):
        yield from map(widget.tabText, range(widget.count()))
        yield from map(widget.tabToolTip, range(widget.count()))
    elif isinstance(widget, QAbstractSpinBox):
        yield from (widget.specialValueText(), widget.text())


def _of_action(action: QAction) -> Iterator[tuple[str, str]]:
    yield "action", action.text()
    yield "action's icon text", action.iconText()
    yield "action's tooltip", action.toolTip()
    yield "action's status tip", action.statusTip()
    yield "action's help", action.whatsThis()


def _of_model(model: QAbstractItemModel) -> Iterator[tuple[str, str]]:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    for column in range(columns):
        for role in ROLES:
            yield f"head {column}", _said(model.headerData(column, Qt.Orientation.Horizontal, role))
            for row in range(min(model.rowCount(), MOST_ROWS)):
                yield f"row {row}, column {column}", _said(model.index(row, column).data(role))


def _said(value: object) -> str:
    return value if isinstance(value, str) else ""
