"""Reads a prompt or a text from an argument, a file or standard input, as UTF-8.

Line ends stay as they are; a byte order mark is removed.
"""

import sys
from pathlib import Path
from typing import BinaryIO

from desktop.terminal.exit_status import TerminalError
from desktop.terminal.streams import why
from resources.language import tr

MOST_BYTES = 64 << 20
NOT_UTF8 = tr("The prompt is not valid UTF-8 text.")


def from_argument(text: str, refusal: str = NOT_UTF8) -> str:
    """Check a text of the command line. Raises TerminalError with that sentence if it was not valid UTF-8 (has lone
    surrogates).
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TerminalError(refusal) from error
    return text


def from_file(name: str) -> str:
    """Read the text of a file, or of standard input for the name "-". Raises TerminalError."""
    shown = tr("The standard input") if name == "-" else (Path(name).name or name).encode("utf-8", "replace").decode()
    try:
        if name == "-":
            return decode(_read(sys.stdin.buffer), shown)
        with Path(name).open("rb") as file:
            return decode(_read(file), shown)
    except (OSError, ValueError) as error:
        raise TerminalError(tr("{name} cannot be read: {reason}.").format(name=shown, reason=why(error))) from error


def _read(file: BinaryIO) -> bytes:
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TerminalError(tr("The text is longer than {size} MiB.").format(size=MOST_BYTES >> 20))
    return data


def decode(data: bytes, whose: str) -> str:
    """Decode bytes. whose: the source's name, for the error. Raises TerminalError if they are not UTF-8 text."""
    if b"\0" in data:
        raise TerminalError(
            tr("{name} is not UTF-8 text but binary (or UTF-16): it has zero bytes in it.").format(name=whose)
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TerminalError(
            tr("{name} is not UTF-8 text (see byte {byte:,}).").format(name=whose, byte=error.start)
        ) from error
