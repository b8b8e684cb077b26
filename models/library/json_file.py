"""A small JSON file of the program's own: read with forgiveness, replaced whole, never half-written; changed by one
thread and one process at a time.

Knows nothing of what stands in it.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from models.library.atomic_file import replacing
from models.library.download.locking import held
from models.library.outside_json import LARGEST, parse
from models.library.permissions import make_folder


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
    make_folder(path.parent)
    text = json.dumps(content, indent=2)  # its escapes hold any file name, lone surrogates too
    with replacing(path, private=True) as file:
        file.write(f"{text}\n".encode("ascii"))


def change_json(path: Path, change: Callable[[dict[str, object]], Mapping[str, object]]) -> None:
    """Read the object in the file, and write what `change` makes of it; what other threads and processes write
    meanwhile is not lost. Nothing is written where nothing has changed. Raises OSError, also where the file is there
    and cannot be read, or others hold it for too long.
    """
    make_folder(path.parent)
    with held(path):
        if path.exists():
            path.open("rb").close()  # what may not be read is not replaced by next to nothing
        before = read_json(path)
        after = change(dict(before))
        if after != before:
            write_json(path, after)
