"""Measures the speed of a verified download over loopback: `python -m tests.performance.download [megabytes]`.

Compared with reading the same body from the same server with the same client, unverified: discarded, and written to a
flushed file. Turns alternate, in one run; the server is a process of its own. Memory is that of this process.
docs/library.md has its output.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from models.library.download.fetch import fetch
from models.library.downloadable import Downloadable, RemoteFile
from models.library.hub.client import opened
from models.library.hub.connection import Connection
from tests.models.library.conftest import SOUND
from tests.models.library.hub_stand_in import COMMIT, StandIn, sha256

TURNS = 7
MEGABYTE = 1_000_000
NOISE = 4 * MEGABYTE


def serve(megabytes: int) -> None:
    """The server's process: says where it is and what it has, and serves until its input ends."""
    noise = random.Random(1).randbytes(NOISE)
    content = SOUND.encode() + noise * (megabytes * MEGABYTE // NOISE)
    hub = StandIn()
    hub.add("owner/name", {"a.gguf": content})
    sys.stdout.write(json.dumps([hub.endpoint, len(content), sha256(content)]) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    hub.close()


def body(endpoint: str) -> Iterator[bytes]:
    """The body as the client gives it."""
    with (
        opened(Connection(endpoint=endpoint), "measure") as client,
        client.stream("GET", f"{endpoint}/owner/name/resolve/{COMMIT}/a.gguf") as response,
    ):
        yield from response.iter_raw()


def into_nothing(endpoint: str, size: int) -> None:
    assert sum(map(len, body(endpoint))) == size


def into_a_file(endpoint: str, path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for block in body(endpoint):
            file.write(block)
        os.fsync(file.fileno())
    path.unlink()


class Memory:
    """The resident set of this process while something runs."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.before = self.most = self._process.memory_info().rss

    def look(self) -> None:
        self.most = max(self.most, self._process.memory_info().rss)


def whole(item: Downloadable, endpoint: str, folder: Path, memory: Memory) -> None:
    """A download as the program does it."""
    for value in fetch(item, folder, Connection(endpoint=endpoint)):
        if value.done % (8 * MEGABYTE) < MEGABYTE:
            memory.look()


def timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(endpoint: str, size: int, digest: str, room: Path) -> None:
    item = Downloadable("owner/name", COMMIT, "Q4_K_M", (RemoteFile("a.gguf", size, digest),))
    into_nothing(endpoint, size)  # imports, and the server's first answer
    memory, read, written, fetched = Memory(), list[float](), list[float](), list[float]()
    for _ in range(TURNS):
        read.append(timed(lambda: into_nothing(endpoint, size)))
        written.append(timed(lambda: into_a_file(endpoint, room / "plain")))
        fetched.append(timed(lambda: whole(item, endpoint, room / "models", memory)))
        shutil.rmtree(room / "models")
    print(f"{size / MEGABYTE:,.0f} MB, {TURNS} turns; median (lowest to highest)")
    for name, seconds in (("read into nothing", read), ("read into a file", written), ("download", fetched)):
        show(name, [size / MEGABYTE / second for second in seconds], "MB/s", 0)
    for name, seconds in (("download : nothing", read), ("download : file", written)):
        show(name, [one / other for one, other in zip(seconds, fetched, strict=True)], "", 2)
    print(f"memory: {(memory.most - memory.before) / MEGABYTE:.1f} MB more at most than before the first turn")


def show(name: str, values: list[float], unit: str, digits: int) -> None:
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    print(f"{name:<20}{middle:>8} {unit:<4} ({low} to {high})")


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    command = [sys.executable, "-c", f"from tests.performance.download import serve; serve({megabytes})"]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
        tempfile.TemporaryDirectory() as room,
    ):
        assert server.stdin and server.stdout
        try:
            endpoint, size, digest = json.loads(server.stdout.readline())
            measure(endpoint, size, digest, Path(room))
        finally:
            server.stdin.close()


if __name__ == "__main__":
    main()
