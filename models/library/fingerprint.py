"""Tells one model file from any other, in milliseconds. Reads a little of the file and nothing of its meaning."""

import hashlib
from pathlib import Path


def fingerprint(path: Path, pieces: int = 256, piece: int = 4_096) -> str:
    """A sha256 of the file's size, its head and blocks spread over all of it. Raises OSError.

    The sha256 of the whole, which proves it undamaged, is the download's affair: 20 GB take a minute.
    """
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(16 * piece))
        for index in range(pieces):
            file.seek(max(0, size - piece) * index // max(1, pieces - 1))
            digest.update(file.read(piece))
    return digest.hexdigest()
