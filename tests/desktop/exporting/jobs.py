"""What an export's process might do. Named functions, since another process looks them up."""

import os
import time
from multiprocessing.connection import Connection
from pathlib import Path

from models.library.atomic_file import part_of


def good(told: Connection, source: Path, target: Path, scratch: Path) -> None:
    (scratch / "copy").write_bytes(b"x")
    told.send(2_000_000)
    time.sleep(0.3)
    target.write_bytes(source.read_bytes())
    told.send("")


def bad(told: Connection, source: Path, target: Path, scratch: Path) -> None:
    told.send("There is no room.")


def dead(told: Connection, source: Path, target: Path, scratch: Path) -> None:
    os._exit(3)


def endless(told: Connection, source: Path, target: Path, scratch: Path) -> None:
    part_of(target, scratch.name).write_bytes(b"half")
    (scratch / "copy").write_bytes(b"x")
    told.send(1)
    time.sleep(60)
