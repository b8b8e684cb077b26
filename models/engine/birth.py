"""What the child process begins with. The window imports this in its place: it opens without all that a child needs."""

from __future__ import annotations

from multiprocessing.connection import Connection


def main(pipe: Connection[bytes, bytes], log: str) -> None:
    """What the process runs (child.py)."""
    from models.engine import child

    child.main(pipe, log)
