"""The page as token boxes: which box each token gets, what is painted, and that the page is edited as before."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.editor.lines import visible_lines
from desktop.editor.token_boxes import Cell, TokenBoxes, TokenLine
from desktop.editor.typography import INSET
from desktop.page.measures import MEASURES
from desktop.page.token_split import TokenSplit
from models.engine.events import Span
from models.sampling.readings import without_odds
from resources.colours import DARK, LIGHT, Colours
from tests.desktop.contrast import contrast
from tests.desktop.editor.harness import VOCABULARY, EditorHarness, reading, span
from tests.desktop.page.writing import write_spans

NewHarness = Callable[..., EditorHarness]


@pytest.fixture
def tokens(harness: EditorHarness) -> EditorHarness:
    """An empty page, shown as tokens."""
    harness.editor.text_style.show_tokens(True)
    return harness


def shown(harness: EditorHarness) -> list[TokenLine]:
    """The lines in view with their cells."""
    harness.settle()
    lines = list(visible_lines(harness.editor, harness.editor.viewport().rect()))
    return harness.editor.marks._boxes.on_lines(lines)


def cells(harness: EditorHarness) -> list[Cell]:
    return [cell for one in shown(harness) for cell in one.cells]


def labels(harness: EditorHarness) -> list[str]:
    return [cell.label for cell in cells(harness)]


def ids(*texts: str) -> list[str]:
    return [str(VOCABULARY[text.encode()]) for text in texts]


def picture(harness: EditorHarness) -> QImage:
    harness.settle()
    return harness.editor.viewport().grab().toImage()


def colours_in(image: QImage, box: QRectF | QRect) -> set[str]:
    rect = QRectF(box).toAlignedRect().intersected(image.rect())
    return {
        image.pixelColor(x, y).name()
        for x in range(rect.left(), rect.right() + 1)
        for y in range(rect.top(), rect.bottom() + 1)
    }


def is_nearly_in(colour: str, found: set[str]) -> bool:
    """Whether a colour is among them, or one as near as thin letters come to their ink."""
    ink = QColor(colour)
    return any(
        abs(ink.red() - one.red()) + abs(ink.green() - one.green()) + abs(ink.blue() - one.blue()) < 48
        for one in map(QColor, found)
    )


def foot(one: TokenLine, box: QRectF) -> QRectF:
    return QRectF(box.left(), one.line.foot_top, box.width(), one.line.foot)


# ------------------------------------------------------------------------------------------------ which boxes


def test_each_token_has_a_box_with_its_id(tokens: EditorHarness) -> None:
    tokens.stream("The", " old", " lamp", ".")
    assert labels(tokens) == ids("The", " old", " lamp", ".")
    boxes = [cell.boxes[0] for cell in cells(tokens)]
    assert all(one.right() <= following.left() for one, following in pairwise(boxes))
    assert all(box.width() >= 2 for box in boxes)


def test_tokens_that_spell_one_character_share_a_box_and_join_their_ids(tokens: EditorHarness) -> None:
    tokens.stream("a", "한")
    one, joined = labels(tokens)
    assert one == ids("a")[0] and joined == "+".join(str(VOCABULARY[bytes([byte])]) for byte in "한".encode())


def test_a_token_without_a_width_joins_the_box_before_it(tokens: EditorHarness) -> None:
    tokens.page.begin_generation(tokens.source)
    combining = Span("\u0301", (reading(4_242, "\u0301".encode()),))
    write_spans(tokens.page, [span("e"), combining, span("t")])
    assert labels(tokens) == [f"{ids('e')[0]}+4242", ids("t")[0]]


def test_a_line_feed_has_a_box_of_its_own(tokens: EditorHarness) -> None:
    tokens.stream("end", ".\n", "\n\n", "next")
    found = cells(tokens)
    assert [cell.line_feed is not None for cell in found] == [False, True, True, True, False]
    assert [cell.label for cell in found] == [*ids("end", ".\n"), "", *ids("\n\n", "next")]
    assert len(found[1].boxes) == 2  # the full stop, and the line feed


def test_a_line_feed_where_a_soft_break_splits_the_paragraph_has_none(new_harness: NewHarness) -> None:
    harness = new_harness(limit=60)
    harness.editor.text_style.show_tokens(True)
    harness.stream(*[" word"] * 100)
    harness.settle()
    assert len(harness.editor.sync.breaks) and not any(cell.line_feed for cell in cells(harness))
    found = list(filter(None, labels(harness)))
    assert len(found) > 50 and found == ids(" word") * len(found)


def test_a_token_of_several_lines_has_a_box_on_each_and_its_id_once(tokens: EditorHarness) -> None:
    tokens.stream(" a", "x" * 200, " b")
    found = cells(tokens)
    assert len(found) > 3
    assert [cell.label for cell in found if cell.label] == ids(" a", "x" * 200, " b")


def test_a_blank_that_hangs_over_the_end_of_a_line_leaves_the_id_to_its_word(tokens: EditorHarness) -> None:
    tokens.stream(*[" lighthouse"] * 30)
    assert len(shown(tokens)) > 1
    assert labels(tokens) == ids(" lighthouse") * 30


def test_text_from_right_to_left_has_boxes_where_its_letters_stand(tokens: EditorHarness) -> None:
    tokens.stream("שלום", " עולם", " abc")
    first, second, last = (cell.boxes[0] for cell in cells(tokens))
    assert first.left() > second.left() and last.width() > 5


def test_an_id_that_is_not_known_says_so(tokens: EditorHarness) -> None:
    tokens.page.begin_generation(tokens.source)
    write_spans(tokens.page, [Span("far", (reading(-2, b"far"),))])
    assert labels(tokens) == ["?"]


def test_text_of_the_writer_is_unread_until_its_tokens_are_known(tokens: EditorHarness) -> None:
    asked: list[tuple[int, int]] = []
    tokens.editor.marks.on_unread = lambda start, end: asked.append((start, end))
    tokens.type("My cat")
    tokens.stream(" sat")
    (line,) = shown(tokens)
    assert [cell.label for cell in line.cells] == ids(" sat") and len(line.unread) == 1
    picture(tokens)
    assert asked[-1] == (0, 10)
    split = TokenSplit()
    tokens.editor.marks.set_split(split)
    split.put(0, [Span("My", (without_odds(8, b"My"),)), Span(" cat", (without_odds(9, b" cat"),))])
    split.put(6, [Span(" sat", (without_odds(10, b" sat"),))])  # read meanwhile: the reading counts
    asked.clear()
    picture(tokens)
    (line,) = shown(tokens)
    assert [(cell.label, cell.read) for cell in line.cells] == [("8", False), ("9", False), (*ids(" sat"), True)]
    assert not line.unread and not asked


# ------------------------------------------------------------------------------------------------ what is painted


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_neighbours_have_fills_of_their_own_and_a_measure_takes_their_place(
    tokens: EditorHarness, colours: Colours
) -> None:
    tokens.editor.text_style.set_colours(colours)
    tokens.editor.clearFocus()
    tokens.stream("HHH", "HHH")
    one, other = cells(tokens)
    image = picture(tokens)
    first, second = colours_in(image, one.boxes[0]), colours_in(image, other.boxes[0])
    assert colours.token[0] in first - second and colours.token[1] in second - first
    tokens.editor.marks.set_measure(MEASURES["surprisal"])
    assert not {*colours.token} & colours_in(picture(tokens), one.boxes[0])
    tokens.editor.text_style.show_tokens(False)
    assert not {*colours.token} & colours_in(picture(tokens), tokens.editor.viewport().rect())


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_ids_and_letters_can_be_read(colours: Colours) -> None:
    for ground in (colours.paper, *colours.token):
        assert contrast(colours.quiet, ground) > 4.5 and contrast(colours.ink, ground) > 4.5
        letters, ink = QColor(colours.text), QColor(colours.ink)
        for channel in (QColor.red, QColor.green, QColor.blue):  # the recolouring of letters needs it
            low, high = sorted((channel(QColor(ground)), channel(ink)))
            assert (low if colours.dark else high) == channel(QColor(ground))
        assert contrast(letters.name(), ground) > 4.5


def test_ids_stand_below_their_boxes_in_one_colour_whoever_wrote(tokens: EditorHarness) -> None:
    tokens.editor.clearFocus()
    tokens.stream("HHHHHH")
    (one,) = shown(tokens)
    found = colours_in(picture(tokens), foot(one, one.cells[0].boxes[0]))
    assert is_nearly_in(LIGHT.quiet, found) and not is_nearly_in(LIGHT.ink, found)


def test_unread_text_is_hatched_below_and_has_no_fill(tokens: EditorHarness) -> None:
    tokens.type("HHHH")
    tokens.editor.clearFocus()
    (one,) = shown(tokens)
    image, (box,) = picture(tokens), one.unread
    assert LIGHT.stale in colours_in(image, foot(one, box))
    assert not {*LIGHT.token} & colours_in(image, box)


def test_blanks_and_tabs_show(tokens: EditorHarness) -> None:
    tokens.editor.clearFocus()
    tokens.stream("a", "   ", "\t", "b")
    image = picture(tokens)
    for cell in cells(tokens)[1:3]:
        assert len(colours_in(image, cell.boxes[0].adjusted(2, 2, -2, -2))) > 1


def test_the_token_before_every_text_stands_in_the_margin_of_the_first_line(tokens: EditorHarness) -> None:
    tokens.editor.clearFocus()
    tokens.stream("HHH", "\n", "HHH")
    first, second = (QRect(0, round(one.line.top), INSET - 2, round(one.line.height)) for one in shown(tokens)[:2])
    assert colours_in(picture(tokens), first) == {LIGHT.paper}
    tokens.editor.marks.set_beginning(2)
    image = picture(tokens)
    assert is_nearly_in(LIGHT.quiet, colours_in(image, first)) and colours_in(image, second) == {LIGHT.paper}
    tokens.editor.marks.set_beginning(-1)
    assert colours_in(picture(tokens), first) == {LIGHT.paper}


def test_an_empty_page_shows_it_too(tokens: EditorHarness) -> None:
    tokens.editor.clearFocus()
    tokens.editor.marks.set_beginning(2)
    (one,) = shown(tokens)
    margin = QRect(0, round(one.line.top), INSET - 2, round(one.line.height))
    assert is_nearly_in(LIGHT.quiet, colours_in(picture(tokens), margin))


def test_the_selection_leaves_the_ids_and_outlines_the_boxes(tokens: EditorHarness) -> None:
    tokens.stream("HHH", "HHH")
    tokens.editor.select(0, 6)
    tokens.editor.clearFocus()
    (one,) = shown(tokens)
    image = picture(tokens)
    assert LIGHT.selection in colours_in(image, one.cells[0].boxes[0])
    assert LIGHT.selection not in colours_in(image, foot(one, one.cells[0].boxes[0]))


def test_only_visible_lines_are_looked_at(new_harness: NewHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = new_harness()
    harness.stream(*[" word", "\n"] * 2_000)
    harness.editor.text_style.show_tokens(True)
    harness.settle()
    looked: list[int] = []
    on_lines = TokenBoxes.on_lines
    monkeypatch.setattr(TokenBoxes, "on_lines", lambda self, lines: looked.append(len(lines)) or on_lines(self, lines))
    picture(harness)
    assert looked and max(looked) < 30


# ------------------------------------------------------------------------------------------------ the page is edited


@pytest.fixture(params=[False, True], ids=["following", "reading"])
def long_page(request: pytest.FixtureRequest, new_harness: NewHarness) -> Iterator[EditorHarness]:
    harness = new_harness()
    harness.stream(*[" lighthouse", " keeper", ".\n"] * 100)
    harness.settle()
    if request.param:
        harness.caret(900)
        harness.editor.verticalScrollBar().setValue(20)
    yield harness
    harness.check()


def test_the_top_line_stays_and_the_end_is_followed(long_page: EditorHarness) -> None:
    editor = long_page.editor
    following, top = editor.following, editor.view_state().top
    for on in (True, False):
        editor.text_style.show_tokens(on)
        long_page.settle()
        assert editor.following == following
        assert following or editor.view_state().top == top
    if following:
        editor.text_style.show_tokens(True)
        long_page.stream(" more", "\n", " words")
        long_page.settle()
        assert editor.following and editor.verticalScrollBar().value() == editor.verticalScrollBar().maximum()


def test_a_click_on_an_id_goes_to_the_line_above_it(tokens: EditorHarness) -> None:
    tokens.stream(" lighthouse", " keeper", "\n", " lamp", " stairs")
    first, second = shown(tokens)[:2]
    for one, end in ((first, 19), (second, 31)):
        below = QPoint(round(one.line.x(one.line.end)) - 1, round(one.line.foot_top + one.line.foot - 3))
        QTest.mouseClick(tokens.editor.viewport(), Qt.MouseButton.LeftButton, pos=below)
        tokens.settle()
        assert abs(tokens.editor.page_position() - end) <= 1


def test_hovering_finds_the_token_on_its_letters_and_below_them(tokens: EditorHarness) -> None:
    tokens.stream(" lighthouse", " keeper")
    (one,) = shown(tokens)
    box = one.cells[1].boxes[0]
    heard: list[int | None] = []
    tokens.editor.token_hovered.connect(heard.append)
    for y in (box.center().y(), one.line.foot_top + 4):
        place = QPoint(round(box.center().x()), round(y)).toPointF()
        none = Qt.MouseButton.NoButton
        move = QMouseEvent(QMouseEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(tokens.editor.viewport(), move)
        assert heard == [11]


def test_typing_composing_and_undo_are_the_pages_own(tokens: EditorHarness) -> None:
    tokens.stream(" lighthouse", " keeper")
    tokens.caret(11)
    tokens.type("ab")
    tokens.compose("ㅎ")
    assert labels(tokens) == ids(" lighthouse", " keeper")
    picture(tokens)
    tokens.compose("", "한")
    assert tokens.page.text() == " lighthouseab한 keeper"
    tokens.check()
    while tokens.page.can_undo:
        tokens.page.undo()
    assert tokens.view == "" and not cells(tokens)


def test_another_font_size_and_theme_stay_as_tokens(tokens: EditorHarness) -> None:
    tokens.stream(" lighthouse", " keeper")
    before = shown(tokens)[0].line.height
    font = tokens.editor.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    font.setWordSpacing(0)
    tokens.editor.text_style.set_font(font)
    (one,) = shown(tokens)
    assert one.line.height > 1.5 * before and one.line.foot > 0
    assert labels(tokens) == ids(" lighthouse", " keeper")
    tokens.editor.text_style.show_tokens(False)
    (line,) = visible_lines(tokens.editor, tokens.editor.viewport().rect())
    assert line.foot == 0 and tokens.editor.font() == font
