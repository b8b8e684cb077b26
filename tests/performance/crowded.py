"""How fast a model writes beside other work: `python -m tests.performance.crowded MODEL.gguf`.

Prints tokens per second through the pipe alone, beside a program that occupies a core, and with two engines at once:
medians of a few rounds in turns, as it is, and of engines whose threads always spin (models/llamacpp/core_contention.py
says what that means).
"""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

from models.benchmark import PROMPT, WRITING, answers, engine_with, last
from models.engine.engine import Engine
from models.engine.prefix import TextPiece
from models.launch import engine_process
from models.launch.child_process import ChildProcess
from models.launch.launcher import start_child
from models.llamacpp import core_contention, huge_pages

TOKENS = 96
ROUNDS = 3
BUSY = [sys.executable, "-c", "while True: pass"]
Start = Callable[[Path], ChildProcess]


def main(model: str) -> None:
    found: dict[str, tuple[list[float], list[float]]] = {
        kind: ([], []) for kind in ("alone", "beside a busy core", "two at once, each")
    }
    for _ in range(ROUNDS):
        for column, start in enumerate((start_child, start_spinning)):
            for kind, speeds in measured(Path(model), start).items():
                found[kind][column].extend(speeds)
    sys.stdout.write(f"{'tokens/s':20} {'as it is':>9} {'always spinning':>16} {'ratio':>6}\n")
    for kind, columns in found.items():
        ours, other = map(statistics.median, columns)
        sys.stdout.write(f"{kind:20} {ours:9.1f} {other:16.1f} {ours / other:6.2f}\n")


def measured(path: Path, start: Start) -> dict[str, list[float]]:
    """The speeds of two engines of a kind."""
    with engine_with(path, start) as engine, engine_with(path, start) as other, ThreadPoolExecutor(2) as pool:
        for one in (engine, other):
            speed(one)  # warms up
        alone = [speed(engine)]
        busy = subprocess.Popen(BUSY)
        beside = [speed(engine)]
        busy.kill()
        busy.wait()
        return {
            "alone": alone,
            "beside a busy core": beside,
            "two at once, each": list(pool.map(speed, (engine, other))),
        }


def speed(engine: Engine) -> float:
    """Tokens per second behind the first one."""
    ended = last(answers(engine, engine.generate([TextPiece(PROMPT)], WRITING, TOKENS, 7, top=20)))
    return (ended.tokens - 1) / (ended.total - ended.first)


def start_spinning(log: Path) -> ChildProcess:
    """Like start_child, with a child whose threads spin beside other work, too."""
    with huge_pages.asked_for():
        return ChildProcess(spinning_main, str(log), name="always spins", log=log)


def spinning_main(pipe: Connection[bytes, bytes], log: str) -> None:
    core_contention.CROWDED = math.inf
    engine_process.main(pipe, log)


if __name__ == "__main__":
    main(*sys.argv[1:])
