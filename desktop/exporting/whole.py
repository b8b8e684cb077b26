"""A file that is written part by part and appears whole, or not at all. Knows nothing of what is written."""

import os
from collections.abc import Iterable
from pathlib import Path

from resources.language import tr
from resources.reasons import reason


class ExportError(Exception):
    """The page could not be exported. Its text is one sentence for the user."""


def part_of(path: Path, process: int) -> Path:
    """Where that process keeps the file until it is whole: what is left of it if the process is killed."""
    target = path.resolve()
    return target.with_name(f".{target.name[:60]}.{process}.part")


def write_whole(path: Path, parts: Iterable[bytes]) -> None:
    """Put the parts, one after the other, in the file's place, on the disk. Raises ExportError; what was there before
    is then as it was."""
    target = path.resolve()  # a link stays a link
    part = part_of(path, os.getpid())
    try:
        try:
            with part.open("wb", buffering=2**20) as stream:
                stream.writelines(parts)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                part.chmod(target.stat().st_mode & 0o7777)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        sentence = tr("“{name}” could not be written: {reason}.")
        raise ExportError(sentence.format(name=path.name, reason=reason(error))) from error
