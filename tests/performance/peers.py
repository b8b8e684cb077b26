"""Compares our speed with llama.cpp's own benchmarks: `make bench-peers`, or `python -m tests.performance.peers
[MODEL.gguf] [--rounds 3] [--no-window]`.

All kinds of one row run in turns; a row shows the median of each and the median of the turns' ratios, so that other
load on the machine affects all alike. About eight minutes on two quiet cores, and once five more for the build.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

import psutil

from desktop.terminal.bench_window import measure_window
from models import benchmark
from models.benchmark import WRITING, answers, engine_with, last, opened
from models.engine.engine import Engine
from models.engine.events import Ended, Event, Sampled
from models.engine.prefix import TokenPiece
from models.engine.requests import Draws
from models.library import memory, starter
from models.library.model_files import read_whole
from models.llamacpp import huge_pages
from models.sampling.knobs import NEUTRAL
from tests.models import tiny_kinds
from tests.performance import llama_tools
from tests.performance.bare_streams import own_memory

TOP = 20
BATCHES = (128, 256, 512)  # values of -ub tried; the best counts
HELD = 2_000  # tokens that the model holds while it is asked about a random place
LOOKS = 40
SCORED = (1_000, 4_000)  # tokens: memory is the same behind both
INSTALLED = Path(__file__).resolve().parents[2] / ".data" / "models"

Kinds = dict[str, Callable[[], float]]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="peers")
    parser.add_argument("model", nargs="?", type=Path, help="a GGUF file (the starter)")
    parser.add_argument("--rounds", type=int, default=3, help="turns that count")
    parser.add_argument("--no-window", action="store_true")
    parser.add_argument("--only", default="", help="rows whose title holds this text")
    options = parser.parse_args(arguments)
    model: Path = options.model or starter.installed(INSTALLED) or starter.install(INSTALLED)
    table = Table(model, llama_tools.built(), options.rounds, options.only)
    began, load = time.monotonic(), psutil.getloadavg()[0]
    print(f"{model.name}, {os.cpu_count()} cores, load before {load:.2f}, medians of {options.rounds} turns\n")
    print("| work | ours | of | ratio | goal |\n| --- | --- | --- | --- | --- |", flush=True)
    table.writing()
    if not options.no_window:
        table.window()
    for tokens in (512, 4_096):
        table.reading(tokens)
    for streams in benchmark.TOGETHER:
        table.streams(streams)
    table.looks()
    table.scoring()
    table.hybrid()
    table.streams_memory()
    print(f"\n{time.monotonic() - began:.0f} s, load after {psutil.getloadavg()[0]:.2f}")


class Table:
    """Measures row by row, and prints each. rounds: turns that count. only: measures the rows that hold this text."""

    def __init__(self, model: Path, binaries: Path, rounds: int, only: str) -> None:
        self._model, self._binaries, self._rounds, self._only = model, binaries, rounds, only

    # -------------------------------------------------------------------------------------------- writing

    def writing(self) -> None:
        if self._wanted("writing with readings (top 20), through the pipe"):
            with benchmark.piped(self._model, 128, TOP) as ours:
                self._compare({"ours": ours, "llama-bench tg128": lambda: self._bench("-p", "0", "-n", "128")}, "0.96")

    def window(self) -> None:
        if self._wanted("the same in the window while it paints"):
            kinds = {
                "ours": lambda: measure_window(str(self._model))["tokens_per_second"],
                "llama-bench tg128": lambda: self._bench("-p", "0", "-n", "128"),
            }
            self._compare(kinds, "0.88", warm=False)

    def streams(self, count: int) -> None:
        if not self._wanted(f"{count} streams with readings, prefix 128, 64 tokens each"):
            return
        with benchmark.both_streams(self._model, count, benchmark.STREAM_TOKENS, TOP) as (bare, ours):
            kinds: Kinds = {"ours": ours, "bare loop of that width": bare}
            lengths = count, benchmark.PREFIX, benchmark.STREAM_TOKENS
            kinds["llama-batched-bench"] = lambda: llama_tools.batched_bench(self._binaries, self._model, *lengths)
            self._compare(kinds, "0.92" if count == benchmark.TOGETHER[0] else "0.90")

    # -------------------------------------------------------------------------------------------- reading

    def reading(self, tokens: int) -> None:
        if not self._wanted(f"reading a prompt of {tokens:,} tokens, to the first token"):
            return
        with benchmark.prompt(self._model, tokens) as ours:
            kinds: Kinds = {"ours": ours}
            for batch in BATCHES:
                kinds[f"llama-bench -ub {batch}"] = lambda batch=batch: self._bench(
                    "-p", str(tokens), "-n", "0", "-ub", str(batch), "--no-warmup"
                )
            self._compare(kinds, "0.92", best=True, warm=tokens < HELD)

    def looks(self) -> None:
        if not self._wanted(f"a look at a random place of {HELD:,} held tokens"):
            return
        chance = random.Random(7)
        with self._held(self._model, HELD) as (engine, ids):
            seconds, read = list[float](), list[int]()
            for _ in range(LOOKS):
                place = chance.randrange(1, HELD)
                ended = _ended(answers(engine, engine.look([TokenPiece(ids[:place])], NEUTRAL, TOP)))
                seconds.append(ended.total)
                read.append(ended.evaluated)
        worst, middle = 1_000 * max(seconds), 1_000 * statistics.median(seconds)
        self._row(
            f"{middle:.0f} ms, at most {worst:.0f}", f"{max(read)} tokens read at most", "", "≤ one chunk, 300 ms"
        )

    def scoring(self) -> None:
        few, most = SCORED
        if not self._wanted(f"scoring {most:,} tokens"):
            return
        with engine_with(self._model) as engine, opened(self._model, 0) as model:
            second, ids = model.open_second(most, memory.OUTPUTS), _tokens(most)
            child = psutil.Process(engine.pid)

            def bare() -> float:
                second.truncate(0)
                began = time.perf_counter()
                for first in range(0, most, memory.OUTPUTS):
                    second.evaluate_each(ids[first : first + memory.OUTPUTS])
                return most / (time.perf_counter() - began)

            def ours(tokens: int = most) -> float:
                ended = _ended(answers(engine, engine.score([TokenPiece(ids[:tokens])], TOP)))
                return ended.tokens / ended.total

            ours(few)
            before = own_memory(child)
            self._compare({"ours": ours, "llama.cpp, logits at every position": bare}, "0.90", warm=False)
            grown = own_memory(child) - before - _cache(self._model, most) + _cache(self._model, few)
        less = f"memory behind {most:,} tokens, less that behind {few:,} and less the cache"
        self._row(f"{grown / 2**20:+.0f} MB", less, "", "flat", "  of it")

    def hybrid(self) -> None:
        if not self._wanted(f"a hybrid (tiny Jamba): write again at the end of {HELD:,} tokens"):
            return
        with tempfile.TemporaryDirectory() as folder:
            path = tiny_kinds.make(Path(folder, "jamba.gguf"), "jamba", context=HELD + 304)
            with self._held(path, HELD, vocabulary=250) as (engine, ids):
                draws = [[Draws(7, take)] for take in range(1, self._rounds + 1)]
                found = [
                    last(answers(engine, engine.generate_streams([TokenPiece(ids)], WRITING, 8, one, TOP)))
                    for one in draws
                ]
        read, first = max(ended.evaluated for ended in found), statistics.median(ended.first for ended in found)
        self._row(f"{read} tokens read, {1_000 * first:.1f} ms", f"{HELD:,} tokens", "", "≤ one chunk")

    # -------------------------------------------------------------------------------------------- memory

    def streams_memory(self) -> None:
        count = benchmark.TOGETHER[-1]
        if not self._wanted(f"memory of the child while {count} streams write"):
            return
        command = [sys.executable, "-m", "tests.performance.bare_streams", str(self._model), str(count)]
        with huge_pages.asked_for():  # the weights lie in its memory, too
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        imported, bare = map(int, printed)
        with engine_with(self._model) as engine:
            child, most = psutil.Process(engine.pid), 0
            draws = [Draws(7, take) for take in range(count)]
            pieces = [TokenPiece(_tokens(benchmark.PREFIX))]
            job = engine.generate_streams(pieces, WRITING, benchmark.STREAM_TOKENS, draws, TOP)
            for event in answers(engine, job):
                most = max(most, own_memory(child)) if isinstance(event, Sampled) else most
            kept = 4 * memory.sizes(read_whole(self._model)).vocabulary
        less = f"{bare / 2**20:.0f} MB of a bare loop ({imported / 2**20:.0f} MB with all imported)"
        self._row(f"{most / 2**20:.0f} MB", less, f"{(most - bare) / 2**20:+.0f} MB", "≤ 60 MB")
        self._row(f"{kept / 2**20:.0f} MB", "kept logits of the starting point", "", "apart", "  of it")

    # -------------------------------------------------------------------------------------------- helpers

    def _wanted(self, title: str) -> bool:
        self._title = title
        return self._only in title

    def _bench(self, *options: str) -> float:
        return llama_tools.bench(self._binaries, self._model, *options)

    @contextlib.contextmanager
    def _held(self, model: Path, tokens: int, vocabulary: int = 10_000) -> Generator[tuple[Engine, array[int]]]:
        """An engine that has read a page of that many tokens, and written on behind it."""
        ids = _tokens(tokens, vocabulary)
        with engine_with(model) as engine:
            last(answers(engine, engine.generate([TokenPiece(ids)], WRITING, 8, 7)))
            yield engine, ids

    def _compare(self, kinds: Kinds, goal: str, *, best: bool = False, warm: bool = True) -> None:
        """Run ours and its peers in turns, and print a row for each peer, or for the best one alone."""
        if warm:
            benchmark.in_turns(list(kinds.values()), 0)
        turns = [[kind() for kind in kinds.values()] for _ in range(self._rounds)]
        medians = dict(zip(kinds, map(statistics.median, zip(*turns, strict=True)), strict=True))
        peers = list(kinds)[1:]
        if best:
            peers = [max(peers, key=lambda name: medians[name])]
        for name in peers:
            place = list(kinds).index(name)
            ratio = statistics.median(turn[0] / turn[place] for turn in turns)
            shown = goal if name == peers[0] else ""
            self._row(f"{medians['ours']:.1f} tokens/s", f"{name}: {medians[name]:.1f}", f"{ratio:.2f}", shown)

    def _row(self, ours: str, of: str, ratio: str, goal: str, title: str = "") -> None:
        print(f"| {title or self._title} | {ours} | {of} | {ratio} | {goal} |", flush=True)


def _tokens(count: int, vocabulary: int = 10_000) -> array[int]:
    """Random ordinary tokens. count: with the token that the engine puts before a page, where it puts one."""
    chance = random.Random(count)
    return array("i", [chance.randrange(vocabulary // 10, vocabulary) for _ in range(count - 1)])


def _ended(events: Iterable[Event]) -> Ended:
    return next(event for event in reversed(list(events)) if isinstance(event, Ended))


def _cache(model: Path, tokens: int) -> int:
    """Bytes of a cache with room for that many tokens, as the second context rounds it."""
    return memory.needed(read_whole(model), 1 << (tokens - 1).bit_length()).cache


if __name__ == "__main__":
    main(sys.argv[1:])
