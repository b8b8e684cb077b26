"""Where the time of a token goes in the child's loop: `python -m tests.performance.critical_path MODEL.gguf`.

Between the end of one evaluation and the start of the next nothing else can run: that is the critical path beside
llama.cpp. Prints the medians, in milliseconds of wall
time and of processor time of the thread, for one token, and for a chunk of a prompt.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from models.benchmark import PROMPT, WRITING, opened
from models.engine.prefix import Patch, TextPiece
from models.engine.requests import Draws, Generate
from models.sampling.chain import Chain
from models.sampling.pending_reading import PendingReading
from models.worker.evaluation_thread import ThreadWorker
from models.worker.loop import Loop

T = TypeVar("T")
TOKENS = 200
PROMPT_TOKENS = 2_048


class Times:
    """Begin and end of each call, by its name."""

    def __init__(self) -> None:
        self._wall: dict[str, list[float]] = defaultdict(list)
        self._cpu: dict[str, list[float]] = defaultdict(list)
        self._ended = 0.0  # the last evaluation

    def watched(self, name: str, work: Callable[..., T]) -> Callable[..., T]:
        """The same function, which is measured. Between two evaluations, what lies between is measured too."""

        def call(*arguments: Any) -> T:
            wall, cpu = time.perf_counter(), time.thread_time()
            if name == "evaluate" and self._ended:
                self._wall["between two evaluations"].append(wall - self._ended)
            try:
                return work(*arguments)
            finally:
                self._wall[name].append(time.perf_counter() - wall)
                self._cpu[name].append(time.thread_time() - cpu)
                if name == "evaluate":
                    self._ended = time.perf_counter()

        return call

    def show(self, title: str) -> None:
        print(title)
        for name, seconds in self._wall.items():
            cpu = self._cpu.get(name)
            shown = f"{1e3 * statistics.median(cpu):8.2f}" if cpu else ""
            print(f"  {name:28} {len(seconds):5} times {1e3 * statistics.median(seconds):8.2f} ms {shown}")


def main(path: str) -> None:
    with opened(Path(path), 0) as model, closing(ThreadWorker()) as evaluator:
        loop = Loop(model, evaluator, time.monotonic)
        times = Times()
        flip, reading = Chain.flip, PendingReading.reading
        Chain.flip = times.watched("choose the token", flip)
        PendingReading.reading = times.watched("its reading", reading)
        model.evaluate = times.watched("evaluate", model.evaluate)
        job = Generate(1, Patch(0, 0, ()), WRITING, TOKENS, (Draws(7),), top=20)
        for _ in loop.generate(job, (TextPiece(PROMPT),), time.monotonic()):
            pass
        times.show("a token")
        times = Times()
        chunk, ids = model.facts.batch, model.tokenize(PROMPT * (PROMPT_TOKENS // 8), True)[:PROMPT_TOKENS]
        read, evaluate = (
            times.watched("without logits", model.read),
            times.watched("with the last one's", model.evaluate),
        )
        for first in range(0, PROMPT_TOKENS, chunk):
            model.truncate(first)
            read(ids[first : first + chunk])
            model.truncate(first)
            evaluate(ids[first : first + chunk])
        times.show(f"a chunk of {chunk} tokens")


if __name__ == "__main__":
    main(*sys.argv[1:])
