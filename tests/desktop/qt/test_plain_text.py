"""No text from outside is drawn as markup, and no code draws text without desktop/qt/plain_text.py."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtGui import Qt as Markup
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.qt.plain_text import Browser, Label, MessageBox, caption, show_tip, tip, window_title

ROOT = Path(__file__).resolve().parents[3]
MARKUP = [
    "<h1>x</h1>",
    "a <img src='file:///x.png'> b",
    "a &lt;b&gt;",
    "<b\n>x</b>",
    "\n <i>",
    "<?xml?><svg/>",
    "a<br>b",
]


@pytest.mark.parametrize("text", MARKUP)
def test_a_tooltip_is_no_markup(qapp: QApplication, text: str) -> None:
    assert not Markup.mightBeRichText(tip(text))
    assert tip(text, several=True).replace("\u2060", "") == text


def test_a_tooltip_keeps_its_lines_and_shows_control_characters() -> None:
    assert tip("one\ntwo \u202e & three", several=True) == "one\ntwo <U+202E> & three"
    assert tip("one\ntwo") == "one↵two"


def test_a_shown_tooltip_is_the_text(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    show_tip(QPoint(5, 5), "<h1>x</h1>", widget)
    (shown,) = (one for one in QApplication.topLevelWidgets() if one.inherits("QTipLabel"))
    assert isinstance(shown, QLabel) and not Markup.mightBeRichText(shown.text())
    show_tip(QPoint(5, 5), "", widget)


def test_a_label_is_plain_and_in_one_line(qtbot: QtBot) -> None:
    label = Label("<b>x</b>\n& \u202ey", wordWrap=True)
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText and label.wordWrap()
    assert label.text() == "<b>x</b>↵& <U+202E>y"
    assert Label("a\nb\x1b", several=True).text() == "a\nb<U+001B>"


def test_all_texts_of_a_message_box_are_plain(qtbot: QtBot) -> None:
    box = MessageBox(MessageBox.Icon.Question, "Title", MARKUP[1])
    qtbot.addWidget(box)
    box.setInformativeText("<h1>x</h1>\ny")
    labels = [label for label in box.findChildren(QLabel) if label.text()]
    assert {label.text() for label in labels} == {MARKUP[1], "<h1>x</h1>↵y"}
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)


def test_a_button_and_a_menu_keep_their_ampersands(qtbot: QtBot) -> None:
    button, menu = QPushButton(caption("A&B\t&C")), QMenu()
    for widget in (button, menu):
        qtbot.addWidget(widget)
    assert button.text() == "A&&B⇥&&C" and button.shortcut().isEmpty()
    assert menu.addAction(caption("a\tb")).text() == "a⇥b"  # no key is forged


def test_a_title_keeps_its_brackets(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.setWindowTitle(f"{window_title('a [*] b[*]')}[*] — Inkfall")
    assert widget.windowTitle() == "a [*][*] b[*][*][*] — Inkfall"  # each pair is drawn as one, the last marks
    widget.setWindowModified(True)


def test_a_browser_opens_no_file(qtbot: QtBot, tmp_path: Path) -> None:
    image = tmp_path / "x.png"
    picture = QPixmap(4, 4)
    picture.fill(Qt.GlobalColor.red)
    assert picture.save(str(image))
    browser = Browser()
    qtbot.addWidget(browser)
    browser.setHtml(f'<img src="{image.as_uri()}"><img src="{image}">')
    assert browser.loadResource(2, image.as_uri()) is None
    browser.show()
    assert browser.grab().toImage().pixelColor(12, 12) != Qt.GlobalColor.red


# ------------------------------------------------------------------------------------------------ the code

RAW = {
    "QLabel",
    "QMessageBox",
    "QErrorMessage",
    "QToolTip",
    "QWhatsThis",
    "QTextBrowser",
    "QTextEdit",
    "QProgressDialog",
}
SAFE = {"tip", "visible", "visible_lines", "window_title", "tr"}
SAID = {"setToolTip", "setStatusTip", "setWhatsThis", "setWindowTitle", "setInformativeText", "setDetailedText"}
MARKED = {"setHtml": 1, "setMarkdown": 1, "insertHtml": 0, "appendHtml": 0, "drawStaticText": 1}  # how often


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in (ROOT / "desktop").rglob("*.py"):
        if path.name != "plain_text.py":
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def is_plain(expression: ast.expr) -> bool:
    """Whether that expression is a text of ours, or goes through a function that makes it plain."""
    match expression:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in SAFE
        case ast.JoinedStr(values=values):
            return all(isinstance(one, ast.Constant) or is_plain(one.value) for one in values)  # type: ignore[attr-defined]
        case ast.IfExp(body=body, orelse=orelse):
            return is_plain(body) and is_plain(orelse)
    return False


def test_no_widget_draws_text_past_the_helper() -> None:
    found = [
        f"{path}:{node.lineno} {name.name}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6")
        for name in node.names
        if name.name in RAW
    ]
    assert not found


def test_every_tooltip_and_title_goes_through_the_helper() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SAID
        if not (node.func.attr == "setInformativeText" or is_plain(node.args[0]))
    ]
    assert not found


def test_only_markup_of_ours_is_set() -> None:
    calls = [
        node.func.attr
        for _path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MARKED
    ]
    assert all(calls.count(name) <= times for name, times in MARKED.items())


def test_text_formats_are_chosen_by_the_helper() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("RichText", "AutoText", "MarkdownText")
    ]
    assert not found
