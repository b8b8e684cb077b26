"""What queries beside the page cost: `python -m tests.performance.queries MODEL.gguf` prints a table.

A page of 2,000 tokens is read, and then asked about: looks all over it, near the last one, at its end, a score, and the
odds of a string. The last row is the next token of the page.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from array import array
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from models.engine.events import Event, Started
from models.engine.prefix import TokenPiece
from models.engine.requests import Distribution, Draws, Generate, Look, Rechain, Score
from models.launch.in_process import open_model
from models.library.load_options import LoadOptions
from models.sampling.knobs import NEUTRAL, Sampling
from models.worker.evaluation_thread import ThreadWorker
from models.worker.loop import Loop
from tests.models.asking import NO_PATCH, always

TOKENS, CONTEXT = 2_000, 8_192
TEXT = (Path(__file__).resolve().parents[2] / "docs" / "engine.md").read_text(encoding="utf-8")


def main() -> None:
    model = open_model(Path(sys.argv[1]), LoadOptions(context=CONTEXT), always)
    evaluator = ThreadWorker()
    loop = Loop(model, evaluator, time.monotonic)
    ids, chance = model.tokenize(TEXT, True)[:TOKENS], random.Random(0)
    page = (TokenPiece(ids),)
    write = Generate(1, NO_PATCH, NEUTRAL, 1, (Draws(7),))
    print(f"{'what':32} {'times':>5} {'median ms':>9} {'most ms':>8} {'read':>6} {'memory MB':>9}")
    show("read the page, one token", [lambda: loop.generate(write, page, 0.0)])
    show("the first look, at the end", [lambda: loop.queries.look(look(), page, 0.0)])
    show("looks all over the page", [looking(loop, ids, chance.randrange(1, TOKENS)) for _ in range(100)])
    near = [chance.randrange(TOKENS - 40, TOKENS) for _ in range(20)]
    looking(loop, ids, TOKENS)
    show("looks near the last one", [looking(loop, ids, place) for place in near])
    show("looks at the same place", [looking(loop, ids, 1_000)] * 10)
    chains = (NEUTRAL, Sampling(temperature=0.5), Sampling(top_k=40, top_p=0.9, min_p=0.05), Sampling(typical=0.9))
    chains += (
        Sampling(repeat_penalty=1.2),
        Sampling(dry_multiplier=0.8),
        Sampling(mirostat=2),
        Sampling(top_n_sigma=1),
    )
    again = [rechaining(loop, sampling) for sampling in chains]
    show("another chain over kept logits", again * 3)
    strings = Distribution(1, NO_PATCH, NEUTRAL, (" the house on the river",))
    show("a distribution and a string", [lambda: loop.queries.distribution(strings, page, 0.0)] * 5)
    show("a score", [lambda: loop.queries.score(Score(1, NO_PATCH), page, 0.0)])
    show("the next token", [lambda: loop.generate(write, page, 0.0)] * 5)
    evaluator.close()
    model.close()


def look() -> Look:
    return Look(1, NO_PATCH, NEUTRAL)


def looking(loop: Loop, ids: array[int], place: int) -> Callable[[], Iterable[Event]]:
    return lambda: loop.queries.look(look(), (TokenPiece(ids[:place]),), 0.0)


def rechaining(loop: Loop, sampling: Sampling) -> Callable[[], Iterable[Event]]:
    return lambda: loop.queries.rechain(Rechain(2, 1, sampling), 0.0)


def show(what: str, jobs: list[Callable[[], Iterable[Event]]]) -> None:
    before, times, read = psutil.Process().memory_info().rss, list[float](), list[int]()
    for job in jobs:
        begun = time.perf_counter()
        events = list(job())
        times.append(1_000 * (time.perf_counter() - begun))
        read += [len(event.prompt) - event.reused for event in events if isinstance(event, Started)]
    more = (psutil.Process().memory_info().rss - before) / 2**20
    middle = statistics.median(times)
    print(f"{what:32} {len(jobs):5} {middle:9.1f} {max(times):8.1f} {statistics.median(read or [0]):6.0f} {more:9.0f}")


if __name__ == "__main__":
    main()
