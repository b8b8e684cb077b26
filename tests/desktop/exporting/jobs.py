"""Jobs of an export's process: named functions, since another process imports them."""

import os
import time
from multiprocessing.connection import Connection
from pathlib import Path

from models.library.atomic_file import part_of


def good(progress: Connection, source: Path, target: Path, scratch: Path, measure: object) -> None:
    (scratch / "copy").write_bytes(b"x")
    progress.send(2_000_000)
    time.sleep(0.3)
    target.write_bytes(source.read_bytes())
    progress.send("")


def bad(progress: Connection, source: Path, target: Path, scratch: Path, measure: object) -> None:
    progress.send("There is no room.")


def dead(progress: Connection, source: Path, target: Path, scratch: Path, measure: object) -> None:
    os._exit(3)


def endless(progress: Connection, source: Path, target: Path, scratch: Path, measure: object) -> None:
    part_of(target, scratch.name).write_bytes(b"half")
    (scratch / "copy").write_bytes(b"x")
    progress.send(1)
    time.sleep(60)
