"""Rows that leave memory, and come back from a file."""

import numpy as np
import pytest

from desktop.page import layer_blocks
from desktop.page.layer_blocks import LAYER_ROW, LayerBlocks, LayerRows


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_blocks, "BLOCK", 4)
    monkeypatch.setattr(layer_blocks, "RECENT", 1)


def rows(first: int, count: int) -> LayerRows:
    made = np.zeros(count, LAYER_ROW)
    made["bound"] = made["id"] = np.arange(first, first + count)
    return made


class File:
    """A file of rows, and what was read of it."""

    def __init__(self, held: LayerRows) -> None:
        self.held, self.asked = held, list[tuple[int, int]]()

    def read(self, first: int, count: int) -> LayerRows:
        self.asked.append((first, count))
        return self.held[first : first + count].copy()


def ids(blocks: LayerBlocks, *numbers: int) -> list[int]:
    return blocks.at(np.array(numbers, np.int64))["id"].tolist()


def test_rows_of_a_file_are_read_block_by_block_and_leave_again() -> None:
    file, blocks = File(rows(0, 10)), LayerBlocks()
    blocks.begin(file.held, file.read)
    assert len(blocks) == 10 and not file.asked
    assert ids(blocks, 5, 4, 5) == [5, 4, 5] and file.asked == [(4, 4)]
    assert ids(blocks, 9, 0, 6) == [9, 0, 6] and sorted(file.asked) == [(0, 4), (4, 4), (8, 2)]
    assert ids(blocks, *range(10)) == list(range(10)) and len(file.asked) > 3


def test_rows_are_added_behind_those_of_the_file() -> None:
    file, blocks = File(rows(0, 6)), LayerBlocks()
    blocks.begin(file.held, file.read)
    blocks.add(rows(6, 5))
    parts = list(blocks.parts(1, 11))
    assert callable(parts[0]) and not callable(parts[-1])
    assert [one for part in parts for one in (part() if callable(part) else part)["id"].tolist()] == [*range(1, 11)]
    assert ids(blocks, *range(11)) == list(range(11))
    file.held = rows(0, 11)
    blocks.saved(11, file.read)
    file.asked.clear()
    assert ids(blocks, *range(11)) == list(range(11)) and file.asked


def test_rows_that_the_file_holds_no_more_are_zeros() -> None:
    file, blocks = File(rows(0, 8)), LayerBlocks()
    blocks.begin(file.held, file.read)
    file.held = rows(1, 8)
    assert ids(blocks, 1, 2, 7) == [0, 0, 0]


def test_rows_stay_where_the_file_has_lost_some() -> None:
    file, blocks = File(rows(0, 0)), LayerBlocks(stay=True)
    blocks.add(rows(0, 12))
    blocks.saved(12, file.read)
    assert ids(blocks, *range(12)) == list(range(12)) and not file.asked
