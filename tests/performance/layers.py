"""What a layer of readings costs: adding, finding, memory, saving and opening.

python -m tests.performance.layers [tokens]
"""

import random
import sqlite3
import sys
import tempfile
import time
import tracemalloc
from array import array
from collections.abc import Callable
from contextlib import closing
from math import nan
from pathlib import Path

import numpy as np

from desktop.page.layer_blocks import LAYER_ROW
from desktop.page.layer_table import LayerTable
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.delta import Delta
from desktop.pagefile.opening import open_page
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading

STEP = 64  # tokens of one event of a score
SCREEN = 2_000  # units
THEIRS = Source("another model", "read")


def span(number: int, word: str) -> Span:
    ten = array("f", [-1.0] * 10)
    names = tuple(b"%d" % place for place in range(10))
    found = Alternatives(array("i", range(10)), ten, ten, bytes(10), names)
    return Span(word, (Reading(number, word.encode(), -1.5, 2, 1.75, -1.5, nan, nan, nan, found),))


def taken(work: Callable[[], object]) -> float:
    """Milliseconds of processor time: other programs that run do not count."""
    start = time.thread_time()
    work()
    return 1_000 * (time.thread_time() - start)


def show(name: str, times: list[float]) -> None:
    middle, high, worst = np.percentile(times, (50, 99, 100))
    print(f"{name:44} {middle:8.2f} {high:8.2f} {worst:8.2f}")


def main(tokens: int) -> None:
    chance = random.Random(1)
    spans = [span(number, f" w{number}") for number in range(1_000)]
    text = [chance.choice(spans) for _ in range(tokens)]
    page = Page()
    page.write(0, 0, "".join(one.text for one in text))
    print(f"{tokens:,} tokens; milliseconds of processor time: median, p99, worst")
    folder = tempfile.TemporaryDirectory()
    path, tracker, saving = Path(folder.name) / "page.inkfall", Tracker(), list[Delta]()
    store = create_page(path)

    def take() -> None:
        delta = tracker.take(page.contents, View(), Facts())
        assert delta is not None
        saving[:] = [delta]

    take()
    store.write(saving)
    adding, taking, writing = list[float](), list[float](), list[float]()
    offset = 0
    for first in range(0, tokens, STEP):
        part = text[first : first + STEP]
        adding.append(taken(lambda offset=offset, part=part: page.layers.add(offset, part, THEIRS, "B")))
        taking.append(taken(take))
        writing.append(taken(lambda: store.write(saving)))
        offset += sum(len(one.text) for one in part)
    show(f"add {STEP} tokens", adding)
    show("take them for the file", taking)
    show("write them", writing)
    places = [chance.randrange(max(1, page.length - SCREEN)) for _ in range(300)]
    show(
        f"find the rows of {SCREEN:,} units",
        [taken(lambda at=at: page.layers.rows(THEIRS.fingerprint, at, at + SCREEN)) for at in places],
    )
    show(
        "a reading",
        [taken(lambda at=at: page.layers.readings_at(at, THEIRS.fingerprint)) for at in places],
    )
    one = Source("a third model", "read")
    show("add 4,000 tokens at once", [taken(lambda: page.layers.add(0, text[:4_000], one, "C"))])
    take()
    store.write(saving)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        size = connection.execute("SELECT sum(length(rows)) FROM readings").fetchone()[0]
    show("open the page", [taken(lambda: open_page(path).reader.close()) for _ in range(5)])
    folder.cleanup()
    print(f"in the file: {size / (tokens + 4_000):.0f} bytes a token, without alternatives")
    tracemalloc.start()
    table = LayerTable()
    rows = np.zeros(tokens, LAYER_ROW)
    rows["bound"], rows["length"], rows["parts"] = np.random.default_rng(1).integers(0, 2**63, tokens), 1, 1
    for first in range(0, tokens, STEP):
        table.add(rows[first : first + STEP])
    print(f"memory of the table: {(tracemalloc.get_traced_memory()[0] - rows.nbytes) / tokens:.0f} bytes a token")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
