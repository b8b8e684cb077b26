"""Plain text files and the draft: how a page's text comes from a disk and goes to one. No Qt, no page."""

import codecs
import os
from dataclasses import dataclass
from pathlib import Path

LARGEST = 256 * 2**20  # bytes; a text file above this is a mistake


class TextError(Exception):
    """A text could not be read or written. Its text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text with \\n line ends, and the line ends its file has."""

    text: str
    newline: str = "\n"


def read_text(path: Path) -> TextFile:
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark. Raises TextError."""
    try:
        if path.stat().st_size > LARGEST:
            raise TextError(f"“{path.name}” is too large to be a text: {path.stat().st_size / 2**20:,.0f} MiB.")
        data = path.read_bytes()
    except OSError as error:
        raise TextError(f"“{path.name}” could not be read: {_reason(error)}.") from error
    return _decoded(data, path.name)


def write_text(path: Path, file: TextFile) -> None:
    """Put the text in that file, in UTF-8, whole or not at all.

    Lone surrogates, which no file can hold, become U+FFFD. Raises TextError.
    """
    text = file.text.replace("\n", file.newline) if file.newline != "\n" else file.text
    try:
        replace_file(path, encoded(text))
    except OSError as error:
        raise TextError(f"“{path.name}” could not be saved: {_reason(error)}. The page is unchanged.") from error


def encoded(text: str) -> bytes:
    """UTF-8, lone surrogates as U+FFFD."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-8")


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a part. Raises OSError."""
    path = path.resolve()  # a link stays a link
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            part.chmod(path.stat().st_mode & 0o7777)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _decoded(data: bytes, name: str) -> TextFile:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TextError(f"“{name}” is not text in UTF-8 (byte {error.start:,}). The page is unchanged.") from error
    if "\0" in text:
        raise TextError(f"“{name}” is not a text file: it holds zero bytes. The page is unchanged.")
    if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
        return TextFile(text.replace("\r\n", "\n"), "\r\n")
    return TextFile(text)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
