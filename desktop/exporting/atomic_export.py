"""Writes a file part by part, so that it appears whole or not at all."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from models.library.atomic_file import part_of, replacing
from resources.language import tr
from resources.reasons import reason


class ExportError(Exception):
    """The page could not be exported. The message is one sentence for the user."""


def write_whole(path: Path, parts: Iterable[bytes], token: str = "") -> None:
    """Write the parts, one after the other, to the disk, then replace the file by them. token: part of the temporary
    file's name, for `remove_remains`. Raises ExportError; the file is then as it was before."""
    try:
        with replacing(_target(path), token=token) as stream:
            stream.writelines(parts)
    except OSError as error:
        sentence = tr("“{name}” could not be written: {reason}.")
        raise ExportError(sentence.format(name=path.name, reason=reason(error))) from error


def remove_remains(path: Path, token: str) -> None:
    """Remove the temporary file that a killed process left beside the path."""
    with suppress(OSError):
        part_of(_target(path), token).unlink(missing_ok=True)


def _target(path: Path) -> Path:
    """The file that is written: where the path is a link, its target."""
    return Path(os.path.realpath(path))
