"""The chunk store against plain Python, with chunks so small that every change meets an edge."""

import random

import numpy as np
import pytest

from desktop.page import hashing
from desktop.page.chunks import Chunks, Limits
from desktop.page.token_table import GENERATED, ROW, TokenRows, ends
from desktop.page.utf16 import decode, encode, unit_offset, whole

ALPHABET = "ab \n한é😀\ud800"


def some_text(chance: random.Random, most: int) -> str:
    return "".join(chance.choice(ALPHABET) for _ in range(chance.randint(0, most)))


def some_rows(chance: random.Random, units: int) -> TokenRows:
    """Runs of one to three tokens that lie on that many units, with gaps."""
    table: list[tuple[int, int, int, int]] = []
    start = chance.randint(0, 2)
    while start < units:
        length = min(units - start, chance.randint(1, 4))
        parts = chance.randint(1, 3)
        table += [(start, length, part, parts) for part in range(parts)]
        start += length + chance.choice([0, 0, 1])
    rows: TokenRows = np.zeros(len(table), ROW)
    for column, values in zip(("start", "length", "part", "parts"), zip(*table, strict=True), strict=False):
        rows[column] = values
    rows["id"] = [chance.randint(0, 99) for _ in table]
    rows["kind"] = GENERATED
    return rows


def row_tuples(rows: TokenRows) -> list[tuple[int, ...]]:
    return [tuple(int(row[name]) for name in ("start", "length", "part", "parts", "id")) for row in rows]


def brute_hash(units: bytes, rows: TokenRows, position: int) -> int:
    total = 0
    for i, unit in enumerate(np.frombuffer(units[: 2 * position], "<u2")):
        total += int(hashing.UNIT_VALUES[unit]) * hashing.power(i)
    before = rows[rows["start"] < position]
    for row, value in zip(before, hashing.token_values(before["id"], before["part"]), strict=True):
        total += int(value) * hashing.power(int(row["start"]))
    return total & hashing.MASK


class Naive:
    """The same in two plain values."""

    def __init__(self) -> None:
        self.units = b""
        self.rows: list[tuple[int, ...]] = []

    def splice(self, start: int, removed: int, units: bytes, rows: list[tuple[int, ...]]) -> None:
        self.units = self.units[: 2 * start] + units + self.units[2 * (start + removed) :]
        shift = len(units) // 2 - removed
        kept = [row for row in self.rows if not (row[0] < start + removed and row[0] + row[1] > start)]
        moved = [(row[0] + shift, *row[1:]) if row[0] >= start + removed else row for row in kept]
        new = [(row[0] + start, *row[1:]) for row in rows]
        self.rows = sorted(moved + new)


@pytest.mark.parametrize("seed", range(6))
def test_many_changes(seed: int) -> None:
    chance = random.Random(seed)
    store, naive = Chunks(Limits(units=12, tokens=5)), Naive()
    for step in range(120):
        start = chance.randint(0, len(store))
        removed = min(len(store) - start, chance.choice([0, 0, 0, 1, 2, 5, 40]))
        units = encode(some_text(chance, chance.choice([0, 3, 3, 60])))
        rows = some_rows(chance, len(units) // 2) if chance.random() < 0.6 else np.zeros(0, ROW)
        before = (store.units(0, len(store)), row_tuples(store.rows(0, len(store))))
        gone = store.splice(start, removed, units, rows)
        naive.splice(start, removed, units, row_tuples(rows))
        check(store, naive, chance)
        if chance.random() < 0.4:  # its inverse is a splice as well
            store.splice(start, len(units) // 2, *gone)
            assert (store.units(0, len(store)), row_tuples(store.rows(0, len(store)))) == before
            naive.units, naive.rows = before
        if step % 10 == 0:
            position = free_position(store, chance)
            assert store.copy(position).units(0, 10**6) == naive.units[2 * position :]
            tail = store.cut(position)
            assert len(store) == position and tail.units(0, len(tail)) == naive.units[2 * position :]
            store.extend(tail)
            check(store, naive, chance)


def free_position(store: Chunks, chance: random.Random) -> int:
    """A position that no run reaches across."""
    while True:
        position = chance.randint(0, len(store))
        if not len(store.touched(position, position)):
            return position


def check(store: Chunks, naive: Naive, chance: random.Random) -> None:
    size = len(naive.units) // 2
    rows = store.rows(0, size)
    assert len(store) == size and store.units(0, size) == naive.units and row_tuples(rows) == naive.rows
    first, last = sorted((chance.randint(0, size), chance.randint(0, size)))
    assert store.text(first, last) == decode(naive.units[2 * first : 2 * last])
    if last > first:
        assert row_tuples(store.rows(first, last)) == [r for r in naive.rows if r[0] < last and r[0] + r[1] > first]
    assert store.count(first) == sum(row[0] >= first for row in naive.rows)
    hashes = store.hashes(np.array([first, last], np.int64))
    assert [int(h) for h in hashes] == [brute_hash(naive.units, rows, p) for p in (first, last)]
    sizes = [(len(units) // 2, len(part)) for _, units, part in store.tables(size)]
    assert sum(s for s, _ in sizes) == size and sum(n for _, n in sizes) == len(rows)
    for base, units, part in store.tables(size):
        assert not len(part) or (part["start"][0] >= 0 and ends(part)[-1] <= len(units) // 2), base
        assert len(units) // 2 <= 12 or len(part), "an oversized chunk without a run to excuse it"


def test_a_change_far_away_is_one_number_per_chunk() -> None:
    store = Chunks()
    store.splice(0, 0, encode("word " * 100_000))
    before = store.hashes(np.array([400_000], np.int64))
    store.splice(0, 1, encode("W"))
    assert store.hashes(np.array([400_000], np.int64)) != before
    store.splice(0, 1, encode("w"))
    assert store.hashes(np.array([400_000], np.int64)) == before


def test_texts_and_units() -> None:
    assert decode(encode("a\ud800😀")) == "a\ud800😀"
    assert whole("a\ud800b😀") == "a\ufffdb😀"
    assert unit_offset("a😀b", 2) == 3
