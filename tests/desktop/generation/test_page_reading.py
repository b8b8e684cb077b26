"""A second model reads the page when it rests: beside the first, or in its place; other things stay as they are."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.page_reading import PageReading, Step
from desktop.generation.recipe import Recipe
from desktop.generation.second_model import name_beside
from desktop.generation.state import Phase
from models.engine.events import ModelFacts
from tests.desktop.generation.test_second_model import OPTIONS, RECIPE, TEXT, Pair
from tests.models import tiny

FIRST, SECOND, SLOW = "scripted:?rate=200", "scripted:?letters=1", "scripted:?letters=1&rate=2"


class Reader(Pair):
    """The pair, and what has the second model read. sentences: how readings ended."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        super().__init__(folder, qtbot)
        self.reading = PageReading(
            self.page, self.first, self.second, recipe=lambda: RECIPE, options=lambda: OPTIONS, rests_after=50
        )
        self.sentences: list[str] = []
        self.steps: list[Step] = []
        self.reading.ended.connect(self.sentences.append)
        self.reading.changed.connect(lambda: self.steps.append(self.reading.step))

    def reads(self, path: str, **how: bool) -> None:
        self.reading.begin(path, **how)
        self.until(lambda: not self.reading.busy)

    def reaches(self, step: Step) -> None:
        self.until(lambda: self.reading.step is step)

    @property
    def rows(self) -> int:
        """Tokens of all layers."""
        return sum(len(layer.table) for layer in self.page.layers)


@pytest.fixture
def reader(tmp_path: Path, qtbot: QtBot) -> Iterator[Reader]:
    reader = Reader(tmp_path, qtbot)
    yield reader
    reader.close()


def loaded(reader: Reader) -> ModelFacts:
    model = reader.first.state.model
    assert model is not None
    return model


def test_it_is_opened_reads_and_is_closed(reader: Reader) -> None:
    reader.open(reader.first, FIRST)
    reader.write()
    before, first = reader.page.text(), reader.pumps[0].engine.pid
    reader.reads(SECOND)
    assert reader.sentences == ["The page was read"] and not reader.messages
    (layer,) = reader.page.layers
    rows = reader.page.layers.rows(layer.fingerprint, 0, reader.page.length)
    assert layer.name == "The Lighthouse in letters (scripted)" and len(rows) == len(before.encode())
    assert reader.page.text() == before and reader.pumps[0].engine.pid == first
    assert reader.second.state.phase is Phase.EMPTY and reader.pumps[1].engine.pid is None
    assert reader.steps[0] is Step.OPENING and Step.READING in reader.steps and reader.steps[-1] is Step.IDLE
    assert reader.write()


@pytest.mark.parametrize("in_turns", [False, True])
def test_a_layer_is_told_apart_from_a_first_model_of_the_same_name(reader: Reader, in_turns: bool) -> None:
    reader.open(reader.first, FIRST)
    reader.write()
    reader.reads("scripted:?rate=300", in_turns=in_turns)
    (layer,) = reader.page.layers
    assert layer.name == reader.reading.name == "scripted:?rate=300"
    reader.until(lambda: reader.first.state.model is not None)
    assert loaded(reader).name != layer.name


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ("/models/one-q4.gguf", "/models/one-q8.gguf", "one-q8"),
        ("/a/one.gguf", "/b/one.gguf", "b/one"),
        ("/a/one.gguf", "/a/one.gguf", "Name"),
    ],
)
def test_the_name_of_a_second_model(reader: Reader, first: str, second: str, name: str) -> None:
    reader.open(reader.first, FIRST)
    one = replace(loaded(reader), name="Name", path=first)
    other = replace(one, path=second)
    assert name_beside(other, one) == name
    assert name_beside(other, None) == name_beside(other, replace(one, name="Other")) == "Name"


def test_one_that_is_compared_stays_open(reader: Reader) -> None:
    reader.open(reader.second, SECOND)
    reader.reads(SECOND, keep=True)
    assert reader.rows and reader.second.state.phase is Phase.READY
    assert Step.CLOSING in reader.steps
    reader.reads("scripted:?heat=2", keep=False)
    assert len(reader.page.layers) == 2 and reader.second.state.phase is Phase.EMPTY


def test_in_turns_the_first_is_closed_meanwhile(reader: Reader) -> None:
    reader.open(reader.first, FIRST)
    model, gone = loaded(reader), []
    reader.first.model_changed.connect(lambda model: gone.append(model is None))
    reader.reading.begin(SECOND, in_turns=True)
    reader.reaches(Step.READING)
    assert reader.first.state.phase is Phase.EMPTY and reader.pumps[0].engine.pid is None
    reader.until(lambda: not reader.reading.busy and reader.first.state.phase is Phase.READY)
    assert loaded(reader) == model and gone == [True, False]
    assert reader.sentences == ["The page was read"] and reader.rows and not reader.messages
    assert reader.second.state.phase is Phase.EMPTY and reader.write()


def test_in_turns_it_waits_until_the_first_has_written(reader: Reader) -> None:
    reader.open(reader.first, FIRST)
    reader.first.write(RECIPE)
    reader.reading.begin(SECOND, in_turns=True)
    assert reader.reading.step is Step.MAKING_ROOM and reader.first.state.writing
    reader.until(lambda: not reader.reading.busy and reader.first.state.phase is Phase.READY)
    assert reader.page.length > len(TEXT) + 40 and reader.rows > len(TEXT)


@pytest.mark.parametrize("step", [Step.MAKING_ROOM, Step.OPENING, Step.READING])
def test_a_turn_that_is_stopped_brings_the_first_back(reader: Reader, step: Step) -> None:
    reader.open(reader.first, FIRST)
    model = loaded(reader)
    reader.reading.begin(f"{SLOW}&load_seconds=1", in_turns=True)
    reader.reaches(step)
    reader.reading.stop()
    reader.until(lambda: not reader.reading.busy and reader.first.state.phase is Phase.READY)
    assert loaded(reader) == model and reader.sentences == ["You stopped the reading"] and not reader.messages
    assert reader.second.state.phase is Phase.EMPTY and reader.write()


def test_stopping_before_the_first_is_closed_leaves_it_writing(reader: Reader) -> None:
    reader.open(reader.first, FIRST)
    reader.first.write(Recipe(length=40, seed=7))
    reader.reading.begin(SECOND, in_turns=True)
    reader.reading.stop()
    assert not reader.reading.busy and reader.first.state.writing
    reader.until(lambda: reader.first.state.phase is Phase.READY)
    assert reader.first.state.outcome == "Stopped after 40 tokens"


def test_another_model_that_the_user_opens_ends_a_turn(reader: Reader) -> None:
    reader.open(reader.first, FIRST)
    reader.reading.begin(SLOW, in_turns=True)
    reader.reaches(Step.READING)
    reader.first.open_model("scripted:?heat=3", OPTIONS)
    reader.until(lambda: not reader.reading.busy and reader.first.state.phase is Phase.READY)
    assert loaded(reader).path == "scripted:?heat=3"
    assert reader.sentences == ["Another model was opened: the reading was stopped"]


def test_a_change_of_the_page_begins_the_reading_again(reader: Reader) -> None:
    reader.reading.begin(f"{SECOND}&rate=100")
    reader.reaches(Step.READING)
    reader.page.write(0, 4, "twice")
    assert reader.reading.step is Step.WAITING
    reader.page.write(0, 0, "More than ")
    reader.until(lambda: not reader.reading.busy)
    (layer,) = reader.page.layers
    starts = reader.page.layers.rows(layer.fingerprint, 0, reader.page.length)["start"]
    assert starts.tolist() == list(range(reader.page.length))[-len(starts) :] and len(starts) >= reader.page.length - 1


def test_it_waits_while_the_first_writes(reader: Reader) -> None:
    reader.open(reader.first, "scripted:?rate=10")
    reader.first.write(Recipe(length=30, seed=7))
    reader.reading.begin(SECOND)
    reader.reaches(Step.WAITING)
    assert reader.first.state.writing
    reader.until(lambda: not reader.reading.busy)
    assert reader.first.state.phase is Phase.READY and reader.rows >= reader.page.length - 1


@pytest.mark.parametrize("in_turns", [False, True])
def test_when_it_dies_page_and_first_model_stay(reader: Reader, in_turns: bool) -> None:
    reader.open(reader.first, FIRST)
    before = reader.page.text()
    reader.reading.begin(SLOW, in_turns=in_turns)
    reader.reaches(Step.READING)
    pid = reader.pumps[1].engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    reader.until(lambda: not reader.reading.busy and reader.first.state.phase is Phase.READY)
    assert len(reader.messages) == 1 and reader.sentences == [""]
    assert reader.page.text() == before and reader.second.state.phase is Phase.EMPTY and reader.write()


@pytest.mark.parametrize("in_turns", [False, True])
def test_a_file_that_is_refused(reader: Reader, tmp_path: Path, in_turns: bool) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no model")
    reader.open(reader.first, FIRST)
    reader.reading.begin(str(bad), in_turns=in_turns)
    reader.until(lambda: not reader.reading.busy and reader.first.state.phase is Phase.READY)
    assert len(reader.messages) == 1 and reader.sentences == [""] and reader.rows == 0
    assert loaded(reader).path == FIRST and reader.write()


def test_another_page_ends_it(reader: Reader) -> None:
    reader.reading.begin(SLOW)
    reader.reaches(Step.READING)
    reader.reading.leave_page()
    reader.until(lambda: not reader.reading.busy)
    assert reader.sentences == ["Another page was opened: the reading was stopped"]
    assert reader.second.state.phase is Phase.EMPTY


def test_a_model_that_is_opened_while_the_first_is_closed_is_opened_behind(reader: Reader) -> None:
    reader.open(reader.first, FIRST)
    reader.first.unload()
    assert reader.first.state.phase is Phase.STOPPING
    reader.open(reader.first, "scripted:?heat=2")
    assert loaded(reader).path == "scripted:?heat=2" and not reader.messages and reader.write()


def test_closing_a_model_while_it_loads_and_one_whose_child_died(reader: Reader) -> None:
    reader.second.open_model("scripted:?load_seconds=5", OPTIONS)
    reader.until(lambda: reader.second.state.fraction > 0)
    reader.second.close_model()
    reader.until(lambda: reader.second.state.phase is Phase.EMPTY)
    reader.open(reader.second, SECOND)
    pid = reader.pumps[1].engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    reader.until(lambda: len(reader.messages) == 1)
    reader.second.close_model()
    assert reader.second.state.phase is Phase.EMPTY and reader.second.state.model is None
    reader.second.score(RECIPE)
    assert reader.messages[1:] == ["Open a second model first."]
    reader.open(reader.second, SECOND)
    assert reader.second.state.phase is Phase.READY


def test_real_models_in_turns(reader: Reader, tmp_path: Path) -> None:
    first, second = tiny.make(tmp_path / "llama.gguf", "llama"), tiny.make(tmp_path / "gpt2.gguf", "gpt2", seed=3)
    reader.open(reader.first, first)
    reader.first.write(Recipe(length=20, seed=7))
    reader.until(lambda: reader.first.state.phase is Phase.READY)
    text = reader.page.text()
    reader.reads(str(second), in_turns=True)
    reader.until(lambda: reader.first.state.phase is Phase.READY)
    assert reader.rows > 5 and reader.page.text() == text and loaded(reader).path == str(first)
