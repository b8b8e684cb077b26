"""Stand-ins are as long as what they stand for, and a document of Qt keeps every one of them."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from desktop.editor.stand_ins import SEPARATOR, shown
from desktop.page import utf16

ODD = "\x00\x01\t\x0b\x0c\r\n\x1c\x1e\x85\xa0\u200b\u2028\u2029\ufdd0\ufdd1\ufeff\ufffc\ufffe\uffff\ud800\udfff"


@given(st.text(alphabet=ODD, max_size=20))
def test_unit_for_unit_of_the_same_length(text: str) -> None:
    assert utf16.length(shown(text)) == utf16.length(text)
    assert shown(shown(text)) == shown(text)


def test_a_document_keeps_what_is_shown(qtbot: QtBot) -> None:
    for character in ODD:
        document = QTextDocument()
        cursor = QTextCursor(document)
        cursor.insertText(shown(f"a{character}b"))
        cursor.select(QTextCursor.SelectionType.Document)
        assert cursor.selectedText().replace(SEPARATOR, "\n") == shown(f"a{character}b"), ascii(character)
