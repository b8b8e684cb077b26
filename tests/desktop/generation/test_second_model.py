"""A second model beside the first: each with its child, its log and its notes; readings of the second are a layer."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.event_pump import EventPump
from desktop.generation.recipe import Recipe
from desktop.generation.second_model import SecondModel, mapped_weights
from desktop.generation.session import Session
from desktop.generation.state import Phase
from desktop.page.forks import BranchView
from desktop.page.page import Page
from models.launch import launcher
from models.library.load_options import LoadOptions
from models.sampling.readings import Reading
from tests.models import tiny

RECIPE = Recipe(length=24, seed=7)
OPTIONS = LoadOptions(context=256, threads=1)
TEXT = "once upon a time the house of the river"


class Pair:
    """A page, the session's model and a second one, in real child processes."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.page = Page()
        self.page.write(0, 0, TEXT)
        self.folder = folder
        self.pumps: list[EventPump] = []
        self.first = Session(self.page, self.pump("first"), chance=int)
        self.second = SecondModel(self.page, lambda: self.pump("second"))
        self.messages: list[str] = []
        self.looked: list[Reading] = []
        for part in (self.first, self.second):
            part.message.connect(self.messages.append)
        self.second.looked.connect(self.looked.append)

    def pump(self, name: str) -> EventPump:
        self.pumps.append(EventPump(launcher.engine(self.folder / f"{name}.log", self.folder / f"{name}.json")))
        return self.pumps[-1]

    def until(self, done: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(done, timeout=60_000)

    def open(self, part: Session | SecondModel, path: str | Path, options: LoadOptions = OPTIONS) -> None:
        part.open_model(str(path), options)
        self.until(lambda: part.state.phase in (Phase.READY, Phase.EMPTY))

    def score(self) -> None:
        self.second.score(RECIPE)
        self.until(lambda: self.second.state.phase is Phase.READY)

    def layer(self) -> list[int]:
        assert self.second.state.model is not None
        rows = self.page.layers.rows(self.second.state.model.fingerprint, 0, self.page.length)
        return [int(start) for start in rows["start"]]

    def branches(self) -> list[BranchView]:
        """Those of the page's only fork that hold text."""
        (fork,) = self.page.forks()
        return [branch for branch in fork.branches if branch.preview]

    def write(self) -> str:
        before = self.page.length
        self.first.write(RECIPE)
        self.until(lambda: self.first.state.phase is Phase.READY)
        return self.page.text(before)

    def close(self) -> None:
        self.second.close()
        self.pumps[0].close()


@pytest.fixture
def pair(tmp_path: Path, qtbot: QtBot) -> Iterator[Pair]:
    pair = Pair(tmp_path, qtbot)
    yield pair
    pair.close()


def test_there_is_no_second_child_before_it_is_asked_for(pair: Pair) -> None:
    pair.second.score(RECIPE)
    pair.second.look(RECIPE)
    pair.second.stop()
    assert pair.messages == ["Open a second model first."] * 2
    assert len(pair.pumps) == 1


def test_its_readings_are_a_layer_over_all_text(pair: Pair) -> None:
    pair.open(pair.first, "scripted:")
    pair.write()
    pair.open(pair.second, "scripted:?rate=2000")
    before, tokens = pair.page.text(), pair.page.token_count
    pair.score()
    assert pair.second.state.outcome == "The page was read"
    assert pair.layer() and max(pair.layer()) > len(TEXT)  # text that the first model wrote is read too
    assert (pair.page.text(), pair.page.token_count) == (before, tokens)
    assert len(pair.page.layers) == 1


@pytest.mark.parametrize("dies", ["first", "second"])
def test_when_one_child_dies_the_other_goes_on(pair: Pair, dies: str) -> None:
    pair.open(pair.first, "scripted:?rate=100")
    pair.open(pair.second, "scripted:?rate=100")
    pair.first.write(Recipe(length=None, seed=7))
    pair.until(lambda: pair.page.length > len(TEXT) + 20)
    pid = pair.pumps[("first", "second").index(dies)].engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    pair.until(lambda: bool(pair.messages))
    length = pair.page.length
    if dies == "second":
        pair.until(lambda: pair.page.length > length + 20)
        pair.first.stop()
        pair.until(lambda: pair.first.state.phase is Phase.READY)
        pair.score()  # the next request starts another child with the same model
    else:
        pair.score()
    assert pair.layer()
    assert pair.write()


def test_a_load_that_is_stopped_and_a_file_that_is_refused(pair: Pair, tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no model")
    pair.open(pair.second, bad)
    assert pair.second.state.phase is Phase.EMPTY and len(pair.messages) == 1
    pair.open(pair.second, "scripted:")
    model = pair.second.state.model
    pair.open(pair.second, bad)
    assert pair.second.state.model == model and pair.second.state.phase is Phase.READY


def test_a_newer_look_takes_the_place_of_the_one_before(pair: Pair) -> None:
    pair.open(pair.second, "scripted:")
    for at in (4, 9, len(TEXT)):
        pair.second.look(RECIPE, at)
    pair.until(lambda: pair.second.state.phase is Phase.READY)
    assert len(pair.looked) == 1


def test_two_real_models_at_once(pair: Pair, tmp_path: Path) -> None:
    pair.open(pair.first, tiny.make(tmp_path / "llama.gguf", "llama"))
    pair.open(pair.second, tiny.make(tmp_path / "gpt2.gguf", "gpt2", seed=3))
    pids = [pump.engine.pid for pump in pair.pumps]
    assert None not in pids and len(set(pids)) == 2
    pair.first.write(Recipe(length=60, seed=7))
    pair.second.score(RECIPE)  # while the first one writes
    pair.until(lambda: pair.first.state.phase is Phase.READY and pair.second.state.phase is Phase.READY)
    pair.score()
    assert len(pair.layer()) > 5 and max(pair.layer()) > len(TEXT)
    assert {path.name for path in pair.folder.glob("*.log")} >= {"first.log", "second.log"}
    assert (pair.folder / "first.json").exists() and (pair.folder / "second.json").exists()
    alone = pair.page.text()
    while pair.page.can_undo and pair.page.length > len(TEXT):
        pair.first.undo()
    pair.first.write(Recipe(length=60, seed=7))
    pair.until(lambda: pair.first.state.phase is Phase.READY)
    assert pair.page.text() == alone  # what the second one does changes nothing of the first one's text


def test_eight_streams_of_a_real_model(pair: Pair, tmp_path: Path) -> None:
    pair.open(pair.first, tiny.make(tmp_path / "llama.gguf", "llama"))
    pair.first.write(Recipe(length=16, seed=7), streams=8)
    pair.until(lambda: pair.first.state.phase is Phase.READY)
    fork = pair.page.forks()[0].id
    branches = pair.branches()
    assert len(branches) == 8
    assert pair.first.state.words == "8 continuations ended after 128 tokens"
    streams = set[int]()
    for branch in branches:
        pair.page.switch(fork, branch.id)
        rows = pair.page.tokens(len(TEXT), pair.page.length)
        assert len(rows) == 16 and not pair.page.stale(rows).any()
        streams |= {pair.page.sources[int(row["source"])].stream for row in rows}
    assert streams == set(range(8))


def test_an_edit_while_eight_real_streams_write_loses_nothing(pair: Pair, tmp_path: Path) -> None:
    room = LoadOptions(context=512, threads=1)  # else they might end before the edit
    pair.open(pair.first, tiny.make(tmp_path / "llama.gguf", "llama"), room)
    pair.first.write(Recipe(length=150, seed=7), streams=8)
    pair.until(lambda: pair.first.state.written > 16)
    pair.page.write(0, 4, "twice")
    pair.until(lambda: pair.first.state.phase is Phase.READY)
    assert pair.first.state.words.startswith("Your change of the page stopped continuations")
    branches = pair.branches()
    assert len(branches) == 8
    assert sum(branch.tokens for branch in branches) == pair.first.state.written


def test_the_weights_of_the_first_model_are_counted(pair: Pair, tmp_path: Path) -> None:
    """A first model that leaves no memory: the second one is refused with a sentence, and another is taken."""
    path = tiny.make(tmp_path / "tiny.gguf", "llama")
    pair.open(pair.first, path)
    first = pair.first.state.model
    assert first is not None
    assert mapped_weights(first) == first.size and mapped_weights(replace(first, mapped=False)) == 0
    half = replace(first, offloaded=(first.layers + 1) // 2)
    assert 0 < mapped_weights(half) < first.size and mapped_weights(replace(first, offloaded=first.layers + 1)) == 0
    pair.second.open_model(str(path), OPTIONS, beside=replace(first, size=1 << 60))
    pair.until(lambda: pair.second.state.phase is Phase.EMPTY)
    assert any("of memory and" in message for message in pair.messages)
    pair.second.open_model(str(path), OPTIONS, beside=first)
    pair.until(lambda: pair.second.state.phase is Phase.READY)
