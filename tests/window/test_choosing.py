"""Another token in the place of one, by real keys and clicks: on the page, in the table, while the model writes."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.generation.state import Phase
from desktop.odds.alternative_list import AlternativeList
from desktop.page.token_table import GENERATED
from models.sampling.knobs import Sampling

Key, Alt, Shift = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def table(hand: Any) -> AlternativeList:
    return hand.program.odds.findChild(AlternativeList)


def ghost(hand: Any) -> Any:
    """What is shown in place: start, end and text; None for nothing."""
    return hand.program.editor.marks.current.ghost


def said(hand: Any) -> str:
    return hand.program.window.status._result


def previewed(hand: Any) -> int | None:
    return hand.program.preview.row


def written(hand: Any, length: int = 12, typed: str = "Once") -> str:
    """Type, let the model write, and put the caret behind the third token that it wrote."""
    hand.sets(length=length, sampling=Sampling(ignore_eos=True))
    hand.types(typed)
    hand.writes()
    at(hand, third(hand))
    return hand.text


def third(hand: Any) -> int:
    """The position behind the third generated token."""
    rows = hand.program.page.tokens(0, hand.program.page.length)
    row = rows[rows["kind"] == GENERATED][2]
    return int(row["start"] + row["length"])


def at(hand: Any, position: int) -> None:
    hand.program.editor.set_caret(position)
    hand.until(lambda: hand.program.odds.view is not None)
    hand.qtbot.wait(30)


def click(hand: Any, row: int, *, twice: bool = False, modifier: Qt.KeyboardModifier = NONE) -> None:
    rows = table(hand)
    place = rows.visualRect(rows.model().index(row, 0)).center()
    QTest.mouseClick(rows.viewport(), LEFT, modifier, place)
    if twice:
        QTest.mouseDClick(rows.viewport(), LEFT, modifier, place)
        QTest.mouseRelease(rows.viewport(), LEFT, modifier, place)


def chosen(hand: Any) -> list[tuple[int, str]]:
    """Start and text of the tokens that the writer chose."""
    page = hand.program.page
    found: list[tuple[int, str]] = []
    for row in page.tokens(0, page.length):
        start, end = int(row["start"]), int(row["start"] + row["length"])
        if page.sources[int(row["source"])].kind == "chosen":
            found.append((start, page.text(start, end)))
    return found


@pytest.mark.parametrize("goes_on", [True, False])
def test_where_a_choice_is_undone_the_caret_comes_back(hand: Any, goes_on: bool) -> None:
    before = written(hand)
    place = third(hand)
    for row in (2, 3):
        click(hand, row)
        hand.press(Key.Key_Return, *(() if goes_on else (Shift,)))
        hand.until_ready()
        assert hand.text != before
        hand.press(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert hand.text == before and hand.program.editor.page_selection() == (place, place)


def test_a_click_previews_and_esc_ends_it(hand: Any) -> None:
    before = written(hand)
    click(hand, 2)
    assert previewed(hand) == 2 and hand.text == before
    start, end, text = ghost(hand)
    assert end == third(hand) and text != before[start:end]
    assert hand.program.editor.hasFocus()
    hand.press(Key.Key_Escape)
    assert previewed(hand) is None and ghost(hand) is None and hand.text == before


@pytest.mark.parametrize("how", ["enter", "double click"])
def test_it_is_put_there_and_the_model_goes_on(hand: Any, how: str) -> None:
    before = written(hand)
    start = hand.program.page.span_at(third(hand) - 1)[0]
    with hand.work():
        click(hand, 2, twice=how == "double click")
        if how == "enter":
            hand.press(Key.Key_Return)
    [(at_, text)] = chosen(hand)
    assert at_ == start and hand.text[:start] == before[:start] and hand.text != before
    assert hand.text[start:].startswith(text) and hand.program.page.tally()[0] == 2 + 1 + 12
    assert hand.program.session.state.words.endswith("Branched. Alt+Left goes back")
    after = hand.text
    hand.alt(Key.Key_Left)
    assert hand.text == before
    hand.alt(Key.Key_Right)
    assert hand.text == after
    hand.ctrl(Key.Key_Z)
    hand.ctrl(Key.Key_Z)
    assert hand.text == after
    hand.ctrl(Key.Key_Z)
    assert hand.text == before
    hand.ctrl(Key.Key_Y)
    assert hand.text == after


@pytest.mark.parametrize("how", ["shift+enter", "shift+double click"])
def test_it_is_only_put_there(hand: Any, how: str) -> None:
    before = written(hand)
    start = hand.program.page.span_at(third(hand) - 1)[0]
    if how == "shift+enter":
        click(hand, 3)
        hand.press(Key.Key_Return, Shift)
    else:
        click(hand, 3, twice=True, modifier=Shift)
    [(at_, text)] = chosen(hand)
    assert (at_, hand.text) == (start, before[:start] + text)
    assert hand.phase is Phase.READY
    assert hand.program.session.state.words == "Branched. Alt+Left goes back"
    view = hand.program.page.readings_at(start)[0].reading
    assert view.chosen == 3 and view.rank == 4 and view.alternatives.texts[3].decode() == text
    hand.until(lambda: hand.program.odds.view.rows[3].chosen)
    assert previewed(hand) is None and ghost(hand) is None
    assert any("you chose it" in fact.value for fact in hand.program.odds.view.facts)
    hand.ctrl(Key.Key_Z)
    assert hand.text == before


def test_by_keys_alone(hand: Any) -> None:
    """Alt+. walks down, Alt+, up; a digit goes to its row; another key ends it and types."""
    before = written(hand)
    place = hand.program.editor.page_position()
    rows = [row.id for row in hand.program.odds.view.rows]
    row = next(number for number, one in enumerate(hand.program.odds.view.rows) if one.chosen)
    hand.press(Key.Key_Period, Alt)
    assert previewed(hand) == row + 1
    hand.press(Key.Key_Period, Alt)
    hand.press(Key.Key_Comma, Alt)
    assert previewed(hand) == row + 1
    hand.press(Key.Key_4)
    assert previewed(hand) == 3 and table(hand).currentIndex().row() == 3
    hand.press(Key.Key_Shift)
    assert previewed(hand) == 3
    for _ in range(4):
        hand.press(Key.Key_Comma, Alt)
    assert previewed(hand) == len(rows) - 2  # behind the first comes the last; "everything else" is no choice
    hand.types("x")
    assert previewed(hand) is None and ghost(hand) is None
    assert hand.text == before[:place] + "x" + before[place:]
    hand.press(Key.Key_4)
    assert hand.text == before[:place] + "x4" + before[place:]


def test_in_the_table(hand: Any) -> None:
    """With the focus there, arrows preview, digits go to a row, Enter puts it there, and letters are for the page."""
    before = written(hand)
    rows = table(hand)
    rows.setFocus()
    rows.setCurrentIndex(rows.model().index(0, 0))
    QTest.keyClick(rows, Key.Key_Down)
    assert previewed(hand) == 1
    QTest.keyClick(rows, Key.Key_3)
    assert previewed(hand) == 2
    QTest.keyClick(rows, Key.Key_Escape)
    assert previewed(hand) is None and rows.hasFocus()
    QTest.keyClick(rows, Key.Key_3)
    QTest.keyClick(rows, Key.Key_Return, Shift)
    assert len(chosen(hand)) == 1 and hand.program.editor.hasFocus()
    hand.ctrl(Key.Key_Z)
    at(hand, third(hand))
    rows.setFocus()
    QTest.keyClick(rows, Key.Key_3)
    QTest.keyClick(rows, Key.Key_Q)
    place = third(hand)
    assert hand.text == before[:place] + "q" + before[place:] and hand.program.editor.hasFocus()


def test_in_mid_page_the_writers_text_behind_stays(hand: Any) -> None:
    before = written(hand, length=6)
    hand.ctrl(Key.Key_End)
    hand.types(" END.")
    at(hand, third(hand))
    start = hand.program.page.span_at(third(hand) - 1)[0]
    with hand.work():
        click(hand, 2, twice=True)
    assert hand.text.startswith(before[:start]) and hand.text.endswith(" END.")
    assert hand.program.page.tally()[0] == 2 + 1 + 6
    first = hand.text
    hand.ctrl(Key.Key_R)  # again: another continuation behind the chosen token
    hand.until(lambda: hand.text != first)
    hand.until_ready()
    [(at_, text)] = chosen(hand)
    assert at_ == start and hand.text.startswith(before[:start] + text) and hand.text.endswith(" END.")
    hand.ctrl(Key.Key_Z)
    hand.ctrl(Key.Key_Z)
    assert hand.text == before + " END."


def writes_several(hand: Any, streams: int) -> None:
    """That many continuations of a word are being written."""
    hand.opens("scripted:?rate=60")
    hand.sets(length=None, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    hand.program.session.write(hand.program.recipe, streams=streams)
    hand.until(lambda: hand.program.page.branch_position().highest == streams and len(hand.text) > 60)


def pin_third(hand: Any) -> None:
    """The panel shows the third token while the model writes, and not the newest one."""
    at(hand, third(hand))
    hand.program.focus.pin(third(hand) - 1)
    hand.until(lambda: hand.program.odds.view.state.startswith("pinned"))


@pytest.mark.parametrize("write_on", [True, False])
def test_while_it_writes(start: Callable[[], Any], write_on: bool) -> None:
    """The run ends, nothing of it is lost, and another begins behind the choice."""
    hand = start()
    hand.writes_on(rate=60, units=60)
    pin_third(hand)
    place = hand.program.page.span_at(third(hand) - 1)[0]
    click(hand, 2)
    former = hand.text
    hand.until(lambda: len(hand.text) > len(former) + 10)
    assert previewed(hand) == 2 and ghost(hand)[0] == place
    former = hand.text
    hand.press(Key.Key_Return, *(() if write_on else (Shift,)))
    assert len(chosen(hand)) == 1 and len(hand.text) < len(former)
    if write_on:
        hand.until(lambda: len(hand.text) > place + 60)
        hand.press(Key.Key_Escape)
    hand.until_ready()
    hand.alt(Key.Key_Left)
    assert hand.text.startswith(former)


@pytest.mark.parametrize("write_on", [True, False])
def test_while_several_are_written(start: Callable[[], Any], write_on: bool) -> None:
    """The choice is on the branch that is shown; the others are stopped, stay, and a sentence says so."""
    hand = start()
    writes_several(hand, 4)
    pin_third(hand)
    click(hand, 2)
    hand.sets(length=8)
    hand.press(Key.Key_Return, *(() if write_on else (Shift,)))
    if write_on:
        assert hand.messages[-1] == hand.program.window.notice.sentence == "The other continuations were stopped."
        hand.until(lambda: hand.phase is Phase.READY)
    assert len(chosen(hand)) == 1
    told = "Branched. Alt+Left goes back · The other continuations were stopped"
    assert hand.program.window.status.words()["State"] == (f"Stopped after 8 tokens · {told}" if write_on else told)
    others = [branch.preview for branch in hand.program.page.forks()[0].branches if branch.preview]
    assert len(others) == 4


def test_the_last_of_several_that_is_written_stops_no_others(start: Callable[[], Any]) -> None:
    hand = start()
    writes_several(hand, 2)
    (hidden,) = [one.stream for one in hand.program.page.generations if not one.is_shown]
    hand.program.session.stop_stream(hidden)
    hand.until(lambda: hidden in hand.program.session._runs.current.ended)
    pin_third(hand)
    click(hand, 2)
    hand.press(Key.Key_Return, Shift)
    words = hand.program.window.status.words()["State"]
    assert words == "Your choice stopped the writing · Branched. Alt+Left goes back"


def test_of_the_newest_token_while_it_streams(start: Callable[[], Any]) -> None:
    """The table holds still under a preview."""
    hand = start()
    hand.writes_on(rate=100, units=60)
    hand.until(lambda: hand.program.odds.view is not None)
    hand.press(Key.Key_Period, Alt)
    held = ghost(hand)
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length + 40)
    assert ghost(hand) == held
    hand.press(Key.Key_Return)
    hand.until(lambda: len(hand.text) > held[0] + 30)
    [(place, _)] = chosen(hand)
    assert place == held[0]
    hand.press(Key.Key_Escape)
    hand.until_ready()


def test_typing_before_it_while_it_writes_on(start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=60")
    before = written(hand, length=20)
    hand.sets(length=30)
    click(hand, 1, twice=True)
    hand.until(lambda: hand.phase is Phase.WRITING)
    [(place, text)] = chosen(hand)
    hand.program.editor.set_caret(2)
    hand.types("XY")
    hand.until(lambda: hand.phase is Phase.READY and hand.program.page.tally()[0] > 30)
    assert chosen(hand) == [(place + 2, text)] and hand.text.startswith("OnXYce")
    hand.ctrl(Key.Key_Z)
    hand.until(lambda: hand.text.startswith("Once"))
    hand.ctrl(Key.Key_Z)
    assert hand.text == before


def character_of_several(hand: Any) -> int:
    """Let the model write `등` with two tokens, in the second of which `대` begins. The position of its character."""
    hand.sets(length=400, sampling=Sampling(temperature=0.0, ignore_eos=True))
    hand.types("Nobody had asked him for it in twenty years.")
    hand.writes()
    rows = hand.program.page.tokens(0, hand.program.page.length)
    several = rows[(rows["parts"] > 1) & (rows["part"] == 1)]
    assert len(several)
    at(hand, int(several["start"][0]) + 1)
    return int(several["start"][0])


def test_a_token_of_a_character_of_several(hand: Any) -> None:
    """The choice brings the bytes that begin the character."""
    start, page = character_of_several(hand), hand.program.page
    before = hand.text
    hand.program.focus.pin(start)
    hand.until(lambda: bool(hand.program.odds.view.parts))
    hand.program.odds._show_part(1)
    first = page.readings_at(start)[0].reading
    for row in (0, 1, 2):
        hand.program.preview.select(row)
        hand.press(Key.Key_Return, Shift)
        readings = page.readings_at(start)
        assert readings[0].reading == first and readings[-1].reading.chosen == row
        spelt = b"".join(one.reading.bytes for one in readings)
        assert page.text(start, start + readings[0].length) == spelt.decode("utf-8", "replace")
        hand.ctrl(Key.Key_Z)
        assert hand.text == before
        hand.program.focus.pin(start)
        hand.until(lambda: bool(hand.program.odds.view.parts))
        hand.program.odds._show_part(1)
    hand.sets(length=5)
    hand.program.preview.select(2)
    with hand.work():
        hand.press(Key.Key_Return)
    assert hand.text[:start] == before[:start]


def test_the_next_token_is_shown_until_the_model_has_written_another(hand: Any) -> None:
    """Reading may take seconds, in which the token written last before would be shown."""
    written(hand)
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view is not None and not hand.program.odds.view.token)
    click(hand, 2, twice=True)
    [(start, _)] = chosen(hand)
    assert hand.program.page.generating and hand.program.focus.shown().start == start


def test_the_next_token(hand: Any) -> None:
    """After Ctrl+L the choice is put behind the text, and the model goes on behind it."""
    hand.sets(length=4, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view is not None and not hand.program.odds.view.token)
    hand.press(Key.Key_Period, Alt)
    hand.press(Key.Key_Period, Alt)
    assert previewed(hand) == 1 and ghost(hand)[:2] == (4, 4)
    hand.press(Key.Key_Return, Shift)
    [(place, text)] = chosen(hand)
    assert place == 4 and hand.text == "Once" + text
    reading = hand.program.page.readings_at(4)[0]
    assert reading.reading.rank == 2 and not reading.stale
    assert hand.program.editor.page_position() == len(hand.text)
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view is not None and not hand.program.odds.view.token)
    hand.press(Key.Key_1)  # no preview is open: it types
    hand.ctrl(Key.Key_Z)
    hand.ctrl(Key.Key_Z)
    assert hand.text == "Once"


def test_other_text(hand: Any) -> None:
    before = written(hand)
    start = hand.program.page.span_at(third(hand) - 1)[0]
    field = hand.program.odds._own_text.field
    field.insert(" 한글")
    QTest.keyClicks(field, " words")
    with hand.work():
        QTest.keyClick(field, Key.Key_Return)
    assert hand.text.startswith(before[:start] + " 한글 words") and not field.text()
    assert len(hand.text) > start + 9 and hand.program.editor.hasFocus()
    hand.alt(Key.Key_Left)
    assert hand.text == before


def test_at_the_end_of_the_page_other_text_comes_next(hand: Any) -> None:
    """The rows are about the last token there, and the field says that its text is not."""
    before = written(hand)
    at(hand, len(before))
    field = hand.program.odds._own_text.field
    assert field.placeholderText() == "Next text…"
    field.setFocus()
    hand.qtbot.wait(50)
    assert field.placeholderText() == "Next text…" and hand.program.focus.holds
    QTest.keyClicks(field, " words")
    QTest.keyClick(field, Key.Key_Return, Shift)
    assert hand.text == f"{before} words" and hand.program.editor.page_position() == len(hand.text)
    hand.ctrl(Key.Key_Z)
    assert hand.text == before
    start = hand.program.page.span_at(len(before) - 1)[0]
    hand.program.preview.put(1, write_on=False)
    assert hand.text[:start] == before[:start] and hand.text != before and len(chosen(hand)) == 1
    hand.program.editor.set_caret(len(hand.text) - 1)
    hand.until(lambda: field.placeholderText().startswith("In place of"))


def test_a_hundred_swaps_and_the_reopened_page(start: Callable[[], Any]) -> None:
    """Each is one undo step, each text is on a branch, and the page that is opened again has them all."""
    hand = start()
    hand.opens("scripted:?rate=5000")
    before = written(hand, length=8)
    texts = [before]
    for number in range(100):
        rows = hand.program.page.tokens(0, hand.program.page.length)
        generated = rows[rows["kind"] == GENERATED]
        row = generated[number * 7 % len(generated)]
        at(hand, int(row["start"] + row["length"]))
        steps = len(hand.program.page.contents.undo)
        hand.program.preview.select(number % 5)
        write_on = number % 2 == 0
        with hand.work() if write_on else nullcontext():
            hand.press(Key.Key_Return, *(() if write_on else (Shift,)))
        changed = hand.text != texts[-1] or len(hand.program.page.contents.undo) > steps
        assert len(hand.program.page.contents.undo) == steps + (1 if changed else 0)
        if changed:
            texts.append(hand.text)
    page = hand.program.page
    last = [one.reading for start_ in range(page.length) for one in page.readings_at(start_)]
    kinds = [page.sources[int(row["source"])].kind for row in page.tokens(0, page.length)]
    hand = start()
    page = hand.program.page
    assert hand.text == texts[-1]
    again = [one.reading for start_ in range(page.length) for one in page.readings_at(start_)]
    assert [one.token for one in again] == [one.token for one in last]
    assert [one.rank for one in again] == [one.rank for one in last]
    assert [page.sources[int(row["source"])].kind for row in page.tokens(0, page.length)] == kinds
    for text in reversed(texts[:-1]):
        hand.ctrl(Key.Key_Z)
        assert hand.text == text
    for text in texts[1:]:
        hand.ctrl(Key.Key_Y)
        assert hand.text == text


def test_without_a_model_it_is_put_there(start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=2000")
    written(hand)
    hand = start()
    assert hand.program.session.state.model is None
    at(hand, third(hand))
    click(hand, 2, twice=True)
    assert len(chosen(hand)) == 1
    assert hand.messages == ["Open a model first: File, Open model."]


def test_where_there_are_no_odds_a_sentence_says_so(hand: Any) -> None:
    hand.types("Once")
    hand.qtbot.wait(30)
    hand.press(Key.Key_Period, Alt)
    assert previewed(hand) is None
    assert said(hand).startswith("No odds here.")


@pytest.mark.parametrize("key", [(Key.Key_Period, Alt), (Key.Key_D, Qt.KeyboardModifier.ControlModifier)])
def test_an_empty_page_says_how_to_get_odds(hand: Any, key: tuple[Qt.Key, Qt.KeyboardModifier]) -> None:
    hand.press(*key)
    assert said(hand) == "The page is empty. Ctrl+L shows the odds of the next token."


def test_without_a_model_and_odds_it_says_that_there_is_no_model(start: Callable[[], Any]) -> None:
    """Reading the page, which is the advice elsewhere, cannot be asked for."""
    hand = start()
    hand.types("Once")
    hand.press(Key.Key_Period, Alt)
    assert said(hand) == "Open a model first: File, Open model."


def test_the_first_token_of_an_empty_page(hand: Any) -> None:
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view is not None)
    hand.press(Key.Key_Period, Alt)
    assert previewed(hand) == 0 and ghost(hand)[:2] == (0, 0)
    hand.press(Key.Key_Comma, Alt)
    hand.press(Key.Key_Return, Shift)
    assert chosen(hand) == [(0, hand.text)] and hand.text


def test_the_mouse_over_the_table_holds_it(start: Callable[[], Any]) -> None:
    hand = start()
    hand.writes_on(rate=100, units=60)
    hand.program.odds.mouse_inside.emit(True)
    held = hand.program.focus.current()
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length + 30)
    assert hand.program.focus.current().token == held.token
    hand.program.odds.row_pointed.emit(2)
    assert ghost(hand) is not None and previewed(hand) is None
    hand.program.odds.row_pointed.emit(-1)
    hand.program.odds.mouse_inside.emit(False)
    assert ghost(hand) is None
    hand.press(Key.Key_Escape)
    hand.until_ready()


def test_a_token_that_the_grammar_does_not_allow_is_answered_in_one_sentence(hand: Any) -> None:
    hand.sets(length=40, sampling=Sampling(ignore_eos=True, grammar='root ::= (" " [a-z]+)+'))
    hand.types("Once")
    hand.writes()
    before, cut = hand.text, list[int]()
    for start in hand.program.page.tokens(0, len(before))["start"].tolist():
        at(hand, start + 1)
        cut = [number for number, one in enumerate(hand.program.odds.view.rows) if one.cut == "grammar"]
        if cut:
            break
    click(hand, cut[0])
    hand.press(Key.Key_Return)
    hand.until(lambda: bool(hand.messages))
    hand.until_ready()
    assert hand.text != before
    assert len(hand.messages) == 1 and "grammar" in hand.messages[0]
    assert hand.program.session.state.words == "Branched. Alt+Left goes back"
    notice = hand.program.window.notice
    assert notice.sentence == hand.messages[0]
    hand.alt(Key.Key_Left)
    assert hand.text == before
    assert notice.sentence == ""  # that text is gone
    hand.alt(Key.Key_Right)
    hand.ctrl(Key.Key_End)
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: notice.sentence == hand.messages[0])
    hand.sets(sampling=Sampling(ignore_eos=True))
    assert notice.sentence == ""  # that grammar is gone
