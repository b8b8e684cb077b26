"""What was learnt about this machine and its models, kept in a small JSON file: what failed on a device, which files
are sound.

A file that cannot be read or written is done without: nothing here is more than a memory. Knows not what the notes say.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from models.library.json_file import change_json, read_json

Note = dict[str, object]

MOST = 500  # notes that are kept, the newest


@dataclass(frozen=True, slots=True)
class LaunchCache:
    """path: the file; it need not exist."""

    path: Path

    def get(self, key: str) -> Note | None:
        note = read_json(self.path).get(key)
        return cast("Note", note) if isinstance(note, dict) else None

    def put(self, key: str, note: Note) -> bool:
        """Keep that note, the newest now, beside those that others put meanwhile. Whether it could be written."""

        def with_it(known: dict[str, object]) -> dict[str, object]:
            known.pop(key, None)
            return dict([*known.items(), (key, note)][-MOST:])

        try:
            change_json(self.path, with_it)
        except OSError:
            return False
        return True
