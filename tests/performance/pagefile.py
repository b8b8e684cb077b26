"""Measures a page's file: `python -m tests.performance.pagefile [tokens …] [--starter MODEL.gguf] [--layers N]`.

The page is streamed like a generation. Readings are random numbers (the worst case for size) or, with a model, the
readings of its text, repeated. GUI thread: taking changes, reading rows that come into view. Writing thread: the rest.
"""

import argparse
import gc
import os
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import numpy as np
import psutil

from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.delta import Delta
from desktop.pagefile.opening import open_page
from desktop.pagefile.store import Store, create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.unopened import peek, text_of
from desktop.pagefile.values import Facts, View
from models.engine.events import Sampled, Span
from models.engine.prefix import Patch, TextPiece
from models.engine.requests import Draws, Generate
from models.launch.in_process import open_model
from models.library.load_options import LoadOptions
from models.sampling.knobs import Sampling
from models.sampling.readings import Alternatives, ChainEffect, Reading
from models.worker.evaluation_thread import ThreadWorker
from models.worker.loop import Loop
from tests.desktop.page.writing import write_spans

FRAME = 40  # tokens between two takes: 200 a second, five takes a second
WATCHED = 6_000  # tokens at the end that are taken and written frame by frame; those before, fifty frames at once
WORDS = (" the", " of", "ing", " page", ",", " and", "s", " a", ".\n", " model", "ed", " that", " is", "er", " un", "l")


def random_spans(seed: int) -> Iterator[Span]:
    """Tokens whose numbers cannot be made smaller."""
    chance = np.random.default_rng(seed)
    while True:
        ids = chance.integers(0, 262_144, (256, 10))
        logs = -np.sort(chance.exponential(3, (256, 10)), axis=1)
        finals = logs - chance.exponential(1, (256, 10))
        draws = np.sort(chance.random((256, 3)), axis=1)
        for i in range(256):
            text = WORDS[int(ids[i, 0]) % len(WORDS)]
            spelt = tuple(WORDS[int(token) % len(WORDS)].encode() for token in ids[i])
            arrays = array("i", ids[i].tolist()), array("f", logs[i].tolist()), array("f", finals[i].tolist())
            found = Alternatives(*arrays, bytes(10), spelt)
            low, draw, high = draws[i].tolist()
            rank, entropy = int(chance.integers(1, 99)), float(chance.random() * 9)
            odds = logs[i, 0], rank, entropy, finals[i, 0], draw, low, high
            left, held, nats = int(chance.integers(1, 262_144)), float(chance.random()), float(chance.random() * 9)
            reading = Reading(int(ids[i, 0]), spelt[0], *odds, found, effect=ChainEffect.of(left, held, nats))
            yield Span(text, (reading,))


def written_spans(model: Path, count: int, samplers: bool) -> list[Span]:
    """Spans that the model writes, with their readings. samplers: that change every number."""
    sampling = Sampling(temperature=0.8, top_p=0.95, ignore_eos=True) if samplers else Sampling(ignore_eos=True)
    backend = open_model(model, LoadOptions(context=2_048), lambda _share: True)
    with closing(backend), closing(ThreadWorker()) as ahead:
        loop = Loop(backend, ahead, time.monotonic)
        job = Generate(1, Patch(0, 0, ()), sampling, count, (Draws(7),), top=10)
        events = loop.generate(job, (TextPiece("It was a bright cold day in April. "),), time.monotonic())
        return [span for event in events if isinstance(event, Sampled) for span in event.spans]


def streamed(
    page: Page, spans: Iterator[Span], count: int, frame: int, each: Callable[[], None], layers: int = 0
) -> None:
    """Stream that many more tokens, a frame at a time. layers: as many other models read each frame."""
    for first in range(0, count, frame):
        some, start = list(islice(spans, min(frame, count - first))), page.length
        write_spans(page, some)
        read_by_others(page, start, some, layers)
        each()


def reader(number: int) -> str:
    """The fingerprint of one of the models that read."""
    return f"reader {number}"


def read_by_others(page: Page, start: int, spans: list[Span], layers: int) -> None:
    """Let that many models read this text from start on, in the same tokens and without alternatives, which are stored
    as those of the page are."""
    none = Alternatives(array("i"), array("f"), array("f"), b"", ())
    bare = [replace(span, readings=tuple(replace(one, alternatives=none) for one in span.readings)) for span in spans]
    for number in range(layers):
        page.layers.add(start, bare, Source(reader(number), "read"), reader(number))


class Bench:
    """One page and its file."""

    def __init__(self, path: Path) -> None:
        self.page = Page()
        self.path = path
        self.store: Store = create_page(path)
        self.tracker = Tracker()
        self.takes: list[float] = []
        self.writes: list[float] = []
        self.number = 0

    def save(self) -> None:
        self.number += 1
        start = time.thread_time()
        delta = self.tracker.take(self.page.contents, View(self.number), Facts())
        self.takes.append(time.thread_time() - start)
        assert delta is not None
        self.write(delta)

    def write(self, delta: Delta) -> None:
        start = time.perf_counter()
        self.store.write([delta])
        self.writes.append(time.perf_counter() - start)


def memory() -> float:
    gc.collect()
    return psutil.Process(os.getpid()).memory_info().rss / 2**20


def milliseconds(times: list[float]) -> str:
    ordered = sorted(times)
    return f"{1e3 * median(ordered):7.2f} {1e3 * ordered[int(0.99 * (len(ordered) - 1))]:7.2f} {1e3 * ordered[-1]:8.2f}"


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bench(folder: Path, count: int, spans: Iterator[Span], layers: int) -> None:
    empty = memory()
    run = Bench(folder / f"{count}.inkfall")
    run.page.begin_generation(Source("a model", seed=1))
    watched = min(count, WATCHED)
    streamed(run.page, spans, count - watched, 50 * FRAME, run.save, layers)
    run.takes.clear()
    run.writes.clear()
    streamed(run.page, spans, watched, FRAME, run.save, layers)
    run.page.end_generation()
    print(f"\n{count:,} tokens                      median     p99      max ms")
    print(f"  take while streaming        {milliseconds(run.takes[1:] or run.takes)}")
    print(f"  write of a frame            {milliseconds(run.writes[1:] or run.writes)}")
    page, middle = run.page, run.page.length // 2
    run.takes.clear()
    run.writes.clear()
    for _ in range(20):
        page.write(middle, 0, "x", joins=True)
        run.save()
    print(f"  take after a key, middle    {milliseconds(run.takes)}")
    print(f"  write of it                 {milliseconds(run.writes)}")
    print(f"  memory of page and saving   {memory() - empty:7.0f} MB")
    print(f"  close                       {1e3 * timed(run.store.close):7.0f} ms")
    size = run.path.stat().st_size
    print(f"  file                        {size / 2**20:7.1f} MB, {size / count:.1f} bytes a token")
    del page, run
    reopen(folder / f"{count}.inkfall", count)


def reopen(path: Path, count: int) -> None:
    empty = memory()
    print(f"  peek                        {1e3 * timed(lambda: peek(path)):7.1f} ms")
    print(f"  text_of                     {1e3 * timed(lambda: text_of(path)):7.1f} ms")
    start = time.perf_counter()
    opened = open_page(path)
    page = Page()
    page.put(opened.contents)
    print(f"  open                        {1e3 * (time.perf_counter() - start):7.1f} ms, {memory() - empty:.0f} MB")
    chance = np.random.default_rng(1)
    places = chance.integers(0, page.length, 60).tolist()
    rows = [timed(lambda p=p: page.tokens(p, p + 400)) for p in places]
    readings = [timed(lambda p=p: page.readings_at(p)) for p in chance.integers(0, page.length, 60).tolist()]
    print(f"  rows that come into view    {milliseconds(rows)}")
    print(f"  a reading, by chance        {milliseconds(readings)}")
    for layer in page.layers:
        rows = [timed(lambda p=p, layer=layer: page.layers.rows(layer.fingerprint, p, p + 400)) for p in places]
        print(f"  rows of a layer             {milliseconds(rows)}")
    print(f"  memory after that           {memory() - empty:7.0f} MB")
    start = time.thread_time()
    stale = int(page.stale(page.tokens(page.length - 400, page.length)).sum())
    print(f"  staleness at the end        {1e3 * (time.thread_time() - start):7.1f} ms ({stale} stale)")
    start = time.thread_time()
    page.write(0, page.length, "another text")
    delta = opened.tracker.take(page.contents, View(), Facts())
    replaced = time.thread_time() - start
    print(f"  replace all, and take       {1e3 * replaced:7.1f} ms")
    assert opened.store is not None and delta is not None
    opened.store.write([delta])
    start = time.thread_time()
    page.undo()
    opened.tracker.take(page.contents, View(), Facts())
    print(f"  undo of that, and take      {1e3 * (time.thread_time() - start):7.1f} ms")
    page.tokens(0, page.length)
    opened.tracker.forget()
    start = time.thread_time()
    whole = opened.tracker.take(page.contents, View(), Facts())
    print(f"  take of the whole page      {1e3 * (time.thread_time() - start):7.1f} ms")
    other = create_page(path.with_name("other.inkfall"))
    assert whole is not None
    print(f"  write of the whole page     {1e3 * timed(lambda: other.write([whole])):7.0f} ms")
    print(f"  memory after all that       {memory() - empty:7.0f} MB")
    other.close()
    opened.store.close()
    other.path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tokens", type=int, nargs="*", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--starter", type=Path, help="a model whose readings are measured instead")
    parser.add_argument("--samplers", action="store_true", help="temperature 0.8 and top-p 0.95 in those readings")
    parser.add_argument("--written", type=int, default=3_000, help="tokens that the model writes; they are repeated")
    parser.add_argument("--layers", type=int, default=0, help="models that read all of the page")
    wanted = parser.parse_args()
    spans: Iterator[Span] = random_spans(1)
    if wanted.starter:
        spans = cycle(written_spans(wanted.starter, wanted.written, wanted.samplers))
    with tempfile.TemporaryDirectory() as folder:
        for count in wanted.tokens:
            bench(Path(folder), count, spans, wanted.layers)


if __name__ == "__main__":
    main()
