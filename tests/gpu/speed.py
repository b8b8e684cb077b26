"""The speed of a graphics device: bare llama.cpp beside our loop with its readings and the same through the pipe.

    .venv-gpu/bin/python -m tests.gpu.speed [--rounds N] [--tokens N] [--software]

On random-weight models made here, in the shapes of Gemma 3 270M and of an 8B Llama in 4 bits; the large one only where
three copies of it fit on a device, as three ways of running it take turns. Nothing is asserted: it prints a table. On a
fast device the time that each token costs beside llama.cpp counts more than a share, so it is printed in milliseconds.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from models.engine.events import Loaded
from models.launch.device_probe import SeenDevice, probe
from tests.models.library import shapes

if TYPE_CHECKING:
    from models.benchmark import Rate

SMALL = shapes.Shape(
    "gemma3", 640, 18, heads=4, key_heads=1, head=256, inner=2_048, vocabulary=262_144, tied=True, window=512,
    context=8_192, quantised=True,
)  # fmt: skip
LARGE = shapes.Shape(
    "llama", 4_096, 32, heads=32, key_heads=8, head=128, inner=14_336, vocabulary=128_256, context=8_192,
    quantised=True,
)  # fmt: skip
FOR_LARGE = 24 << 30  # bytes free on a device
TOP = 20
HEADING = f"{'':<26}{'tokens/s':>20}{'':>7}{'ms a step':>24}{'our cost in ms':>24}"
COLUMNS = f"{'work':<26}{'bare':>10}{'ours':>10}{'share':>7}{'bare':>12}{'ours':>12}{'a step':>12}{'a token':>12}"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured. rounds: turns that count. tokens: of a turn, in each stream. prompts: tokens read."""

    rounds: int
    tokens: int
    prompts: tuple[int, ...]
    streams: tuple[int, ...] = (8, 16)


DEVICE = Effort(5, 128, (512, 4_096))
SOFTWARE = Effort(1, 4, (64,))  # a token takes half a second there


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. bare, ours: tokens a second. width: tokens of a step: one of each stream, or a prompt."""

    work: str
    bare: float
    ours: float
    width: int = 1

    def __str__(self) -> str:
        bare, ours = (1_000 * self.width / rate for rate in (self.bare, self.ours))
        rates = f"{self.work:<26}{self.bare:10,.1f}{self.ours:10,.1f}{self.ours / self.bare:7.2f}"
        return f"{rates}{bare:12,.3f}{ours:12,.3f}{ours - bare:12,.3f}{(ours - bare) / self.width:12,.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, help=f"turns that count ({DEVICE.rounds}; {SOFTWARE.rounds} in software)")
    parser.add_argument("--tokens", type=int, help=f"tokens of a turn ({DEVICE.tokens}; {SOFTWARE.tokens} in software)")
    parser.add_argument("--software", action="store_true", help="measure even where the device is the processor")
    options = parser.parse_args()
    if not any(Path("/dev/dri").glob("renderD*")):
        os.environ.setdefault("GGML_VK_VISIBLE_DEVICES", "0")
    found = probe()
    device = next((one for one in found.devices if one.graphics), None)
    if device is None:
        sys.exit("There is no graphics device here.")
    software = "llvmpipe" in device.description
    if software and not options.software:
        print(f"{device.description} is no device to measure speed on; --software does it all the same (10 minutes).")
        return
    usual = SOFTWARE if software else DEVICE
    effort = Effort(options.rounds or usual.rounds, options.tokens or usual.tokens, usual.prompts)
    print(f"{device.name}: {device.description}, {device.free / 1e9:.1f} GB free; llama.cpp {found.llama}")
    print(f"{effort.tokens} tokens a stream, median of {effort.rounds}; our cost is our time less the bare loop's")
    for name, shape in _models(device):
        with tempfile.TemporaryDirectory() as folder:
            start = perf_counter()
            path = shapes.make(Path(folder, "random.gguf"), shape)
            size, seconds = path.stat().st_size / 1e9, perf_counter() - start
            print(f"\n{name}: {size:.2f} GB of random weights, made in {seconds:.0f} s\n{HEADING}\n{COLUMNS}")
            for row in rows(path, effort):
                print(row, flush=True)


def _models(device: SeenDevice) -> list[tuple[str, shapes.Shape]]:
    small, large = ("270M shape, 4 bits", SMALL), ("8B shape, 4 bits", LARGE)
    return [small, large] if device.free > FOR_LARGE else [small]


def rows(path: Path, effort: Effort) -> Iterator[Row]:
    """Measure everything on that model. Raises ModelError."""
    from models import benchmark  # only here: it asks llama.cpp for its devices, and the environment is set now

    with contextlib.ExitStack() as until_the_end:
        enter = until_the_end.enter_context
        kinds = [
            enter(benchmark.bare_loop(path, 0, effort.tokens)),
            *(enter(made(path, effort.tokens, TOP)) for made in (benchmark.reading_loop, benchmark.piped)),
        ]
        bare, readings, piped = benchmark.in_turns(kinds, effort.rounds)
    yield Row("writing, with readings", bare, readings)
    yield Row("writing, through the pipe", bare, piped)
    for streams in effort.streams:
        with benchmark.both_streams(path, streams, effort.tokens, TOP) as both:
            bare, ours = benchmark.in_turns(both, effort.rounds)
        yield Row(f"{streams} streams, piped", bare, ours, streams)
    for tokens in effort.prompts:
        with bare_prompt(path, tokens) as bare_rate, piped_prompt(path, tokens) as our_rate:
            bare, ours = benchmark.in_turns([bare_rate, our_rate], effort.rounds)
        yield Row(f"a prompt of {tokens:,}, piped", bare, ours, tokens)


@contextlib.contextmanager
def bare_prompt(path: Path, tokens: int) -> Generator[Rate]:
    """llama.cpp alone: a prompt in chunks of our size, and the logits behind it. Yields a function that measures
    tokens/s.
    """
    from tests.models.asking import opened

    with opened(path) as model:
        ids, chunk = range(shapes.FIRST_NUMBER, shapes.FIRST_NUMBER + tokens), model.facts.batch

        def rate() -> float:
            model.truncate(0)
            start = perf_counter()
            for first in range(0, tokens - chunk, chunk):
                model.read(ids[first : first + chunk])
            model.evaluate(ids[(tokens - 1) // chunk * chunk :])
            return tokens / (perf_counter() - start)

        yield rate


@contextlib.contextmanager
def piped_prompt(path: Path, tokens: int) -> Generator[Rate]:
    """The same through the child, from the request's arrival there to the first token with its reading: another prompt
    each time. Yields a function that measures tokens/s.
    """
    from models.benchmark import WRITING
    from models.engine.prefix import TextPiece
    from models.launch import launcher
    from tests.models.asking import answer

    with tempfile.TemporaryDirectory() as folder, contextlib.closing(launcher.engine(Path(folder, "log"))) as engine:
        loaded = answer(engine, engine.load(path)).events[-1]
        assert isinstance(loaded, Loaded), loaded
        starts = count(1_000, 100)

        def rate() -> float:
            start = next(starts)
            text = " ".join(str(number) for number in range(start, start + tokens - 1))  # a token each, and one before
            ended = answer(engine, engine.generate([TextPiece(text)], WRITING, 1, 7, top=TOP)).ended
            return ended.evaluated / ended.first

        yield rate


if __name__ == "__main__":
    main()
