"""The session with an engine that gives the answers of the test: requests, text on the page, and the state shown."""

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
from desktop.page.page import Page
from models.engine.events import (
    Died,
    Ended,
    Evaluated,
    Failed,
    Healed,
    Loaded,
    Looked,
    Sampled,
    Scored,
    Started,
    Trying,
    Unloaded,
)
from models.engine.prefix import Gap, TextPiece, TokenPiece
from models.library.load_options import LoadOptions

RECIPE = Recipe(length=8, seed=7)


@pytest.fixture
def session(page: Page, pump: EventPump, engine: Any) -> Iterator[Session]:
    """A session with a loaded model and one sentence on the page. Its timers fire as soon as the event loop runs."""
    session = Session(
        page,
        pump,
        chance=iter(range(100, 200)).__next__,
        clock=iter(range(10_000)).__next__,
        resume_after=0,
        hung_after=0,
    )
    session.open_model("scripted:", LoadOptions())
    engine.loaded()
    pump.drain()
    page.write(0, 0, "Once upon a time")
    yield session
    session.deleteLater()


def messages(session: Session) -> list[str]:
    sentences: list[str] = []
    for said in (session.message, session.refused):
        said.connect(sentences.append)
    return sentences


def test_writes_on_at_the_end(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    session.write(RECIPE)
    _, about = engine.last("generate")
    assert about["pieces"] == (TextPiece("Once upon a time"),)
    assert (about["length"], about["seed"], about["take"], about["first"]) == (8, 7, 0, 0)
    assert session.state.phase is Phase.READING
    engine.wrote(" there", " was")
    pump.drain()
    assert page.text() == "Once upon a time there was"
    assert session.state.phase is Phase.WRITING
    engine.ended()
    pump.drain()
    assert session.state.phase is Phase.READY
    assert not page.generating


def test_needs_a_model(page: Page, pump: EventPump, engine: Any) -> None:
    session = Session(page, pump, chance=int)
    sentences = messages(session)
    for command in (session.write, session.step, session.again, session.look, session.score):
        command(RECIPE)
    assert engine.asked == []
    assert len(sentences) == 5
    assert all("Open a model first" in sentence for sentence in sentences)


def test_a_step_continues_the_draw_sequence(session: Session, engine: Any, pump: EventPump) -> None:
    for index in range(3):
        session.step(RECIPE)
        _, about = engine.last("generate")
        assert (about["length"], about["seed"], about["take"], about["first"]) == (1, 7, 0, index)
        engine.wrote(" a")
        engine.ended()
        pump.drain()


def test_typing_begins_a_new_draw_sequence(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    session.step(RECIPE)
    engine.wrote(" a")
    engine.ended()
    pump.drain()
    page.write(page.length, 0, "!")
    session.step(RECIPE)
    assert engine.last("generate")[1]["first"] == 0


def test_without_a_seed_every_generation_has_its_own(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    seeds: list[int] = []
    for _ in range(2):
        session.write(replace(RECIPE, seed=None))
        seeds.append(engine.last("generate")[1]["seed"])
        engine.ended()
        pump.drain()
        page.write(0, 0, "x")
    assert seeds == [100, 101]


def test_again_leaves_the_replaced_text_as_a_branch(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    session.write(RECIPE)
    engine.wrote(" one")
    engine.ended()
    pump.drain()
    for take, text in ((1, " two"), (2, " three")):
        session.again(RECIPE)
        _, about = engine.last("generate")
        assert about["pieces"] == (TextPiece("Once upon a time"),)
        assert (about["seed"], about["take"], about["first"]) == (7, take, 0)
        engine.wrote(text)
        engine.ended()
        pump.drain()
    assert page.text() == "Once upon a time three"
    session.previous()
    assert page.text() == "Once upon a time two"
    session.previous()
    assert page.text() == "Once upon a time one"
    session.next()
    session.again(RECIPE)
    assert engine.last("generate")[1]["take"] == 3


def test_again_while_writing_leaves_the_half_as_a_branch(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    session.write(RECIPE)
    first = engine.last("generate")[0]
    engine.wrote(" half")
    pump.drain()
    session.again(RECIPE)
    assert ("stop", {"job": first}) in [(kind, about) for kind, _, about in engine.asked]
    engine.wrote(" late", job=first)
    engine.wrote(" whole")
    engine.ended()
    pump.drain()
    assert page.text() == "Once upon a time whole"
    session.previous()
    assert page.text() == "Once upon a time half"


def test_generated_tokens_are_sent_as_tokens(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    session.write(RECIPE)
    engine.wrote(" there", " was")
    engine.ended()
    pump.drain()
    page.write(page.length, 0, " a")
    session.write(RECIPE)
    pieces = engine.last("generate")[1]["pieces"]
    assert pieces[0] == TextPiece("Once upon a time")
    assert isinstance(pieces[1], TokenPiece)
    assert list(pieces[1].ids) == [6, 4]
    assert pieces[2] == TextPiece(" a")


def test_stop_leaves_the_written_text(session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    pump.drain()
    session.stop()
    assert session.state.phase is Phase.STOPPING
    for _ in range(100):
        session.stop()
    assert engine.kinds().count("stop") == 1
    engine.wrote(" was")
    engine.ended("stopped")
    pump.drain()
    assert page.text() == "Once upon a time there was"
    assert session.state.phase is Phase.READY
    qtbot.wait(1)
    assert not engine.killed


def test_a_child_that_does_not_stop_is_killed(session: Session, engine: Any, qtbot: QtBot) -> None:
    session.write(RECIPE)
    session.stop()
    qtbot.waitUntil(lambda: engine.killed)


def test_typing_while_it_writes(session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot) -> None:
    session.write(RECIPE)
    first = engine.last("generate")[0]
    engine.wrote(" there", " was")
    pump.drain()
    page.write(0, 4, "Twice")
    engine.wrote(" late", job=first)
    pump.drain()
    assert page.text() == "Twice upon a time there was"
    resumed(qtbot, engine, first)
    _, about = engine.last("generate")
    assert about["pieces"][0] == TextPiece("Twice upon a time")
    assert (about["length"], about["take"], about["first"]) == (6, 0, 2)
    engine.wrote(" one")
    engine.ended()
    pump.drain()
    assert page.text() == "Twice upon a time there was one"
    session.undo()
    session.undo()
    assert page.text() == "Once upon a time"


def test_stop_while_the_run_waits_behind_an_edit(
    session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    pump.drain()
    page.write(0, 0, "x")
    session.stop()
    assert session.state.phase is Phase.READY
    assert not page.generating
    qtbot.wait(1)
    assert engine.kinds().count("generate") == 1


@pytest.mark.parametrize("streams", [1, 2])
def test_an_edit_before_the_stop_is_answered_does_not_make_it_go_on(
    streams: int, session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    session.write(RECIPE, streams=streams)
    if streams == 1:
        engine.wrote(" there")
        pump.drain()
    job = engine.last("generate")[0]
    session.stop()
    page.write(0, 0, "x")
    assert session.state.phase is Phase.READY and not page.generating
    assert session.state.words.startswith("You stopped the writing")
    engine.wrote(" late", job=job)
    engine.ended("stopped", job)
    pump.drain()
    qtbot.wait(1)
    assert engine.kinds().count("generate") == 1 and "late" not in page.text()


def test_undo_of_a_running_generation_stops_it(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    pump.drain()
    session.undo()
    engine.wrote(" late", job=engine.last("generate")[0])
    pump.drain()
    assert page.text() == "Once upon a time"
    assert session.state.phase is Phase.READY
    session.redo()
    assert page.text() == "Once upon a time there"


def resumed(qtbot: QtBot, engine: Any, job: int) -> None:
    """Wait until the rest of that job is asked for again, behind an edit."""
    qtbot.waitUntil(lambda: engine.last("generate")[0] != job)


def end_before_the_first_token(how: str, session: Session, engine: Any, qtbot: QtBot) -> None:
    job = engine.last("generate")[0]
    match how:
        case "failed":
            engine.waiting.append(Failed(job, "It failed."))
        case "died":
            engine.waiting.append(Died("It died."))
        case "stop":
            session.stop()
            engine.ended("stopped")
        case "hung":
            session.stop()
            qtbot.waitUntil(lambda: engine.killed)
            engine.waiting.append(Died("It hung."))
        case "left":
            session.close()
        case "another model":
            session.open_model("scripted:", LoadOptions())
            engine.loaded()
        case "undo":
            session.undo()
        case reason:
            engine.ended(reason)


HOW = ["failed", "died", "stop", "hung", "left", "another model", "undo", "end of text", "stop string", "length"]


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("command", ["again", "write", "step"])
def test_a_generation_without_a_token_changes_nothing(
    command: str, how: str, read: bool, session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    session.write(RECIPE)
    engine.wrote(" one")
    engine.ended()
    pump.drain()
    page.write(page.length, 0, "!")
    page.undo()
    before = page.text(), page.forks()
    sentences = messages(session)
    getattr(session, command)(RECIPE)
    assert page.text() == before[0]
    if read:
        engine.waiting.append(Started(engine.last("generate")[0], array("i", [1]), 0, 0, 0, True))
        pump.drain()
    end_before_the_first_token(how, session, engine, qtbot)
    pump.drain()
    assert (page.text(), page.forks()) == before
    assert session.state.phase is Phase.READY and not page.generating
    assert len(sentences) == (how in ("failed", "died", "hung"))
    assert (session.state.words == "Ready") == (how in ("another model", "failed"))  # a notice says what failed
    session.redo()
    assert page.text() == before[0] + "!"
    for _ in range(2):
        session.undo()
    assert page.text() == "Once upon a time"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("length", "Stopped after 2 tokens"),
        ("end of text", "The model ended the text here"),
        ("stop string", "Stopped at a stop string after 2 tokens"),
        ("stop", "You stopped the writing after 2 tokens"),
        ("failed", "Writing ended with an error after 2 tokens"),
        ("died", "Writing ended with an error after 2 tokens"),
        ("hung", "Writing ended with an error after 2 tokens"),
        ("undo", "Stopped by undo"),
        ("previous", "You stopped the writing after 2 tokens"),
        ("left", "You stopped the writing after 2 tokens"),
        ("another model", "Ready"),
        ("another page", "Ready"),
    ],
)
def test_every_end_has_its_outcome(
    how: str, words: str, session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    engine.wrote(" was")
    pump.drain()
    assert session.state.words == "Writing…"
    if how == "previous":
        session.previous()
    elif how == "another page":
        session.close()
        page.put(page.blank())
    else:
        end_before_the_first_token(how, session, engine, qtbot)
    pump.drain()
    assert session.state.phase is Phase.READY
    assert session.state.words == words
    session.write(RECIPE)
    assert session.state.outcome == ""


def test_a_run_stopped_behind_an_edit_has_its_outcome(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    pump.drain()
    page.write(0, 0, "x")
    session.stop()
    assert session.state.words == "You stopped the writing after 1 token"


def test_again_without_a_token_does_not_change_the_draws(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    session.write(RECIPE)
    engine.wrote(" one")
    engine.ended()
    pump.drain()
    session.again(RECIPE)
    engine.waiting.append(Failed(engine.last("generate")[0], "It failed."))
    pump.drain()
    session.write(RECIPE)
    assert [engine.last("generate")[1][name] for name in ("seed", "take", "first")] == [7, 0, 1]


def test_tokens_before_a_failure_are_on_the_page(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    session.write(RECIPE)
    engine.wrote(" there", " was")
    engine.waiting.append(Failed(engine.last("generate")[0], "It failed."))
    pump.drain()
    assert page.text() == "Once upon a time there was"


def test_typing_before_the_first_token_of_another_continuation(
    session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    session.write(RECIPE)
    engine.wrote(" one")
    engine.ended()
    pump.drain()
    session.again(RECIPE)
    page.write(0, 4, "Twice")
    page.write(page.length, 0, "!")
    resumed(qtbot, engine, engine.last("generate")[0])
    assert engine.last("generate")[1]["pieces"] == (TextPiece("Twice upon a time"),)
    engine.wrote(" two")
    pump.drain()
    assert page.text() == "Twice upon a time two"
    session.previous()
    assert page.text() == "Twice upon a time one!"


def test_look_writes_nothing(session: Session, engine: Any, pump: EventPump, page: Page, make_span: Any) -> None:
    seen: list[object] = []
    session.looked.connect(lambda reading, *_: seen.append(reading))
    session.look(RECIPE)
    job, _ = engine.last("look")
    engine.waiting.append(Looked(job, make_span("x").readings[0]))
    engine.ended("done", job=job)
    pump.drain()
    assert len(seen) == 1
    assert page.text() == "Once upon a time"
    assert session.state.phase is Phase.READY


@pytest.mark.parametrize("moment", ["idle", "reading", "writing", "stopping", "looking"])
def test_a_dead_child_loses_nothing(moment: str, session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    sentences = messages(session)
    if moment == "looking":
        session.look(RECIPE)
    elif moment != "idle":
        session.write(RECIPE)
    if moment in ("writing", "stopping"):
        engine.wrote(" there")
        pump.drain()
    if moment == "stopping":
        session.stop()
    text = page.text()
    engine.waiting.append(Died("The model's process was killed."))
    pump.drain()
    assert sentences == ["The model's process was killed."]
    assert page.text() == text
    assert session.state.phase is Phase.READY
    session.write(RECIPE)
    engine.wrote(" alive")
    engine.ended()
    pump.drain()
    assert page.text() == text + " alive"


def test_a_child_that_dies_loading(page: Page, pump: EventPump, engine: Any) -> None:
    session = Session(page, pump, chance=int)
    sentences = messages(session)
    session.open_model("bad.gguf", LoadOptions())
    engine.waiting.append(Died("It aborted."))
    pump.drain()
    assert sentences == ["It aborted."]
    assert session.state.phase is Phase.EMPTY


def test_fewer_layers_give_a_message_and_the_load_goes_on(session: Session, engine: Any, pump: EventPump) -> None:
    sentences = messages(session)
    session.open_model("large.gguf", LoadOptions())
    job = engine.last("load")[0]
    engine.waiting += [Trying(job, 20, ""), Trying(job, 10, "All 20 layers did not run; trying 10.")]
    pump.drain()
    assert sentences == ["All 20 layers did not run; trying 10."]
    assert session.state.phase is Phase.LOADING


def test_a_model_that_comes_back_on_another_device_is_shown_there(
    session: Session, engine: Any, pump: EventPump
) -> None:
    shown: list[Any] = []
    session.model_changed.connect(shown.append)
    former = session.state.model
    assert former is not None
    moved = replace(former, device="CPU, 2 threads", why="20 of 20 layers did not run on GPU0: it died.")
    engine.waiting += [Loaded(77, moved), Loaded(77, moved), Loaded(77, replace(moved, path="other"))]
    pump.drain()
    assert shown == [moved] and session.state.model == moved


def test_a_refused_model(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    sentences = messages(session)
    session.open_model("bad.gguf", LoadOptions())
    engine.waiting.append(Failed(engine.last("load")[0], "bad.gguf is no model."))
    pump.drain()
    assert sentences == ["bad.gguf is no model."]
    assert page.text() == "Once upon a time"
    assert session.state.phase is Phase.READY  # the model before is still there
    session.write(RECIPE)
    assert engine.kinds()[-1] == "generate"


@pytest.mark.parametrize("unloaded", [False, True])
def test_a_refused_model_leaves_the_one_before_unless_it_was_freed(
    session: Session, engine: Any, pump: EventPump, unloaded: bool
) -> None:
    former = session.state.model
    assert former is not None
    engine.waiting.append(Loaded(77, replace(former, offloaded=20, device="GPU0")))
    pump.drain()
    shown: list[Any] = []
    session.model_changed.connect(shown.append)
    session.open_model("stopped.gguf", LoadOptions())
    if unloaded:
        engine.waiting.append(Unloaded(engine.last("load")[0]))
    session.open_model("bad.gguf", LoadOptions())
    engine.waiting.append(Failed(engine.last("load")[0], "bad.gguf is no model."))
    pump.drain()
    assert session.state.phase is (Phase.EMPTY if unloaded else Phase.READY)
    assert shown == ([None] if unloaded else [])


def test_a_child_that_dies_loading_is_followed_by_one_with_the_model_before(
    session: Session, engine: Any, pump: EventPump
) -> None:
    former = session.state.model
    session.open_model("large.gguf", LoadOptions())
    engine.waiting += [Unloaded(engine.last("load")[0]), Died("It aborted.")]
    pump.drain()
    assert session.state.phase is Phase.READY and session.state.model is former
    session.open_model("bad.gguf", LoadOptions())
    engine.waiting.append(Failed(engine.last("load")[0], "bad.gguf is no model."))
    pump.drain()
    assert session.state.phase is Phase.READY


def test_a_failed_request(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    sentences = messages(session)
    session.write(RECIPE)
    engine.waiting.append(Failed(engine.last("generate")[0], "The page is empty."))
    pump.drain()
    assert sentences == ["The page is empty."]
    assert session.state.phase is Phase.READY
    assert not page.generating


def test_progress_of_a_long_prompt(session: Session, engine: Any, pump: EventPump) -> None:
    session.write(RECIPE)
    engine.waiting.append(Evaluated(engine.last("generate")[0], 50, 200))
    pump.drain()
    assert session.state.fraction == 0.25


def test_both_edges_are_positions_on_the_page(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    page.write(0, 0, "🌊 ")
    edges: list[tuple[int, int]] = []
    session.edge_moved.connect(lambda edge, kept: edges.append((edge, kept)))
    session.write(replace(RECIPE, n_keep=3))
    assert engine.last("generate")[1]["n_keep"] == 3
    engine.wrote(" there")
    pump.drain()
    engine.slid(" was", dropped=3, unseen=9, kept=1)
    pump.drain()
    engine.slid(" a", dropped=3, unseen=9, kept=1)
    pump.drain()
    assert edges == [(0, 0), (10, 2)]


def test_tokens_of_one_frame_keep_the_window_in_which_each_was_written(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    session.write(replace(RECIPE, n_keep=2))
    engine.wrote(" there", " was")
    engine.slid(" a", dropped=4, unseen=3, kept=0)
    pump.drain()
    sources = [page.sources[int(row["source"])] for row in page.tokens(0, page.length)]
    assert [(source.window, source.n_keep) for source in sources] == [(0, 2), (0, 2), (4, 2)]


def test_reading_after_a_slide_is_shown_and_can_be_stopped(session: Session, engine: Any, pump: EventPump) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    pump.drain()
    job = engine.last("generate")[0]
    engine.waiting.append(Evaluated(job, 64, 256, 64, 0.5))
    pump.drain()
    assert (session.state.phase, session.state.fraction) == (Phase.READING, 0.25)
    assert session.state.reading_speed == 128
    session.stop()
    assert engine.last("stop")[1]["job"] == job
    engine.waiting.append(Evaluated(job, 128, 256, 128, 1.0))
    pump.drain()
    assert session.state.phase is Phase.STOPPING


def test_the_speed_of_reading_is_unknown_before_it_is_measured(session: Session, engine: Any, pump: EventPump) -> None:
    session.score(RECIPE)
    engine.waiting.append(Evaluated(engine.last("score")[0], 64, 256))
    pump.drain()
    assert session.state.reading_speed == 0


def test_a_score_of_more_than_the_context_holds_says_so(session: Session, engine: Any, pump: EventPump) -> None:
    session.score(RECIPE)
    job = engine.last("score")[0]
    engine.waiting += [Started(job, array("i", [1, 2]), 900, 4, 0, True), Ended(job, "done", 512, 512, 0.1, 0.2, 512)]
    pump.drain()
    assert session.state.words == "The last 512 tokens of the page were read: the context holds no more."


def test_a_score_does_not_move_the_edge_of_a_generation_with_a_header(
    session: Session, engine: Any, pump: EventPump, page: Page, make_span: Any
) -> None:
    edges: list[tuple[int, int]] = []
    session.edge_moved.connect(lambda edge, kept: edges.append((edge, kept)))
    session.write(replace(RECIPE, n_keep=3))
    engine.slid(" was", dropped=3, unseen=9, kept=4)
    engine.ended()
    pump.drain()
    state = session.state
    session.score(replace(RECIPE, n_keep=3))
    job = engine.last("score")[0]
    spans = (make_span("Once"),)
    engine.waiting += [Started(job, array("i", [1]), 5, 7, 0, True), Scored(job, 0, spans)]
    engine.ended("done", job)
    pump.drain()
    assert edges == [(9, 4)] and replace(session.state, outcome=state.outcome) == state
    assert session.state.words.startswith("The last 1 tokens")
    assert page.readings_at(0)[0].source.window == 5
    session.score(RECIPE)  # without one, it sees what is seen when it writes
    engine.waiting += [Started(engine.last("score")[0], array("i", [1]), 5, 7, 0, True)]
    pump.drain()
    assert edges[-1] == (7, 0) and session.state.dropped == 5


def test_of_a_long_page_only_the_end_and_the_header_are_sent(
    session: Session, engine: Any, page: Page, pump: EventPump
) -> None:
    page.write(0, 0, "It was a house by the river.\n" * 12_000)
    session.write(replace(RECIPE, n_keep=100))
    head, gap, tail = engine.last("generate")[1]["pieces"]
    assert isinstance(gap, Gap)
    assert len(head.text) + len(tail.text) < 120_000
    edges: list[tuple[int, int]] = []
    session.edge_moved.connect(lambda edge, kept: edges.append((edge, kept)))
    dropped = gap.tokens + 5_000
    engine.waiting.append(
        Started(engine.last("generate")[0], array("i", [1] * 512), dropped, len(head.text) + 50, 0, True, 30)
    )
    pump.drain()
    assert edges == [(page.length - len(tail.text) + 50, 30)]
    assert session.state.tokens == dropped + 512


def writes(session: Session, engine: Any, pump: EventPump, *texts: str, used: int = 10) -> None:
    session.write(RECIPE)
    engine.wrote(*texts)
    engine.waiting[-1] = replace(engine.waiting[-1], used=used)
    engine.ended()
    engine.waiting[-1] = replace(engine.waiting[-1], used=used)
    pump.drain()


def writes_in_two_frames(engine: Any, pump: EventPump, *texts: str) -> None:
    """Write so that the speed is known."""
    for text in texts:
        engine.slid(text, dropped=0, unseen=0, kept=0)
        pump.drain()


def counted(session: Session) -> tuple[int, bool]:
    return session.state.used, session.state.estimated


def test_the_count_is_that_of_the_page_in_view(session: Session, engine: Any, pump: EventPump, page: Page) -> None:
    assert counted(session) == (4, True)
    writes(session, engine, pump, " there", " was", used=6)
    assert counted(session) == (6, False)
    session.again(RECIPE)
    assert counted(session) == (6, False)
    engine.wrote(" one")
    pump.drain()
    assert counted(session) == (10, False)
    engine.ended()
    pump.drain()
    session.previous()
    assert counted(session) == (6, False)
    session.next()
    assert counted(session) == (10, False)
    page.write(4, 0, " more")
    assert counted(session) == (6, True)
    session.undo()
    assert counted(session) == (10, False)
    while page.can_undo:
        session.undo()
    assert page.text() == "" and counted(session) == (0, False) and session.state.next_slide == ""
    session.redo()
    assert counted(session) == (1, False)  # as it was read before the first token


@pytest.mark.parametrize("edit", ["middle", "paste", "replace all"])
def test_an_edit_makes_the_count_an_estimate(
    edit: str, session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    writes(session, engine, pump, " there", " was", used=6)
    if edit == "middle":
        page.write(5, 4, "")
    elif edit == "paste":
        page.write(0, 0, "word " * 80)
    else:
        page.write_many([(0, 4, "Twice"), (5, 4, "on"), (page.length - 1, 1, "y")])
    assert session.state.estimated
    session.look(RECIPE)
    engine.waiting.append(Started(engine.last("look")[0], array("i", [1] * 9), 0, 0, 0, True))
    pump.drain()
    assert counted(session) == (9, False)


def test_another_model_has_not_counted_the_page(session: Session, engine: Any, pump: EventPump) -> None:
    session.write(RECIPE)
    engine.waiting.append(Evaluated(engine.last("generate")[0], 64, 256, 64, 0.5))
    writes_in_two_frames(engine, pump, " there", " was")
    engine.ended()
    pump.drain()
    assert session.state.speed > 0 and session.state.reading_speed > 0
    session.open_model("scripted:", LoadOptions())
    engine.loaded()
    pump.drain()
    assert counted(session) == (6, True)
    assert (session.state.speed, session.state.reading_speed) == (0.0, 0.0)


def test_a_page_opened_again_is_the_one_that_was_read(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    edges: list[tuple[int, int]] = []
    session.edge_moved.connect(lambda edge, kept: edges.append((edge, kept)))
    session.write(RECIPE)
    writes_in_two_frames(engine, pump, " there", " was")
    engine.slid("!", dropped=3, unseen=9, kept=0)
    engine.ended()
    pump.drain()
    assert session.state.speed > 0
    contents = page.contents
    page.put(page.blank())
    assert counted(session) == (0, False) and edges[-1] == (0, 0) and session.state.speed == 0
    page.put(contents)
    assert counted(session) == (10, False) and edges[-1] == (9, 0) and session.state.dropped == 3
    assert session.state.words == "Ready"


def test_text_cut_off_at_a_stop_string_is_not_counted(session: Session, engine: Any, pump: EventPump) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    engine.ended("stop string")
    pump.drain()
    assert counted(session) == (2, True)  # the 16 units of the writer's text were one token


@pytest.mark.parametrize("used", [9, 512])
def test_after_a_slide_behind_the_last_token_the_count_is_an_estimate(
    used: int, session: Session, engine: Any, pump: EventPump
) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    engine.ended("stopped")
    engine.waiting[-1] = replace(engine.waiting[-1], used=used)
    pump.drain()
    assert session.state.estimated


def test_a_look_at_the_page_before_an_edit_counts_that_page(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    session.look(RECIPE)
    page.write(0, 0, "x")
    engine.waiting.append(Started(engine.last("look")[0], array("i", [1] * 9), 0, 0, 0, True))
    pump.drain()
    assert session.state.estimated
    session.undo()
    assert counted(session) == (9, False)


def test_the_outcome_is_shown_while_its_text_is_in_view(
    session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    writes(session, engine, pump, " there", " was")
    page.write(page.length, 0, "!")
    assert session.state.words == "Stopped after 2 tokens"
    session.undo()
    assert session.state.words == "Stopped after 2 tokens"
    session.undo()
    assert page.text() == "Once upon a time" and session.state.words == "Ready"
    session.redo()
    assert session.state.words == "Stopped after 2 tokens"
    session.again(RECIPE)
    engine.wrote(" one")
    engine.ended("end of text")
    pump.drain()
    session.previous()
    assert session.state.words == "Ready"
    session.next()
    assert session.state.words == "The model ended the text here"
    session.score(RECIPE)
    engine.ended("done", engine.last("score")[0])
    pump.drain()
    session.previous()
    assert session.state.words == "Ready"


@pytest.mark.parametrize("command", ["previous", "next"])
def test_a_switch_says_that_it_stopped_the_writing_and_so_does_that_branch_later(
    command: str, session: Session, engine: Any, pump: EventPump, page: Page
) -> None:
    writes(session, engine, pump, " one")
    session.again(RECIPE)
    engine.wrote(" two")
    pump.drain()
    getattr(session, command)()
    if command == "previous":
        assert page.text().endswith(" one") and session.state.words == "You stopped the writing after 1 token"
        page.write(0, 0, ">")
        session.undo()
        assert session.state.words == "Ready"
        session.next()
    assert page.text().endswith(" two") and session.state.words == "You stopped the writing after 1 token"


def test_undo_and_redo_that_stop_the_writing_have_their_outcome(
    session: Session, engine: Any, pump: EventPump, page: Page, qtbot: QtBot
) -> None:
    session.write(RECIPE)
    engine.wrote(" there")
    pump.drain()
    page.write(0, 0, "x")
    session.undo()
    resumed(qtbot, engine, engine.last("generate")[0])
    session.redo()
    assert page.text() == "xOnce upon a time there" and session.state.words == "You stopped the writing after 1 token"
    session.undo()
    assert session.state.words == "Ready"
    session.write(RECIPE)
    session.undo()
    assert session.state.words == "Stopped by undo"
    session.undo()
    assert session.state.words == "Ready"


def test_a_healed_token_is_told_and_stands_in_its_source(
    session: Session, engine: Any, pump: EventPump, page: Page, make_span: Any
) -> None:
    page.write(page.length, 0, " the capital of Fra")
    session.write(RECIPE)
    job, about = engine.last("generate")
    assert about["pieces"] == (TextPiece("Once upon a time the capital of Fra"),)
    whole = make_span(" France")
    span = replace(whole, text="nce", healed=" Fra")
    engine.waiting += [
        Started(job, array("i", [1]), 0, 0, 0, True),
        Healed(job, " Fra", array("i", [1]), False),
        Sampled(job, (span,), 10, 0, 0),
    ]
    engine.ended()
    pump.drain()
    assert page.text().endswith("of France")
    assert "Healed: the first token had to begin with “Fra”" in session.state.outcome
    (found,) = page.readings_at(page.length - 1)
    assert found.source.healed == " Fra" and not found.source.exact and not found.stale
    session.again(RECIPE)
    _, about = engine.last("generate")
    assert about["pieces"] == (TextPiece("Once upon a time the capital of Fra"),)


def test_a_healed_look_is_told_and_says_what_stands_there(
    session: Session, engine: Any, pump: EventPump, page: Page, make_span: Any
) -> None:
    found: list[tuple[Any, int, Any]] = []
    session.looked.connect(lambda *about: found.append(about))
    session.look(RECIPE)
    job, _ = engine.last("look")
    reading = make_span(" time").readings[0]
    healed = Healed(job, " time", array("i", [1]), True)
    engine.waiting += [healed, Looked(job, reading), Ended(job, "done", 0, 1, 0.1, 0.1, 4)]
    pump.drain()
    assert found[0][1] == page.length and found[0][2].healed == " time"
    assert session.state.outcome == "Healed: the first token had to begin with “time”"
