"""A file that is written part by part and appears whole, or not at all. Knows nothing of what is written."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from models.library.atomic_file import part_of, replacing
from resources.language import tr
from resources.reasons import reason


class ExportError(Exception):
    """The page could not be exported. Its text is one sentence for the user."""


def write_whole(path: Path, parts: Iterable[bytes], token: str = "") -> None:
    """Put the parts, one after the other, in the file's place, on the disk. token: the temporary name's own part, for
    whoever removes what a killed process has left. Raises ExportError; what was there before is then as it was."""
    try:
        with replacing(_target(path), token=token) as stream:
            stream.writelines(parts)
    except OSError as error:
        sentence = tr("“{name}” could not be written: {reason}.")
        raise ExportError(sentence.format(name=path.name, reason=reason(error))) from error


def remove_remains(path: Path, token: str) -> None:
    """What a process that was killed under way left of a file that was to be there."""
    with suppress(OSError):
        part_of(_target(path), token).unlink(missing_ok=True)


def _target(path: Path) -> Path:
    """A link stays a link: what it leads to is written."""
    return Path(os.path.realpath(path))
