"""The launch cache: a small JSON file of notes on what failed on a device and which files are sound.

It is optional: a file that cannot be read counts as empty, one that cannot be written is not updated.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from models.library.json_file import change_json, read_json

Note = dict[str, object]

MOST = 500  # notes in the file; the oldest are dropped


@dataclass(frozen=True, slots=True)
class LaunchCache:
    """The notes in one file. path: the file; it need not exist."""

    path: Path

    def get(self, key: str) -> Note | None:
        """The note with that key, or None."""
        note = read_json(self.path).get(key)
        return cast("Note", note) if isinstance(note, dict) else None

    def put(self, key: str, note: Note) -> bool:
        """Add a note as the newest, beside those that other processes added. Returns whether it could be written."""

        def with_it(known: dict[str, object]) -> dict[str, object]:
            known.pop(key, None)
            return dict([*known.items(), (key, note)][-MOST:])

        try:
            change_json(self.path, with_it)
        except OSError:
            return False
        return True
