"""`inkfall replay PAGE`: what the window wrote on a page is the same to the bit, or a sentence says why not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.event_pump import EventPump
from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.generation.state import Phase
from desktop.page.choosing import Chosen, Place
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from desktop.terminal import page_writings
from models.engine.conditions import Conditions
from models.engine.events import Ended, Loaded, Sampled, Started
from models.engine.prefix import TextPiece
from models.engine.requests import Draws, StepWidth
from models.launch import launcher
from models.library.load_options import LoadOptions
from models.sampling.knobs import Sampling
from tests.desktop.page.test_layers_against_oracle import some_spans
from tests.models import tiny
from tests.models.asking import answer

Inkfall = Callable[..., Any]
WILD = Sampling(temperature=2, ignore_eos=True)
RECIPE = Recipe(sampling=WILD, length=20)
OPTIONS = LoadOptions(context=256, threads=1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny") / "tiny.gguf", "gemma3")


class Desk:
    """A page, a session on a real child, and the page's file."""

    def __init__(self, model: Path, folder: Path, qtbot: QtBot) -> None:
        self.page, self._qtbot = Page(), qtbot
        self.pump = EventPump(launcher.engine(folder / "engine.log"))
        self.session = Session(self.page, self.pump, chance=iter(range(1, 100)).__next__)
        self.file = folder / "page.inkfall"
        self.session.open_model(str(model), OPTIONS)
        self.wait()

    def wait(self) -> None:
        self._qtbot.waitUntil(lambda: self.session.state.phase is Phase.READY, timeout=20_000)

    def write(self, recipe: Recipe = RECIPE) -> None:
        self.session.write(recipe)
        self.wait()

    def again(self, recipe: Recipe = RECIPE) -> None:
        self.session.again(recipe)
        self.wait()

    def type(self, text: str, at: int | None = None) -> None:
        self.page.write(self.page.length if at is None else at, 0, text)

    def save(self) -> Path:
        save(self.page, self.file)
        return self.file


def save(page: Page, path: Path) -> None:
    delta = Tracker().take(page.contents, View(), Facts())
    assert delta is not None
    store = create_page(path)
    store.write([delta])
    store.close()


@pytest.fixture
def desk(model: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(model, tmp_path, qtbot)
    desk.type("once upon a time the river ")
    yield desk
    desk.session.close()
    desk.pump.close()
    desk.session.deleteLater()


def replayed(inkfall: Inkfall, page: Path, model: Path) -> tuple[int, list[str]]:
    before = page.read_bytes()
    found = inkfall("replay", str(page), "--model", str(model))
    assert "Traceback" not in found.errors and page.read_bytes() == before
    return found.status, found.text.splitlines()


def test_generations_are_identical(desk: Desk, model: Path, inkfall: Inkfall) -> None:
    """One on its own, one that goes on behind it, one behind typed text, and one that was written again."""
    desk.write()
    desk.write()
    desk.type(" and the house ")
    desk.write(replace(RECIPE, sampling=replace(WILD, top_k=30, repeat_penalty=1.3)))
    desk.type("\n")
    desk.write(replace(RECIPE, sampling=Sampling(mirostat=2, ignore_eos=True)))
    desk.again()
    status, lines = replayed(inkfall, desk.save(), model)
    assert lines == [
        "generation 1, 20 tokens: identical",
        "generation 2, 20 tokens: identical",
        "generation 3, 20 tokens: identical",
        "generation 4, 20 tokens: identical",
    ]
    assert status == 0


def test_banned_strings(desk: Desk, model: Path, inkfall: Inkfall) -> None:
    banned = replace(RECIPE, length=60, sampling=replace(WILD, banned=("h", "e", "a", "o", "n")))
    desk.write(banned)
    desk.write(banned)
    assert not set(desk.page.text(27, desk.page.length).lower()) & set("heaon")
    sources = [desk.page.sources[index] for index in range(len(desk.page.sources))]
    assert any(source.retry and source.banned for source in sources)
    assert all(source.is_same_generation(sources[1]) for source in sources[1:] if source.first == sources[1].first)
    status, lines = replayed(inkfall, desk.save(), model)
    assert [line.split(": ")[1] for line in lines] == ["identical", "identical"]
    assert status == 0


def test_a_page_longer_than_the_context(desk: Desk, model: Path, inkfall: Inkfall) -> None:
    desk.write(replace(RECIPE, length=400, n_keep=7))
    desk.type(" the end")
    desk.write(replace(RECIPE, n_keep=7))
    assert replayed(inkfall, desk.save(), model) == (
        0,
        ["generation 1, 400 tokens: identical", "generation 2, 20 tokens: identical"],
    )


def test_an_edit_before_it_is_said(desk: Desk, model: Path, inkfall: Inkfall) -> None:
    desk.write()
    desk.type("and so, ", 0)
    desk.write()
    status, lines = replayed(inkfall, desk.save(), model)
    assert status == 3
    assert lines[0] == "generation 1, 20 tokens: not comparable: the text before it was edited"
    assert lines[1] == "generation 2, 20 tokens: identical"


def test_an_edit_while_the_model_writes(desk: Desk, model: Path, inkfall: Inkfall, qtbot: QtBot) -> None:
    desk.session.write(replace(RECIPE, length=200))
    qtbot.waitUntil(lambda: desk.session.tokens > 10, timeout=20_000)
    desk.type("and so, ", 0)
    desk.wait()
    status, lines = replayed(inkfall, desk.save(), model)
    assert status == 3 and len(lines) == 2
    assert lines[0].endswith("not comparable: the text before it was edited")
    assert lines[1].endswith("identical")


def test_other_weights_and_other_threads(desk: Desk, model: Path, inkfall: Inkfall, tmp_path: Path) -> None:
    desk.write()
    page = desk.save()
    other = tiny.make(tmp_path / "other.gguf", "gemma3", seed=5)
    status, lines = replayed(inkfall, page, other)
    assert status == 3 and "not comparable: made with " in lines[0]
    found = inkfall("replay", str(page))  # no installed model has that fingerprint
    assert found.status == 3 and "not comparable: made with " in found.text


def test_nothing_was_written(desk: Desk, model: Path, inkfall: Inkfall) -> None:
    assert replayed(inkfall, desk.save(), model) == (3, ["not comparable: no model wrote on this page"])


def test_what_is_no_page_is_a_sentence(model: Path, inkfall: Inkfall, tmp_path: Path) -> None:
    path = tmp_path / "broken.inkfall"
    path.write_bytes(b"SQLite format 3\0" + bytes(4_000))
    found = inkfall("replay", str(path), "--model", str(model))
    assert found.status == 1 and found.errors.count("\n") == 1


# ------------------------------------------------------------------------------------------------ several streams


STOPPED = replace(WILD, stop=("e",), no_healing=True)


def stream_on_a_page(model: Path, folder: Path, number: int, shift: float = 0.0, sampling: Sampling = STOPPED) -> Path:
    """The page of one of seven streams: the others are not on it. shift: nats added to the last odds."""
    engine = launcher.engine(folder / "engine.log")
    loaded = answer(engine, engine.load(model, OPTIONS)).events[-1]
    assert isinstance(loaded, Loaded)
    text = "once upon a time the river "
    draws = [Draws(7, take) for take in range(7)]
    job = engine.generate_streams([TextPiece(text)], sampling, 24, draws)
    events = list(answer(engine, job).events)
    while not (isinstance(events[-1], Ended) and not events[-1].left):
        events += answer(engine, job).events
    engine.close()
    page = Page()
    page.write(0, 0, text)
    source = Source(
        loaded.model.fingerprint,
        sampling=sampling,
        seed=7,
        take=number,
        stream=number,
        conditions=Conditions.of(loaded.model),
    )
    (generation,) = page.begin_generations([source])
    exact = next(event.exact for event in events if isinstance(event, Started))
    for event in events:
        if isinstance(event, Sampled) and event.stream == number:
            spans = [
                replace(span, readings=tuple(replace(one, raw=one.raw + shift) for one in span.readings))
                for span in event.spans
            ]
            generation.append(spans, 0, StepWidth(event.rows, event.width), exact)
    page.end_generation()
    save(page, folder / "page.inkfall")
    return folder / "page.inkfall"


@pytest.mark.parametrize("number", range(7))
def test_a_stream_without_its_siblings(number: int, model: Path, inkfall: Inkfall, tmp_path: Path) -> None:
    page = stream_on_a_page(model, tmp_path, number)
    status, lines = replayed(inkfall, page, model)
    assert status == 0 and len(lines) == 1 and lines[0].endswith("tokens: identical")


def test_a_healed_stream_without_its_siblings(model: Path, inkfall: Inkfall, tmp_path: Path) -> None:
    page = stream_on_a_page(model, tmp_path, 2, sampling=WILD)
    (writing,) = page_writings.of_page(page)
    assert writing.streams[0].healed == " "
    status, lines = replayed(inkfall, page, model)
    assert status == 0 and len(lines) == 1 and lines[0].endswith("tokens: identical")


def test_a_stream_with_other_numbers(model: Path, inkfall: Inkfall, tmp_path: Path) -> None:
    page = stream_on_a_page(model, tmp_path, 0, shift=0.5)
    status, lines = replayed(inkfall, page, model)
    assert status == 3 and "differs: continuation 1, token 1: logprob by 0.5000" in lines[0]


def test_a_token_that_the_writer_chose_is_given(desk: Desk, model: Path, inkfall: Inkfall) -> None:
    """Both stretches around it are evaluated again, the second behind the chosen token, with text kept behind it."""
    desk.write()
    desk.type(" the end")
    page = desk.page
    row = page.tokens(0, page.length)[8]
    start, part = int(row["start"]), int(row["part"])
    one = page.readings_at(start)[part]
    other = next(number for number in range(3) if number != one.reading.chosen)
    chosen = Chosen(one.reading.instead(other), one.source)
    desk.session.choose(RECIPE, Place(start, part, one.reading.token), chosen, write_on=True)
    desk.wait()
    assert page.text().endswith(" the end")
    rows = page.tokens(0, page.length)
    kinds = [page.sources[int(number)].kind for number in rows["source"]]
    assert kinds == ["generated"] * 8 + ["chosen"] + ["generated"] * 20
    assert replayed(inkfall, desk.save(), model) == (
        0,
        ["generation 1, 8 tokens: identical", "generation 2, 20 tokens: identical"],
    )


def test_text_before_other_text_by_several_streams_and_a_layer(desk: Desk, model: Path, inkfall: Inkfall) -> None:
    """Written here, written again by three at once before the text that stays, and cut by a stop string behind."""
    desk.session.write(RECIPE, 9)
    desk.wait()
    desk.session.again(RECIPE, 3)
    desk.wait()
    page = desk.page
    assert page.text().endswith(" a time the river ") and page.branch_position().highest == 4
    desk.write(replace(RECIPE, length=60, sampling=replace(WILD, stop=("e",))))
    spans = some_spans(page.text(0, 40), random.Random(1), 1)
    assert page.layers.add(0, spans, Source("another model", "read"), "B")
    status, lines = replayed(inkfall, desk.save(), model)
    assert [line.rpartition(": ")[2] for line in lines] == ["identical", "identical"] and status == 0
