"""Reads the encoding of a GGUF header: numbers, strings and arrays, never past the end of the file.

No number in the file is trusted: every length is compared with the bytes left before any are read. The file is read,
not mapped, so a file that shrinks meanwhile is an error and not a bus error.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from resources.language import tr

MAX_STRING = 16 << 20
MAX_ARRAY = 64 << 20
MAX_TEXT_BYTES = 64 << 20  # bytes of all strings of one header in memory
STRING, ARRAY, BOOL = 8, 9, 7
NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
WINDOW = 1 << 20  # bytes read at once while skipping an array of strings

Value = int | float | bool | str


class Damaged(Exception):  # noqa: N818  (a state of the file; header.py raises the error)
    """The bytes are no valid GGUF header. The message is a clause on what is wrong, without the file's name."""


class Unknown(Damaged):
    """The bytes may be valid, but in a version or type that this program does not know."""


class CutShort(Damaged):
    """The file ends before what its header announces."""


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array that was skipped. kind: type number of its items. count: items. offset: bytes, of the first item."""

    kind: int
    count: int
    offset: int


class ByteSource(Protocol):
    """The source of a header: an open file, or a remote one that is fetched as far as it is read."""

    def seek(self, offset: int, /) -> int: ...

    def read(self, length: int, /) -> bytes: ...


class Reader:
    """Reads an open file of a known size (bytes) from its beginning. position: bytes."""

    def __init__(self, file: ByteSource, size: int) -> None:
        self.file = file
        self.size = size
        self.position = 0
        self.text_bytes = 0

    def move(self, position: int) -> None:
        """Continue at that offset, in bytes. Raises CutShort past the end."""
        if position > self.size:
            raise CutShort(tr("the file ends inside its header"))
        self.file.seek(position)
        self.position = position

    def take(self, length: int) -> bytes:
        """The next `length` bytes. Raises CutShort if the file ends before."""
        if length > self.size - self.position:
            raise CutShort(tr("the file ends inside its header"))
        data = self.file.read(length)
        if len(data) != length:
            raise CutShort(tr("the file became shorter while it was read"))
        self.position += length
        return data

    def number(self, kind: int) -> int | float | bool:
        """One number of a type in NUMBERS. Raises CutShort."""
        code = NUMBERS[kind]
        value = struct.unpack(code, self.take(struct.calcsize(code)))[0]
        return bool(value) if kind == BOOL else value

    def unsigned(self, kind: int = 10) -> int:
        return int(self.number(kind))

    def raw_string(self) -> bytes:
        """A string's bytes, after its length. Raises CutShort, or Damaged if the length is over MAX_STRING."""
        length = self.unsigned()
        if length > MAX_STRING:
            raise Damaged(tr("a text in its header claims to be {length:,} bytes long").format(length=length))
        return self.take(length)

    def string(self) -> str:
        """A string, with U+FFFD for invalid UTF-8. Raises CutShort, or Damaged if all strings exceed MAX_TEXT_BYTES."""
        data = self.raw_string()
        self.text_bytes += len(data)
        if self.text_bytes > MAX_TEXT_BYTES:
            raise Damaged(tr("the texts in its header are too long"))
        return data.decode("utf-8", errors="replace")

    def value(self) -> Value | StoredArray:
        """A value, after its type number. Arrays are skipped, not read. Raises CutShort or Damaged."""
        kind = self.unsigned(4)
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            return self._array()
        if kind not in NUMBERS:
            raise Damaged(tr("its header has a value of the unknown type {kind}").format(kind=kind))
        return self.number(kind)

    def _array(self) -> StoredArray:
        kind, count = self.unsigned(4), self.unsigned()
        if count > MAX_ARRAY:
            raise Damaged(tr("a list in its header claims to have {count:,} entries").format(count=count))
        found = StoredArray(kind, count, self.position)
        if kind == STRING:
            self._skip_strings(count)
        elif kind in NUMBERS:
            self.move(self.position + count * struct.calcsize(NUMBERS[kind]))
        else:
            raise Damaged(tr("its header has a list of the unknown type {kind}").format(kind=kind))
        return found

    def _skip_strings(self, count: int) -> None:
        """Skip `count` strings without decoding them."""
        if 8 * count > self.size - self.position:
            raise CutShort(tr("the file ends inside its header"))
        unpack, window, start, at = struct.Struct("<Q").unpack_from, b"", self.position, self.position
        for _ in range(count):
            if at + 8 - start > len(window):
                self.move(at)
                start, window = at, self.take(min(WINDOW, self.size - at))
                if len(window) < 8:
                    raise CutShort(tr("the file ends inside its header"))
            length = unpack(window, at - start)[0]
            if length > MAX_STRING:
                raise Damaged(tr("a text in its header claims to be {length:,} bytes long").format(length=length))
            at += 8 + length
        self.move(at)

    def items(self, array: StoredArray) -> Iterator[Value | bytes]:
        """The items of a skipped array; strings as bytes. Raises CutShort or Damaged."""
        self.move(array.offset)
        for _ in range(array.count):
            yield self.raw_string() if array.kind == STRING else self.number(array.kind)
