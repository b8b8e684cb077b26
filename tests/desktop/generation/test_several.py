"""Several continuations of one request: on the page, in the state, and through edits, switches, undo and failures."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.event_pump import EventPump
from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.generation.state import Phase
from desktop.page.page import Page
from models.engine.events import Died, Failed, Looked
from models.engine.requests import Draws
from models.library.load_options import LoadOptions

RECIPE = Recipe(length=8, seed=7)
START = "Once upon a time"


@pytest.fixture
def session(page: Page, pump: EventPump, engine: Any) -> Iterator[Session]:
    clock = iter(range(10_000)).__next__
    session = Session(page, pump, chance=iter(range(100, 200)).__next__, clock=clock, resume_after=0)
    session.open_model("scripted:", LoadOptions())
    engine.loaded()
    pump.drain()
    page.write(0, 0, START)
    yield session
    session.deleteLater()


def ends(engine: Any, pump: EventPump, *streams: int, of: int = 3, reason: str = "length", **about: Any) -> None:
    """These streams end, the last ones that go on."""
    for place, stream in enumerate(streams):
        engine.ended(reason, stream=stream, left=len(streams) - 1 - place if len(streams) == of else of - 1, **about)
    pump.drain()


def branches(page: Page) -> list[str]:
    (fork,) = page.forks()
    return [branch.preview for branch in fork.branches if branch.preview]


def begun(session: Session, engine: Any, pump: EventPump) -> None:
    """Three streams that have each written a word."""
    session.write(RECIPE, streams=3)
    for stream, text in enumerate((" one", " two", " three")):
        engine.wrote(text, stream=stream)
    pump.drain()


def test_each_stream_writes_a_branch_and_the_first_that_comes_is_shown(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    session.write(RECIPE, streams=3)
    assert engine.last("generate")[1]["draws"] == (Draws(7, 0), Draws(7, 1), Draws(7, 2))
    for stream, text in ((1, " two"), (0, " one"), (2, " three"), (1, " more"), (0, "!")):
        engine.wrote(text, stream=stream)
    pump.drain()
    assert page.text() == f"{START} two more"
    assert sorted(branches(page)) == [" one!", " three", " two more"]
    assert session.state.phase is Phase.WRITING and session.state.words == "3 continuations, 5 tokens"
    ends(engine, pump, 0, 1, 2)
    assert session.state.words == "3 continuations ended after 5 tokens"
    assert session.state.phase is Phase.READY and not page.generating


def test_all_are_one_undo_step(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begun(session, engine, pump)
    ends(engine, pump, 0, 1, 2)
    session.undo()
    assert page.text() == START and not page.forks()
    session.redo()
    assert page.text() == f"{START} one" and len(branches(page)) == 3


def test_undo_while_they_write_stops_all(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begun(session, engine, pump)
    session.undo()
    assert page.text() == START and session.state.words == "Stopped by undo"
    assert engine.last("stop")[1] == {"job": engine.last("generate")[0]}
    session.redo()
    assert len(branches(page)) == 3


def test_the_reader_walks_among_them_while_they_write(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    begun(session, engine, pump)
    session.next()
    assert page.text() == f"{START} two"
    engine.wrote(" hidden", stream=0)
    engine.wrote(" shown", stream=1)
    pump.drain()
    assert page.text() == f"{START} two shown" and branches(page)[0] == " one hidden"
    session.undo()
    assert page.text() == f"{START} one hidden"
    engine.wrote(" more", stream=2)
    pump.drain()
    assert "stop" not in engine.kinds() and branches(page) == [" one hidden", " two shown", " three more"]


def test_stop_ends_one_or_all(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begun(session, engine, pump)
    job = engine.last("generate")[0]
    session.stop_stream(1)
    assert engine.last("stop")[1] == {"job": job, "stream": 1}
    engine.ended("stopped", stream=1, left=2)
    engine.wrote(" more", stream=2)
    pump.drain()
    assert session.state.phase is Phase.WRITING and branches(page)[2] == " three more"
    session.stop()
    assert engine.last("stop")[1] == {"job": job}
    engine.ended("stopped", stream=0, left=1)
    engine.ended("stopped", stream=2, left=0)
    pump.drain()
    assert session.state.words == "You stopped the writing of 3 continuations after 4 tokens"


def test_an_edit_of_what_all_have_read_stops_all(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begun(session, engine, pump)
    job = engine.last("generate")[0]
    page.write(0, 4, "Twice")
    stops = [about for kind, _, about in engine.asked if kind == "stop"]
    assert stops == [{"job": job, "stream": stream} for stream in range(3)]
    engine.wrote(" late", stream=0)
    engine.wrote(" late", stream=2)
    for stream in range(3):
        engine.ended("stopped", stream=stream, left=2 - stream)
    pump.drain()
    assert sorted(branches(page)) == [" one", " three", " two"]
    assert session.state.words == "Your change of the page stopped continuations. All together wrote 3 tokens."


def test_an_edit_of_the_shown_one_stops_that_one(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begun(session, engine, pump)
    page.write(page.length, 0, "!")
    page.write(page.length, 0, "?")
    assert [about for kind, _, about in engine.asked if kind == "stop"] == [{"job": 2, "stream": 0}]
    engine.wrote(" late", stream=0)
    engine.wrote(" more", stream=1)
    pump.drain()
    assert branches(page) == [" one!?", " two more", " three"]
    assert session.state.phase is Phase.WRITING


def test_an_edit_before_the_first_token_asks_again(
    session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    session.write(RECIPE, streams=3)
    first = engine.last("generate")[0]
    page.write(0, 4, "Twice")
    qtbot.waitUntil(lambda: engine.last("generate")[0] != first)
    assert len(engine.last("generate")[1]["draws"]) == 3
    engine.wrote(" one", stream=2)
    pump.drain()
    assert page.text() == "Twice upon a time one"


def test_a_stream_that_failed_has_its_sentence(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begun(session, engine, pump)
    engine.ended("failed", stream=1, left=2, sentence="Its odds are no numbers.")
    engine.wrote(" more", stream=0)
    pump.drain()
    assert page.text() == f"{START} one more" and session.state.phase is Phase.WRITING
    engine.ended(stream=0, left=1)
    engine.ended(stream=2, left=0)
    pump.drain()
    assert session.state.words == "1 of 3 continuations ended with an error: Its odds are no numbers."


@pytest.mark.parametrize("how", ["failed", "left", "another model", "died"])
def test_nothing_is_lost_where_all_end_at_once(
    how: str, session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    begun(session, engine, pump)
    if how == "failed":
        engine.waiting.append(Failed(engine.last("generate")[0], "It failed."))
    elif how == "died":
        engine.wrote(" last", stream=2)  # what the child sent before its end
        engine.waiting.append(Died("The engine gave up."))
    elif how == "left":
        session.close()
    else:
        session.open_model("scripted:", LoadOptions())
        engine.loaded()
    pump.drain()
    assert session.state.phase is Phase.READY and not page.generating
    assert branches(page) == [" one", " two", " three last" if how == "died" else " three"]


@pytest.mark.parametrize(
    ("length", "about", "said"),
    [
        (8, {"room": 8}, []),
        (8, {"room": 7}, ["The context has room for 7 tokens of each continuation."]),
        (None, {"room": 1_200}, ["The context has room for 1,200 tokens of each continuation."]),
        (8, {"streams": 1, "room": -1}, ["This model writes the continuations one after the other."]),
        (
            8,
            {"streams": 2, "room": 5},
            ["This model writes 2 continuations at once. The context has room for 5 tokens of each continuation."],
        ),
    ],
)
def test_what_model_and_context_do_not_allow_is_said_before(
    length: int | None, about: Any, said: list[str], session: Session, engine: Any, pump: EventPump
) -> None:
    heard: list[str] = []
    session.message.connect(heard.append)
    session.write(replace(RECIPE, length=length), streams=3)
    engine.started(engine.last("generate")[0], **about)
    pump.drain()
    assert heard == said and session.state.phase is Phase.READING


def test_a_single_continuation_is_told_nothing_of_that(session: Session, engine: Any, pump: EventPump) -> None:
    heard: list[str] = []
    session.message.connect(heard.append)
    session.write(replace(RECIPE, length=None))
    engine.started(engine.last("generate")[0])
    pump.drain()
    assert heard == []


def test_again_several_times_uses_new_takes(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begun(session, engine, pump)
    ends(engine, pump, 0, 1, 2)
    session.again(RECIPE, streams=2)
    assert engine.last("generate")[1]["draws"] == (Draws(7, 3), Draws(7, 4))
    for stream, text in enumerate((" four", " five")):
        engine.wrote(text, stream=stream)
    ends(engine, pump, 0, 1, of=2)
    assert branches(page) == [" one", " two", " three", " four", " five"]
    session.again(RECIPE)
    assert engine.last("generate")[1]["draws"] == (Draws(7, 5),)


def test_the_next_write_continues_the_draws_of_the_shown_one(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    begun(session, engine, pump)
    session.next()
    engine.wrote(" more", stream=1)
    ends(engine, pump, 0, 1, 2)
    session.write(RECIPE)
    assert engine.last("generate")[1]["draws"] == (Draws(7, 1, 2),)


def test_the_count_is_of_the_shown_one(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    begun(session, engine, pump)
    assert (session.state.used, session.state.estimated) == (10, False)
    session.next()
    assert session.state.estimated
    engine.wrote(" more", stream=1)
    pump.drain()
    assert (session.state.used, session.state.estimated) == (10, False)


# ------------------------------------------------------------------------------------------------ writing here, looks


def test_writing_here_sends_the_page_up_to_there(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    page.write(page.length, 0, " there was a house by the river.")
    whole = session.state.used
    session.write(RECIPE, at=4)
    assert [piece.text for piece in engine.last("generate")[1]["pieces"]] == ["Once"]
    engine.wrote(" more")
    pump.drain()
    assert page.text().startswith("Once more upon")
    assert (session.state.used, session.state.estimated) == (10, False)
    engine.ended()
    pump.drain()
    assert session.state.estimated and session.state.used > whole
    assert session.state.words == "Stopped after 1 token"
    session.write(RECIPE, at=9)
    assert engine.last("generate")[1]["draws"] == (Draws(7, 0, 1),)  # as if both had been one


def test_several_written_here_are_branches_beside_the_text_behind(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    session.write(RECIPE, at=4, streams=2)
    engine.wrote(" more", stream=0)
    pump.drain()
    assert page.text() == "Once more"
    session.previous()
    assert page.text() == START


def test_a_look_at_any_position_replaces_the_one_before(
    session: Session, engine: Any, pump: EventPump, page: Page, make_span: Any
) -> None:
    seen: list[Any] = []
    session.looked.connect(lambda reading, *_: seen.append(reading))
    session.look(RECIPE, at=4)
    first, asked = engine.last("look")
    assert [piece.text for piece in asked["pieces"]] == ["Once"]
    session.look(RECIPE, at=9)
    second, asked = engine.last("look")
    assert [piece.text for piece in asked["pieces"]] == ["Once upon"]
    assert engine.last("stop")[1] == {"job": first}
    page.write(page.length, 0, "!")  # behind what was asked about
    engine.waiting += [Looked(first, make_span("x").readings[0]), Looked(second, make_span("y").readings[0])]
    engine.ended("stopped", job=first)
    engine.ended("done", job=second)
    pump.drain()
    assert [reading.bytes for reading in seen] == [b"y"]
    assert session.state.phase is Phase.READY


def test_a_look_while_it_writes_leaves_the_writing_alone(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    session.write(RECIPE)
    engine.wrote(" more")
    pump.drain()
    session.look(RECIPE, at=4)
    assert session.state.phase is Phase.WRITING
    engine.ended("done", job=engine.last("look")[0])
    engine.wrote(" and")
    engine.ended()
    pump.drain()
    assert page.text() == f"{START} more and" and session.state.words == "Stopped after 2 tokens"
