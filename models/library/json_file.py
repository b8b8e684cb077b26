"""A small JSON file of the program's own: read with forgiveness, replaced whole, never half-written.

Knows nothing of what stands in it.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import cast

from models.library.outside_json import LARGEST, parse


def read_json(path: Path) -> dict[str, object]:
    """The object in the file; an empty one where there is none that can be read."""
    try:
        found = parse(content_of(path))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def content_of(path: Path) -> bytes:
    """What stands in the file, as far as it is parsed at all. Raises OSError."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def texts(found: dict[str, object], key: str) -> tuple[str, ...]:
    """The texts in a list of the object; whatever else stands there is left out."""
    values = found.get(key)
    items = cast("list[object]", values) if isinstance(values, list) else []
    return tuple(item for item in items if isinstance(item, str) and item)


def write_json(path: Path, content: object) -> None:
    """Put it in the file's place, on the disk and whole. Raises OSError; the old file is then as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".new")
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:  # JSON's escapes hold any file name, lone surrogates too
            json.dump(content, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
