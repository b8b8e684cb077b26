"""Reads plain text files."""

import codecs
from pathlib import Path

from resources.language import tr
from resources.reasons import reason

LARGEST = 256 * 2**20  # bytes of a text file


class TextError(Exception):
    """A text file could not be read. The message is one sentence for the user."""


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark; Windows line ends become \\n. Raises
    TextError."""
    try:
        if path.stat().st_size > LARGEST:
            sentence = tr("“{name}” is too large to be a text: {size:,.0f} MiB.")
            raise TextError(sentence.format(name=path.name, size=path.stat().st_size / 2**20))
        data = path.read_bytes()
    except OSError as error:
        sentence = tr("“{name}” could not be read: {reason}.")
        raise TextError(sentence.format(name=path.name, reason=reason(error))) from error
    return _decoded(data, path.name)


def _decoded(data: bytes, name: str) -> str:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        sentence = tr("“{name}” is not text in UTF-8 (byte {place:,}).")
        raise TextError(sentence.format(name=name, place=error.start)) from error
    if "\0" in text:
        raise TextError(tr("“{name}” is not a text file: it holds zero bytes.").format(name=name))
    if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
        return text.replace("\r\n", "\n")
    return text
