"""Measures what the numbers of a stream depend on: python -m tests.performance.exactness [--gpu-layers N] [MODEL…]

Several streams write together and end one after the other. Then each writes the same tokens again: together with the
others; alone, with dummies in their places; alone, without dummies. Printed is the largest difference of a token's
log-probability, in nats: 0 means the same to the bit. Without a MODEL, tiny random ones: dense, with sliding windows, a
mixture of experts, and a hybrid, in 32-bit and in quantised weights.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from gguf import GGMLQuantizationType as Kind

from models.engine.events import Event, Sampled
from models.engine.requests import Draws, Generate, Replayed, StepWidth
from models.library.load_options import LoadOptions
from models.llamacpp.model import LlamaModel
from models.sampling.knobs import Sampling
from models.worker.loop import Loop
from models.worker.runner import Control
from tests.models import tiny, tiny_kinds
from tests.models.asking import NO_PATCH, Answer, as_pieces, looping, opened

STREAMS, TOKENS, STOPS = 7, 40, 5  # a stream ends after every fifth token of the first one
WILD = Sampling(temperature=2, ignore_eos=True)
PAGE = "Once upon a time the river was here. " * 6
KINDS: tuple[tuple[str, tiny.Architecture, bool], ...] = (
    ("dense", "llama", False),
    ("sliding windows", "gemma3", False),
    ("mixture of experts", "llama", True),
)
WEIGHTS = {"f32": None, "q8_0": Kind.Q8_0, "q4_0": Kind.Q4_0}


def made(folder: Path) -> Iterator[tuple[str, Path]]:
    """Tiny models and their names."""
    for label, weights in WEIGHTS.items():
        for name, architecture, mixture in KINDS:
            path = folder / f"{name}-{label}.gguf"
            yield f"{name}, {label}", tiny.make(path, architecture, mixture=mixture, weights=weights)
    yield "hybrid, f32", tiny_kinds.make(folder / "hybrid.gguf", "jamba")


def together(loop: Loop, again: tuple[Replayed, ...] = ()) -> Answer:
    """All streams at once, of which one ends now and then, or the tokens of streams once more."""
    stopped, events, first = set[int](), list[Event](), 0
    draws = tuple(Draws(7, take) for take in range(STREAMS))
    job = Generate(1, NO_PATCH, WILD, TOKENS, draws, 1, replayed=again)
    for event in loop.generate(job, as_pieces([PAGE]), time.monotonic(), Control(stopped.__contains__)):
        events.append(event)
        if not again and isinstance(event, Sampled) and event.stream == 0:
            first += 1
            stopped |= {STREAMS - first // STOPS} if first % STOPS == 0 else set()
    return Answer(tuple(events))


def alone(loop: Loop, number: int, again: Replayed) -> Answer:
    job = Generate(1, NO_PATCH, WILD, len(again.ids), (Draws(7, number),), 1, replayed=(again,))
    return Answer(tuple(loop.generate(job, as_pieces([PAGE]), time.monotonic())))


def steps(answer: Answer) -> tuple[StepWidth, ...]:
    sampled = [event for event in answer.events if isinstance(event, Sampled)]
    return tuple(StepWidth(event.rows, event.width) for event in sampled for span in event.spans for _ in span.readings)


def difference(one: Answer, other: Answer) -> float:
    """The largest difference of a log-probability, in nats."""
    pairs = zip(_raws(one), _raws(other), strict=True)
    return max(abs(first - second) for first, second in pairs)


def _raws(answer: Answer) -> list[float]:
    return [reading.raw for span in answer.spans for reading in span.readings]


def measured(model: LlamaModel) -> list[str]:
    with looping(model, beside=True) as loop:
        whole = together(loop)
    streams = [whole.stream(number) for number in range(STREAMS)]
    again = tuple(Replayed(s.ids, last_evaluated=s.ended.reason == "stopped") for s in streams)
    model.truncate(0)
    with looping(model, beside=True) as loop:
        found = together(loop, again)
    results = [max(difference(found.stream(number), stream) for number, stream in enumerate(streams))]
    for dummies in (True, False):
        worst = 0.0
        for number, stream in enumerate(streams):
            model.truncate(0)
            with looping(model, beside=True) as loop:
                shapes = steps(stream) if dummies else ()
                worst = max(worst, difference(alone(loop, number, Replayed(stream.ids, steps=shapes)), stream))
        results.append(worst)
    return [f"{result:.6f}" if result else "0" for result in results]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpu-layers", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL")
    arguments = parser.parse_args()
    options = LoadOptions(context=512, threads=arguments.threads, gpu_layers=arguments.gpu_layers)
    with tempfile.TemporaryDirectory() as folder:
        wanted = [(path.name, path) for path in arguments.models] or list(made(Path(folder)))
        print("model", "device", "together", "alone, dummies", "alone, no dummies", sep="\t")
        for name, path in wanted:
            with opened(path, options) as model:
                print(name, model.facts.device, *measured(model), sep="\t", flush=True)


if __name__ == "__main__":
    main()
