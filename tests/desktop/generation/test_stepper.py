"""Step mode on an engine that gives the answers of the test: what is shown, held back, written and given up."""

import math
from array import array
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.event_pump import EventPump
from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.generation.state import Phase
from desktop.generation.stepper import AHEAD, NEEDLE, Pace
from desktop.page.choosing import Chosen, Place
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Ended, Failed, Healed, Sampled, Span, Started
from models.library.load_options import LoadOptions
from models.sampling.readings import LOOK, Reading
from tests.desktop.conftest import reading_of, span_of

RECIPE = Recipe(length=8, seed=7)
CLICK, QUICK = Pace(on=True), Pace(on=True, rate=500.0)
Shown = list[tuple[Reading, int, Reading | None]]


@pytest.fixture
def session(page: Page, pump: EventPump, engine: Any) -> Iterator[Session]:
    session = Session(page, pump, chance=lambda: 1, clock=lambda: 0.0, resume_after=0, hung_after=10_000)
    session.open_model("scripted:", LoadOptions())
    engine.loaded()
    pump.drain()
    page.write(0, 0, "Once")
    yield session
    session.deleteLater()


@pytest.fixture
def shown(session: Session) -> Shown:
    found: Shown = []
    session.coin_shown.connect(lambda odds, position, _source, drawn: found.append((odds, position, drawn)))
    return found


def begins(session: Session, pace: Pace, engine: Any, pump: EventPump, *texts: str) -> None:
    """Write at that pace; the engine answers these tokens."""
    session.steps.set_pace(pace)
    session.write(RECIPE)
    engine.wrote(*texts)
    pump.drain()


def forked(text: str, bits: float) -> Span:
    return replace(span_of(text), readings=(replace(reading_of(text), entropy=bits),))


def test_a_token_shows_its_odds_then_its_draw_then_its_text(
    session: Session, shown: Shown, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    begins(session, CLICK, engine, pump, " upon", " a")
    assert page.text() == "Once" and session.state.paused and session.state.phase is Phase.WRITING
    assert session.state.words == "Paused before the next token"
    [(odds, position, drawn)] = shown
    assert (odds.token, position, drawn) == (LOOK, 4, None) and odds.alternatives == reading_of(" upon").alternatives
    session.step(RECIPE)
    assert shown[-1][2] == reading_of(" upon") and page.text() == "Once"
    qtbot.waitUntil(lambda: page.text() == "Once upon", timeout=10 * NEEDLE)
    assert session.state.paused and shown[-1][1:] == (9, None)


def test_a_press_while_the_draw_is_shown_writes_at_once(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    begins(session, CLICK, engine, pump, " upon", " a")
    session.write(RECIPE)
    session.write(RECIPE)
    assert page.text() == "Once upon" and session.state.paused
    session.step(RECIPE)
    session.step(RECIPE)
    assert page.text() == "Once upon a" and not session.state.paused
    session.step(RECIPE)  # nothing has come yet
    assert engine.kinds().count("generate") == 1


def test_the_model_draws_only_a_few_ahead(session: Session, engine: Any, pump: EventPump, qtbot: QtBot) -> None:
    begins(session, QUICK, engine, pump, " upon", " a", " time")
    job, about = engine.last("generate")
    assert about["allowed"] == AHEAD
    wanted = {"job": job, "tokens": AHEAD + 3}
    qtbot.waitUntil(lambda: any(about == wanted for _, _, about in engine.asked), timeout=5_000)
    session.steps.set_pace(Pace())
    assert engine.last("allow") == (engine.last("allow")[0], {"job": job, "tokens": None})


def test_at_a_speed_tokens_come_by_themselves(
    session: Session, shown: Shown, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    begins(session, QUICK, engine, pump, " upon", " a", " time")
    engine.ended()
    pump.drain()
    assert session.state.phase is Phase.WRITING  # its end waits behind what is held back
    qtbot.waitUntil(lambda: session.state.phase is Phase.READY, timeout=5_000)
    assert page.text() == "Once upon a time" and session.state.words == "Stopped after 3 tokens"
    assert [(odds.token, drawn and drawn.bytes) for odds, _, drawn in shown] == [
        (LOOK, text) for written in (b" upon", b" a", b" time") for text in (None, written)
    ]


def test_a_token_that_is_listed_only_because_it_was_drawn_is_not_told_before(
    session: Session, shown: Shown, engine: Any, pump: EventPump
) -> None:
    rare = replace(reading_of(" rare"), rank=40)
    session.steps.set_pace(CLICK)
    session.write(RECIPE)
    engine.waiting.append(Sampled(engine.last("generate")[0], (replace(span_of(" rare"), readings=(rare,)),), 1, 0, 0))
    pump.drain()
    assert list(shown[0][0].alternatives.ids) == list(rare.alternatives.ids)[:1]


def test_a_healed_coin_says_what_its_token_spells_of_the_text(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    sources: list[Source] = []
    session.coin_shown.connect(lambda _odds, _position, source, _drawn: sources.append(source))
    session.steps.set_pace(CLICK)
    session.write(RECIPE)
    job = engine.last("generate")[0]
    spans = [replace(span_of("centre"), text="ntre", healed="ce"), span_of(" of")]
    engine.waiting += [Healed(job, "ce", array("i", [1]), True), *(Sampled(job, (span,), 1, 0, 0) for span in spans)]
    pump.drain()
    session.step(RECIPE)
    session.step(RECIPE)
    assert page.text() == "Oncentre" and [source.healed for source in sources] == ["ce", "ce", ""]
    assert page.readings_at(3)[0].start == 2


def test_it_hesitates_at_forks_alone(
    session: Session, shown: Shown, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    session.steps.set_pace(Pace(on=True, rate=math.inf, fork=2.0))
    session.write(RECIPE)
    job = engine.last("generate")[0]
    spans = [forked(" upon", 0.5), forked(" a", 2.0), forked(" time", 2.1), forked(" or", 0.1), forked(" two", 5.0)]
    engine.waiting += [Sampled(job, (span,), 1, 0, 0) for span in spans]
    engine.ended()
    pump.drain()
    assert page.text() == "Once upon a" and session.state.paused and shown[-1][0].entropy == 2.1
    session.write(RECIPE)
    qtbot.waitUntil(lambda: page.text() == "Once upon a time or", timeout=10 * NEEDLE)
    assert session.state.paused
    session.steps.set_pace(Pace(on=True, rate=math.inf, fork=None))  # at full speed nothing waits
    assert page.text() == "Once upon a time or two" and session.state.phase is Phase.READY


def test_one_token_at_a_fork_waits_behind_it_too(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    session.steps.set_pace(Pace(on=True, rate=math.inf, fork=2.0))
    session.write(RECIPE)
    job = engine.last("generate")[0]
    spans = [forked(" upon", 3.0), forked(" a", 0.5), forked(" time", 0.5)]
    engine.waiting += [Sampled(job, (span,), 1, 0, 0) for span in spans]
    pump.drain()
    session.step(RECIPE)
    session.step(RECIPE)
    assert page.text() == "Once upon" and session.state.paused
    session.write(RECIPE)
    session.write(RECIPE)
    assert page.text() == "Once upon a time" and not session.state.paused


def test_a_character_of_several_tokens_comes_when_its_last_is_drawn(
    session: Session, shown: Shown, engine: Any, pump: EventPump, page: Page
) -> None:
    parts = tuple(
        replace(reading_of("x", token=number), bytes=data) for number, data in ((1, b"\xed\x95"), (2, b"\x9c"))
    )
    session.steps.set_pace(CLICK)
    session.write(RECIPE)
    engine.waiting.append(Sampled(engine.last("generate")[0], (Span("한", parts),), 2, 0, 0))
    pump.drain()
    for _ in range(2):
        session.step(RECIPE)
    assert page.text() == "Once" and len(shown) == 3
    for _ in range(2):
        session.step(RECIPE)
    assert page.text() == "Once한" and [one.reading.token for one in page.readings_at(4)] == [1, 2]


# ------------------------------------------------------------------------------------------------ given up


@pytest.mark.parametrize("done", [False, True])
def test_stop_writes_nothing_of_what_is_held_back(
    session: Session, engine: Any, pump: EventPump, page: Page, done: bool
) -> None:
    """done: the model has drawn everything, so that a stop does not concern it any more."""
    begins(session, CLICK, engine, pump, " upon", " a", " time")
    for _ in range(2):
        session.step(RECIPE)
    if done:
        engine.ended()
        pump.drain()
    session.stop()
    if not done:
        engine.wrote(" late")
        engine.ended("stopped")
        pump.drain()
    assert page.text() == "Once upon" and session.state.phase is Phase.READY and not session.state.paused
    assert session.state.words == "You stopped the writing after 1 token"
    session.write(RECIPE)
    assert engine.last("generate")[1]["first"] == 1  # the draws of what was dropped are used again


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("count", [0, 1])
def test_what_was_drawn_ahead_is_not_counted(
    session: Session, engine: Any, pump: EventPump, page: Page, done: bool, count: int
) -> None:
    """count: tokens that were written. done: as before."""
    begins(session, CLICK, engine, pump)
    job = engine.last("generate")[0]
    spans = tuple(map(span_of, (" upon", " a", " time")))
    engine.waiting += [Started(job, array("i", [1, 2]), 0, 0, 0, True), Sampled(job, spans, 5, 0, 0)]
    engine.begun.add(job)
    pump.drain()
    for _ in range(2 * count):
        session.step(RECIPE)
    assert session.state.used == 2 + count
    end = Ended(job, "length" if done else "stopped", 3, 2, 0.01, 0.02, 5)
    if done:
        engine.waiting.append(end)
        pump.drain()
    session.stop()
    if not done:
        engine.waiting.append(end)
        pump.drain()
    assert page.text() == "Once" + " upon" * count and session.state.phase is Phase.READY
    assert (session.state.used, session.state.estimated) == (2 + count, False)


def test_an_edit_gives_up_what_is_held_back_and_the_model_goes_on(
    session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    begins(session, CLICK, engine, pump, " upon", " a")
    for _ in range(2):
        session.step(RECIPE)
    page.write(0, 4, "Twice")
    assert not session.state.paused
    qtbot.waitUntil(lambda: engine.kinds().count("generate") == 2, timeout=5_000)
    about = engine.last("generate")[1]
    assert (about["length"], about["first"], about["allowed"]) == (7, 1, AHEAD)
    engine.wrote(" we")
    pump.drain()
    assert page.text() == "Twice upon" and session.state.paused
    session.step(RECIPE)
    session.step(RECIPE)
    assert page.text() == "Twice upon we"


@pytest.mark.parametrize("pace", [CLICK, QUICK, Pace(on=True, rate=math.inf, fork=20.0)])
def test_undo_takes_back_first_what_came_behind_an_edit(
    pace: Pace, session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    begins(session, pace, engine, pump, " upon")
    session.steps.go_on(pause_again=False)
    session.steps.go_on(pause_again=False)
    qtbot.waitUntil(lambda: page.text() == "Once upon", timeout=5_000)
    page.write(page.length, 0, " one")
    qtbot.waitUntil(lambda: engine.kinds().count("generate") == 2, timeout=5_000)
    engine.wrote(" fine", " day")
    pump.drain()
    for _ in range(4):
        session.steps.go_on(pause_again=False)
    qtbot.waitUntil(lambda: page.text() == "Once upon one fine day", timeout=5_000)
    for text in ("Once upon one", "Once upon", "Once"):
        session.undo()
        assert page.text() == text
    for text in ("Once upon", "Once upon one", "Once upon one fine day"):
        session.redo()
        assert page.text() == text


def test_at_full_speed_it_goes_on_below_an_edit(
    session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    begins(session, Pace(on=True, rate=math.inf), engine, pump, " upon")
    page.write(page.length, 0, " one")
    qtbot.waitUntil(lambda: engine.kinds().count("generate") == 2, timeout=5_000)
    engine.wrote(" day")
    pump.drain()
    assert page.text() == "Once upon one day"
    session.undo()
    assert page.text() == "Once upon day"


def test_another_token_is_chosen_in_the_place_of_the_one_that_waits(
    session: Session, shown: Shown, engine: Any, pump: EventPump, page: Page
) -> None:
    sources: list[Any] = []
    session.coin_shown.connect(lambda _odds, _position, source, _drawn: sources.append(source))
    begins(session, CLICK, engine, pump, " upon")
    odds, position, _ = shown[-1]
    assert sources[-1].seed == 7 and sources[-1].kind == "generated"
    session.choose(RECIPE, Place(position), Chosen(odds.instead(1), sources[-1]), write_on=True)
    assert page.text() == "Oncex" and not session.state.paused
    assert page.sources[int(page.tokens(4, 5)["source"][0])].kind == "chosen"
    engine.wrote(" b")
    pump.drain()
    assert page.text() == "Oncex" and session.state.paused


def test_undo_a_failure_and_a_death_end_it(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begins(session, CLICK, engine, pump, " upon", " a")
    engine.waiting.append(Failed(engine.last("generate")[0], "No."))
    pump.drain()
    assert page.text() == "Once upon a" and session.state.phase is Phase.READY and not session.state.paused
    page.undo()
    begins(session, CLICK, engine, pump, " there")
    session.undo()
    assert page.text() == "Once" and session.state.phase is Phase.READY and not session.state.paused


def test_switched_off_everything_comes(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begins(session, CLICK, engine, pump, " upon", " a")
    session.steps.set_pace(Pace())
    assert page.text() == "Once upon a" and not session.state.paused
    engine.wrote(" time")
    pump.drain()
    assert page.text() == "Once upon a time"


def test_switched_on_while_it_writes_it_holds_what_comes(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    begins(session, Pace(), engine, pump, " upon")
    assert page.text() == "Once upon" and engine.last("generate")[1]["allowed"] is None
    session.steps.set_pace(CLICK)
    assert engine.last("allow")[1]["tokens"] >= 1 + AHEAD
    engine.wrote(" a")
    pump.drain()
    assert page.text() == "Once upon" and session.state.paused


# ------------------------------------------------------------------------------------------------ several


def several(session: Session, engine: Any, pump: EventPump, *texts: tuple[str, ...]) -> None:
    """Ask for as many continuations one click after the other; the engine answers these tokens of each."""
    session.steps.set_pace(CLICK)
    session.write(RECIPE, streams=len(texts))
    for stream, written in enumerate(texts):
        engine.wrote(*written, stream=stream)
    pump.drain()


def click(session: Session) -> None:
    """The draw, and its text."""
    session.step(RECIPE)
    session.step(RECIPE)


def branches(page: Page) -> list[str]:
    """The texts of all branches; the shown one stays."""
    shown, found = page.text(), set[str]()
    for _ in range(4):
        page.previous_branch()
    for _ in range(4):
        found.add(page.text())
        page.next_branch()
    while page.text() != shown:
        page.previous_branch()
    return sorted(found)


def test_one_click_lets_a_token_of_each_continuation_go(
    session: Session, shown: Shown, engine: Any, pump: EventPump, page: Page
) -> None:
    several(session, engine, pump, (" upon", " a"), (" there", " was"), (" we",))
    assert engine.last("generate")[1]["allowed"] == AHEAD
    assert page.text() == "Once" and session.state.paused
    assert shown[-1][0].alternatives == reading_of(" upon").alternatives and shown[-1][2] is None
    session.step(RECIPE)
    assert shown[-1][2] == reading_of(" upon") and page.text() == "Once"
    session.step(RECIPE)
    assert page.text() == "Once upon" and session.state.paused
    assert engine.last("allow")[1]["tokens"] == 1 + AHEAD
    assert branches(page) == ["Once there", "Once upon", "Once we"]
    click(session)
    assert branches(page) == ["Once there was", "Once upon a", "Once we"]


def test_another_branch_shows_its_own_coin(
    session: Session, shown: Shown, engine: Any, pump: EventPump, page: Page
) -> None:
    several(session, engine, pump, (" upon", " a"), (" there", " was"))
    click(session)
    session.next()
    assert page.text() == "Once there" and session.state.paused
    session.step(RECIPE)
    assert shown[-1][1:] == (10, reading_of(" was"))
    session.step(RECIPE)
    assert page.text() == "Once there was"


def test_each_ends_when_its_tokens_are_on_the_page_and_the_last_ends_the_run(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    several(session, engine, pump, (" upon", " a"), (" there",))
    engine.ended("end of text", stream=1, left=1)
    engine.ended(stream=0, left=0)
    pump.drain()
    click(session)
    assert session.state.phase is Phase.WRITING and session.state.paused
    click(session)
    assert session.state.phase is Phase.READY and not session.state.paused
    assert branches(page) == ["Once there", "Once upon a"]


def test_where_the_one_on_the_page_has_ended_the_others_go_on(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    several(session, engine, pump, (" upon",), (" there", " was"))
    click(session)
    assert not session.state.paused  # its next token may come yet
    engine.ended("end of text", stream=0, left=1)
    pump.drain()
    assert session.state.paused
    click(session)
    assert branches(page) == ["Once there was", "Once upon"]


@pytest.mark.parametrize("how", ["stopped", "edited"])
def test_streams_that_are_stopped_while_all_wait_can_end(
    session: Session, engine: Any, pump: EventPump, page: Page, how: str
) -> None:
    several(session, engine, pump, (" upon", " a"), (" there", " was"))
    click(session)
    if how == "stopped":
        session.stop_stream(0)
        assert engine.last("allow")[1]["tokens"] == 1 + AHEAD + 1
        assert session.state.paused
        click(session)
        assert branches(page) == ["Once there was", "Once upon"]
        session.stop_stream(1)
    else:
        page.write(0, 4, "Twice")
    assert not session.state.paused
    assert engine.last("allow")[1]["tokens"] >= 1 + AHEAD + 2  # the model ends a stream at its next step only
    engine.ended("stopped", stream=0, left=1)
    engine.ended("stopped", stream=1, left=0)
    pump.drain()
    assert session.state.phase is Phase.READY


def test_stop_drops_what_is_held_back_of_all(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    several(session, engine, pump, (" upon", " a"), (" there", " was"))
    click(session)
    engine.ended(stream=1, left=1)
    pump.drain()
    session.stop()
    engine.ended("stopped", stream=0, left=0)
    pump.drain()
    assert session.state.phase is Phase.READY and branches(page) == ["Once there", "Once upon"]


def test_switched_off_all_of_several_comes(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    several(session, engine, pump, (" upon", " a"), (" there", " was"))
    session.steps.set_pace(Pace())
    assert engine.last("allow")[1]["tokens"] is None and not session.state.paused
    assert branches(page) == ["Once there was", "Once upon a"]


def test_the_pump_rests_while_it_waits(session: Session, engine: Any, pump: EventPump) -> None:
    begins(session, CLICK, engine, pump, " upon", " a")
    assert pump._timer.interval() > 100
    session.step(RECIPE)
    session.step(RECIPE)
    assert session.state.paused
