"""Small JSON files of the program: read without raising, written atomically, changed under a lock."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from models.library.atomic_file import replacing
from models.library.download.locking import held
from models.library.outside_json import LARGEST, parse
from models.library.permissions import make_folder


def read_json(path: Path) -> dict[str, object]:
    """The object in the file; an empty one if none can be read."""
    try:
        found = parse(content_of(path))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def content_of(path: Path) -> bytes:
    """The file's bytes, up to one more than `parse` accepts. Raises OSError."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def texts(found: dict[str, object], key: str) -> tuple[str, ...]:
    """The non-empty strings in a list of the object; other values are left out."""
    values = found.get(key)
    items = cast("list[object]", values) if isinstance(values, list) else []
    return tuple(item for item in items if isinstance(item, str) and item)


def write_json(path: Path, content: object) -> None:
    """Write the value atomically and flush it to disk. Raises OSError; the old file is then unchanged."""
    make_folder(path.parent)
    text = json.dumps(content, indent=2)  # its escapes hold any file name, lone surrogates too
    with replacing(path, private=True) as file:
        file.write(f"{text}\n".encode("ascii"))


def change_json(path: Path, change: Callable[[dict[str, object]], Mapping[str, object]]) -> None:
    """Read the object in the file and write what `change` returns, under a lock, so that no other thread's or process's
    change is lost. Writes nothing if nothing changed. Raises OSError, also if the file exists but cannot be read, or
    others hold the lock too long.
    """
    make_folder(path.parent)
    with held(path):
        if path.exists():
            path.open("rb").close()  # a file that cannot be read must not be replaced by an almost empty one
        before = read_json(path)
        after = change(dict(before))
        if after != before:
            write_json(path, after)
