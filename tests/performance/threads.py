"""The processor time of each thread while a model writes through the pipe: `python -m tests.performance.threads
MODEL.gguf`. Linux only.

What runs beside an evaluation on few cores holds it up. Prints, for one token, the time that each thread of the child
and of this process ran, and that it waited for a core, as the kernel counts them.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from models.benchmark import PROMPT, WRITING, answers, engine_with
from models.engine.prefix import TextPiece

TOKENS = 200
ROUNDS = 3
LEAST = 0.01  # milliseconds a token: threads that run less are left out


@dataclass(frozen=True, slots=True)
class Times:
    """Of one thread, in milliseconds. ran: on a core; waited: for one."""

    ran: float
    waited: float


def times_of(process: int) -> dict[int, Times]:
    """Of every thread of the process, by its id."""
    found: dict[int, Times] = {}
    for folder in Path(f"/proc/{process}/task").iterdir():
        ran, waited, _ = map(int, (folder / "schedstat").read_text().split())
        found[int(folder.name)] = Times(ran / 1e6, waited / 1e6)
    return found


def main(model: str) -> None:
    with engine_with(Path(model)) as engine:
        assert engine.pid
        processes = {"child": engine.pid, "parent": os.getpid()}
        for round_ in range(1 + ROUNDS):  # the first one warms up
            before = {name: times_of(process) for name, process in processes.items()}
            for _ in answers(engine, engine.generate([TextPiece(PROMPT)], WRITING, TOKENS, 7, top=20)):
                pass
            if round_:
                show(before, {name: times_of(process) for name, process in processes.items()})


def show(before: dict[str, dict[int, Times]], after: dict[str, dict[int, Times]]) -> None:
    for name, threads in after.items():
        for thread, now in sorted(threads.items()):
            then = before[name].get(thread, Times(0, 0))
            ran, waited = (now.ran - then.ran) / TOKENS, (now.waited - then.waited) / TOKENS
            if ran > LEAST:
                sys.stdout.write(f"{name:8} ran {ran:7.3f} ms, waited {waited:7.3f} ms a token\n")
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
