"""Layers against a naive one: every run that was read, with the whole prefix before it, under random changes."""

import random
from dataclasses import dataclass

import pytest

from desktop.page import layer_blocks, layer_table
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.page.conftest import reading
from tests.desktop.page.test_continuations_against_oracle import TreeMachine
from tests.desktop.page.test_continuations_against_oracle import walk as walk_tree
from tests.desktop.page.test_page_against_oracle import SOME_TEXTS, Cells, prefix_of, units_of

READERS = ("model C", "model D")
WALKS = 3


@dataclass(frozen=True)
class Read:
    """A run that a model read: what stood before it, its units, its tokens, its source."""

    prefix: tuple[object, ...]
    units: tuple[int, ...]
    ids: tuple[int, ...]
    source: Source


def some_spans(text: str, chance: random.Random, token: int) -> list[Span]:
    """The text, split at random, each span of one to three tokens; the ids are `token` and those that follow."""
    whole = text.encode("utf-16-le", "replace").decode("utf-16-le", "replace")
    spans: list[Span] = []
    while whole:
        size = chance.choice((1, 1, 2, 3, 7))
        piece, whole = whole[:size], whole[size:]
        spelt = piece.encode()
        count = min(len(spelt), chance.choice((1, 1, 1, 2, 3)))
        parts = [spelt[i : i + 1] for i in range(count - 1)] + [spelt[count - 1 :]]
        spans.append(Span(piece, tuple(reading(token + i, part) for i, part in enumerate(parts))))
        token += count
    return spans


def fitting(cells: Cells, reads: list[Read]) -> dict[int, Read]:
    """The runs that fit the page, by position: those that no newer one overlaps."""
    plain = [cell.unit for cell in cells if cell]
    whole = prefix_of(cells, len(plain))
    places = {whole[:place]: place for place in range(len(plain) + 1)}
    covered = list[int]([-1]) * len(plain)
    found: list[tuple[int, int]] = []
    for number, read in enumerate(reads):
        place = places.get(read.prefix)
        if place is not None and tuple(plain[place : place + len(read.units)]) == read.units:
            found.append((place, number))
            covered[place : place + len(read.units)] = [number] * len(read.units)
    return {
        place: reads[number]
        for place, number in found
        if covered[place : place + len(reads[number].units)] == [number] * len(reads[number].units)
    }


class LayerMachine(TreeMachine):
    """The oracle's machine, where models that write nothing read the text."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: dict[str, list[Read]] = {}

    def read_by(self, model: str, start: int, length: int, chance: random.Random) -> None:
        """A model reads a stretch of the page."""
        source = Source(model, "read", window=chance.choice((0, 0, 1)))
        spans = some_spans(self.page.text(start, start + length), chance, self.next_token)
        self.next_token += 3 * length + 1
        before = self.fitting(model)
        place, count = start, 0
        plain = [cell.unit for cell in self.cells if cell]
        for span in spans:
            units = tuple(units_of(span.text))
            known = before.get(place)
            same = known is not None and known.units == units and known.source == source
            if tuple(plain[place : place + len(units)]) == units and not same:
                ids = tuple(one.token for one in span.readings)
                self.reads.setdefault(model, []).append(
                    Read(prefix_of(self.cells, place, across=True), units, ids, source)
                )
                count += len(ids)
            place += len(units)
        assert self.page.layers.add(start, spans, source, model.title()) == count

    def fitting(self, model: str) -> dict[int, Read]:
        return fitting(self.cells, self.reads.get(model, []))

    def check(self) -> None:
        super().check()
        self.layers_are_right()

    def layers_are_right(self) -> None:
        assert {layer.fingerprint for layer in self.page.layers} == {model for model, r in self.reads.items() if r}
        for model in self.reads:
            expected = sorted(self.fitting(model).items())
            length = self.page.length
            assert rows_of(self.page, model, 0, length) == [
                (place, len(read.units), part, len(read.ids), token, read.source)
                for place, read in expected
                for part, token in enumerate(read.ids)
            ]
            for start, end in ((length // 3, length // 2), (length - 1, length), (0, 1)):
                inside = [place for place, read in expected if place < end and place + len(read.units) > start]
                found = rows_of(self.page, model, start, end)
                assert list(dict.fromkeys(row[0] for row in found)) == (inside if start < end else [])
            for place, read in expected[::5]:
                readings = self.page.layers.readings_at(place, model)
                assert [one.reading.token for one in readings] == list(read.ids)
                assert {one.source for one in readings} == {read.source} and not any(one.stale for one in readings)
                assert readings[0].text == self.page.text(place, place + len(read.units))
                assert len(readings[0].reading.alternatives.ids) == 3


def rows_of(page: Page, model: str, start: int, end: int) -> list[tuple[object, ...]]:
    rows = page.layers.rows(model, start, end)
    names = ("start", "length", "part", "parts", "id")
    return [(*(int(row[name]) for name in names), page.sources[int(row["source"])]) for row in rows]


def walk(machine: LayerMachine, chance: random.Random) -> None:
    """One random step."""
    length = machine.page.length
    if chance.random() < 0.2 and length:
        start = chance.randrange(length) if chance.random() < 0.6 else 0
        size = chance.choice((1, 5, 20, length))
        machine.read_by(chance.choice(READERS), start, size, chance)
    elif chance.random() < 0.1:
        machine.undo()
    elif chance.random() < 0.15:
        machine.switch(chance.randint(0, 9))
    else:
        walk_tree(machine, chance)


@pytest.fixture(autouse=True)
def small_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that short walks meet the edges of blocks, and both parts of the index."""
    monkeypatch.setattr(layer_blocks, "BLOCK", 16)
    monkeypatch.setattr(layer_table, "_FRESH", 9)


@pytest.mark.parametrize("seed", range(12))
def test_long_walks(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(WALKS):
        machine = LayerMachine()
        machine.begin(chance.choice(SOME_TEXTS))
        for _ in range(chance.randint(5, 80)):
            walk(machine, chance)
            machine.check_all()
        machine.teardown()


def test_readings_come_back() -> None:
    """The walks would pass if nothing were ever found: an undone edit and a branch that is shown again bring all."""
    chance = random.Random(3)
    machine = LayerMachine()
    machine.begin("some text that is typed")
    machine.stream([(" word", 1, False)] * 4)
    machine.end()
    machine.read_by("model C", 0, machine.page.length, chance)
    whole = rows_of(machine.page, "model C", 0, machine.page.length)
    assert whole
    machine.type(0.0, 0, "x", False)
    assert not rows_of(machine.page, "model C", 0, machine.page.length)
    machine.undo()
    assert rows_of(machine.page, "model C", 0, machine.page.length) == whole
    machine.regenerate("model A")
    machine.stream([(" other", 1, False)] * 2)
    machine.end()
    before = len("some text that is typed")
    found = rows_of(machine.page, "model C", 0, machine.page.length)
    assert found == [row for row in whole if row[0] < before and row[0] + row[1] <= before]  # type: ignore[operator]
    machine.page.previous_branch()
    assert rows_of(machine.page, "model C", 0, machine.page.length) == whole
