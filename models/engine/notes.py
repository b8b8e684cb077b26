"""What was learnt about this machine and its models, kept in a small JSON file: what failed on a device, which files
are sound.

A file that cannot be read or written is done without: nothing here is more than a memory. Knows not what the notes say.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import cast

Note = dict[str, object]

MOST = 500  # notes that are kept, the newest


@dataclass(frozen=True, slots=True)
class Notes:
    """path: the file; it need not exist."""

    path: Path

    def get(self, key: str) -> Note | None:
        note = self._read().get(key)
        return cast("Note", note) if isinstance(note, dict) else None

    def put(self, key: str, note: Note) -> None:
        """Keep that note, the newest now."""
        known = self._read()
        known.pop(key, None)
        known[key] = note
        self._write(dict(list(known.items())[-MOST:]))

    def _read(self) -> dict[str, object]:
        try:
            read = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return cast("dict[str, object]", read) if isinstance(read, dict) else {}

    def _write(self, known: dict[str, object]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(known, file, indent=1)
            Path(name).replace(self.path)
        except OSError:
            return
