"""Benchmarks: how fast a model writes and reads here, in a bare llama.cpp loop, in our loop, and through the engine.

The bare loop calls llama.cpp by ctypes and takes the arg-max. The kinds run in turns, several times each, and the
median counts, so that other load on the computer affects all alike. desktop/terminal/bench.py prints the results.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import tempfile
import time
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.engine.engine import Engine
from models.engine.events import Died, Ended, Event, Failed, Loaded, Sampled, Started
from models.engine.launcher_protocol import Child
from models.engine.prefix import Patch, TextPiece, TokenPiece
from models.engine.requests import Draws, Generate
from models.errors import ModelError
from models.launch import launcher
from models.launch.in_process import open_model
from models.library.load_options import LoadOptions
from models.library.machine import physical_cores
from models.llamacpp import binding
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import Sampling
from models.sampling.stages import Logits
from models.worker.evaluation_thread import ThreadWorker
from models.worker.loop import Loop
from resources.language import tr

PROMPT = "It was a bright cold day in April, and the clocks were striking thirteen. "
WRITING = Sampling(ignore_eos=True, no_healing=True)  # neutral, and never ends by itself
TOGETHER = (8, 16)  # streams that write at once
PREFIX = 128  # tokens of the prefix that they share
STREAM_TOKENS = 64  # of each
PAGE = 2_000  # tokens of the page that is edited
BEFORE_END = 200  # tokens between the edited word and its end

Rate = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The results: rates in tokens a second, times in seconds. bare: by number of threads. edit: from the request to
    the first new token, after a change 200 tokens before the end of a page of 2,000; edit_evaluated: tokens evaluated
    again for it. bare_streams, streams: all tokens a second of several streams, by their number: the bare loop of that
    width, and ours with readings through the pipe.
    """

    bare: dict[int, float]
    bare_streams: dict[int, float]
    streams: dict[int, float]
    readings: float
    piped: float
    prompt: float
    create_completion: float
    edit: float
    edit_evaluated: int
    stop_to_stopped: float

    @property
    def best_bare(self) -> float:
        return max(self.bare.values())


def measure(path: Path, rounds: int = 5, tokens: int = 96, top: int = 20) -> Measured:
    """Run every benchmark, about a minute with the starter model. top: alternatives a reading. Raises ModelError."""
    with contextlib.ExitStack() as open_until_the_end:
        enter = open_until_the_end.enter_context
        bare = {threads: enter(bare_loop(path, threads, tokens)) for threads in _thread_counts()}
        with_readings, through_pipe = enter(reading_loop(path, tokens, top)), enter(piped(path, tokens, top))
        results = in_turns([*bare.values(), with_readings, through_pipe], rounds)
    together: dict[int, list[float]] = {}
    for count in TOGETHER:
        with both_streams(path, count, min(tokens, STREAM_TOKENS), top) as both:
            together[count] = in_turns(both, rounds)
    evaluated, edit = edit_seconds(path)
    return Measured(
        bare_streams={count: rates[0] for count, rates in together.items()},
        streams={count: rates[1] for count, rates in together.items()},
        bare=dict(zip(bare, results, strict=False)),
        readings=results[-2],
        piped=results[-1],
        prompt=prompt_speed(path),
        create_completion=create_completion(path),
        edit=edit,
        edit_evaluated=evaluated,
        stop_to_stopped=stop_seconds(path),
    )


def in_turns(kinds: Sequence[Rate], rounds: int) -> list[float]:
    """The median rate of each kind. Every round runs each kind once; a first round warms up and does not count."""
    turns = [[kind() for kind in kinds] for _ in range(rounds + 1)][1:]
    return [statistics.median(column) for column in zip(*turns, strict=True)]


def _thread_counts() -> list[int]:
    cores = physical_cores()
    return sorted({1, max(1, cores - 1), cores})


# ------------------------------------------------------------------------------------------------ writing


@contextlib.contextmanager
def bare_loop(path: Path, threads: int, tokens: int) -> Generator[Rate]:
    """llama.cpp alone, in a context like ours: decode, take the arg-max, decode. Yields a function that measures
    tokens/s.
    """
    with opened(path, threads) as model:
        start = model.tokenize(PROMPT, True)

        def rate() -> float:
            token = int(np.argmax(read_anew(model, start)))
            start_time = time.perf_counter()
            for _ in range(tokens):
                token = int(np.argmax(model.evaluate([token])))
            return tokens / (time.perf_counter() - start_time)

        yield rate


@contextlib.contextmanager
def reading_loop(path: Path, tokens: int, top: int) -> Generator[Rate]:
    """Our loop as the child runs it, with full readings, without the pipe. Yields a function that measures tokens/s."""
    with opened(path, 0) as model, contextlib.closing(ThreadWorker()) as evaluator:
        loop = Loop(model, evaluator, time.monotonic)
        job = Generate(1, Patch(0, 0, ()), WRITING, tokens + 1, (Draws(7),), top=top)
        yield lambda: _rate(loop.generate(job, (TextPiece(PROMPT),), time.monotonic()))


@contextlib.contextmanager
def piped(path: Path, tokens: int, top: int) -> Generator[Rate]:
    """The same through the child and its pipe, as the events arrive here. Yields a function that measures tokens/s."""
    with engine_with(path) as engine:
        yield lambda: _rate(answers(engine, engine.generate([TextPiece(PROMPT)], WRITING, tokens + 1, 7, top=top)))


def _rate(events: Iterator[Event]) -> float:
    """Tokens a second from the first token's arrival to the last's; the first of each stream is not counted."""
    times: list[float] = []
    streams: set[int] = set()
    for event in events:
        if isinstance(event, Sampled):
            times += [time.perf_counter()] * sum(len(span.readings) for span in event.spans)
            streams.add(event.stream)
    return (len(times) - len(streams)) / (times[-1] - times[0])


@contextlib.contextmanager
def both_streams(path: Path, count: int, tokens: int, top: int) -> Generator[tuple[Rate, Rate]]:
    """`count` streams of `tokens` tokens behind a prefix of PREFIX. Yields functions that measure all tokens/s: of a
    bare loop, and of ours with readings through the pipe.
    """
    with bare_streams(path, count, tokens) as bare, engine_with(path) as engine:
        with opened(path, 0) as model:
            text = " ".join(_words(model, PREFIX))
        draws = [Draws(7, take) for take in range(count)]

        def ours() -> float:
            return _rate(answers(engine, engine.generate_streams([TextPiece(text)], WRITING, tokens, draws, top)))

        yield bare, ours


@contextlib.contextmanager
def bare_streams(path: Path, count: int, tokens: int) -> Generator[Rate]:
    """llama.cpp alone with several sequences of one context: decode, take each row's arg-max, decode. Yields a function
    that measures all tokens/s after the first of each.
    """
    with opened(path, 0) as model:
        start = _page(model, PREFIX)

        def rate() -> float:
            chosen = [int(np.argmax(read_anew(model, start)))] * count
            model.fork(count)
            start_time = time.perf_counter()
            for _ in range(tokens - 1):
                rows = model.step(list(enumerate(chosen, 1)), count)
                chosen = [int(np.argmax(row)) for row in rows]
            seconds = time.perf_counter() - start_time
            model.adopt(0)
            return count * (tokens - 1) / seconds

        yield rate


def read_anew(model: LlamaModel, ids: Sequence[int]) -> Logits:
    """Read a prompt of any length in chunks, as the loop does. Returns the logits after it."""
    model.truncate(0)
    chunk = model.facts.batch
    last = (len(ids) - 1) // chunk * chunk
    for first in range(0, last, chunk):
        model.read(ids[first : first + chunk])
    return model.evaluate(ids[last:])


def create_completion(path: Path, tokens: int = 12) -> float:
    """Tokens/s of llama-cpp-python's own create_completion(logprobs=20) in a small context."""
    threads = min(physical_cores(), max(1, (os.cpu_count() or 1) // 2))  # its own default, without a container's limits
    at_once = {"n_threads": threads, "n_threads_batch": physical_cores()}
    llama: Any = binding.high_level()(str(path), n_ctx=256, **at_once, logits_all=True, verbose=False)
    llama.create_completion(PROMPT, max_tokens=2, logprobs=20)
    start_time = time.perf_counter()
    answer = llama.create_completion(PROMPT, max_tokens=tokens, logprobs=20, temperature=1.0, seed=7)
    seconds = time.perf_counter() - start_time
    count: int = answer["usage"]["completion_tokens"]
    llama.close()
    return count / seconds


# ------------------------------------------------------------------------------------------------ reading and waiting


def prompt_speed(path: Path, tokens: int = 1_024, rounds: int = 3) -> float:
    """Tokens/s of reading a new prompt of that many tokens."""
    with prompt(path, tokens) as rate:
        return in_turns([rate], rounds)[0]


@contextlib.contextmanager
def prompt(path: Path, tokens: int) -> Generator[Rate]:
    """Reading a prompt of which the engine has read nothing, from the request to the first token. Yields a function
    that measures tokens/s.
    """
    chance = np.random.default_rng(7)
    with engine_with(path) as engine:

        def rate() -> float:
            ids = array("i", chance.integers(1_000, 10_000, tokens - 1).astype(np.int32).tobytes())
            ended = last(answers(engine, engine.generate([TokenPiece(ids)], WRITING, 1, 7)))
            return ended.evaluated / ended.first

        yield rate


def edit_seconds(path: Path, rounds: int = 3) -> tuple[int, float]:
    """The tokens evaluated again, and the seconds to the next token, after one word is changed 200 tokens before the
    end of a page of 2,000.
    """
    with opened(path, 0) as model:
        words = _words(model, min(PAGE, model.facts.context - 64))
    index = len(words) * (PAGE - BEFORE_END) // PAGE
    with engine_with(path) as engine:
        last(answers(engine, engine.generate([TextPiece(" ".join(words))], WRITING, 1, 7)))
        results: list[Ended] = []
        for turn in range(rounds):
            words[index] = ("river", "house")[turn % 2]
            results.append(last(answers(engine, engine.generate([TextPiece(" ".join(words))], WRITING, 1, 7))))
    return results[-1].evaluated, statistics.median(ended.first for ended in results)


def stop_seconds(path: Path, rounds: int = 5) -> float:
    """Seconds from a stop request during generation to the event that it stopped."""
    results: list[float] = []
    with engine_with(path) as engine:
        for turn in range(rounds):
            job = engine.generate([TextPiece(PROMPT)], WRITING, None, turn)
            events = answers(engine, job)
            next(event for event in events if isinstance(event, Sampled))
            start_time = time.perf_counter()
            engine.stop(job)
            last(events)
            results.append(time.perf_counter() - start_time)
    return statistics.median(results)


# ------------------------------------------------------------------------------------------------ models and engines


@contextlib.contextmanager
def opened(path: Path, threads: int) -> Generator[LlamaModel]:
    """The model, loaded into this process. threads: for writing, 0 for the usual number. Raises ModelError."""
    model = open_model(path, LoadOptions(threads=threads), lambda _fraction: True)
    try:
        yield model
    finally:
        model.close()


@contextlib.contextmanager
def engine_with(path: Path, start: Callable[[Path], Child] = launcher.start_child) -> Generator[Engine]:
    """An engine with the model loaded. start: starts its child, as in ChildLauncher. Raises ModelError."""
    with tempfile.TemporaryDirectory() as folder:
        starter = launcher.ChildLauncher(Path(folder, "log"), start=start)
        with contextlib.closing(Engine(starter)) as engine:
            for event in answers(engine, engine.load(path)):
                if isinstance(event, Failed | Died):
                    raise ModelError(event.sentence)
            yield engine


def answers(engine: Engine, job: int) -> Iterator[Event]:
    """The events of a job until it is over."""
    while True:
        for event in engine.wait():
            yield event
            over = isinstance(event, Loaded | Failed) or (isinstance(event, Ended) and not event.left)
            if isinstance(event, Died) or (over and event.job == job):
                return


def last(events: Iterator[Event]) -> Ended:
    ended = [event for event in events if not isinstance(event, Started)][-1]
    if not isinstance(ended, Ended):
        raise ModelError(tr("The engine could not be measured: a request failed."))
    return ended


def _words(model: LlamaModel, tokens: int) -> list[str]:
    """The words of a text of about `tokens` tokens."""
    words = [str(word) for word in (PROMPT * tokens).split()]
    each = len(model.tokenize(PROMPT * 8, True)) / 8 / len(PROMPT.split())
    return words[: int(tokens / each)]


def _page(model: LlamaModel, tokens: int) -> Sequence[int]:
    return model.tokenize(PROMPT * (tokens // 8), True)[:tokens]
