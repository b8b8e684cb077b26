"""Pixels of a real window: the model's ink, heat, stale dots, the selection, the veil."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage

from desktop.editor.ghost import PAD
from desktop.editor.lines import Line, visible_lines
from desktop.editor.page_marks import BEHIND, EDGE, ENDED, KEPT, UNSEEN
from desktop.page.measures import MEASURES
from desktop.qt import shades
from models.engine.events import Span
from resources.colours import DARK, LIGHT, Colours
from tests.desktop.contrast import contrast
from tests.desktop.editor.harness import SOURCE, EditorHarness, reading, span
from tests.desktop.page.writing import write_spans

NewHarness = Callable[..., EditorHarness]
TINTS = tuple(one.colour for one in MEASURES.values())


def picture(harness: EditorHarness) -> QImage:
    harness.settle()
    return harness.editor.viewport().grab().toImage()


def colours_at(harness: EditorHarness, start: int, end: int, image: QImage | None = None) -> set[str]:
    """The colours in the letters' height of [start, end) of the first line."""
    image = image or picture(harness)
    cursor = harness.editor.textCursor()
    cursor.setPosition(start)
    first = harness.editor.cursorRect(cursor)
    cursor.setPosition(end)
    last = harness.editor.cursorRect(cursor)
    return {
        image.pixelColor(x, y).name()
        for x in range(first.left() + 2, last.left() - 1)
        for y in range(first.top(), first.bottom())
    }


@pytest.fixture
def quiet(harness: EditorHarness) -> EditorHarness:
    """No caret that blinks; [0, 6) the writer's, [6, 12) the model's."""
    harness.type("HHHHHH")
    harness.stream("HHH", "HHH")
    harness.editor.clearFocus()
    return harness


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_writer_and_model_have_colours_of_their_own_on_one_paper(quiet: EditorHarness, colours: Colours) -> None:
    quiet.editor.text_style.set_colours(colours)
    writer, model = colours_at(quiet, 0, 6), colours_at(quiet, 6, 12)
    assert colours.text in writer and colours.text not in model
    assert colours.paper in writer & model
    assert nearest(colours.ink, model) < 16 < nearest(colours.ink, writer - {colours.paper})


def nearest(colour: str, found: set[str]) -> int:
    """The distance of the nearest of the found colours, by the channel that differs most."""
    wanted = QColor(colour)
    return min(
        max(abs(have.red() - wanted.red()), abs(have.green() - wanted.green()), abs(have.blue() - wanted.blue()))
        for have in map(QColor, found)
    )


def test_emoji_keep_their_colours(harness: EditorHarness) -> None:
    harness.editor.text_style.set_colours(DARK)
    harness.editor.clearFocus()
    harness.page.write(0, 0, "😀")
    own = colours_at(harness, 0, 2)
    harness.page.undo()
    harness.stream("😀")
    assert colours_at(harness, 0, 2) == own


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("measure", ["surprisal", "probability"])
def test_a_measure_tints_by_its_steps_and_only_when_it_is_on(
    harness: EditorHarness, measure: str, colours: Colours
) -> None:
    harness.editor.clearFocus()
    harness.editor.text_style.set_colours(colours)
    harness.type("HHH")
    harness.page.begin_generation(SOURCE)
    write_spans(harness.page, [span("HHH", raw=-0.01), span("HHH", raw=-12.0)])
    paper, strongest = colours.paper, getattr(colours, MEASURES[measure].colour)
    assert paper in colours_at(harness, 3, 6) & colours_at(harness, 6, 9)
    harness.editor.marks.set_measure(MEASURES[measure])
    assert paper in colours_at(harness, 0, 3)  # nothing is known of the writer's words
    likely, unlikely = colours_at(harness, 3, 6), colours_at(harness, 6, 9)
    assert paper not in likely | unlikely
    strong, weak = (likely, unlikely) if measure == "probability" else (unlikely, likely)
    assert strongest in strong and strongest not in weak
    harness.editor.marks.set_measure(None)
    assert paper in colours_at(harness, 3, 6) & colours_at(harness, 6, 9)


def test_an_unknown_rank_and_entropy_have_no_colour(harness: EditorHarness) -> None:
    harness.editor.clearFocus()
    unknown = Span("HHH", (replace(reading(0, b"HHH"), rank=0, entropy=math.nan),))
    harness.page.begin_generation(SOURCE)
    write_spans(harness.page, [unknown, span("HHH")])
    for measure in ("rank", "entropy"):
        harness.editor.marks.set_measure(MEASURES[measure])
        assert LIGHT.paper in colours_at(harness, 0, 3) and LIGHT.paper not in colours_at(harness, 3, 6)


def test_author_tints_the_words_of_the_model(quiet: EditorHarness) -> None:
    quiet.editor.marks.set_measure(MEASURES["author"])
    assert LIGHT.paper in colours_at(quiet, 0, 6) and LIGHT.paper not in colours_at(quiet, 6, 12)


def test_stale_readings_are_dotted_under_their_colour(quiet: EditorHarness) -> None:
    quiet.editor.marks.set_measure(MEASURES["rank"])
    quiet.page.write(0, 1, "G")
    changed = picture(quiet)
    cursor = quiet.editor.textCursor()
    cursor.setPosition(9)
    line = quiet.editor.cursorRect(cursor)
    below = [changed.pixelColor(line.left() + x, line.bottom() + y) for x in range(-20, 20) for y in range(-6, 4)]
    assert QColor(LIGHT.stale) in below


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_stale_readings_are_striped(harness: EditorHarness, colours: Colours) -> None:
    harness.editor.text_style.set_colours(colours)
    harness.type("HHH")
    harness.page.begin_generation(SOURCE)
    write_spans(harness.page, [span("HHH", raw=-12.0), span("HHH", raw=-12.0)])
    harness.page.end_generation()
    harness.editor.clearFocus()
    harness.editor.marks.set_measure(MEASURES["surprisal"])
    strongest = colours.heat
    assert strongest in colours_at(harness, 3, 6) and colours.paper not in colours_at(harness, 3, 6)
    harness.page.write(0, 1, "G")
    assert {strongest, colours.paper} <= colours_at(harness, 3, 6)
    harness.page.undo()
    assert colours.paper not in colours_at(harness, 3, 6)


def test_one_band_is_lit_alone(harness: EditorHarness) -> None:
    harness.editor.clearFocus()
    harness.page.begin_generation(SOURCE)
    write_spans(harness.page, [span("HHH", raw=-0.01), span("HHH", raw=-12.0)])
    marks = harness.editor.marks
    marks.set_measure(MEASURES["surprisal"])
    marks.light_band(4)
    assert LIGHT.paper in colours_at(harness, 0, 3) and LIGHT.paper not in colours_at(harness, 3, 6)
    marks.light_band(0)
    assert LIGHT.paper not in colours_at(harness, 0, 3) and LIGHT.paper in colours_at(harness, 3, 6)
    marks.light_band(None)
    assert LIGHT.paper not in colours_at(harness, 0, 3) | colours_at(harness, 3, 6)


def bar_height(harness: EditorHarness, start: int) -> int:
    """Pixels below the middle of a letter, to the foot of its line, that are neither paper nor letter."""
    image = picture(harness)
    cursor = harness.editor.textCursor()
    cursor.setPosition(start)
    rect = harness.editor.cursorRect(cursor)
    column = [image.pixelColor(rect.left() + 6, y).name() for y in range(rect.center().y() + 6, rect.bottom() + 8)]
    return sum(colour != harness.editor.text_style.colours.paper for colour in column)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("name", [name for name in MEASURES if name != "difference"])
def test_bars_below_the_letters_grow_with_the_step(harness: EditorHarness, name: str, colours: Colours) -> None:
    harness.editor.text_style.set_colours(colours)
    harness.page.begin_generation(SOURCE)
    steps = [(-0.1, 1, 0.5), (-2.0, 5, 1.5), (-4.0, 50, 3.0), (-6.5, 500, 5.0), (-9.0, 5_000, 9.0)]
    plain = reading(0, b"---")
    readings = [replace(plain, raw=raw, rank=rank, entropy=entropy) for raw, rank, entropy in steps]
    write_spans(harness.page, [Span("---", (one,)) for one in readings])
    harness.editor.clearFocus()
    marks = harness.editor.marks
    marks.set_measure(MEASURES[name], underlined=True)
    heights = [bar_height(harness, 3 * place) for place in range(5)]
    if name == "probability":
        heights.reverse()
    assert heights[0] >= 1
    assert heights == ([heights[0]] * 5 if name == "author" else sorted(set(heights)))
    marks.set_measure(None)
    assert bar_height(harness, 0) == 0


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("name", MEASURES)
def test_a_bar_can_be_seen_on_the_paper(colours: Colours, name: str) -> None:
    assert contrast(shades.bars(colours, MEASURES[name])[-1].name(), colours.paper) >= 3


def test_only_what_is_in_view_is_looked_up(new_harness: NewHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = new_harness()
    harness.stream(*["word and word\n"] * 2_000)
    asked: list[tuple[int, int]] = []
    for name in ("tokens", "generated_ranges"):
        real = getattr(harness.page, name)
        looked_up = lambda start, end, real=real: (asked.append((start, end)), real(start, end))[1]  # noqa: E731
        monkeypatch.setattr(harness.page, name, looked_up)
    for measure in MEASURES.values():
        harness.editor.marks.set_measure(measure)
        harness.editor.viewport().grab()
    assert asked and max(end - start for start, end in asked) < 2_000


def test_readings_behind_an_edit_are_dotted_until_it_is_undone(quiet: EditorHarness) -> None:
    before = picture(quiet)
    quiet.page.write(0, 1, "G")
    changed = picture(quiet)
    cursor = quiet.editor.textCursor()
    cursor.setPosition(9)
    line = quiet.editor.cursorRect(cursor)
    below = range(line.bottom() - 6, line.bottom() + 4)
    assert any(
        changed.pixelColor(x, y) == QColor(LIGHT.stale)
        for x in range(line.left() - 20, line.left() + 20)
        for y in below
    )
    quiet.page.undo()
    assert picture(quiet) == before


def test_a_selection_is_one_band_without_gaps(new_harness: NewHarness) -> None:
    harness = new_harness("word " * 60)
    harness.editor.select(0, 290)
    image = picture(harness)
    cursor = harness.editor.textCursor()
    cursor.setPosition(0)
    top = harness.editor.cursorRect(cursor).center().y()
    bottom = harness.editor.cursorRect().center().y()
    x = 29  # left of most letters, inside the text's first pixel column
    assert bottom - top > 40
    column = {image.pixelColor(x, y).name() for y in range(top, bottom)}
    assert LIGHT.paper not in column
    assert LIGHT.selection in column


def test_a_selection_stays_on_its_text_when_text_comes_before_it(quiet: EditorHarness) -> None:
    quiet.editor.select(2, 6)
    quiet.page.write(0, 0, "WWW")
    assert LIGHT.selection in colours_at(quiet, 5, 9)
    assert LIGHT.selection not in colours_at(quiet, 0, 5)


def test_text_outside_the_context_is_dimmed(quiet: EditorHarness) -> None:
    plain = colours_at(quiet, 0, 6)
    quiet.editor.marks.set_unseen(3)
    assert LIGHT.text not in colours_at(quiet, 0, 3)
    assert LIGHT.text in colours_at(quiet, 3, 6)
    quiet.editor.marks.set_unseen(0)
    assert colours_at(quiet, 0, 6) == plain


@pytest.mark.parametrize("count", [1, 2])
def test_text_behind_where_the_model_writes_is_dimmed_meanwhile(quiet: EditorHarness, count: int) -> None:
    """One continuation or several; where the branch of none is shown, no text is dimmed."""
    page, marks = quiet.page, quiet.editor.marks
    page.begin_generation(SOURCE, 3)
    quiet.editor.show_writing(writing=True)
    assert LIGHT.text in colours_at(quiet, 0, 3) and LIGHT.text not in colours_at(quiet, 3, 6)
    write_spans(page, [span("HH")])
    page.end_generation()
    quiet.editor.show_writing(writing=False)
    assert LIGHT.text in colours_at(quiet, 5, 8)
    page.regenerate(*[SOURCE] * count)
    quiet.editor.show_writing(writing=True)
    write_spans(page, [span("MM")])
    assert page.text()[5:8] == "HHH" and LIGHT.text not in colours_at(quiet, 5, 8)
    quiet.caret(6)
    rect = quiet.editor.cursorRect()
    assert marks.tip_at(QPoint(rect.left() + 3, rect.center().y())) == BEHIND
    if count > 1:
        page.previous_branch()
        assert LIGHT.text in colours_at(quiet, 5, 8)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("ground", ["paper", "selection", "hovered", "pinned", *TINTS, "found", "current_hit"])
def test_text_can_be_read_on_every_ground(colours: Colours, ground: str) -> None:
    for text in (colours.text, colours.ink):
        assert contrast(text, getattr(colours, ground)) >= 4.5
    assert contrast(colours.placeholder, colours.paper) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_ink_never_shows_on_a_ground(colours: Colours) -> None:
    """Letters are recoloured where they stand, by the brighter (in the dark, the darker) of ground and ink."""
    choose = max if colours is LIGHT else min
    ink = channels(colours.ink)
    grounds = (colours.paper, colours.selection, colours.hovered, colours.pinned)
    tints = (getattr(colours, name) for name in TINTS)
    for ground in (*grounds, *tints, colours.found, colours.current_hit):
        have = channels(ground)
        assert tuple(map(choose, have, ink)) == have


def channels(colour: str) -> tuple[int, int, int]:
    value = QColor(colour)
    return value.red(), value.green(), value.blue()


# ----------------------------------------------------------------------------------- what a search has found


def test_all_hits_are_marked_and_the_current_one_differently(quiet: EditorHarness) -> None:
    quiet.editor.marks.set_hits(lambda _start, _end: ([(0, 2), (4, 8)], (4, 8)))
    quiet.settle()
    assert LIGHT.found in colours_at(quiet, 0, 2)
    assert LIGHT.found not in colours_at(quiet, 2, 4)
    assert LIGHT.current_hit in colours_at(quiet, 4, 8)
    assert LIGHT.current_hit not in colours_at(quiet, 0, 2)
    quiet.editor.select(4, 8)  # as the finder does with it
    quiet.settle()
    assert LIGHT.current_hit in colours_at(quiet, 4, 8)
    quiet.editor.marks.set_hits(lambda _start, _end: ([], None))
    quiet.settle()
    assert not {LIGHT.found, LIGHT.current_hit} & colours_at(quiet, 0, 8)


@pytest.mark.parametrize("slice_", [2_000, 1 << 18])
def test_hits_are_asked_for_only_where_the_view_is(new_harness: Callable[..., EditorHarness], slice_: int) -> None:
    text = "\n".join(f"Line {number} of a page." for number in range(3_000))
    harness = new_harness(text, slice_=slice_)
    asked: list[tuple[int, int]] = []

    def hits(start: int, end: int) -> tuple[list[tuple[int, int]], tuple[int, int]]:
        asked.append((start, end))
        return [(start, end)], (0, len(text))

    harness.editor.marks.set_hits(hits)
    for place in (0, len(text) // 2, len(text)):
        harness.editor.show_position(place)
        harness.editor.viewport().grab()
    assert asked
    assert max(end - start for start, end in asked) < 2_000


# ----------------------------------------------------------------------------------- the edge of what the model sees


TEXT = "kept words\nand these are not seen any more\nseen again from this line on\n"


def edge_pixels(harness: EditorHarness) -> set[tuple[int, int]]:
    """The pixels with the edge's colour, which the test makes unique."""
    harness.editor.text_style.set_colours(replace(LIGHT, seen_edge="#ff00ff"))
    image = picture(harness)
    wanted = QColor("#ff00ff").rgb()
    return {(x, y) for y in range(image.height()) for x in range(image.width()) if image.pixel(x, y) == wanted}


def test_an_edge_at_a_line_start_is_a_line_across_the_column(new_harness: NewHarness) -> None:
    harness = new_harness(TEXT)
    harness.editor.marks.set_unseen(TEXT.index("seen again"))
    pixels = edge_pixels(harness)
    assert len({y for _, y in pixels}) == 1
    xs = [x for x, _ in pixels]
    assert max(xs) - min(xs) > 500 and len(xs) == max(xs) - min(xs) + 1
    harness.caret(TEXT.index("seen again"))
    assert abs(min(pixels)[1] - harness.editor.cursorRect().top()) < 6


def test_an_edge_inside_a_line_is_a_hook_there(new_harness: NewHarness) -> None:
    harness = new_harness(TEXT)
    edge = TEXT.index("from")
    harness.editor.marks.set_unseen(edge)
    pixels = edge_pixels(harness)
    harness.caret(edge)
    caret = harness.editor.cursorRect()
    assert all(abs(x - caret.left()) < 16 and caret.top() - 6 < y < caret.bottom() + 6 for x, y in pixels)
    assert len(pixels) > 25


def test_the_header_has_an_edge_and_is_not_dimmed(new_harness: NewHarness) -> None:
    harness = new_harness(TEXT)
    harness.editor.clearFocus()
    kept = TEXT.index("and these")
    harness.editor.marks.set_unseen(TEXT.index("seen again"), kept)
    assert len({y for _, y in edge_pixels(harness)}) == 2
    assert LIGHT.text in colours_at(harness, 0, 10)
    assert LIGHT.text not in colours_at(harness, kept, kept + 10)


@pytest.mark.parametrize("edge", [0, len(TEXT)])
def test_there_is_no_mark_where_all_is_seen_or_nothing(new_harness: NewHarness, edge: int) -> None:
    harness = new_harness(TEXT)
    harness.editor.marks.set_unseen(edge)
    assert edge_pixels(harness) == set()


def test_edges_move_with_the_text_before_them(new_harness: NewHarness) -> None:
    harness = new_harness(TEXT)
    harness.editor.marks.set_unseen(30, 5)
    harness.page.write(0, 0, "more ")
    assert (harness.editor.marks.current.unseen, harness.editor.marks.current.kept) == (35, 10)
    harness.page.write(0, 20, "")
    assert (harness.editor.marks.current.unseen, harness.editor.marks.current.kept) == (15, 0)


def test_a_tooltip_says_what_the_model_sees(new_harness: NewHarness) -> None:
    harness = new_harness(TEXT)
    assert harness.editor.marks.tip_at(QPoint(100, 60)) == ""
    kept, edge = TEXT.index("and these"), TEXT.index("seen again")
    harness.editor.marks.set_unseen(edge, kept)
    harness.settle()
    tips: list[str] = []
    for position, above in ((edge, 0), (kept, 0), (kept + 8, 12)):
        harness.caret(position)
        rect = harness.editor.cursorRect()
        tips.append(harness.editor.marks.tip_at(QPoint(rect.left() + 3, rect.top() + above)))
    assert tips == [EDGE, KEPT, UNSEEN]
    assert harness.editor.marks.tip_at(QPoint(400, 400)) == ""
    assert (
        f"its first {kept:,} characters and the text from character {edge:,} on"
        in harness.editor.accessibleDescription()
    )
    harness.editor.marks.set_unseen(0)
    assert "model sees" not in harness.editor.accessibleDescription()


@pytest.mark.parametrize("below", [False, True])
def test_a_text_ahead_stands_behind_the_ghost_or_below_it(harness: EditorHarness, below: bool) -> None:
    """Below, where the line has no room for it."""
    harness.stream(*["H" * 10 + " "] * 5, "H" * 10)
    harness.editor.clearFocus()
    plain = picture(harness)
    end = next(visible_lines(harness.editor, harness.editor.viewport().rect())).end - 1 if below else 4
    harness.editor.marks.set_ghost((end - 4, end, "MMMM"))
    before = picture(harness)
    harness.editor.marks.set_ahead("and so on and so on and so on and so on")
    after = picture(harness)
    rows = [
        y for y in range(after.height()) if any(before.pixel(x, y) != after.pixel(x, y) for x in range(after.width()))
    ]
    pitch = next(visible_lines(harness.editor, harness.editor.viewport().rect())).height
    (top, *_) = rows
    assert len(rows) > 8 and rows[-1] - top < pitch
    cursor = harness.editor.textCursor()
    cursor.setPosition(end - 4)
    line = harness.editor.cursorRect(cursor)
    assert (top > line.bottom()) == below
    seen = [
        after.pixelColor(x, y).name()
        for x in range(after.width())
        for y in rows
        if before.pixel(x, y) != after.pixel(x, y)
    ]
    assert LIGHT.placeholder in seen and LIGHT.pinned_edge in seen  # with an edge, as it is no text of the page
    harness.editor.marks.set_ghost(None)
    assert picture(harness) == plain and not harness.editor.marks.current.ahead


def test_a_text_ahead_below_the_ghost_cuts_no_letter_in_two(harness: EditorHarness) -> None:
    harness.stream(*["M" * 10 + " "] * 8)
    harness.editor.clearFocus()
    first, second, *_ = visible_lines(harness.editor, harness.editor.viewport().rect())
    harness.editor.marks.set_ghost((first.end - 2, first.end - 1, "M"))
    cuts = 0
    for text in ("and so on and so on and so on", "and so on and so on and so oni", "and so on and so on and so onii"):
        harness.editor.marks.set_ahead(text)
        image = picture(harness)
        band = range(round(second.top), round(second.top + second.text_height))
        edge = [x for x in range(image.width()) for y in band if image.pixelColor(x, y).name() == LIGHT.pinned_edge]
        left = min(edge) - 5  # before the round corner
        cut = next(at for at in range(second.start, second.end) if second.x(at + 1) > left)
        part = range(round(second.x(cut)) + 1, left)
        cuts += len(part) > 2
        assert {image.pixelColor(x, y).name() for x in part for y in band} <= {LIGHT.paper}
    assert cuts > 1


def test_a_ghost_cuts_no_letter_in_two(harness: EditorHarness) -> None:
    """A letter that it covers in part is gone as a whole: behind the card there is paper until the next letter."""
    harness.stream("ii", "M", "M", "M")
    harness.editor.clearFocus()
    harness.editor.marks.set_ghost((0, 2, "www"))
    image = picture(harness)
    (line,) = visible_lines(harness.editor, harness.editor.viewport().rect())
    width = harness.editor.fontMetrics().horizontalAdvance("www")
    card = line.x(0) + width + 2 * PAD
    cut = next(place for place in range(2, 5) if line.x(place) < card < line.x(place + 1))
    shown = {
        image.pixelColor(x, y).name()
        for x in range(round(card) + 3, round(line.x(cut + 1)) - 1)
        for y in range(round(line.top), round(line.baseline))
    }
    assert shown == {LIGHT.paper}


def first_lines(harness: EditorHarness) -> list[Line]:
    return list(visible_lines(harness.editor, harness.editor.viewport().rect()))


def in_box(image: QImage, line: Line, start: int, end: int) -> set[str]:
    """The colours in the letters' height of [start, end) of a line."""
    columns = range(round(line.x(start)) + 1, round(line.x(end)) - 1)
    rows = range(round(line.top + line.lead) + 1, round(line.baseline))
    return {image.pixelColor(x, y).name() for x in columns for y in rows}


def edges(image: QImage) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of all dashed edges."""
    found = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).name() == LIGHT.pinned_edge
    ]
    xs, ys = {x for x, _ in found}, {y for _, y in found}
    return min(xs), min(ys), max(xs), max(ys)


def test_the_rest_of_a_cut_word_is_hidden_and_the_next_word_is_not(harness: EditorHarness) -> None:
    """Not the one that the token's word goes on with, where the card is no wider than the token."""
    harness.stream("I", " MM", "MM", " MM")
    harness.editor.clearFocus()
    (line,) = first_lines(harness)
    harness.editor.marks.set_ghost((0, 1, "MM"))
    image = picture(harness)
    assert line.x(3) < line.x(0) + harness.editor.fontMetrics().horizontalAdvance("MM") < line.x(4) - 5
    assert in_box(image, line, 4, 6) == {LIGHT.paper} and len(in_box(image, line, 7, 9)) > 1
    harness.editor.marks.set_ghost((1, 4, " M"))
    assert len(in_box(picture(harness), line, 4, 6)) > 1


def test_a_word_without_an_end_near_is_hidden_no_further_than_it_is_cut(harness: EditorHarness) -> None:
    harness.stream("I", "한" * 18)
    harness.editor.clearFocus()
    harness.editor.marks.set_ghost((0, 1, "한"))
    line = first_lines(harness)[0]
    assert len(in_box(picture(harness), line, 3, 6)) > 1


def test_a_text_ahead_is_above_the_ghost_at_the_foot_of_the_page(harness: EditorHarness) -> None:
    harness.stream(*["H" * 10 + " "] * 200)
    harness.editor.clearFocus()
    harness.editor.verticalScrollBar().setValue(0)
    harness.settle()
    lines = [one for one in first_lines(harness) if one.top + 2 * one.height > harness.editor.viewport().height()]
    line = next(one for one in lines if one.top + one.text_height <= harness.editor.viewport().height())
    harness.editor.marks.set_ghost((line.end - 5, line.end - 1, "MMMM"))
    harness.editor.marks.set_ahead("and so on and so on and so on")
    _, top, right, bottom = edges(picture(harness))
    assert line.top - line.height <= top < line.top and bottom < line.top + line.height
    assert right < harness.editor.viewport().width()


def test_a_ghost_wider_than_the_page_is_elided(harness: EditorHarness) -> None:
    harness.stream("H" * 10)
    harness.editor.clearFocus()
    harness.editor.marks.set_ghost((4, 8, "M" * 200))
    left, _, right, _ = edges(picture(harness))
    assert left > 0 and right < harness.editor.viewport().width() - 1


def test_the_first_blank_of_a_ghost_from_the_right_is_at_its_right(harness: EditorHarness) -> None:
    harness.stream("שלום", " עולם", " טוב")
    harness.editor.clearFocus()
    harness.editor.marks.set_ghost((4, 9, "          ה"))
    image = picture(harness)
    left, top, right, bottom = edges(image)
    inked = [x for x in range(left, right) for y in range(top, bottom) if image.pixelColor(x, y).name() == LIGHT.ink]
    assert inked and max(inked) < (left + right) / 2


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("at", [12, 6])
def test_a_mark_is_where_the_model_ended_the_text(quiet: EditorHarness, colours: Colours, at: int) -> None:
    quiet.editor.text_style.set_colours(colours)
    before = picture(quiet)
    quiet.editor.marks.set_ended(at)
    after = picture(quiet)
    changed = [
        QPoint(x, y)
        for x in range(after.width())
        for y in range(after.height())
        if after.pixel(x, y) != before.pixel(x, y)
    ]
    assert 8 < len(changed) < 40
    assert {after.pixelColor(point).name() for point in changed} == {QColor(colours.quiet).name()}
    assert all(before.pixelColor(point).name() == colours.paper for point in changed)  # it covers no letter
    assert quiet.editor.marks.tip_at(changed[0]) == ENDED
    assert quiet.editor.marks.tip_at(QPoint(changed[0].x() + 60, changed[0].y())) == ""


def test_the_mark_lives_until_the_page_changes_there(quiet: EditorHarness) -> None:
    marks = quiet.editor.marks
    for changes, expected in (
        ([(0, 1, "more")], 15),
        ([(12, 0, " on")], None),
        ([(10, 2, "")], None),
        ([(0, 1, "ab"), (3, 1, "cd")], 14),
        ([(0, 1, "ab"), (12, 0, "cd")], None),
    ):
        marks.set_ended(12)
        quiet.page.write_many(changes)
        assert marks.current.ended == expected
        quiet.page.undo()


def test_readings_of_the_text_leave_the_mark(quiet: EditorHarness) -> None:
    quiet.editor.marks.set_ended(12)
    quiet.editor.marks.follow_edit(12, 0, 0)
    assert quiet.editor.marks.current.ended == 12
