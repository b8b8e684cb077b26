"""Replacement characters are as long as the characters they replace, and a document of Qt keeps them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QAccessible, QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from desktop.editor.replacement_chars import SEPARATOR, shown
from desktop.page import utf16
from tests.desktop.editor.harness import EditorHarness

ODD = "\x00\x01\t\x0b\x0c\r\n\x1c\x1e\x85\xa0\u200b\u2028\u2029\ufdd0\ufdd1\ufeff\ufffc\ufffe\uffff\ud800\udfff"


@given(st.text(alphabet=ODD, max_size=20))
def test_unit_for_unit_of_the_same_length(text: str) -> None:
    assert utf16.length(shown(text)) == utf16.length(text)
    assert shown(shown(text)) == shown(text)


def test_a_document_keeps_replacement_characters(qtbot: QtBot) -> None:
    for character in ODD:
        document = QTextDocument()
        cursor = QTextCursor(document)
        cursor.insertText(shown(f"a{character}b"))
        cursor.select(QTextCursor.SelectionType.Document)
        assert cursor.selectedText().replace(SEPARATOR, "\n") == shown(f"a{character}b"), ascii(character)


@pytest.mark.parametrize("start", range(7))
@pytest.mark.parametrize("removed", range(4))
@pytest.mark.parametrize("inserted", ["", "x", "\n", "🎉"])
def test_an_assistive_tool_parts_a_character(
    new_harness: Callable[..., EditorHarness], start: int, removed: int, inserted: str
) -> None:
    harness = new_harness("a🎉🎉b")
    tool = QAccessible.queryAccessibleInterface(harness.editor).editableTextInterface()
    units = utf16.encode("a🎉🎉b")
    end = min(start + removed, 6)
    tool.replaceText(start, end, inserted)
    assert utf16.encode(harness.page.text()) == units[: 2 * start] + utf16.encode(inserted) + units[2 * end :]
    harness.settle()
    harness.check()
    assert harness.editor.page_position() <= harness.page.length
    if start < end and not inserted:  # and the halves find together again
        harness.page.undo()
        assert harness.page.text() == "a🎉🎉b"
        harness.check()


def test_a_caret_inside_a_character(new_harness: Callable[..., EditorHarness]) -> None:
    harness = new_harness("a🎉b")
    for action in (lambda: harness.type("x"), lambda: harness.compose("한"), lambda: harness.compose("", "한")):
        harness.view_caret(2)
        action()
        harness.settle()
        harness.check()
    for _ in range(9):
        harness.type("y")
        harness.settle()
        harness.check()
