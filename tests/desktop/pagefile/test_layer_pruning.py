"""Readings of layers that fit no text of a page any more are dropped on closing, and no others."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from desktop.page import hashing
from desktop.page.layer_blocks import LAYER_ROW, LayerRows
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile import layer_pruning
from desktop.pagefile.connecting import connect
from desktop.pagefile.store import Transaction
from tests.desktop.pagefile.test_faults import change
from tests.desktop.pagefile.test_saved_layers import found, read
from tests.desktop.pagefile.walking import Walk, reopened, same

MODELS = ("model C", "model D")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer is looked at on closing."""
    monkeypatch.setattr(layer_pruning, "_outgrown", lambda _connection, numbers: set(numbers))


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    walk = Walk(tmp_path / "page.inkfall", random.Random(1))
    walk.page.write(0, walk.page.length, "one two three four five six")
    walk.save()
    return walk


def stored(path: Path) -> int:
    """Rows that the layers of a file have."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT coalesce(sum(rows), 0) FROM layers").fetchone()[0]


def closed(walk: Walk) -> int:
    walk.save()
    walk.store.close()
    return stored(walk.path)


# ------------------------------------------------------------------------------------------------ what goes


@pytest.mark.usefixtures("small")
def test_what_a_dropped_redo_held_goes(walk: Walk) -> None:
    kept = read(walk, 0, 27)
    walk.page.write(0, 0, "x", joins=False)
    assert read(walk, 0, 28) > 0
    walk.page.undo()
    walk.page.write(0, 0, "y", joins=False)
    other = read(walk, 0, 28)
    assert closed(walk) == kept + other
    page, opened = reopened(walk.path)
    assert not opened.sentence and found(page) == found(walk.page) and len(found(page)) == other
    page.undo()
    assert len(found(page)) == kept


@pytest.mark.usefixtures("small")
def test_what_is_read_again_hides_and_replaces(walk: Walk) -> None:
    random_state = walk.chance.getstate()
    read(walk, 0, 27)
    walk.chance.setstate(random_state)  # the same splits, by the same model in another window
    again = read(walk, 0, 27, Source("model C", "read", window=1))
    before = found(walk.page)
    assert closed(walk) == again
    assert found(reopened(walk.path)[0]) == before


def test_a_small_layer_is_left_alone(walk: Walk) -> None:
    read(walk, 0, 27)
    walk.page.write(0, 0, "x", joins=False)
    read(walk, 0, 28)
    walk.page.undo()
    walk.page.write(0, 0, "y", joins=False)
    count = stored(walk.path)
    assert closed(walk) > count


def test_a_layer_outgrows_the_page_at_half_its_units(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_pruning, "LEAST", 5)
    size = 27
    for turn in range(4):
        walk.page.write(0, 0, "x", joins=False)
        read(walk, 0, size, Source("model C", "read", window=turn))
        walk.page.undo()
    walk.page.write(0, 0, "y", joins=False)
    read(walk, 0, 2, Source("model D", "read"))
    walk.save()
    before = stored(walk.path)
    walk.store.close()
    assert before > size and stored(walk.path) < 5


# ------------------------------------------------------------------------------------------------ what stays


@pytest.mark.usefixtures("small")
def test_a_page_with_too_many_states_keeps_all(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_pruning, "MOST", 40)
    read(walk, 0, 27)
    walk.page.write(0, 0, "x", joins=False)
    read(walk, 0, 28)
    walk.page.undo()
    walk.page.write(0, 0, "y", joins=False)
    walk.save()
    count = stored(walk.path)
    walk.store.close()
    assert stored(walk.path) == count


@pytest.mark.usefixtures("small")
def test_a_damaged_layer_is_left_as_it_is(walk: Walk) -> None:
    read(walk, 0, 10)
    walk.save()
    read(walk, 0, 27)
    walk.save()
    change(walk.path, "UPDATE readings SET rows = x'0102' WHERE first = 0")
    count = stored(walk.path)
    with connected(walk.path) as connection:
        layer_pruning.prune(connection, {layer[0] for layer in connection.execute("SELECT number FROM layers")})
    assert stored(walk.path) == count


class connected:  # noqa: N801
    """A connection to a page's file, in a transaction."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path, "rw")
        self._transaction = Transaction(self._connection)

    def __enter__(self) -> sqlite3.Connection:
        self._transaction.__enter__()
        return self._connection

    def __exit__(self, *error: object) -> None:
        self._transaction.__exit__(*(*error, None, None, None)[:3])
        self._connection.close()


# ------------------------------------------------------------------------------------------------ walks

Switches = tuple[tuple[int, int], ...]


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_walks_lose_nothing_that_fits(
    seed: int, several: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files of one page, one of them pruned: nothing tells them apart, in any state of the page and on any branch
    of it. And what the pruned one has fits in one of them."""
    walk = Walk(tmp_path / "page.inkfall", random.Random(seed), several)
    for _ in range(40):
        walk.step()
        if walk.readers.random() < 0.2:
            walk.read_by(walk.readers.choice(MODELS))
    walk.save()
    monkeypatch.setattr(layer_pruning, "_outgrown", lambda _connection, _numbers: set[int]())
    walk.store.close()
    monkeypatch.setattr(layer_pruning, "_outgrown", lambda _connection, numbers: set(numbers))
    pruned = tmp_path / "pruned.inkfall"
    shutil.copy(walk.path, pruned)
    with connected(pruned) as connection:
        layer_pruning.prune(connection, {row[0] for row in connection.execute("SELECT number FROM layers")})
    kept = {model: runs(reopened(pruned)[0], model) for model in MODELS}
    fit: dict[str, set[bytes]] = {model: set() for model in MODELS}
    for state in every_state(walk.path):
        one, two = in_state(walk.path, *state), in_state(pruned, *state)
        assert visible(one) == visible(two)
        for model in MODELS:
            fit[model] |= {run.tobytes() for run in kept[model] if stands_on(two, run)}
    for model in MODELS:
        assert {run.tobytes() for run in kept[model]} == fit[model]
    same(reopened(walk.path)[0], reopened(pruned)[0])


def every_state(path: Path) -> Iterator[tuple[int, Switches]]:
    """Steps to undo (below 0, to do again), and switches that then show a branch; all that there are."""
    contents = reopened(path)[1].contents
    for steps in range(-len(contents.redo), len(contents.undo) + 1):
        yield steps, ()
        for switches in every_branch(in_state(path, steps, ())):
            yield steps, switches


def in_state(path: Path, steps: int, switches: Switches) -> Page:
    page = reopened(path)[0]
    for _ in range(abs(steps)):
        (page.undo if steps > 0 else page.redo)()
    for fork, branch in switches:
        page.switch(fork, branch)
    return page


def every_branch(page: Page, before: Switches = ()) -> Iterator[Switches]:
    """The switches that show each hidden branch; the page is as before at the end."""
    views = page.forks()
    first = 1 + next((place for place, view in enumerate(views) if before and view.id == before[-1][0]), -1)
    for view in views[first:]:
        shown = next(branch.id for branch in view.branches if branch.active)
        for branch in view.branches:
            if not branch.active:
                switches = (*before, (view.id, branch.id))
                yield switches
                page.switch(view.id, branch.id)
                yield from every_branch(page, switches)
                page.switch(view.id, shown)


def visible(page: Page) -> list[tuple[bytes, ...]]:
    """The readings of the layers on a page."""
    names = ("start", "length", "part", "id", "raw", "source")
    rows = [page.layers.rows(model, 0, page.length) for model in MODELS]
    return [tuple(np.ascontiguousarray(table[name]).tobytes() for name in names) for table in rows]


def runs(page: Page, model: str) -> list[LayerRows]:
    """The rows of each run of a layer."""
    layer = next((layer for layer in page.layers if layer.fingerprint == model), None)
    parts = [*layer.table.parts(0, len(layer.table))] if layer else []
    table = np.concatenate([part() if callable(part) else part for part in parts] or [np.zeros(0, LAYER_ROW)])
    firsts = np.flatnonzero(table["part"] == 0).tolist()
    return [table[first : first + int(table["parts"][first])] for first in firsts]


def stands_on(page: Page, run: LayerRows) -> bool:
    """Whether a run stands somewhere on the shown branch: every place is tried."""
    length = int(run["length"][0])
    for place in range(page.length - length + 1):
        units = page.contents.path.chunks.units(place, place + length)
        spelt = hashing.of_stretches(units, np.zeros(1, np.int64), np.array([length]))[0]
        bound = int(page.contents.path.chunks.hashes(np.array([place], np.int64))[0])
        if bound == int(run["bound"][0]) and spelt == run["spells"][0]:
            return True
    return False


@pytest.mark.usefixtures("small")
def test_walks_drop_something(tmp_path: Path) -> None:
    """The walks would pass if nothing were ever dropped."""
    dropped = 0
    for seed in range(6):
        walk = Walk(tmp_path / f"{seed}.inkfall", random.Random(seed))
        for _ in range(40):
            walk.step()
            walk.read_by("model C")
        walk.save()
        before = stored(walk.path)
        walk.store.close()
        dropped += before - stored(walk.path)
    assert dropped > 100
