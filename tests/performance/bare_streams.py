"""A bare loop of several streams in a process of its own: `python -m tests.performance.bare_streams MODEL STREAMS`.

Prints two numbers of bytes, of memory that is not a file's: with all imported, and at the end of the loop.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

from models import benchmark


def own_memory(process: psutil.Process) -> int:
    """Bytes of a process that no file backs: weights that are mapped do not count (on Linux)."""
    info = process.memory_info()
    return info.rss - getattr(info, "shared", 0)


def main(path: str, streams: str) -> None:
    process = psutil.Process()
    imported = own_memory(process)
    with benchmark.bare_streams(Path(path), int(streams), benchmark.STREAM_TOKENS) as rate:
        rate()
        print(imported, own_memory(process))


if __name__ == "__main__":
    main(*sys.argv[1:])
