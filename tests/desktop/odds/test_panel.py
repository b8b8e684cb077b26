"""The odds panel under real keys, and its texts for screen readers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QAbstractItemModel, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPalette
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.odds.alternative_list import AlternativeList
from desktop.odds.alternatives import AlternativesBlock
from desktop.odds.captions import Captions
from desktop.odds.card import TokenCard
from desktop.odds.panel import ROWS, OddsPanel
from desktop.odds.rows import OddsView, view_of_look
from desktop.odds.strip import HEIGHT, MARK, CoinStrip
from models.sampling.readings import Reading
from resources.colours import DARK, LIGHT

Maker = Callable[..., Reading]
Known = Sequence[tuple[bytes, float]]


@pytest.fixture
def parts_view(reading: Maker) -> OddsView:
    """A character of two tokens."""
    known = [(b"\xed\x95", 0.5), (b"\x9c", 0.25)]
    parts = tuple(view_of_look(reading(known, place), 100) for place in (0, 1))
    return replace(parts[0], parts=parts)


@pytest.fixture
def view(reading: Maker, story: Known) -> OddsView:
    return view_of_look(reading(story, 1), 262_144)


def listed(panel: OddsPanel) -> AlternativeList:
    found = panel.findChild(AlternativeList)
    assert found is not None
    return found


def shown_words(panel: OddsPanel) -> list[str]:
    """The words of the labels that can be seen."""
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def rows_of(panel: OddsPanel) -> QAbstractItemModel:
    return listed(panel).model()


def test_before_anything_was_generated_it_says_what_to_do(panel: OddsPanel) -> None:
    words = shown_words(panel)
    assert words[0] == "No odds yet."
    assert "Ctrl+Enter" in words[1]
    assert not listed(panel).isVisible()


def test_a_narrow_panel_shortens_what_the_samplers_left(panel: OddsPanel, view: OddsView) -> None:
    effect = "255,894 tokens left · held 99.4 % · moved 0.01 bits"
    panel.resize(600, 600)
    panel.show_view(replace(view, effect=effect, effect_help="In full."))
    assert effect in shown_words(panel)
    panel.resize(240, 600)
    (shown,) = [words for words in shown_words(panel) if words.startswith("255,894")]
    assert shown.endswith("…") and panel._effect.fontMetrics().horizontalAdvance(shown) <= 220
    panel.resize(600, 600)
    assert effect in shown_words(panel)


def test_the_line_about_the_samplers_keeps_its_room(panel: OddsPanel, view: OddsView) -> None:
    """From a token that was drawn to one's own text, which no sampler has met, nothing below moves."""
    panel.resize(320, 700)
    panel.show_view(replace(view, effect="40 tokens left · held 93.1 % · moved 0.42 bits", effect_help="In full."))
    panel.repaint()
    place = listed(panel).geometry()
    panel.show_view(replace(view, effect="", effect_help=""))
    panel.repaint()
    assert listed(panel).geometry() == place and panel._effect.text().strip() == ""


def test_a_low_panel_has_rows_in_the_place_of_that_line_and_of_the_chain(panel: OddsPanel, view: OddsView) -> None:
    panel.add_chain(tall := QWidget())
    tall.setFixedHeight(60)
    panel.setMinimumSize(240, 100)  # as in a dock
    panel.show_view(replace(view, effect="40 tokens left"))
    assert not panel._effect.isHidden()
    for height in range(700, 100, -20):
        panel.resize(320, height)
        line, strip, chain = (not part.isHidden() for part in (panel._effect, panel._strip, tall))
        assert chain >= strip >= line, height
    assert tall.isHidden()
    panel.resize(320, 700)
    assert not tall.isHidden() and not panel._effect.isHidden()


def test_the_menu_of_a_row_favours_or_bans_its_token(panel: OddsPanel, view: OddsView) -> None:
    panel.show_view(view)
    asked: list[tuple[int, bool]] = []
    panel.bias_requested.connect(lambda token, favoured: asked.append((token, favoured)))
    menu = listed(panel).menu_of(1)
    assert menu is not None
    for action in menu.actions():
        action.trigger()
    token = view.rows[1].id
    assert asked == [(token, True), (token, False)]
    assert listed(panel).menu_of(len(view.rows) - 1) is None  # everything else


def test_an_empty_page_is_not_said_to_be_unread(panel: OddsPanel, view: OddsView) -> None:
    panel.set_page_empty(False)
    panel.show_view(view)
    panel.show_view(None)
    assert shown_words(panel)[0] == "No odds here."
    panel.set_page_empty(True)  # a new page
    assert shown_words(panel)[0] == "No odds yet."
    panel.set_page_empty(False)
    assert shown_words(panel)[0] == "No odds here."


@pytest.mark.parametrize("width", [280, 420])
@pytest.mark.parametrize("height", [260, 300, 360, 400, 470, 560, 700, 900])
def test_alternatives_stay_in_view_in_a_low_window(
    panel: OddsPanel, view: OddsView, width: int, height: int, qtbot: QtBot
) -> None:
    panel.resize(width, height)
    panel.show_view(view)
    rows, card = listed(panel), panel._card
    for _ in range(2):  # another size, and back
        qtbot.wait(5)  # until it is laid out
        each = rows.sizeHintForRow(0)
        if height >= 360:
            assert rows.viewport().height() >= min(ROWS, rows.model().rowCount()) * each
        assert card.all_lines >= card.shown_lines >= 0
        hidden = view.facts[len(card.shown_facts) :]
        help_text = card.help_at(QPoint(5, 5))
        assert all(fact.label in help_text for fact in hidden)
        panel.resize(width, 1_000)
        qtbot.wait(5)
        assert card.shown_lines == card.all_lines and not rows.painter_of_rows.low
        panel.resize(width, height)


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("height", [320, 340, 380, 500, 700])
def test_strings_a_flip_and_all_tokens_do_not_lie_over_one_another(
    panel: OddsPanel, view: OddsView, height: int, every: bool, qtbot: QtBot
) -> None:
    panel.resize(300, height)
    panel.show_view(view)
    panel.ask.open()
    for text in ("water", " a long text that has many tokens"):
        panel.ask.field.setText(text)
        QTest.keyClick(panel.ask.field, Qt.Key.Key_Return)
    panel.coin.show_flip("The flip fell on another token, at a long number: so long that the line wraps.")
    if every:
        panel.toggle_all()
    qtbot.waitUntil(lambda: nothing_lies_over_another(panel))


def nothing_lies_over_another(panel: OddsPanel) -> None:
    """Fails while a part of the panel lies over another one, or has less than its least height."""
    boxes = (panel.ask, panel._card, panel._strip, panel._list, panel.all_tokens, panel.coin, panel._own_text)
    shown = [box for box in boxes if box.isVisible()]
    assert panel.ask in shown and panel._card in shown
    for box in shown:
        assert box.height() >= box.minimumSizeHint().height()
    places = [(box.mapTo(panel, QPoint(0, 0)).y(), box.height()) for box in shown]
    for (top, high), (below, _) in pairwise(places):
        assert top + high <= below
    assert sum(places[-1]) <= panel.height()
    table = panel.all_tokens.table
    if table.isVisible():
        assert table.viewport().height() > 2 * table.verticalHeader().defaultSectionSize()


def test_a_view_is_shown_and_taken_away(panel: OddsPanel, view: OddsView) -> None:
    panel.set_page_empty(False)
    panel.show_view(view)
    assert listed(panel).isVisible()
    assert panel.view is view
    panel.show_view(None)
    assert not listed(panel).isVisible()
    assert shown_words(panel)[0] == "No odds here."
    panel.show_view(view)
    assert listed(panel).isVisible()


def test_arrows_preview_a_row_and_enter_asks_for_it(panel: OddsPanel, view: OddsView, qtbot: QtBot) -> None:
    panel.show_view(view)
    selected: list[int] = []
    asked: list[tuple[int, bool]] = []
    panel.row_selected.connect(selected.append)
    panel.row_chosen.connect(lambda row, write_on: asked.append((row, write_on)))
    alternatives = listed(panel)
    alternatives.setFocus()
    for _ in range(2):
        qtbot.keyClick(alternatives, Qt.Key.Key_Down)
    row = alternatives.currentIndex().row()
    assert selected[-1] == row
    qtbot.keyClick(alternatives, Qt.Key.Key_Return)
    qtbot.keyClick(alternatives, Qt.Key.Key_Enter, Qt.KeyboardModifier.ShiftModifier)
    assert asked == [(row, True), (row, False)]


def test_the_cursor_stays_where_it_is_while_tokens_stream(
    panel: OddsPanel, view: OddsView, reading: Maker, story: Known
) -> None:
    panel.show_view(view)
    alternatives = listed(panel)
    alternatives.setCurrentIndex(rows_of(panel).index(4, 0))
    panel.show_view(view_of_look(reading(story, 3), 100))
    assert alternatives.currentIndex().row() == 4


def test_fields_stand_out_from_the_ground_of_the_panel(panel: OddsPanel) -> None:
    panel.set_colours(DARK)
    base = QPalette.ColorRole.Base
    assert listed(panel).palette().color(base).name() == DARK.ground
    for field in (panel.ask.field, panel._own_text.field, panel.all_tokens.filter):
        assert field.palette().color(base) == QApplication.palette(field).color(base)


def test_the_right_button_marks_no_row(panel: OddsPanel, view: OddsView, qtbot: QtBot) -> None:
    panel.show_view(view)
    rows = listed(panel)
    place = rows.visualRect(rows.model().index(2, 0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert not rows.selectionModel().hasSelection() and not rows.currentIndex().isValid()


def test_the_field_for_other_text_says_where_it_would_stand(panel: OddsPanel, view: OddsView) -> None:
    field = panel._own_text.field
    panel.show_view(view)
    panel.show_text_place(replaces=True)
    assert field.placeholderText() == f"In place of “{view.token}”…"
    assert field.accessibleName() == "Other text in place of the token" and "in place of the token" in field.toolTip()
    panel.show_text_place(replaces=False)
    assert field.placeholderText() == "Next text…"
    assert field.accessibleName() == "Next text" and "in place" not in field.toolTip()


def test_tab_reaches_the_card_and_the_list(panel: OddsPanel, view: OddsView, qtbot: QtBot) -> None:
    panel.show_view(view)
    card = panel.findChild(TokenCard)
    assert card is not None
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is card.pin
    qtbot.keyClick(card.pin, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is listed(panel)


def test_a_screen_reader_hears_the_rows_and_the_card(panel: OddsPanel, reading: Maker, story: Known) -> None:
    panel.show_view(view_of_look(reading(story, 0, cut={2: "min-p"}), 262_144))
    rows = rows_of(panel)
    heard = [rows.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in (0, 2)]
    assert heard[0].startswith("␣harbour, 28.1 %, after sampling ")
    assert heard[0].endswith(", chosen")
    assert heard[1] == "␣water, 9.2 %, cut by min-p"
    card = panel.findChild(TokenCard)
    assert card is not None
    assert "Rank 1 of 262,144" in card.accessible_value()


def test_the_card_copies_its_facts(panel: OddsPanel, view: OddsView, qtbot: QtBot) -> None:
    panel.show_view(view)
    card = panel.findChild(TokenCard)
    assert card is not None
    qtbot.keyClick(card, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == view.spoken()


def test_arrows_walk_through_the_tokens_of_one_character(panel: OddsPanel, parts_view: OddsView, qtbot: QtBot) -> None:
    panel.show_view(parts_view)
    card = panel.findChild(TokenCard)
    assert card is not None
    back, onward = Qt.Key.Key_Left, Qt.Key.Key_Right
    if panel.isRightToLeft():
        back, onward = onward, back
    qtbot.keyClick(card, onward)
    assert panel.view is not None
    assert panel.view.token == "<0x9C>"
    qtbot.keyClick(card, onward)  # there is no third
    assert panel.view.token == "<0x9C>"
    qtbot.keyClick(card, back)
    assert panel.view.token == "<0xED><0x95>"


def test_the_rows_keep_qts_contract(view: OddsView, qtbot: QtBot) -> None:
    rows = AlternativesBlock()
    tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Warning)
    rows.show_rows(view.rows, odds_changed=False)
    rows.show_rows(view.rows[:3], odds_changed=True)
    rows.show_rows((), odds_changed=False)
    assert tester.model() is rows


def test_unchanged_rows_emit_no_signal(view: OddsView, qtbot: QtBot) -> None:
    rows = AlternativesBlock()
    rows.show_rows(view.rows, odds_changed=False)
    with qtbot.assertNotEmitted(rows.dataChanged):
        rows.show_rows(view.rows, odds_changed=False)


def test_a_fact_under_the_mouse_is_explained(panel: OddsPanel, view: OddsView, qtbot: QtBot) -> None:
    panel.show_view(view)
    card = panel.findChild(TokenCard)
    assert card is not None
    explained = [card.help_at(QPoint(30, y)) for y in range(0, card.height(), 8)]
    assert explained[0] == view.state
    assert any("Surprisal: 2.56 bits" in one and "halving" in one for one in explained)


@pytest.mark.parametrize("width", [240, 300, 600])
@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_width_is_painted_within_itself(
    panel: OddsPanel, reading: Maker, width: int, colours: object, qtbot: QtBot
) -> None:
    """Long, right-to-left and coloured tokens paint without a word from Qt, and the ground is the theme's."""
    known = [("안녕하세요".encode(), 0.5), ("🧑‍🚀".encode(), 0.2), (" שלום".encode(), 0.1), (b"x" * 5000, 0.1)]
    assert colours in (LIGHT, DARK)
    panel.set_colours(LIGHT if colours is LIGHT else DARK)
    panel.resize(width, 500)
    panel.show_view(view_of_look(reading(known, 3, cut={1: "top-k"}), 100))
    image = panel.grab().toImage()
    assert panel.minimumSizeHint().width() <= 240
    assert QColor(image.pixel(image.width() - 2, 2)).name() == (LIGHT if colours is LIGHT else DARK).ground
    assert inked(image)


def inked(image: QImage) -> bool:
    """True where a picture has more than a handful of colours."""
    seen = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    return len(seen) > 20


def test_the_marker_of_the_draw_is_at_the_drawn_number(qtbot: QtBot, reading: Maker) -> None:
    strip = CoinStrip()
    qtbot.addWidget(strip)
    strip.resize(420, strip.sizeHint().height())
    strip.show_view(view_of_look(reading([(b"a", 0.5), (b"b", 0.5)], 0, draw=0.25), 10))
    image = strip.grab().toImage()
    dark = [x for x in range(image.width()) if QColor(image.pixel(x, 2)).lightness() < 100]
    assert dark
    assert abs(sum(dark) / len(dark) - (10 + 0.25 * 400)) < 2


def test_the_line_of_the_draw_leaves_the_token_readable(qtbot: QtBot, reading: Maker) -> None:
    strip = CoinStrip()
    qtbot.addWidget(strip)
    strip.resize(420, strip.sizeHint().height())
    images: list[QImage] = []
    for draw in (0.04, 0.4):
        strip.show_view(view_of_look(reading([(b"mmmm", 0.5), (b"b", 0.5)], 0, draw=draw), 10))
        images.append(strip.grab().toImage())
    for draw, crossed in ((0.04, False), (0.4, True)):
        x = round(10 + draw * 400)
        top, middle = ([image.pixel(x, y) for image in images] for y in (MARK + 3, MARK + 1 + HEIGHT // 2))
        assert top[0] != top[1] and (middle[0] != middle[1]) == crossed


def test_the_captions_follow_the_list(panel: OddsPanel, view: OddsView) -> None:
    panel.show_view(view)
    captions = panel.findChild(Captions)
    assert captions is not None
    assert captions.y() < listed(panel).y()


def test_a_button_pins_the_token_and_says_so(panel: OddsPanel, view: OddsView) -> None:
    wishes: list[None] = []
    panel.pin_requested.connect(lambda: wishes.append(None))
    card = panel.findChild(TokenCard)
    assert card is not None
    panel.show_view(view)
    card.pin.click()
    assert len(wishes) == 1
    assert card.pin.text() == "Pin"
    panel.show_pinned(12)
    assert card.pin.text() == "Unpin ×"
    assert card.rect().contains(card.pin.geometry())
    panel.show_view(replace(view, token=""))  # the next token stands nowhere yet
    assert not card.pin.isVisible()


def low(panel: OddsPanel, qtbot: QtBot, height: int) -> None:
    panel.resize(240, height)
    qtbot.wait(10)


@pytest.mark.parametrize("height", [280, 330, 400])
def test_the_row_of_the_chosen_token_is_in_view_in_a_low_window(
    panel: OddsPanel, reading: Maker, story: Known, qtbot: QtBot, height: int
) -> None:
    low(panel, qtbot, height)
    for place in (7, 9, 0, 4):
        panel.show_view(view_of_look(reading(story, place), 100))
        qtbot.wait(10)
        chosen_in_view(panel, place)
    low(panel, qtbot, 700)
    low(panel, qtbot, height)
    chosen_in_view(panel, 4)
    panel.show_view(view_of_look(reading(story[:8], 7), 100))
    qtbot.wait(10)
    chosen_in_view(panel, 7)


def chosen_in_view(panel: OddsPanel, place: int) -> None:
    alternatives = listed(panel)
    row = alternatives.visualRect(alternatives.model().index(place, 0))
    assert row.height() > 0 and alternatives.viewport().rect().contains(row)
    bar = alternatives.verticalScrollBar()
    assert bar.value() == bar.maximum() or bar.value() % row.height() == 0  # no row is cut at the top


def test_the_row_that_was_previewed_last_is_brought_into_view_again(
    panel: OddsPanel, reading: Maker, story: Known, qtbot: QtBot
) -> None:
    low(panel, qtbot, 330)
    panel.show_view(view_of_look(reading(story, 0), 100))
    panel.mark(0)
    panel.mark(None)
    panel.show_view(view_of_look(reading(story, 9), 100))
    qtbot.wait(10)
    chosen_in_view(panel, 9)
    panel.mark(0)
    chosen_in_view(panel, 0)


def test_who_goes_through_the_rows_stays_there(panel: OddsPanel, reading: Maker, story: Known, qtbot: QtBot) -> None:
    low(panel, qtbot, 330)
    panel.show_view(view_of_look(reading(story, 0), 100))
    alternatives = listed(panel)
    alternatives.setFocus()
    qtbot.keyClick(alternatives, Qt.Key.Key_End)
    before = alternatives.verticalScrollBar().value()
    assert before > 0
    panel.show_view(view_of_look(reading(story, 1), 100))
    assert alternatives.verticalScrollBar().value() == before


@pytest.mark.parametrize("height", [200, 280, 700])
def test_the_captions_are_whole_however_low_the_window_is(
    panel: OddsPanel, view: OddsView, qtbot: QtBot, height: int
) -> None:
    panel.show_view(view)
    low(panel, qtbot, height)
    captions = panel.findChild(Captions)
    assert captions is not None and captions.height() >= captions.fontMetrics().height()
