"""How fast a model writes beside other work: `python -m tests.performance.crowded MODEL.gguf`.

Prints tokens per second through the pipe alone, beside a program that occupies a core, and with two engines at once,
medians of a few rounds in turns. llama.cpp's threads wait for each other by spinning; with GOMP_SPINCOUNT=1000 in the
environment they soon sleep instead (docs/performance.md).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.benchmark import PROMPT, WRITING, answers, engine_with, last
from models.engine.engine import Engine
from models.engine.prefix import TextPiece

TOKENS = 48
ROUNDS = 3
BUSY = [sys.executable, "-c", "while True: pass"]


def main(model: str) -> None:
    found: dict[str, list[float]] = {"alone": [], "beside a busy core": [], "two at once, each": []}
    with engine_with(Path(model)) as engine, engine_with(Path(model)) as other:
        for one in (engine, other):
            speed(one)  # warms up
        for _ in range(ROUNDS):
            found["alone"].append(speed(engine))
            busy = subprocess.Popen(BUSY)
            found["beside a busy core"].append(speed(engine))
            busy.kill()
            busy.wait()
            with ThreadPoolExecutor(2) as pool:
                found["two at once, each"] += pool.map(speed, (engine, other))
    for kind, speeds in found.items():
        sys.stdout.write(f"{kind:20} {statistics.median(speeds):6.1f} tokens/s\n")


def speed(engine: Engine) -> float:
    """Tokens per second behind the first one."""
    ended = last(answers(engine, engine.generate([TextPiece(PROMPT)], WRITING, TOKENS, 7, top=20)))
    return (ended.tokens - 1) / (ended.total - ended.first)


if __name__ == "__main__":
    main(*sys.argv[1:])
