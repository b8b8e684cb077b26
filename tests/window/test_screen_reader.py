"""What a screen reader gets of the odds, through QAccessible: it walks the tokens by keys and hears each, and reads
names and values of the panel, the asked strings and the colours."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QToolButton, QWidget

from desktop.qt import accessible

Key, Alt, Shift = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
Text = QAccessible.Text


class Listener:
    """Notes what is announced, in place of QAccessible's static methods."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(QAccessible, name)

    def isActive(self) -> bool:
        return True

    def updateAccessibility(self, event: object) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            self.said.append(event.message())
        QAccessible.updateAccessibility(event)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    QAccessible.setActive(True)
    listener = Listener()
    monkeypatch.setattr(accessible, "QAccessible", listener)
    yield listener
    QAccessible.setActive(False)


@pytest.fixture
def writer(hand: Any) -> Any:
    """Three words of the writer and four tokens of the model."""
    hand.sets(length=4)
    hand.types("The old lamp")
    hand.writes()
    hand.until(lambda: hand.program.editor.page_position() == hand.program.page.length)
    return hand


def interface(widget: QWidget) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(widget)


def value(widget: QWidget) -> str:
    return interface(widget).text(Text.Value)


def name(widget: QWidget) -> str:
    return interface(widget).text(Text.Name)


def test_the_tokens_are_walked_by_keys_and_heard(writer: Any, listener: Listener) -> None:
    program = writer.program
    program.editor.set_caret(0)
    listener.said.clear()
    places: list[int] = []
    while program.editor.page_position() < program.page.length:
        writer.press(Key.Key_Right, Alt, Shift)
        places.append(program.editor.page_position())
    assert places[:3] == [3, 7, 12] and len(places) == 7
    assert listener.said[:3] == ["“The”, not read", "“old”, not read", "“lamp”, not read"]
    assert all(" %, rank " in said for said in listener.said[3:]) and len(listener.said) == 7
    heard = listener.said[5]
    writer.press(Key.Key_Right, Alt, Shift)
    assert listener.said[-1] == "End of the page"
    writer.press(Key.Key_Left, Alt, Shift)
    assert listener.said[-1] == heard and program.editor.page_position() == places[-2]
    writer.until(lambda: bool(program.odds.view) and program.odds.view.token.lstrip("␣") in heard)


def test_back_at_the_beginning_it_is_said(writer: Any, listener: Listener) -> None:
    writer.program.editor.set_caret(3)
    writer.press(Key.Key_Left, Alt, Shift)
    assert listener.said[-1] == "Beginning of the page"
    assert writer.program.editor.page_position() == 3 and not writer.program.editor.textCursor().hasSelection()


def test_the_page_is_an_edit_field_with_its_text_and_caret(writer: Any, listener: Listener) -> None:
    page = interface(writer.program.editor)
    assert page.role() is QAccessible.Role.EditableText and page.text(Text.Name) == "Page"
    text = page.textInterface()
    assert text.text(0, text.characterCount()) == writer.text
    assert text.cursorPosition() == len(writer.text)


def test_the_odds_panel_says_the_token_its_draw_and_each_row(writer: Any, listener: Listener) -> None:
    panel = writer.program.odds
    writer.until(lambda: panel.view is not None)
    view = panel.view
    assert view.facts[0].value in value(panel._card) and view.token in value(panel._card)
    assert "was drawn, in the share of" in value(panel._strip) and name(panel._strip) == "Random draw"
    table = interface(panel._list)
    assert table.text(Text.Name) == "Alternatives" and table.childCount() >= len(view.rows)
    heard = [table.child(number).text(Text.Name) for number in range(table.childCount())]
    for row in view.rows:
        assert any(row.token in said and row.raw in said for said in heard)
    assert sum("chosen" in said for said in heard) == 1


def test_asked_strings_say_each_token_with_its_odds(writer: Any, listener: Listener) -> None:
    ask = writer.program.odds.ask
    writer.ctrl(Key.Key_K)
    writer.qtbot.keyClicks(ask.field, " lamp lit")
    writer.qtbot.keyClick(ask.field, Key.Key_Return)
    writer.until(lambda: bool(ask.rows) and not ask.rows[" lamp lit"].odds.chips.isHidden())
    chips = ask.rows[" lamp lit"].odds.chips
    assert name(chips) == "Tokens" and "␣lamp" in value(chips) and value(chips).count("%") == 2
    assert interface(chips).role() is QAccessible.Role.StaticText
    assert "%" in interface(ask.rows[" lamp lit"]).text(Text.Description)


def test_the_colours_button_and_the_legend_say_what_is_on(writer: Any, listener: Listener) -> None:
    program = writer.program
    button = program.window.bar.findChild(QToolButton, "heat_button")
    assert name(button) == "Colours" and not interface(button).state().checked
    writer.ctrl(Key.Key_H)
    assert interface(button).state().checked
    assert name(program.colouring.legend).startswith("Colours, weakest first.")
    writer.ctrl(Key.Key_H)
    assert not interface(button).state().checked
