"""Measures the page, from a thousand tokens to a million: `python -m tests.performance.page [largest]`.

CPU time of this thread in milliseconds, median and 99th percentile. A script, not a test: it prints and asserts
nothing.
"""

import random
import sys
import time
import tracemalloc
from array import array
from collections.abc import Callable

import numpy as np

from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading
from tests.desktop.page.conftest import WHOLE
from tests.desktop.page.writing import write_spans

SIZES = (1_000, 10_000, 100_000, 1_000_000)
WORDS = [" the", " of", ",", ".", " page", "ing", " model", "\n", " writes", "s", " a", " token"]
FRAME = 8
VISIBLE = 5_000  # units


def spans(chance: random.Random, count: int) -> list[Span]:
    """Tokens with ten alternatives each."""
    return [_span(chance.choice(WORDS), chance.randrange(200_000)) for _ in range(count)]


def _span(word: str, token: int) -> Span:
    spelt = word.encode()
    floats = array("f", [-1.0] * 10)
    found = Alternatives(array("i", [token, *range(9)]), floats, floats, bytes(10), (spelt, *[b"x"] * 9))
    return Span(word, (Reading(token, spelt, -1.0, 1, 2.0, -1.0, 0.5, 0.25, 0.75, found),))


def measured(work: Callable[[], object], times: int) -> str:
    """Median / 99th percentile of the CPU time of each call."""
    taken: list[float] = []
    for _ in range(times):
        start = time.thread_time()
        work()
        taken.append(1000 * (time.thread_time() - start))
    return f"{np.median(taken):.2f} / {np.percentile(taken, 99):.2f}"


def row(page: Page, chance: random.Random, source: Source) -> dict[str, str]:
    """One size's measurements; the page ends as long as it was, about."""
    frames = iter([spans(chance, FRAME) for _ in range(200)])
    middle = page.length // 2
    result = {"append 8": measured(lambda: write_spans(page, next(frames)), 200)}
    frames = iter([spans(chance, FRAME) for _ in range(100)])
    result["append 8 + visible stale"] = measured(
        lambda: (write_spans(page, next(frames)), page.stale(page.tokens(page.length - VISIBLE, page.length))), 100
    )
    frames = iter([spans(chance, FRAME) for _ in range(50)])
    result["append 8, key in the middle"] = measured(
        lambda: (write_spans(page, next(frames)), page.write(middle, 0, "x", joins=True)), 50
    )
    page.end_generation()
    result["key in the middle"] = measured(lambda: page.write(middle, 0, "y", joins=True), 200)
    result["tokens visible"] = measured(lambda: page.tokens(middle, middle + VISIBLE), 100)
    result["stale after key"] = measured(
        lambda: (page.write(9, 0, "z", joins=True), page.stale(page.tokens(middle, middle + VISIBLE))), 50
    )
    result["reading at"] = measured(lambda: page.readings_at(chance.randrange(page.length)), 50)
    result["pieces of all"] = measured(lambda: page.excerpt(None, source.fingerprint, WHOLE).pieces, 3)
    result["regenerate all"] = measured(lambda: page.regenerate(source), 1)
    result["switch back"] = measured(page.previous_branch, 1)
    result |= at_once(page, chance)
    result["undo everything"] = measured(lambda: all(iter(lambda: page.undo() is not None, False)), 1)
    result["redo everything"] = measured(lambda: all(iter(lambda: page.redo() is not None, False)), 1)
    result["… staleness at its end"] = measured(lambda: page.stale(page.tokens(page.length - VISIBLE, page.length)), 1)
    while page.undo() is not None:
        pass
    result["… and a key instead"] = measured(lambda: page.write(0, 0, "x"), 1)
    return result


def at_once(page: Page, chance: random.Random) -> dict[str, str]:
    """Much of the page changed in one step; it ends as it was."""
    size = page.length
    result = {"key instead of all but edges": measured(lambda: page.write(9, size - 18, "x"), 1)}
    result["… undone"] = measured(page.undo, 1)
    result["paste over all"] = measured(lambda: page.write(0, size, "another text\n" * (size // 13)), 1)
    result["… undone, paste"] = measured(page.undo, 1)
    places = sorted(chance.sample(range(0, size - 8, 8), min(20_000, size // 16)))
    result[f"{len(places):,} places changed"] = measured(lambda: page.write_many([(p, 4, "other") for p in places]), 1)
    result["… staleness at the end"] = measured(lambda: page.stale(page.tokens(page.length - VISIBLE, page.length)), 1)
    result["… undone, places"] = measured(page.undo, 1)
    return result


def filled(size: int, chance: random.Random, source: Source) -> tuple[Page, float]:
    """A page with that many tokens in one generation that is still open, and the bytes a token takes."""
    tracemalloc.start()
    page = Page()
    page.begin_generation(source)
    some = spans(chance, 1_000)
    for _ in range(size // 1_000):
        write_spans(page, some)
    memory, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return page, memory / size


def main(largest: int) -> None:
    source = Source("model", seed=1)
    for size in SIZES:
        if size > largest:
            return
        chance = random.Random(size)
        page, memory = filled(size, chance, source)
        print(f"\n{size:,} tokens, {page.length:,} units, {memory:.0f} bytes a token")
        for name, value in row(page, chance, source).items():
            print(f"  {name:28} {value:>18}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1])
